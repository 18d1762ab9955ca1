"""Stores to measure on, written quickly: file by file, without the engine."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: A workflow as ChatCoder defines them.
PHASES = ("analyse", "design", "implement", "test", "review")

_INSTANCES_OF_A_FEATURE = 20
_FIRST_SECOND = 1_780_000_000.0


def schema(phases: tuple[str, ...] = PHASES) -> dict[str, Any]:
    """Give a workflow definition."""
    return {
        "name": "code_generation",
        "description": "From a request to reviewed code",
        "phases": [
            {"name": name, "title": f"{name.capitalize()} the change", "task": name, "template": f"{name}.md"}
            for name in phases
        ],
    }


def record(instance_id: str, feature_id: str, chance: random.Random) -> dict[str, Any]:
    """Make the record of an instance somewhere on its way, of about 2 KB."""
    position = chance.randrange(len(PHASES) + 1)
    now = _FIRST_SECOND + chance.uniform(0, 1e6)
    created_at = now
    history: list[dict[str, Any]] = []
    for phase in PHASES[: position + 1]:
        ended_at = now + chance.uniform(10, 900)
        history.append(
            {
                "phase": phase,
                "task": phase,
                "started_at": now,
                "ended_at": ended_at,
                "status": "completed",
                "trigger_data_snapshot": {
                    "files": [f"src/module_{chance.randrange(99)}.py", "tests/test_module.py"],
                    "tokens": {"prompt": chance.randrange(9000), "response": chance.randrange(9000)},
                    "note": "approved",
                },
                "error": None,
            }
        )
        now = ended_at
    is_finished = position == len(PHASES)
    if not is_finished:
        history[-1] |= {"ended_at": None, "status": "running", "trigger_data_snapshot": None}
    return {
        "instance_id": instance_id,
        "feature_id": feature_id,
        "workflow_name": "code_generation",
        "current_phase": history[-1]["phase"],
        "variables": {"request": "Let people sign in with a one-time code sent by e-mail", "branch": feature_id},
        "status": "completed" if is_finished else "running",
        "history": history,
        "created_at": created_at,
        "updated_at": history[-1]["started_at"] if not is_finished else now,
        "meta": {"source": "benchmark", "model": "none"},
        "workflow_schema": schema(),
    }


def write_store(directory: Path, size: int, seed: int = 1, *, feature_size: int = _INSTANCES_OF_A_FEATURE) -> list[str]:
    """Write a store of so many instances, with its index of features, and give their ids."""
    chance = random.Random(seed)
    instances, features = directory / "instances", directory / "features"
    instances.mkdir(parents=True)
    features.mkdir()
    members: dict[str, list[str]] = {}
    for number in range(size):
        feature_id = f"feature-{number // feature_size}"
        instance_id = f"wfi_{chance.getrandbits(48):012x}"
        members.setdefault(feature_id, []).append(instance_id)
        text = json.dumps(record(instance_id, feature_id, chance), indent=2, ensure_ascii=False)
        (instances / f"{instance_id}.json").write_bytes(text.encode())
    for feature_id, ids in members.items():
        (features / f"{feature_id}.link").write_text(",".join(sorted(ids)))
    return [instance_id for ids in members.values() for instance_id in ids]


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """Give a directory that goes with the context."""
    directory = Path(tempfile.mkdtemp(prefix="chatflow-benchmark-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
