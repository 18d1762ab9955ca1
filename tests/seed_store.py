"""Another program on the same files: writes what the original format's own code writes, with none of ours.

Plain `json.dump`, plain `flock`, and a history that is one phase behind.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: When the program's clock starts, in Unix seconds; it ticks once a step.
START = 1_700_000_000.0

PHASES = ("phase1", "phase2")


class SeedStore:
    """The original `FileStateStore` with the original engine's two steps."""

    def __init__(self, base_dir: Path | str) -> None:
        self.base_dir = Path(base_dir)
        self.instances_dir = self.base_dir / "instances"
        self.features_dir = self.base_dir / "features"
        self.locks_dir = self.base_dir / ".locks"
        self.clock = START

    def tick(self) -> float:
        self.clock += 1.0
        return self.clock

    def record(self, instance_id: str) -> Path:
        return self.instances_dir / f"{instance_id}.json"

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        import fcntl  # noqa: PLC0415 - Windows has none, and needs the rest

        self.locks_dir.mkdir(parents=True, exist_ok=True)
        with (self.locks_dir / f"{name}.lock").open("w") as lock_file:
            fcntl.flock(lock_file.fileno(), fcntl.LOCK_EX)
            yield

    def save(self, state: dict[str, Any]) -> None:
        with self.locked(state["instance_id"]):
            self.write(state)

    def write(self, state: dict[str, Any]) -> None:
        """Write a record and its index entry; the caller holds the lock."""
        self.instances_dir.mkdir(parents=True, exist_ok=True)
        self.features_dir.mkdir(parents=True, exist_ok=True)
        record = self.record(state["instance_id"])
        temporary = record.with_suffix(".json.tmp")
        temporary.write_text(json.dumps(state, indent=2), encoding="utf-8")
        temporary.rename(record)
        index = self.features_dir / f"{state['feature_id']}.link"
        with self.locked("features"):
            content = index.read_text().strip() if index.exists() else ""
            current = set(content.split(",") if content else []) | {state["instance_id"]}
            index.write_text(",".join(sorted(current)))

    def load(self, instance_id: str) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.record(instance_id).read_text(encoding="utf-8"))
        return state

    @contextmanager
    def changing(self, instance_id: str) -> Iterator[dict[str, Any]]:
        """Read, let the caller change and write a record, all under the lock."""
        with self.locked(instance_id):
            state = self.load(instance_id)
            yield state
            self.write(state)

    def start(
        self,
        instance_id: str,
        feature_id: str = "feat_seed",
        phases: Sequence[str] = PHASES,
        workflow_name: str = "seed_flow",
    ) -> dict[str, Any]:
        now = self.tick()
        state = {
            "instance_id": instance_id,
            "feature_id": feature_id,
            "workflow_name": workflow_name,
            "current_phase": phases[0],
            "variables": {"user_request": "创建用户注册功能"},
            "status": "created",
            "history": [],
            "created_at": now,
            "updated_at": now,
            "meta": {},
        }
        self.save(state)
        return state

    def trigger(self, instance_id: str, data: dict[str, Any], phases: Sequence[str] = PHASES) -> dict[str, Any]:
        """Advance as the original does: the new entry is of the phase that has just ended, and stays open."""
        with self.changing(instance_id) as state:
            history = state["history"]
            if history and not history[-1]["ended_at"]:
                history[-1].update(ended_at=self.tick(), status="completed", trigger_data_snapshot=data)
            history.append(
                {
                    "phase": state["current_phase"],
                    "task": "unknown",
                    "started_at": self.tick(),
                    "ended_at": None,
                    "status": "running",
                    "trigger_data_snapshot": data,
                }
            )
            position = phases.index(state["current_phase"])
            if position + 1 < len(phases):
                state["current_phase"] = phases[position + 1]
                state["status"] = "running"
            else:
                state["status"] = "completed"
            state["updated_at"] = self.tick()
        return state

    def save_task(self, instance_id: str, phase: str, prompt: str, response: str, *, checksums: bool = True) -> Path:
        """Write the texts of a phase under the original's raw file name; give the path of the task's record."""
        tasks_dir = self.instances_dir / instance_id / "tasks"
        tasks_dir.mkdir(parents=True, exist_ok=True)
        stem = phase.replace(" ", "_").lower()
        record = {
            "phase_name": phase,
            "status": "completed",
            "started_at": self.tick(),
            "ended_at": self.tick(),
            "prompt_checksum": _sha256(prompt) if checksums else "",
            "response_checksum": _sha256(response) if checksums else "",
        }
        (tasks_dir / f"{stem}.json").write_text(json.dumps(record, indent=2))
        (tasks_dir / f"{stem}.prompt.md").write_text(prompt)
        (tasks_dir / f"{stem}.ai_response.md").write_text(response)
        return tasks_dir / f"{stem}.json"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest() if text else ""
