"""Summaries of instances and features, derived from records. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chatflow_core.feature_counts import FeatureCounts
from chatflow_core.models import (
    NO_PHASE,
    UNREADABLE,
    FeatureSummary,
    InstanceSummary,
    WorkflowInstanceState,
)

#: What `get_feature_status` takes for "every workflow", as in the original API.
EVERY_WORKFLOW = "default"


def summarize(
    state: WorkflowInstanceState,
    read_only: str | None = None,
    phases_of: Callable[[str], tuple[str, ...] | None] | None = None,
) -> InstanceSummary:
    """Summarize an instance.

    Args:
        state: Its state.
        read_only: Why its record is not to be written, if it is not.
        phases_of: Gives the phases of a workflow by its name, None if they are not known. Asked for records that
            keep no definition.
    """
    names = None if state.workflow_schema is None else schema_phase_names(state.workflow_schema)
    return summarize_by(names, state, read_only, phases_of)


def summarize_by(
    phase_names: tuple[str, ...] | None,
    state: WorkflowInstanceState,
    read_only: str | None = None,
    phases_of: Callable[[str], tuple[str, ...] | None] | None = None,
) -> InstanceSummary:
    """Summarize an instance as `summarize` does, given the phases of the definition it keeps; None if it keeps none."""
    done, total = _progress(state, phases_of) if phase_names is None else _phases_behind(state, phase_names)
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
    return FeatureCounts.of(feature_id, summaries).summary()


def summarize_features(summaries: Iterable[InstanceSummary]) -> list[FeatureSummary]:
    """Count the instances of all features, in alphabetical order.

    Unreadable instances whose feature is not known belong to none.
    """
    by_feature: dict[str, list[InstanceSummary]] = {}
    for summary in summaries:
        if summary.feature_id:
            by_feature.setdefault(summary.feature_id, []).append(summary)
    return [summarize_feature(feature_id, by_feature[feature_id]) for feature_id in sorted(by_feature)]


def _progress(
    state: WorkflowInstanceState, phases_of: Callable[[str], tuple[str, ...] | None] | None
) -> tuple[int, int | None]:
    """Tell the progress of an instance that keeps no definition."""
    names = phases_of(state.workflow_name) if phases_of is not None and state.workflow_name.strip() else None
    if names is not None and _is_told_by(names, state):
        return _phases_behind(state, names)
    # Other programs leave the entry of a phase that is done open: it is as `build_timeline` tells it.
    is_over = state.status == "completed"
    done = {
        entry.phase
        for entry in state.history
        if entry.status == "completed"
        or (entry.status == "running" and (is_over or entry.phase != state.current_phase))
    }
    return len(done), None


def _is_told_by(names: tuple[str, ...], state: WorkflowInstanceState) -> bool:
    """Tell whether an instance may have gone through these phases: the definition may be another one by now."""
    if state.current_phase not in names or (state.status == "completed" and state.current_phase != names[-1]):
        return False
    return all(entry.phase in names for entry in state.history)


def _phases_behind(state: WorkflowInstanceState, names: tuple[str, ...]) -> tuple[int, int]:
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
