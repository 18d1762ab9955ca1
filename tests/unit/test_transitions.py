"""Every cell of the transition table, as functions and on disk."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatflow_core import (
    HistoryEntry,
    InstanceFinishedError,
    InvalidTransitionError,
    PhaseConflictError,
    SchemaError,
    WorkflowEngine,
    WorkflowInstanceState,
    WorkflowSchema,
    transitions,
)
from tests.files import without_locks

SCHEMA = WorkflowSchema.from_dict(
    {"name": "flow", "phases": [{"name": "analyse", "task": "think"}, {"name": "build"}, {"name": "check"}]}
)
DATA = {"result": [1, {"deep": "值"}]}


def created(schema: WorkflowSchema = SCHEMA) -> WorkflowInstanceState:
    return transitions.start("wfi_1", schema, {"ask": "x"}, "feat", {"who": "me"}, 100.0)


def running() -> WorkflowInstanceState:
    return transitions.advance(created(), SCHEMA, {"n": 1}, None, 110.0)


def failed() -> WorkflowInstanceState:
    return transitions.fail(running(), SCHEMA, "no network", None, 120.0)


def completed() -> WorkflowInstanceState:
    state = transitions.advance(running(), SCHEMA, {"n": 2}, None, 120.0)
    return transitions.advance(state, SCHEMA, {"n": 3}, None, 130.0)


def test_start_gives_a_created_instance_with_no_history() -> None:
    state = created()
    assert (state.status, state.current_phase, state.history) == ("created", "analyse", [])
    assert state.created_at == state.updated_at == 100.0
    assert state.workflow_schema == SCHEMA.to_dict()


def test_advance_on_created_opens_the_first_entry_at_created_at_and_ends_it_now() -> None:
    state = transitions.advance(created(), SCHEMA, DATA, {"more": 1}, 110.0)
    assert state.history == [
        HistoryEntry("analyse", "think", 100.0, 110.0, "completed", DATA),
        HistoryEntry("build", "unknown", 110.0),
    ]
    assert (state.status, state.current_phase, state.updated_at) == ("running", "build", 110.0)
    assert state.meta == {"who": "me", "more": 1}


def test_advance_on_created_completes_a_workflow_of_one_phase() -> None:
    schema = WorkflowSchema.from_dict({"phases": [{"name": "only"}]})
    state = transitions.advance(created(schema), schema, DATA, None, 110.0)
    assert state.history == [HistoryEntry("only", "unknown", 100.0, 110.0, "completed", DATA)]
    assert (state.status, state.current_phase) == ("completed", "only")


def test_advance_on_created_completes_a_workflow_without_phases_at_phase_unknown() -> None:
    schema = WorkflowSchema.from_dict({"name": "empty", "phases": []})
    assert created(schema).current_phase == "unknown"
    state = transitions.advance(created(schema), schema, None, None, 110.0)
    assert (state.status, [entry.phase for entry in state.history]) == ("completed", ["unknown"])


def test_advance_on_running_ends_the_open_entry_with_the_data_and_opens_the_next() -> None:
    state = transitions.advance(running(), SCHEMA, DATA, None, 120.0)
    assert state.history[1:] == [
        HistoryEntry("build", "unknown", 110.0, 120.0, "completed", DATA),
        HistoryEntry("check", "unknown", 120.0),
    ]
    assert (state.status, state.current_phase) == ("running", "check")


def test_advance_on_running_completes_the_instance_after_the_last_phase() -> None:
    state = completed()
    assert (state.status, state.current_phase) == ("completed", "check")
    assert state.history[-1] == HistoryEntry("check", "unknown", 120.0, 130.0, "completed", {"n": 3})
    assert [entry for entry in state.history if entry.ended_at is None] == []


def test_fail_on_created_opens_the_first_entry_at_created_at_and_ends_it_failed() -> None:
    state = transitions.fail(created(), SCHEMA, "no network", {"more": 1}, 110.0)
    assert state.history == [HistoryEntry("analyse", "think", 100.0, 110.0, "failed", None, "no network")]
    assert (state.status, state.current_phase, state.meta) == ("failed", "analyse", {"who": "me", "more": 1})


def test_fail_on_running_ends_the_open_entry_failed_with_the_error() -> None:
    state = failed()
    assert state.history[1:] == [HistoryEntry("build", "unknown", 110.0, 120.0, "failed", None, "no network")]
    assert (state.status, state.current_phase) == ("failed", "build")


def test_retry_on_failed_opens_a_new_entry_of_the_same_phase() -> None:
    state = transitions.retry(failed(), SCHEMA, {"again": True}, 130.0)
    assert state.history[:-1] == failed().history
    assert state.history[-1] == HistoryEntry("build", "unknown", 130.0)
    assert (state.status, state.current_phase, state.meta["again"]) == ("running", "build", True)


def test_record_on_created_opens_the_first_entry_and_is_running() -> None:
    state = transitions.record(created(), SCHEMA, 105.0)
    assert state.history == [HistoryEntry("analyse", "think", 100.0)]
    assert (state.status, state.current_phase, state.updated_at) == ("running", "analyse", 105.0)


@pytest.mark.parametrize("make", [running, failed, completed])
def test_record_leaves_any_other_status_untouched(make: Any) -> None:
    state = make()
    assert transitions.record(state, SCHEMA, 200.0) == make()


REFUSED = [
    ("advance", "failed", InvalidTransitionError, "retry it first"),
    ("fail", "failed", InvalidTransitionError, "retry it first"),
    ("retry", "created", InvalidTransitionError, "only a failed phase"),
    ("retry", "running", InvalidTransitionError, "only a failed phase"),
    ("advance", "completed", InstanceFinishedError, "completed"),
    ("fail", "completed", InstanceFinishedError, "completed"),
    ("retry", "completed", InstanceFinishedError, "completed"),
]


@pytest.mark.parametrize(("step", "status", "error", "words"), REFUSED)
def test_a_refused_step_says_why_and_writes_nothing(
    engine: WorkflowEngine, base: Path, step: str, status: str, error: type[Exception], words: str
) -> None:
    instance_id = _on_disk(engine, status)
    before = without_locks(base)
    with pytest.raises(error, match=words) as caught:
        _step(engine, step, instance_id)
    assert type(caught.value) is error
    assert without_locks(base) == before


@pytest.mark.parametrize(
    ("step", "status", "after"),
    [
        ("advance", "created", "running"),
        ("advance", "running", "running"),
        ("fail", "created", "failed"),
        ("fail", "running", "failed"),
        ("retry", "failed", "running"),
        ("record", "created", "running"),
        ("record", "running", "running"),
        ("record", "failed", "failed"),
        ("record", "completed", "completed"),
    ],
)
def test_an_allowed_step_is_on_disk_when_it_returns(engine: WorkflowEngine, step: str, status: str, after: str) -> None:
    instance_id = _on_disk(engine, status)
    former = engine.get_workflow_instance_status(instance_id)
    given = _step(engine, step, instance_id)
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert state.status == after
    if step == "record":
        assert status == "created" or state == former
    else:
        assert state == given


@pytest.mark.parametrize("step", ["advance", "fail", "retry"])
@pytest.mark.parametrize("status", ["created", "running", "failed"])
def test_another_expected_phase_is_a_conflict_and_writes_nothing(
    engine: WorkflowEngine, base: Path, step: str, status: str
) -> None:
    instance_id = _on_disk(engine, status)
    before = without_locks(base)
    with pytest.raises(PhaseConflictError) as caught:
        _step(engine, step, instance_id, expected_phase="check")
    assert caught.value.expected_phase == "check"
    assert caught.value.current_phase == ("analyse" if status == "created" else "build")
    assert without_locks(base) == before


@pytest.mark.parametrize("step", ["advance", "fail", "retry"])
def test_a_finished_instance_is_finished_before_it_is_a_conflict(engine: WorkflowEngine, step: str) -> None:
    with pytest.raises(InstanceFinishedError):
        _step(engine, step, _on_disk(engine, "completed"), expected_phase="analyse")


def test_a_dry_run_gives_the_state_that_would_result_and_writes_nothing(engine: WorkflowEngine, base: Path) -> None:
    instance_id = _on_disk(engine, "running")
    before = without_locks(base)
    foreseen = engine.trigger_next_step(instance_id, DATA, {"m": 1}, dry_run=True, expected_phase="build")
    assert without_locks(base) == before
    done = engine.trigger_next_step(instance_id, DATA, {"m": 1})
    assert _timeless(foreseen) == _timeless(done)


@pytest.mark.parametrize(
    ("status", "error"), [("failed", InvalidTransitionError), ("completed", InstanceFinishedError)]
)
def test_a_dry_run_refuses_what_the_step_itself_would_refuse(
    engine: WorkflowEngine, status: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        engine.trigger_next_step(_on_disk(engine, status), dry_run=True)


@pytest.mark.parametrize("step", ["advance", "fail", "retry"])
def test_an_unknown_status_is_refused_in_words(step: str) -> None:
    state = dataclasses.replace(running(), status="paused")
    with pytest.raises(InvalidTransitionError, match="paused"):
        _pure(step, state)


def test_a_phase_the_schema_lacks_is_refused_in_words() -> None:
    state = dataclasses.replace(running(), current_phase="deploy")
    with pytest.raises(InvalidTransitionError, match=r"'deploy'.*'analyse', 'build', 'check'"):
        transitions.advance(state, SCHEMA, None, None, 200.0)


def test_advancing_without_any_schema_is_refused_in_words() -> None:
    with pytest.raises(SchemaError, match=r"'flow'.*schemas/"):
        transitions.advance(running(), None, None, None, 200.0)


def test_a_clock_set_back_is_clamped() -> None:
    state = transitions.advance(running(), SCHEMA, None, None, 50.0)
    assert state.history[1].ended_at == state.history[2].started_at == state.updated_at == 110.0


def _step(engine: WorkflowEngine, step: str, instance_id: str, **options: Any) -> Any:
    steps: dict[str, Callable[[], Any]] = {
        "advance": lambda: engine.trigger_next_step(instance_id, DATA, **options),
        "fail": lambda: engine.fail_current_phase(instance_id, "broken", **options),
        "retry": lambda: engine.retry_phase(instance_id, **options),
        "record": lambda: engine.record_task(instance_id, prompt="p", ai_response="r"),
    }
    return steps[step]()


def _pure(step: str, state: WorkflowInstanceState) -> WorkflowInstanceState:
    if step == "advance":
        return transitions.advance(state, SCHEMA, DATA, None, 200.0)
    if step == "fail":
        return transitions.fail(state, SCHEMA, "broken", None, 200.0)
    return transitions.retry(state, SCHEMA, None, 200.0)


def _on_disk(engine: WorkflowEngine, status: str) -> str:
    instance_id = engine.start_workflow_instance(SCHEMA, {"ask": "x"}, "feat")
    if status != "created":
        engine.trigger_next_step(instance_id)
    if status == "failed":
        engine.fail_current_phase(instance_id, "no network")
    if status == "completed":
        engine.trigger_next_step(instance_id)
        engine.trigger_next_step(instance_id)
    return instance_id


def _timeless(state: WorkflowInstanceState) -> WorkflowInstanceState:
    history = [
        dataclasses.replace(entry, started_at=0.0, ended_at=None if entry.ended_at is None else 0.0)
        for entry in state.history
    ]
    return dataclasses.replace(state, updated_at=0.0, history=history)
