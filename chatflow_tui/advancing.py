"""Advancing an instance: what would happen, doing it, and saying why it did not work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatflow_core import (
    ChatFlowError,
    InstanceFinishedError,
    InvalidValueError,
    LockTimeoutError,
    PhaseConflictError,
    WorkflowEngine,
)
from chatflow_core.bounded_yaml import load_yaml
from chatflow_tui.plain_text import plain_name


@dataclass(frozen=True, slots=True)
class AdvancePlan:
    """What advancing would do, as the store was a moment ago.

    Attributes:
        instance_id: The instance.
        feature_id: Its feature.
        ends: The phase that would end, and the one expected when it is done.
        begins: The phase that would open; None if the instance would be completed.
        status: Status of the instance.
    """

    instance_id: str
    feature_id: str
    ends: str
    begins: str | None
    status: str


def plan_advance(engine: WorkflowEngine, instance_id: str) -> AdvancePlan:
    """Ask the engine what advancing would do; nothing is written. Blocks; for a worker thread.

    Raises:
        ChatFlowError: It cannot be advanced; the message says why.
    """
    before = engine.get_workflow_instance_status(instance_id)
    ends = before.current_phase if before is not None else None
    after = engine.trigger_next_step(instance_id, dry_run=True, expected_phase=ends)
    return AdvancePlan(
        instance_id=instance_id,
        feature_id=after.feature_id,
        ends=ends or after.current_phase,
        begins=None if after.status == "completed" else after.current_phase,
        status=before.status if before is not None else "",
    )


def read_mapping(text: str, name: str) -> dict[str, Any] | None:
    """Read YAML that must be a mapping; None if the text is blank.

    Raises:
        InvalidValueError: It is not YAML within the bounds, or not a mapping.
    """
    if not text.strip():
        return None
    value = load_yaml(text, name)
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else f"the {type(value).__name__} {value!r}"
        raise InvalidValueError(f"{name}: expected keys and values such as 'summary: done', got {kind}")
    return value


def refusal(error: ChatFlowError, plan: AdvancePlan) -> str:
    """Say in a harmless line why advancing as planned did not work."""
    ends = plain_name(plan.ends)
    if isinstance(error, PhaseConflictError):
        moved_to = plain_name(error.current_phase)
        return f"{ends}: moved to {moved_to} by another program meanwhile. Nothing was changed."
    if isinstance(error, InstanceFinishedError):
        return f"{ends}: completed by another program meanwhile. Nothing was changed."
    if isinstance(error, LockTimeoutError):
        return f"Locked by another program for {error.timeout:g} s. Nothing was changed; try again."
    return plain_name(str(error))
