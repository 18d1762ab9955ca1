"""The last change of an instance in words."""

from __future__ import annotations

from chatflow_core import InstanceSummary
from chatflow_tui.texts.plain_text import plain_name


def describe_change(before: InstanceSummary | None, after: InstanceSummary) -> str:
    """Say what happened to an instance between two summaries.

    Args:
        before: What was known of it; None if it is new.
        after: What is known now.

    Returns:
        One harmless line that names the feature, such as ``"user-auth: design → implement"``.
    """
    name = plain_name(after.feature_id or after.instance_id)
    phase = plain_name(after.current_phase)
    if after.problem is not None:
        return f"{name}: record unreadable"
    if before is None or before.problem is not None:
        return f"{name}: {phase} {plain_name(after.status)}"
    if after.status == "completed" and before.status != "completed":
        return f"{name}: {phase} done, completed"
    if after.status == "failed" and before.status != "failed":
        return f"{name}: {phase} failed"
    if before.current_phase != after.current_phase:
        return f"{name}: {plain_name(before.current_phase)} → {phase}"
    if before.status == "failed" and after.status == "running":
        return f"{name}: {phase} retried"
    if before.status != after.status:
        return f"{name}: {phase} {plain_name(after.status)}"
    return f"{name}: {phase} updated"


def describe_removal(before: InstanceSummary | None, instance_id: str, count: int = 1) -> str:
    """Say that instances are gone.

    Args:
        before: What was known of one of them.
        instance_id: Its id.
        count: How many went at once: all of them, if the store has.
    """
    if count > 1:
        return f"{count:,} instances removed"
    name = plain_name(before.feature_id if before and before.feature_id else instance_id)
    return f"{name}: instance removed"
