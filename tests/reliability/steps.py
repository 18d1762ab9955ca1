"""The five steps that write, on a store where all of them can be made, and what must hold after each of them.

Every step leaves a token: transitions in `meta`, texts in the texts themselves. So it can be told of every step that
was acknowledged whether it is there.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from chatflow_core import (
    FileStateStore,
    PhaseConflictError,
    TaskArtifacts,
    WorkflowEngine,
    WorkflowInstanceState,
)
from chatflow_core.errors import InvalidTransitionError
from tests.files import is_lockable

SCHEMA = {"name": "flow", "phases": [{"name": "analyse"}, {"name": "design"}, {"name": "build"}]}
FEATURE = "feat"

#: The instance that steps act on, and one that must stay as it is.
SUBJECT, BYSTANDER = "subject", "bystander"

Ids = dict[str, str]


def open_engine(base: Path, *, durable: bool = True, lock_timeout: float = 60.0) -> WorkflowEngine:
    """An engine as a program that has just begun would have it: nothing kept from before."""
    return WorkflowEngine(state_store=FileStateStore(base, durable=durable, create=False, lock_timeout=lock_timeout))


def file_store(engine: WorkflowEngine) -> FileStateStore:
    """The engine's store."""
    assert isinstance(engine.state_store, FileStateStore)
    return engine.state_store


def start(engine: WorkflowEngine, ids: Ids, token: str) -> object:
    """Start another instance of the feature."""
    return engine.start_workflow_instance(SCHEMA, {"text": "x" * 200}, FEATURE, {token: 1})


def advance(engine: WorkflowEngine, ids: Ids, token: str) -> object:
    """End the phase the subject is in."""
    return engine.trigger_next_step(ids[SUBJECT], {"token": token}, {token: 1}, expected_phase="design")


def fail(engine: WorkflowEngine, ids: Ids, token: str) -> object:
    """End it as failed."""
    return engine.fail_current_phase(ids[SUBJECT], "reason", {token: 1}, expected_phase="design")


def retry(engine: WorkflowEngine, ids: Ids, token: str) -> object:
    """Open it again."""
    return engine.retry_phase(ids[SUBJECT], {token: 1}, expected_phase="design")


def record(engine: WorkflowEngine, ids: Ids, token: str) -> object:
    """Record another attempt."""
    return engine.record_task(ids[SUBJECT], f"prompt {token}", f"response {token}")


def record_first(engine: WorkflowEngine, ids: Ids, token: str) -> object:
    """Record the first attempt of an instance in which nothing has happened yet."""
    return engine.record_task(ids[BYSTANDER], f"prompt {token}", f"response {token}")


Step = Callable[[WorkflowEngine, Ids, str], object]
STEPS: dict[str, Step] = {
    step.__name__: step for step in (start, advance, fail, retry, record, record_first)
}  # fmt: skip
TRANSITIONS = ("advance", "fail", "retry")


def prepare(base: Path, step: str) -> Ids:
    """Make a store in which a step can be made.

    The subject is in its second phase with two attempts recorded; the bystander is new.
    """
    engine = open_engine(base, durable=False)
    ids = {name: engine.start_workflow_instance(SCHEMA, {}, FEATURE, {"began": 1}) for name in (SUBJECT, BYSTANDER)}
    engine.trigger_next_step(ids[SUBJECT], {"token": "before"}, {"before": 1})
    for token in ("before", "before too"):
        engine.record_task(ids[SUBJECT], f"prompt {token}", f"response {token}")
    if step == "retry":
        engine.fail_current_phase(ids[SUBJECT], "reason", {"failed": 1})
    return aged(base, ids)


def aged(base: Path, ids: Ids) -> Ids:
    """Date all files back, so that reading them again makes the same calls however little time has passed."""
    for path in base.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return ids


def state_of(engine: WorkflowEngine, instance_id: str) -> WorkflowInstanceState:
    """The state of an instance that must be there."""
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None, f"the record of {instance_id} is gone"
    return state


def attempts(engine: WorkflowEngine, instance_id: str, phase: str) -> list[TaskArtifacts]:
    """All attempts at a phase, oldest first."""
    count = engine.load_artifacts(instance_id, phase).attempts
    return [engine.load_artifacts(instance_id, phase, number + 1) for number in range(count)]


def intact_tokens(found: Iterable[TaskArtifacts]) -> list[str]:
    """The tokens of the attempts whose texts are the recorded ones; texts of two attempts must never pass as one."""
    tokens = []
    for texts in found:
        if texts.verdict == "intact" and texts.prompt and texts.ai_response:
            token = texts.prompt.removeprefix("prompt ")
            assert texts.ai_response == f"response {token}", "texts of two attempts pass as one"
            tokens.append(token)
    return tokens


def leftover_files(base: Path) -> list[str]:
    """Temporary files of writers that died."""
    return [str(path.relative_to(base)) for path in base.rglob(".*.tmp")]


def check_readable(base: Path) -> dict[str, WorkflowInstanceState]:
    """Every record reads, both ways, and the index misses none. Gives the states by id."""
    engine = open_engine(base)
    summaries = engine.list_instances()
    assert [summary.problem for summary in summaries] == [None] * len(summaries)
    states = {summary.instance_id: state_of(engine, summary.instance_id) for summary in summaries}
    by_feature: dict[str, list[str]] = {}
    for instance_id, state in states.items():
        assert json.loads((base / "instances" / f"{instance_id}.json").read_bytes())["status"] == state.status
        assert sum(entry.ended_at is None for entry in state.history) == (state.status == "running")
        by_feature.setdefault(state.feature_id, []).append(instance_id)
    for feature_id, ids in by_feature.items():
        assert engine.state_store.list_instances_by_feature(feature_id) == sorted(ids)
    return states


def check_writable(base: Path) -> None:
    """No lock stays held, the next writer can do everything, sweeps what is left over and leaves the index right."""
    for lock_file in (base / ".locks").glob("*.lock"):
        assert is_lockable(lock_file), f"{lock_file.name} stays locked"
    engine = open_engine(base, durable=False, lock_timeout=5.0)
    for feature_id in {summary.feature_id for summary in engine.list_instances()} | {FEATURE}:
        engine.start_workflow_instance(SCHEMA, {}, feature_id)
        link = (base / "features" / f"{feature_id}.link").read_text().split(",")
        records = [one.instance_id for one in engine.list_instances() if one.feature_id == feature_id]
        assert set(records) <= set(link), "the index misses an instance after it was written"
    for summary in engine.list_instances():
        phases = file_store(engine).phases_with_texts(summary.instance_id)
        if summary.status != "completed":
            engine.record_task(summary.instance_id, "prompt after", "response after")
        for phase in phases:
            # Only who writes texts looks after the texts of others that died.
            with contextlib.suppress(InvalidTransitionError):
                engine.record_task(summary.instance_id, "prompt after", "response after", phase)
    assert leftover_files(base) == []


def refuses_to_advance_again(base: Path, ids: Ids) -> bool:
    """Whether a repeated advance with the phase that was expected is refused; it must be, if the first one counted."""
    try:
        advance(open_engine(base, durable=False), ids, "again")
    except PhaseConflictError:
        return True
    return False
