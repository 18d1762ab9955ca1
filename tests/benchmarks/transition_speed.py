"""How fast phases are advanced, beside what the same promises cost by hand."""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock

from chatflow_core import FileStateStore, WorkflowEngine
from tests.benchmarks.measure import Comparison, Run, Stopwatch, interleave
from tests.benchmarks.stores import schema, temporary_directory, write_store

# Enough phases for a run of some length, few enough for records as they are in life: 2 to 5 KB.
_PHASES = tuple(f"phase-{number}" for number in range(1, 9))
_TRIGGER = {"files": ["src/accounts/login.py", "tests/test_login.py"], "passed": 63, "failed": 0}
_INSTANCES_OF_A_FEATURE = 5

_Lock = Callable[[Path], AbstractContextManager[object]]


def compare_transitions(count: int, runs: int) -> list[Comparison]:
    """Compare transitions a second, durable and not.

    Args:
        count: About how many transitions a run has.
        runs: How many runs.
    """
    _check_same_work()
    instances = max(1, count // (len(_PHASES) - 1))
    cases: dict[str, Run] = {}
    for durable in (True, False):
        cases[f"engine {durable}"] = partial(_run_engine, instances, durable)
        cases[f"filelock {durable}"] = partial(_run_reference, instances, durable, _with_filelock)
        cases[f"flock {durable}"] = partial(_run_reference, instances, durable, _with_flock)
    taken = interleave(cases, runs)
    aims = {(True, "filelock"): 0.9, (False, "filelock"): 0.7}
    return [
        Comparison(
            f"transitions, {'durable' if durable else 'not durable'}",
            f"{lock} + json{' + fsyncs' if durable else ''}",
            taken[f"engine {durable}"],
            taken[f"{lock} {durable}"],
            is_rate=True,
            aim=aims.get((durable, lock)),
        )
        for durable in (True, False)
        for lock in ("filelock", "flock")
    ]


def compare_growth(sizes: Sequence[int], runs: int) -> list[Comparison]:
    """Compare transitions in features of some sizes with those in a feature of one instance.

    Args:
        sizes: How many instances the store and its one feature have.
        runs: How many runs.
    """
    found = []
    for size in sizes:
        with temporary_directory() as directory:
            write_store(directory, size - 1, feature_size=size)
            cases = {"many": partial(_run_beside, directory), "one": partial(_run_beside, None)}
            taken = interleave(cases, runs)
        name = "the same in a store of its own"
        found.append(Comparison("transition, not durable", name, taken["many"], taken["one"], size=size))
    return found


def _run_beside(directory: Path | None) -> float:
    """Advance one instance through all its phases, in the feature of a store that is there or in one of its own."""
    with temporary_directory() as empty:
        engine = WorkflowEngine(state_store=FileStateStore(directory or empty, durable=False))
        instance_id = engine.start_workflow_instance(schema(_PHASES), {"request": "sign in"}, "feature-0")
        # As when the last instance was not started this very moment.
        os.utime((directory or empty) / "features" / "feature-0.link", (0, 0))
        engine.trigger_next_step(instance_id, _TRIGGER)
        watch = Stopwatch()
        with watch.running():
            for phase in _PHASES[1:]:
                engine.trigger_next_step(instance_id, _TRIGGER, expected_phase=phase)
    return watch.seconds / (len(_PHASES) - 1)


def _make_instances(directory: Path, instances: int) -> list[str]:
    """Start instances, all but the first phase of which is still to come, and let their locks be made."""
    engine = WorkflowEngine(state_store=FileStateStore(directory, durable=False))
    ids = [
        engine.start_workflow_instance(schema(_PHASES), {"request": "sign in"}, f"f-{n // _INSTANCES_OF_A_FEATURE}")
        for n in range(instances)
    ]
    for instance_id in ids:
        engine.trigger_next_step(instance_id, _TRIGGER)
    return ids


def _check_same_work() -> None:
    """See to it that the reference writes what the engine writes, but for the times."""
    documents = []
    for is_engine in (True, False):
        with temporary_directory() as directory:
            (instance_id,) = _make_instances(directory, 1)
            path = directory / "instances" / f"{instance_id}.json"
            engine = WorkflowEngine(state_store=FileStateStore(directory, durable=False))
            for phase in _PHASES[1:]:
                if is_engine:
                    engine.trigger_next_step(instance_id, _TRIGGER, expected_phase=phase)
                else:
                    _advance_by_hand(path, phase, durable=False)
            text = path.read_text(encoding="utf-8").replace(instance_id, "id")
            documents.append(re.sub(r"\d{9,}\.\d+", "time", text))
    assert documents[0] == documents[1], "the reference does something else"


def _run_engine(instances: int, durable: bool) -> float:
    with temporary_directory() as directory:
        ids = _make_instances(directory, instances)
        engine = WorkflowEngine(state_store=FileStateStore(directory, durable=durable))
        watch = Stopwatch()
        with watch.running():
            for phase in _PHASES[1:]:
                for instance_id in ids:
                    engine.trigger_next_step(instance_id, _TRIGGER, expected_phase=phase)
        return watch.seconds / (len(ids) * (len(_PHASES) - 1))


def _run_reference(instances: int, durable: bool, make_lock: Callable[[], _Lock]) -> float:
    with temporary_directory() as directory:
        ids = _make_instances(directory, instances)
        lock = make_lock()
        watch = Stopwatch()
        with watch.running():
            for phase in _PHASES[1:]:
                for instance_id in ids:
                    with lock(directory / ".locks" / f"{instance_id}.lock"):
                        _advance_by_hand(directory / "instances" / f"{instance_id}.json", phase, durable=durable)
        return watch.seconds / (len(ids) * (len(_PHASES) - 1))


def _with_filelock() -> _Lock:
    # Kept, as ours are: making one costs about as much as taking it.
    locks: dict[Path, FileLock] = {}

    def lock(path: Path) -> FileLock:
        if path not in locks:
            locks[path] = FileLock(path, mode=0o600, thread_local=False, poll_interval=0.002, fallback_to_soft=False)
        return locks[path]

    return lock


def _with_flock() -> _Lock:
    @contextmanager
    def lock(path: Path) -> Iterator[None]:
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    return lock


def _advance_by_hand(path: Path, expected_phase: str, *, durable: bool) -> None:
    """Do what a trigger does, with nothing checked: the same record comes out."""
    with path.open(encoding="utf-8") as source:
        document: dict[str, Any] = json.load(source)
    phases = document["workflow_schema"]["phases"]
    names = [phase["name"] for phase in phases]
    assert document["current_phase"] == expected_phase
    now = time.time()
    document["history"][-1] |= {"ended_at": now, "status": "completed", "trigger_data_snapshot": _TRIGGER}
    document["updated_at"] = now
    position = names.index(expected_phase) + 1
    if position == len(names):
        document["status"] = "completed"
    else:
        document["current_phase"] = names[position]
        document["history"].append(
            {
                "phase": names[position],
                "task": phases[position]["task"],
                "started_at": now,
                "ended_at": None,
                "status": "running",
                "trigger_data_snapshot": None,
                "error": None,
            }
        )
    temporary = path.with_name(f"{path.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.tmp")
    with temporary.open("w", encoding="utf-8") as target:
        json.dump(document, target, indent=2, ensure_ascii=False)
        if durable:
            target.flush()
            os.fsync(target.fileno())
    temporary.replace(path)
    if durable:
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
