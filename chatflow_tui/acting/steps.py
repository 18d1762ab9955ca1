"""What a step would write, whether it can be done, and why it was not: in words, before and after it is done."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chatflow_core import (
    ChatFlowError,
    InstanceFinishedError,
    InstanceNotFoundError,
    InvalidTransitionError,
    LockTimeoutError,
    PhaseConflictError,
    ReadOnlyRecordError,
    StorageError,
    WorkflowEngine,
    WorkflowInstanceState,
    transitions,
)
from chatflow_tui.instance.read_only_words import read_only_badge
from chatflow_tui.texts.plain_text import plain_name

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)

# A reason is told again when its phase is retried: enough of it to know which one.
_MOST_OF_REASON = 200


@dataclass(frozen=True, slots=True)
class StepPlan:
    """What a step would do, as the store was a moment ago.

    Attributes:
        instance_id: The instance; empty if the step makes one.
        feature_id: Its feature.
        phase: The phase acted on, and the one expected when it is done.
        status: Status of the instance.
        updated_at: When the instance last changed, in Unix seconds.
        writes: What will be written, in lines of words; not yet made harmless.
    """

    instance_id: str
    feature_id: str
    phase: str
    status: str
    updated_at: float
    writes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was done.

    Attributes:
        instance_id: The instance.
        words: What happened, in a line; not yet made harmless.
    """

    instance_id: str
    words: str


def plan_advance(engine: WorkflowEngine, instance_id: str) -> StepPlan:
    """Find out what advancing would do; nothing is written. Blocks; for a worker thread.

    Raises:
        ChatFlowError: It cannot be advanced; the message says why.
    """
    state = look_at(engine, instance_id, "advanced")
    after = engine.trigger_next_step(instance_id, dry_run=True, expected_phase=state.current_phase)
    begins = "nothing: the instance is completed" if after.status == "completed" else after.current_phase
    return plan_of(state, f"✓ ends    {state.current_phase}", f"● begins  {begins}")


def plan_fail(engine: WorkflowEngine, instance_id: str) -> StepPlan:
    """Find out what failing the phase would do; nothing is written. Blocks; for a worker thread.

    Raises:
        ChatFlowError: It cannot fail; the message says why.
    """
    state = look_at(engine, instance_id, "failed")
    transitions.fail(state, None, "", None, time.time())
    fails = f"✗ fails   {state.current_phase}, with the reason below"
    return plan_of(state, fails, "○ then    the instance is failed, until r retries the phase")


def plan_retry(engine: WorkflowEngine, instance_id: str) -> StepPlan:
    """Find out what retrying the failed phase would do; nothing is written. Blocks; for a worker thread.

    Raises:
        ChatFlowError: It cannot be retried; the message says why.
    """
    state = look_at(engine, instance_id, "retried")
    after = transitions.retry(state, None, None, time.time())
    attempt = sum(entry.phase == state.current_phase for entry in after.history)
    reason = next((entry.error for entry in reversed(state.history) if entry.error), None)
    failed = () if reason is None else (f"✗ failed  {' '.join(reason[:_MOST_OF_REASON].split())}",)
    return plan_of(state, *failed, f"● begins  {state.current_phase} again, as attempt {attempt}")


@contextmanager
def as_planned(engine: WorkflowEngine, plan: StepPlan) -> Iterator[None]:
    """Keep other programs from an instance while a step is made, if it is as it was when the step was planned.

    The phase alone does not tell: it may have failed and begun again meanwhile. Blocks; for a worker thread.

    Raises:
        ChatFlowError: It has changed within the phase; if it has left it, the engine tells where it went.
    """
    look_at(engine, plan.instance_id)  # so that nothing is locked for an instance that is gone
    with engine.state_store.lock(plan.instance_id):
        now = look_at(engine, plan.instance_id)
        has_left = now.current_phase != plan.phase or now.status == "completed"
        if now.updated_at != plan.updated_at and not has_left:
            raise ChatFlowError("Another program changed the instance meanwhile. Nothing was written.")
        yield


def plan_of(state: WorkflowInstanceState, *writes: str) -> StepPlan:
    """Make the plan of a step on an instance from its state and what would be written."""
    return StepPlan(
        state.instance_id, state.feature_id, state.current_phase, state.status, state.updated_at, tuple(writes)
    )


def look_at(engine: WorkflowEngine, instance_id: str, step: str | None = None) -> WorkflowInstanceState:
    """Read an instance that is to be written. Blocks; for a worker thread.

    Args:
        engine: The engine.
        instance_id: The instance.
        step: ``"advanced"``, ``"failed"`` or ``"retried"``: its status must allow it; None asks nothing of the status.

    Raises:
        InstanceNotFoundError: It is gone.
        ReadOnlyRecordError: Its record is not ours to write.
        InvalidTransitionError: Its status does not allow the step; the message says what to do.
        ChatFlowError: It cannot be read.
    """
    state = engine.get_workflow_instance_status(instance_id)
    if state is None:
        raise InstanceNotFoundError(instance_id, repr(engine.state_store))
    reason = engine.state_store.read_only_reason(instance_id)
    if reason is not None:
        raise ReadOnlyRecordError(instance_id, reason)
    obstacle = None if step is None else obstacle_to(step, state.status, state.current_phase)
    if obstacle is not None:
        raise InvalidTransitionError(instance_id, obstacle)
    return state


def obstacle_to(step: str, status: str, phase: str) -> str | None:
    """Say why a status does not allow a step; None if it does, or if the engine knows better.

    Args:
        step: ``"advanced"``, ``"failed"`` or ``"retried"``.
        status: The status of the instance.
        phase: Its current phase.

    Returns:
        A clause that stands by itself; not yet made harmless.
    """
    if status == "completed":
        return "the instance is completed; c makes a new one"
    if step == "retried":
        return None if status == "failed" else f"{phase} has not failed, so there is nothing to retry"
    if status == "failed":
        return f"{phase} has failed{' already' if step == 'failed' else ''}; r retries it"
    return None


def refusal(error: Exception, plan: StepPlan | None = None) -> str:
    """Say in a harmless line why a step was not done.

    Args:
        error: What came of trying.
        plan: What was tried; None if it did not come to that.
    """
    phase = f"{plan.phase}: " if plan is not None and plan.phase else ""
    match error:
        case PhaseConflictError():
            said = f"{phase}moved to {error.current_phase} by another program meanwhile. Nothing was changed."
        case InstanceFinishedError():
            said = f"{phase}completed by another program meanwhile. Nothing was changed."
        case LockTimeoutError():
            outcome = error.fact or "Nothing was changed; try again"
            said = f"Locked by another program for {error.timeout:g} s. {outcome}."
        case InstanceNotFoundError():
            said = "This instance is gone: its record was removed."
        case ReadOnlyRecordError():
            said = read_only_badge(error.reason)
        case StorageError() if error.errno in _FULL:
            said = f"Disk full: {error}"
        case StorageError() if error.errno in _FORBIDDEN:
            said = f"No permission: {error}"
        case _:
            said = str(error)
    return plain_name(said)
