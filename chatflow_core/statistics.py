"""How long the phases of each workflow usually take, and how often they fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nlargest
from operator import attrgetter

from chatflow_core.errors import ChatFlowError
from chatflow_core.models import InstanceSummary
from chatflow_core.store import IWorkflowStateStore
from chatflow_core.timeline import PhaseTimeline, build_timeline

#: So many completed runs at least make a median that says what is usual.
LEAST_SAMPLES = 5

#: A run that takes so many times the median is slower than usual.
SLOW_FACTOR = 1.5

#: Of so many instances at most, the last changed, the histories are read: the usual changes with the times.
MOST_INSTANCES = 10_000

_INSTANCES_PER_PROGRESS = 100

_ENDED = ("completed", "failed")


@dataclass(frozen=True, slots=True)
class PhaseStatistics:
    """The ended runs of one phase in all instances of one workflow.

    Attributes:
        workflow_name: The workflow.
        phase: The phase.
        completed: How many runs were completed.
        failed: How many failed.
        median: Median duration of the completed runs, in seconds; None if there are none.
        p90: The duration that nine of ten completed runs did not exceed; None if there are none.
    """

    workflow_name: str
    phase: str
    completed: int
    failed: int
    median: float | None
    p90: float | None

    @property
    def failure_rate(self) -> float:
        """The part of the ended runs that failed, from 0 to 1."""
        ended = self.completed + self.failed
        return self.failed / ended if ended else 0.0

    @property
    def usual(self) -> float | None:
        """What is usual: the median, if there are enough runs to say."""
        return self.median if self.completed >= LEAST_SAMPLES else None


@dataclass(frozen=True, slots=True)
class PhaseSample:
    """One ended run.

    Attributes:
        phase: The phase.
        seconds: How long it took.
        is_failed: Whether it failed.
    """

    phase: str
    seconds: float
    is_failed: bool


def samples_of(timeline: Iterable[PhaseTimeline]) -> tuple[PhaseSample, ...]:
    """Give the runs of an instance that were completed or failed.

    Those whose times are no numbers or run backwards tell nothing, nor do those
    that ended in a way ChatFlow does not know.
    """
    return tuple(
        PhaseSample(row.phase, run.ended_at - run.started_at, run.status == "failed")
        for row in timeline
        for run in row.runs
        if run.status in _ENDED and run.ended_at is not None and 0 <= run.ended_at - run.started_at < math.inf
    )


def phase_statistics(samples: Mapping[str, Iterable[PhaseSample]]) -> tuple[PhaseStatistics, ...]:
    """Count the runs of each phase of each workflow.

    Args:
        samples: The runs of all instances of each workflow.

    Returns:
        The workflows by name; their phases in the order in which they were met.
    """
    found: list[PhaseStatistics] = []
    for workflow_name in sorted(samples):
        durations: dict[str, list[float]] = {}
        failed: dict[str, int] = {}
        for sample in samples[workflow_name]:
            completed = durations.setdefault(sample.phase, [])
            if sample.is_failed:
                failed[sample.phase] = failed.get(sample.phase, 0) + 1
            else:
                completed.append(sample.seconds)
        for phase, seconds in durations.items():
            seconds.sort()
            found.append(
                PhaseStatistics(
                    workflow_name,
                    phase,
                    len(seconds),
                    failed.get(phase, 0),
                    _middle(seconds) if seconds else None,
                    seconds[(9 * len(seconds) + 9) // 10 - 1] if seconds else None,
                )
            )
    return tuple(found)


def _middle(values: list[float]) -> float:
    """The median of sorted values; the standard library's would import half of mathematics."""
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def usual_durations(statistics: Iterable[PhaseStatistics], workflow_name: str) -> dict[str, float]:
    """Give what is usual for the phases of a workflow, in seconds; phases with too few runs are left out."""
    return {row.phase: row.usual for row in statistics if row.workflow_name == workflow_name and row.usual is not None}


class StatisticsReader:
    """Reads histories of a store, each again only when its summary is another. For one thread at a time."""

    def __init__(self, store: IWorkflowStateStore) -> None:
        """Nothing is read before `read`.

        Args:
            store: The store.
        """
        self._store = store
        self._known: dict[str, tuple[InstanceSummary, tuple[PhaseSample, ...]]] = {}
        self._statistics: tuple[PhaseStatistics, ...] = ()

    @property
    def statistics(self) -> tuple[PhaseStatistics, ...]:
        """What was counted last."""
        return self._statistics

    def read(
        self, summaries: Iterable[InstanceSummary], is_cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[int]:
        """Read the histories of instances and count their runs; `statistics` has them at the end. Blocks.

        Args:
            summaries: The instances; of more than `MOST_INSTANCES` only the last changed are looked at.
            is_cancelled: Asked before every instance; if it says yes, nothing is counted.

        Yields:
            From time to time how many instances were read.
        """
        known: dict[str, tuple[InstanceSummary, tuple[PhaseSample, ...]]] = {}
        by_workflow: dict[str, list[PhaseSample]] = {}
        # Found out here, not by the caller: of a hundred thousand it takes a screen too long.
        newest = nlargest(MOST_INSTANCES, summaries, key=attrgetter("updated_at"))
        for number, summary in enumerate(newest):
            if is_cancelled():
                return
            if number % _INSTANCES_PER_PROGRESS == 0:
                yield number
            entry = self._known.get(summary.instance_id)
            if entry is None or entry[0] != summary:
                entry = (summary, self._samples(summary))
            known[summary.instance_id] = entry
            by_workflow.setdefault(summary.workflow_name, []).extend(entry[1])
        self._known = known
        self._statistics = phase_statistics(by_workflow)

    def _samples(self, summary: InstanceSummary) -> tuple[PhaseSample, ...]:
        if summary.problem is not None:
            return ()
        try:
            state = self._store.read_state(summary.instance_id)
        except ChatFlowError:
            return ()
        return () if state is None else samples_of(build_timeline(state))
