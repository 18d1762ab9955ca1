"""Summaries of instances and features, derived from records. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chatflow_core.models import (
    UNREADABLE,
    FeatureSummary,
    InstanceSummary,
    WorkflowInstanceState,
)
from chatflow_core.schema import NO_PHASE

#: What `get_feature_status` takes for "every workflow", as in the original API.
EVERY_WORKFLOW = "default"


def summarize(state: WorkflowInstanceState, read_only: str | None = None) -> InstanceSummary:
    """Summarize an instance.

    Args:
        state: Its state.
        read_only: Why its record is not to be written, if it is not.
    """
    done, total = _progress(state)
    return InstanceSummary(
        instance_id=state.instance_id,
        feature_id=state.feature_id,
        workflow_name=state.workflow_name,
        status=state.status,
        current_phase=state.current_phase,
        phases_done=done,
        phases_total=total,
        created_at=state.created_at,
        updated_at=state.updated_at,
        phase_started_at=_phase_started_at(state),
        last_error=state.history[-1].error if state.status == "failed" and state.history else None,
        read_only=read_only,
    )


def summarize_unreadable(instance_id: str, problem: str, changed_at: float) -> InstanceSummary:
    """Summarize a file that cannot be read as a record.

    Args:
        instance_id: The id its file name gives it.
        problem: Why it cannot be read.
        changed_at: When the file was last changed, in Unix seconds.
    """
    return InstanceSummary(
        instance_id=instance_id,
        feature_id="",
        workflow_name="",
        status=UNREADABLE,
        current_phase="",
        phases_done=0,
        phases_total=None,
        created_at=0.0,
        updated_at=changed_at,
        problem=problem,
    )


def summarize_feature(feature_id: str, summaries: Iterable[InstanceSummary]) -> FeatureSummary:
    """Count the instances of one feature."""
    counts = {"created": 0, "running": 0, "completed": 0, "failed": 0}
    total = others = done = phases = 0
    latest: InstanceSummary | None = None
    updated_at = 0.0
    for summary in summaries:
        total += 1
        if summary.status in counts:
            counts[summary.status] += 1
        else:
            others += 1
        if summary.phases_total is not None:
            done += summary.phases_done
            phases += summary.phases_total
        if latest is None or (summary.created_at, summary.instance_id) > (
            latest.created_at,
            latest.instance_id,
        ):
            latest = summary
        updated_at = max(updated_at, summary.updated_at)
    return FeatureSummary(
        feature_id=feature_id,
        total_instances=total,
        created_count=counts["created"],
        running_count=counts["running"],
        completed_count=counts["completed"],
        failed_count=counts["failed"],
        other_count=others,
        phases_done=done,
        phases_total=phases,
        latest_instance_id=latest.instance_id if latest else None,
        updated_at=updated_at,
        status="completed" if total and counts["completed"] == total else "in_progress",
    )


def summarize_features(summaries: Iterable[InstanceSummary]) -> list[FeatureSummary]:
    """Count the instances of all features, in alphabetical order.

    Unreadable instances whose feature is not known belong to none.
    """
    by_feature: dict[str, list[InstanceSummary]] = {}
    for summary in summaries:
        if summary.feature_id:
            by_feature.setdefault(summary.feature_id, []).append(summary)
    return [summarize_feature(feature_id, by_feature[feature_id]) for feature_id in sorted(by_feature)]


def _progress(state: WorkflowInstanceState) -> tuple[int, int | None]:
    if state.workflow_schema is None:
        # Other programs leave the entry of a phase that is done open: it is as `build_timeline` tells it.
        is_over = state.status == "completed"
        done = {
            entry.phase
            for entry in state.history
            if entry.status == "completed"
            or (entry.status == "running" and (is_over or entry.phase != state.current_phase))
        }
        return len(done), None
    names = schema_phase_names(state.workflow_schema)
    if state.status == "completed":
        return len(names), len(names)
    return (names.index(state.current_phase) if state.current_phase in names else 0), len(names)


def schema_phase_names(document: dict[str, Any]) -> tuple[str, ...]:
    """Give the phase names of a stored definition, skipping what is not a phase."""
    phases = document.get("phases")
    names = tuple(
        phase["name"]
        for phase in (phases if isinstance(phases, list) else ())
        if isinstance(phase, dict) and isinstance(phase.get("name"), str)
    )
    return names or (NO_PHASE,)


def _phase_started_at(state: WorkflowInstanceState) -> float | None:
    if state.status != "running":
        return None
    last = state.history[-1] if state.history else None
    if last is not None and last.ended_at is None and last.phase == state.current_phase:
        return last.started_at
    return state.updated_at
