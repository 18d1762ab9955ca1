"""Runs of a phase drawn as bars on a common axis of time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chatflow_core.timeline import PhaseRun, PhaseTimeline

# Years 1 and 9999 as Unix time: beyond, differences lose their seconds or overflow.
_EARLIEST, _LATEST = -62_135_596_800.0, 253_402_300_800.0

#: A piece of a bar: the status of the run it belongs to (None between runs), and its characters.
Piece = tuple[str | None, str]

# What the last cell of a run says, so that it reads without colour.
_ENDS = {"completed": "━", "failed": "✗", "running": "●"}


class Axis(NamedTuple):
    """A span of time, in Unix seconds.

    Attributes:
        start: Its beginning.
        end: Its end; not before the beginning.
    """

    start: float
    end: float

    def is_outgrown(self, now: float, width: int) -> bool:
        """Tell whether the present lies a whole cell beyond the axis when that is so many cells wide."""
        return (_definite(now, self.end) - self.end) * max(1, width) > max(1.0, self.end - self.start)


def axis_of(phases: Iterable[PhaseTimeline], now: float) -> Axis:
    """Find the axis that holds every run.

    Args:
        phases: The phases of an instance.
        now: The time in Unix seconds, which is the end of an open run.

    Returns:
        From the first start to the last end.
    """
    spans = [span_of(run, now) for phase in phases for run in phase.runs]
    if not spans:
        return Axis(now, now)
    return Axis(min(start for start, _ in spans), max(end for _, end in spans))


def span_of(run: PhaseRun, now: float) -> tuple[float, float]:
    """Make a run's times definite: numbers, in a possible year, and not running backwards.

    Args:
        run: The run.
        now: The time in Unix seconds, which is the end of an open run.

    Returns:
        Its start and its end.
    """
    now = _definite(now, 0.0)
    start = _definite(run.started_at, now)
    end = now if run.ended_at is None else _definite(run.ended_at, start)
    return start, max(start, end)


def total_time(runs: Iterable[PhaseRun], now: float) -> float:
    """Add up how long the runs of a phase took, in seconds; an open one counts until now."""
    return sum(end - start for start, end in (span_of(run, now) for run in runs))


def draw(runs: Sequence[PhaseRun], axis: Axis, width: int) -> list[Piece]:
    """Draw runs on an axis.

    Every run gets at least one cell of its own as long as there are enough,
    even if that puts it a cell later than it was.

    Args:
        runs: The runs, oldest first.
        axis: The axis; an open run reaches to its end.
        width: Cells of the axis.

    Returns:
        The pieces from left to right, together `width` cells.
    """
    statuses: list[str | None] = [None] * width
    characters = ["┈"] * width
    free_from = 0
    for run in runs if width > 0 else ():
        start, end = span_of(run, axis.end)
        first = min(max(_cell(start, axis, width), free_from), width - 1)
        last = max(first, min(_cell(end, axis, width), width - 1))
        for cell in range(first, last + 1):
            statuses[cell], characters[cell] = run.status, "━"
        characters[last] = _ENDS.get(run.status, "?")
        free_from = last + 1
    return _joined(statuses, characters)


def _joined(statuses: Sequence[str | None], characters: Sequence[str]) -> list[Piece]:
    pieces: list[Piece] = []
    for status, character in zip(statuses, characters, strict=True):
        if pieces and pieces[-1][0] == status:
            pieces[-1] = (status, pieces[-1][1] + character)
        else:
            pieces.append((status, character))
    return pieces


def _cell(moment: float, axis: Axis, width: int) -> int:
    length = axis.end - axis.start
    return int((moment - axis.start) / length * width) if length > 0 else 0


def _definite(moment: float, otherwise: float) -> float:
    return min(max(moment, _EARLIEST), _LATEST) if math.isfinite(moment) else otherwise
