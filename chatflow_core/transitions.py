"""What may happen to an instance: pure functions from state to state.

No clock and no I/O: the time is passed in, in Unix seconds, and clamped so
that the times of a record never run backwards. None of the functions changes
the state it is given.

    created --advance--> running or completed     running --advance--> running or completed
    created --fail--> failed                      running --fail--> failed
    created --record--> running                   failed --retry--> running

A *trigger* means "the current phase is done, here is its result": the open
history entry ends and keeps the trigger data, the next phase's entry opens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chatflow_core.errors import (
    InstanceFinishedError,
    InvalidTransitionError,
    PhaseConflictError,
    SchemaError,
)
from chatflow_core.models import HistoryEntry, WorkflowInstanceState
from chatflow_core.schema import WorkflowSchema


def start(
    instance_id: str,
    schema: WorkflowSchema,
    initial_context: dict[str, Any],
    feature_id: str,
    meta: dict[str, Any],
    now: float,
) -> WorkflowInstanceState:
    """Make the record of a new instance, in its first phase, in which nothing has happened yet."""
    return WorkflowInstanceState(
        instance_id=instance_id,
        feature_id=feature_id,
        workflow_name=schema.name,
        current_phase=schema.phase_names[0],
        variables=initial_context,
        status="created",
        created_at=now,
        updated_at=now,
        meta=meta,
        workflow_schema=schema.to_dict(),
    )


def advance(
    state: WorkflowInstanceState,
    schema: WorkflowSchema | None,
    trigger_data: dict[str, Any] | None,
    meta: dict[str, Any] | None,
    now: float,
    expected_phase: str | None = None,
) -> WorkflowInstanceState:
    """End the current phase with its result and open the next; after the last one, complete the instance.

    Raises:
        InstanceFinishedError: The instance is completed.
        PhaseConflictError: The current phase is not the expected one.
        InvalidTransitionError: The instance failed, has an unknown status, or is in a phase its schema lacks.
        SchemaError: No schema is known for it, so nobody knows what comes next.
    """
    _check(state, expected_phase, "advance", allowed=("created", "running"))
    if schema is None:
        raise SchemaError(
            f"Cannot advance instance {state.instance_id}: its record has no workflow definition and the store has "
            f"none named {state.workflow_name!r}; put one into schemas/"
        )
    phases = schema.phase_names
    if state.current_phase not in phases:
        raise InvalidTransitionError(
            state.instance_id,
            f"Instance {state.instance_id} is in phase {state.current_phase!r}, which workflow {schema.name!r} "
            f"does not have (it has {', '.join(map(repr, phases))}); mend the definition or the record",
        )
    state, now = _opened(state, schema, now)
    ended = replace(state.history[-1], ended_at=now, status="completed", trigger_data_snapshot=trigger_data)
    history = [*state.history[:-1], ended]
    position = phases.index(state.current_phase)
    if position + 1 == len(phases):
        return _changed(state, now, meta, history=history, status="completed")
    following = phases[position + 1]
    history.append(HistoryEntry(following, schema.task_of(following), started_at=now))
    return _changed(state, now, meta, history=history, status="running", current_phase=following)


def fail(
    state: WorkflowInstanceState,
    schema: WorkflowSchema | None,
    reason: str,
    meta: dict[str, Any] | None,
    now: float,
    expected_phase: str | None = None,
) -> WorkflowInstanceState:
    """End the current phase as failed, with the reason.

    Raises:
        InstanceFinishedError: The instance is completed.
        PhaseConflictError: The current phase is not the expected one.
        InvalidTransitionError: The phase has failed already, or the status is unknown.
    """
    _check(state, expected_phase, "fail", allowed=("created", "running"))
    state, now = _opened(state, schema, now)
    ended = replace(state.history[-1], ended_at=now, status="failed", error=reason)
    return _changed(state, now, meta, history=[*state.history[:-1], ended], status="failed")


def retry(
    state: WorkflowInstanceState,
    schema: WorkflowSchema | None,
    meta: dict[str, Any] | None,
    now: float,
    expected_phase: str | None = None,
) -> WorkflowInstanceState:
    """Open the failed phase again, as a new history entry.

    Raises:
        InstanceFinishedError: The instance is completed.
        PhaseConflictError: The current phase is not the expected one.
        InvalidTransitionError: The current phase has not failed.
    """
    _check(state, expected_phase, "retry", allowed=("failed",))
    now = _no_earlier(state, now)
    # A failed record with an entry still open was not written by these functions; the failure is what ended it.
    history = [entry if entry.ended_at is not None else _closed(state, entry, "failed") for entry in state.history]
    history.append(HistoryEntry(state.current_phase, _task(schema, state), started_at=now))
    return _changed(state, now, meta, history=history, status="running")


def record(state: WorkflowInstanceState, schema: WorkflowSchema | None, now: float) -> WorkflowInstanceState:
    """Note that a text was recorded: a created instance is running from then on, any other stays as it is."""
    if state.status != "created":
        return state
    state, now = _opened(state, schema, now)
    return _changed(state, now, None, history=state.history, status="running")


def _check(state: WorkflowInstanceState, expected_phase: str | None, step: str, *, allowed: tuple[str, ...]) -> None:
    if state.status == "completed":
        raise InstanceFinishedError(state.instance_id)
    if expected_phase is not None and expected_phase != state.current_phase:
        raise PhaseConflictError(state.instance_id, expected_phase, state.current_phase)
    if state.status in allowed:
        return
    if state.status == "failed":
        advice = "retry it first"
    elif step == "retry":
        advice = "only a failed phase can be retried"
    else:
        advice = "its status is unknown to ChatFlow, so it is shown but not changed"
    raise InvalidTransitionError(
        state.instance_id,
        f"Cannot {step} instance {state.instance_id}: phase {state.current_phase!r} is {state.status}; {advice}",
    )


def _opened(
    state: WorkflowInstanceState, schema: WorkflowSchema | None, now: float
) -> tuple[WorkflowInstanceState, float]:
    """Give the state with exactly one open entry, the last one, of the current phase; and the clamped time.

    A created instance has been in its first phase since it was made. Other
    programs keep their history one phase behind, so what they left open of
    other phases ended when the record was last written, and the current
    phase began then.
    """
    now = _no_earlier(state, now)
    history = list(state.history)
    is_open = bool(history) and history[-1].ended_at is None and history[-1].phase == state.current_phase
    settled = len(history) - 1 if is_open else len(history)
    history[:settled] = [
        entry if entry.ended_at is not None else _closed(state, entry, "completed") for entry in history[:settled]
    ]
    if not is_open:
        began = state.updated_at if history or state.status == "running" else state.created_at
        began = max([began, *_times(history)])
        history.append(HistoryEntry(state.current_phase, _task(schema, state), started_at=began))
    return replace(state, history=history), max(now, history[-1].started_at)


def _closed(state: WorkflowInstanceState, entry: HistoryEntry, status: str) -> HistoryEntry:
    ended_at = max(state.updated_at, entry.started_at)
    return replace(entry, ended_at=ended_at, status=status if entry.status == "running" else entry.status)


def _changed(
    state: WorkflowInstanceState, now: float, meta: dict[str, Any] | None, **changes: Any
) -> WorkflowInstanceState:
    return replace(state, updated_at=now, meta={**state.meta, **(meta or {})}, **changes)


def _no_earlier(state: WorkflowInstanceState, now: float) -> float:
    return max([now, state.created_at, state.updated_at, *_times(state.history)])


def _times(history: Iterable[HistoryEntry]) -> list[float]:
    return [moment for entry in history for moment in (entry.started_at, entry.ended_at) if moment is not None]


def _task(schema: WorkflowSchema | None, state: WorkflowInstanceState) -> str:
    return schema.task_of(state.current_phase) if schema else "unknown"
