"""What the records say of one run of a phase, as lines of a foldable tree. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from chatflow_core.statistics import SLOW_FACTOR, PhaseStatistics
from chatflow_core.timeline import PhaseRun
from chatflow_tui.instance.data_tree import DataNode, node_of
from chatflow_tui.instance.time_axis import moment, span_of, total_time
from chatflow_tui.lists.cells import duration
from chatflow_tui.lists.status_style import status_style


def run_facts(run: PhaseRun, now: float, usual: PhaseStatistics | None, idle: float = 0.0) -> Iterator[DataNode]:
    """Give the lines of a run: what went wrong first, then what it gave, then its times.

    Args:
        run: The run.
        now: The time in Unix seconds, which is the end of an open run.
        usual: The ended runs of this phase in this workflow; None if they are not known.
        idle: Seconds before the run in which no phase was open.
    """
    if run.error is not None:
        yield node_of("error", run.error)
    if run.trigger_data:
        yield node_of("trigger data", run.trigger_data)
    start, end = span_of(run, now)
    if usual is not None and usual.usual is not None:
        yield _beside_usual(end - start, usual.usual, usual.completed, is_open=run.ended_at is None)
    yield DataNode("started", moment(run.started_at))
    yield DataNode("ended", "still open" if run.ended_at is None else moment(run.ended_at))
    if idle >= 1:
        yield DataNode("before it", f"{duration(idle)} idle: no phase was open")


def usual_fact(usual: PhaseStatistics | None) -> DataNode | None:
    """Say what is usual for a phase; None if that is not known."""
    if usual is None or usual.usual is None:
        return None
    return DataNode("usual duration", f"{duration(usual.usual)} ({_median_of(usual.completed)})")


def run_words(run: PhaseRun, now: float) -> str:
    """Say in a line how a run ended and how long it took, or since when it is open."""
    style = status_style(run.status)
    # Not how long: this line does not change as time passes.
    took = f"since {moment(run.started_at)}" if run.ended_at is None else duration(total_time([run], now))
    return f"{style.glyph} {style.word}, {took}"


def _beside_usual(seconds: float, usual: float, runs: int, *, is_open: bool) -> DataNode:
    words = f"the usual {duration(usual)} ({_median_of(runs)})"
    if seconds > SLOW_FACTOR * usual:
        # Rounded down, and an open run goes on: what is said stays so.
        factor = f"{math.floor(10 * seconds / usual) / 10:,.1f}× " if usual > 0 else ""
        return DataNode("↑ slower than usual", ("more than " if is_open or not factor else "") + factor + words)
    if is_open:
        return DataNode("usual duration", f"{duration(usual)} ({_median_of(runs)})")
    return DataNode("as usual" if seconds > usual / SLOW_FACTOR else "quicker than usual", words)


def _median_of(runs: int) -> str:
    return f"median of {runs:,} runs"
