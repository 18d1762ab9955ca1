"""Many programs on the same instances: every step happens once, and nobody's change is lost."""

from __future__ import annotations

import json
import multiprocessing
import threading
from collections import Counter
from pathlib import Path

from chatflow_core import FileStateStore, InstanceFinishedError, PhaseConflictError, WorkflowEngine
from tests.seed_store import SeedStore

PROCESSES, THREADS, INSTANCES, INCREMENTS = 4, 4, 50, 20
PHASES = [f"phase {number}" for number in range(12)]
SCHEMA = {"name": "flow", "phases": [{"name": name} for name in PHASES]}

_fork = multiprocessing.get_context("fork")


def _engine(base: Path) -> WorkflowEngine:
    return WorkflowEngine(state_store=FileStateStore(base, durable=False, lock_timeout=60))


def _advance_all(base: Path, engine: WorkflowEngine, ids: list[str], writer: str, report: Path) -> None:
    """Advance every instance to its end, together with all others; report what was done and every odd error."""
    done: list[str] = []
    errors: list[str] = []
    for phase in PHASES:
        for instance_id in ids:
            mark = f"{writer} {instance_id} {phase}"
            try:
                engine.trigger_next_step(instance_id, {"by": mark}, {mark: True}, expected_phase=phase)
                done.append(mark)
            except (PhaseConflictError, InstanceFinishedError):
                continue
            except Exception as error:  # noqa: BLE001 - reported, and the test fails on it
                errors.append(repr(error))
    report.write_text(json.dumps({"done": done, "errors": errors}))


def _run_threads(base: Path, ids: list[str], process: int, reports: Path) -> None:
    engine = _engine(base)
    threads = [
        threading.Thread(
            target=_advance_all,
            # Every thread begins elsewhere, so that they meet at all instances and not at the first one only.
            args=(
                base,
                engine,
                ids[7 * number :] + ids[: 7 * number],
                f"{process}.{number}",
                reports / f"{process}.{number}",
            ),
        )
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _increment_all(base: Path, ids: list[str]) -> None:
    """A program that follows the original: plain flock, read, change, write."""
    program = SeedStore(base)
    for _ in range(INCREMENTS):
        for instance_id in ids:
            with program.changing(instance_id) as state:
                state["meta"]["count"] = state["meta"].get("count", 0) + 1


def _run(base: Path, ids: list[str], reports: Path, beside: int) -> None:
    reports.mkdir()
    processes = [_fork.Process(target=_run_threads, args=(base, ids, n, reports)) for n in range(PROCESSES)]
    processes += [_fork.Process(target=_increment_all, args=(base, ids)) for _ in range(beside)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * len(processes)


def _assert_exactly_once(base: Path, ids: list[str], reports: Path) -> None:
    found = [json.loads(path.read_text()) for path in reports.iterdir()]
    assert len(found) == PROCESSES * THREADS
    assert [error for report in found for error in report["errors"]] == []
    done = Counter(mark for report in found for mark in report["done"])
    engine = _engine(base)
    kept: Counter[str] = Counter()
    for instance_id in ids:
        state = engine.get_workflow_instance_status(instance_id)
        assert state is not None
        assert state.status == "completed"
        assert [(entry.phase, entry.status) for entry in state.history] == [(phase, "completed") for phase in PHASES]
        marks = [(entry.trigger_data_snapshot or {})["by"] for entry in state.history]
        assert [mark.split(" ", 2)[1:] for mark in marks] == [[instance_id, phase] for phase in PHASES]
        assert {key for key in state.meta if key != "count"} == set(marks)
        moments = [moment for entry in state.history for moment in (entry.started_at, entry.ended_at)]
        assert moments == sorted(moments, key=float)  # type: ignore[arg-type]
        kept.update(marks)
    assert kept == done
    assert set(done.values()) == {1}
    assert engine.get_feature_status("feat")["completed_count"] == len(ids)
    assert {path.suffix for path in (base / "instances").iterdir()} == {".json"}


def test_sixteen_writers_advance_fifty_instances_exactly_once(tmp_path: Path) -> None:
    base = tmp_path / ".chatflow"
    ids = [_engine(base).start_workflow_instance(SCHEMA, {}, "feat") for _ in range(INSTANCES)]
    _run(base, ids, tmp_path / "reports", beside=0)
    _assert_exactly_once(base, ids, tmp_path / "reports")


def test_beside_programs_with_a_plain_flock_neither_loses_an_update(tmp_path: Path) -> None:
    base = tmp_path / ".chatflow"
    ids = [_engine(base).start_workflow_instance(SCHEMA, {}, "feat") for _ in range(INSTANCES)]
    _run(base, ids, tmp_path / "reports", beside=2)
    _assert_exactly_once(base, ids, tmp_path / "reports")
    counts = {instance_id: SeedStore(base).load(instance_id)["meta"]["count"] for instance_id in ids}
    assert counts == dict.fromkeys(ids, 2 * INCREMENTS)


def _start_many(base: Path, count: int) -> None:
    engine = _engine(base)
    for _ in range(count):
        engine.start_workflow_instance(SCHEMA, {}, "feat")


def _start_many_as_the_original(base: Path, name: str, count: int) -> None:
    program = SeedStore(base)
    for number in range(count):
        program.start(f"wfi_{name}{number}", "feat")


def test_the_index_misses_no_instance_that_many_programs_start_at_once(tmp_path: Path) -> None:
    base = tmp_path / ".chatflow"
    processes = [_fork.Process(target=_start_many, args=(base, 40)) for _ in range(3)]
    processes += [_fork.Process(target=_start_many_as_the_original, args=(base, "seed", 40))]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    entered = (base / "features" / "feat.link").read_text().split(",")
    records = {path.stem for path in (base / "instances").glob("*.json")}
    assert sorted(records) == entered
    assert len(entered) == 160
