"""The history of an instance, told phase by phase, and told run by run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from chatflow_core.models import HistoryEntry, WorkflowInstanceState

#: The status of a phase that has not been opened yet.
PENDING = "pending"


@dataclass(frozen=True, slots=True)
class PhaseRun:
    """One history entry, with its end made definite.

    Attributes:
        started_at: When the phase was opened, in Unix seconds.
        ended_at: When it ended; None only while it is truly open.
        status: ``"running"``, ``"completed"`` or ``"failed"``.
        trigger_data: The data given to the trigger that ended it.
        error: Why it failed.
    """

    started_at: float
    ended_at: float | None
    status: str
    trigger_data: dict[str, Any] | None
    error: str | None


@dataclass(frozen=True, slots=True)
class PhaseTimeline:
    """One phase of an instance with all its runs, oldest first.

    Attributes:
        phase: Name of the phase.
        title: The schema's title for it, else the name.
        status: That of the last run, or `PENDING`.
        runs: The runs; empty if the phase has not been opened.
        is_current: Whether the instance is in this phase.
    """

    phase: str
    title: str
    status: str
    runs: tuple[PhaseRun, ...]
    is_current: bool


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One run at its place in the history.

    Attributes:
        number: Its place, from 1.
        phase: Name of the phase.
        title: The schema's title for it, else the name.
        run_number: Which run of its phase it is, from 1.
        run: The run.
        idle: Seconds before it in which no run was open; 0.0 if it followed at once.
    """

    number: int
    phase: str
    title: str
    run_number: int
    run: PhaseRun
    idle: float


def build_history(state: WorkflowInstanceState) -> tuple[HistoryStep, ...]:
    """Tell an instance's history run by run, in the order of its record.

    An entry left open by a program that keeps its history one phase behind (or
    never closes the last one) ends where the record says the next thing
    happened, so that nothing finished looks as if it ran; and the phase that
    such a record is in has a last step of its own.

    Args:
        state: The instance.

    Returns:
        A step for every run, the oldest first.
    """
    runs = [(entry.phase, _run(state, index, entry)) for index, entry in enumerate(state.history)]
    if state.status == "running" and not (runs and runs[-1][1].ended_at is None):
        # A record one phase behind: the current phase began when it was last written.
        runs.append((state.current_phase, PhaseRun(state.updated_at, None, "running", None, None)))
    titles = _titles(state)
    counts: dict[str, int] = {}
    steps: list[HistoryStep] = []
    last_end = math.inf
    for number, (phase, run) in enumerate(runs, 1):
        counts[phase] = counts.get(phase, 0) + 1
        idle = run.started_at - last_end
        idle = idle if 0 < idle < math.inf else 0.0
        steps.append(HistoryStep(number, phase, titles.get(phase, phase), counts[phase], run, idle))
        end = math.inf if run.ended_at is None else run.ended_at
        last_end = end if number == 1 else max(last_end, end)
    return tuple(steps)


def build_timeline(state: WorkflowInstanceState) -> tuple[PhaseTimeline, ...]:
    """Tell an instance's history by phase, in the order of its schema.

    Phases that are in the history and not in the schema follow in the order
    they were opened. The runs are those of `build_history`.

    Args:
        state: The instance.

    Returns:
        A row for every phase of the schema, the current phase, and every other phase with a history.
    """
    titles = _titles(state)
    runs: dict[str, list[PhaseRun]] = {phase: [] for phase in titles}
    for step in build_history(state):
        runs.setdefault(step.phase, []).append(step.run)
    runs.setdefault(state.current_phase, [])
    return tuple(
        PhaseTimeline(
            phase=phase,
            title=titles.get(phase, phase),
            status=phase_runs[-1].status if phase_runs else PENDING,
            runs=tuple(phase_runs),
            is_current=phase == state.current_phase,
        )
        for phase, phase_runs in runs.items()
    )


def _titles(state: WorkflowInstanceState) -> dict[str, str]:
    phases = (state.workflow_schema or {}).get("phases")
    titles: dict[str, str] = {}
    for phase in phases if isinstance(phases, list) else []:
        name = phase.get("name") if isinstance(phase, dict) else None
        if isinstance(name, str):
            title = phase.get("title")
            titles[name] = title if isinstance(title, str) and title.strip() else name
    return titles


def _run(state: WorkflowInstanceState, index: int, entry: HistoryEntry) -> PhaseRun:
    ended_at, status = entry.ended_at, entry.status
    is_last = index == len(state.history) - 1
    is_open = ended_at is None and is_last and state.status == "running" and entry.phase == state.current_phase
    if ended_at is None and not is_open:
        follower = state.history[index + 1].started_at if not is_last else state.updated_at
        ended_at = max(entry.started_at, follower)
        status = "completed" if status == "running" else status
    return PhaseRun(entry.started_at, ended_at, status, entry.trigger_data_snapshot, entry.error)
