"""Whatever is done in whatever order at whatever time, a record stays well-formed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow_core import (
    InstanceFinishedError,
    InvalidTransitionError,
    PhaseConflictError,
    WorkflowInstanceState,
    WorkflowSchema,
    transitions,
)
from chatflow_core.layout import phase_stem
from chatflow_core.records import convert_state

clocks = st.floats(min_value=-1e12, max_value=1e12)
phase_names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(str.strip)
steps = st.lists(
    st.tuples(st.sampled_from(["advance", "advance", "advance", "fail", "retry", "record"]), clocks, st.booleans()),
    max_size=14,
)


@st.composite
def schemas(draw: st.DrawFn) -> WorkflowSchema:
    names = draw(st.lists(phase_names, max_size=5, unique_by=phase_stem))
    tasks = draw(st.lists(st.none() | st.text(max_size=5), min_size=len(names), max_size=len(names)))
    phases = [
        {"name": name} if task is None else {"name": name, "task": task}
        for name, task in zip(names, tasks, strict=True)
    ]
    return WorkflowSchema.from_dict({"name": "any", "phases": phases})


@given(schemas(), clocks, steps)
def test_any_sequence_of_steps_leaves_a_well_formed_record(
    schema: WorkflowSchema, born: float, sequence: list[tuple[str, float, bool]]
) -> None:
    state = transitions.start("wfi_1", schema, {}, "feat", {}, born)
    given_data: list[dict[str, Any]] = []
    for number, (step, clock, expects_right) in enumerate(sequence):
        before = copy.deepcopy(state)
        expected = state.current_phase if expects_right else None
        data = {"number": number}
        changed = _attempt(step, state, schema, data, clock, expected)
        assert state == before, "a step changed the state it was given"
        if changed is not None:
            if step == "advance":
                given_data.append(data)
            state = changed
        _assert_well_formed(state)
        _assert_in_schema_order(state, schema)
        found = [e.trigger_data_snapshot for e in state.history if e.trigger_data_snapshot is not None]
        assert found == given_data


@given(schemas(), clocks, steps, clocks)
def test_a_wrong_expected_phase_never_gets_through(
    schema: WorkflowSchema, born: float, sequence: list[tuple[str, float, bool]], clock: float
) -> None:
    state = transitions.start("wfi_1", schema, {}, "feat", {}, born)
    for step, at, _ in sequence:
        state = _attempt(step, state, schema, {}, at, None) or state
    wrong = state.current_phase + "!"
    for step in ("advance", "fail", "retry"):
        refusal = InstanceFinishedError if state.status == "completed" else PhaseConflictError
        with pytest.raises(refusal):
            _do(step, state, schema, {}, clock, wrong)


@given(st.integers(1, 5), st.integers(0, 5), steps)
def test_a_record_written_by_the_original_program_is_well_formed_after_any_step(
    count: int, triggers: int, sequence: list[tuple[str, float, bool]]
) -> None:
    names = [f"p{number}" for number in range(count)]
    schema = WorkflowSchema.from_dict({"phases": [{"name": name} for name in names]})
    state = _lagging(names, triggers)
    former = copy.deepcopy(state.history)
    is_ours = False
    for step, clock, _ in sequence:
        changed = _attempt(step, state, schema, {"ours": 1}, clock, None)
        if changed is None or changed is state:
            continue
        is_ours, state = True, changed
        _assert_well_formed(state)
        _assert_in_schema_order(state, schema)
    # What it had written stays: phases, times and data; only what was open is ended.
    for kept, old in zip(state.history, former, strict=False):
        assert (kept.phase, kept.started_at) == (old.phase, old.started_at)
        assert old.ended_at is None or kept == old
        if is_ours and old.phase != names[-1]:
            assert kept.trigger_data_snapshot == old.trigger_data_snapshot


def _attempt(
    step: str, state: WorkflowInstanceState, schema: WorkflowSchema, data: dict[str, Any], now: float, phase: str | None
) -> WorkflowInstanceState | None:
    try:
        return _do(step, state, schema, data, now, phase)
    except InvalidTransitionError:
        return None


def _do(
    step: str, state: WorkflowInstanceState, schema: WorkflowSchema, data: dict[str, Any], now: float, phase: str | None
) -> WorkflowInstanceState:
    if step == "advance":
        return transitions.advance(state, schema, data, {"step": step}, now, phase)
    if step == "fail":
        return transitions.fail(state, schema, "reason", None, now, phase)
    if step == "retry":
        return transitions.retry(state, schema, None, now, phase)
    return transitions.record(state, schema, now)


def _assert_well_formed(state: WorkflowInstanceState) -> None:
    is_open = [entry.ended_at is None for entry in state.history]
    assert sum(is_open) == (state.status == "running")
    if state.status == "running":
        assert is_open[-1]
        assert state.history[-1].phase == state.current_phase
        assert state.history[-1].status == "running"
    if state.status in ("completed", "failed"):
        assert state.history[-1].status == state.status
        assert state.history[-1].phase == state.current_phase
    assert (state.history == []) == (state.status == "created")
    moments = [state.created_at]
    for entry in state.history:
        moments += [entry.started_at] + ([] if entry.ended_at is None else [entry.ended_at])
        assert (entry.status == "running") == (entry.ended_at is None)
        assert (entry.error is not None) == (entry.status == "failed")
    moments.append(state.updated_at)
    assert moments == sorted(moments), "time runs backwards"


def _assert_in_schema_order(state: WorkflowInstanceState, schema: WorkflowSchema) -> None:
    order = schema.phase_names
    done = [entry.phase for entry in state.history if entry.status == "completed"]
    assert done == order[: len(done)]
    assert (len(done) == len(order)) == (state.status == "completed")
    positions = [order.index(entry.phase) for entry in state.history]
    assert positions == sorted(positions)
    if state.status != "completed":
        assert state.current_phase == order[len(done)]


def _lagging(names: list[str], triggers: int) -> WorkflowInstanceState:
    """What the original engine has in memory after some triggers."""
    clock = 1000.0
    history: list[dict[str, Any]] = []
    position, status = 0, "created"
    for number in range(min(triggers, len(names))):
        clock += 1
        if history:
            history[-1] |= {"ended_at": clock, "status": "completed", "trigger_data_snapshot": {"theirs": number}}
        entry = {"phase": names[position], "task": "unknown", "started_at": clock}
        history.append({**entry, "trigger_data_snapshot": {"theirs": number}})
        if position + 1 < len(names):
            position, status = position + 1, "running"
        else:
            status = "completed"
    document = {
        "instance_id": "wfi_1",
        "feature_id": "feat",
        "workflow_name": "any",
        "current_phase": names[position],
        "variables": {},
        "status": status,
        "history": history,
        "created_at": 1000.0,
        "updated_at": clock,
    }
    return convert_state(document, "a test")
