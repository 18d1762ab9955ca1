"""Runs of a phase drawn as bars on a common axis of time."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chatflow_core.timeline import PhaseRun, PhaseTimeline

# Years 1 and 9999 as Unix time: beyond, differences lose their seconds or overflow.
_EARLIEST, _LATEST = -62_135_596_800.0, 253_402_300_800.0

#: A piece of a bar: the status of the run it belongs to (None between runs), and its characters.
Piece = tuple[str | None, str]

#: What a time looks like in which no phase was open, on the line of every phase.
IDLE = "░"

# What the last cell of a run says, so that it reads without colour, and where the next begins is seen.
_ENDS = {"completed": "╸", "failed": "✗", "running": "●"}
_FAILED = _ENDS["failed"]

_DAY = 86_400

# Cells between two times on the axis.
_LABEL_GAP = 2


class Axis(NamedTuple):
    """A span of time, in Unix seconds.

    Attributes:
        start: Its beginning.
        end: Its end; not before the beginning.
        gaps: Where no phase was open, each from when to when, in their order.
    """

    start: float
    end: float
    gaps: tuple[tuple[float, float], ...] = ()

    @property
    def idle(self) -> float:
        """How long no phase was open, in seconds."""
        return sum(end - start for start, end in self.gaps)

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
    spans = sorted(span_of(run, now) for phase in phases for run in phase.runs)
    if not spans:
        return Axis(now, now)
    gaps: list[tuple[float, float]] = []
    until = spans[0][0]
    for start, end in spans:
        if start > until:
            gaps.append((until, start))
        until = max(until, end)
    return Axis(spans[0][0], until, tuple(gaps))


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

    A run that another shares its cell with is put a cell later than it was, if
    that one is free; and where runs share a cell, a failure is what is seen.

    Args:
        runs: The runs, oldest first.
        axis: The axis; an open run reaches to its end.
        width: Cells of the axis.

    Returns:
        The pieces from left to right, together `width` cells.
    """
    statuses: list[str | None] = [None] * width
    characters = ["┈"] * width
    for start, end in axis.gaps:
        for cell in range(_cell(start, axis, width) + 1, _cell(end, axis, width)):
            characters[cell] = IDLE
    free_from = 0
    for run in runs if width > 0 else ():
        start, end = span_of(run, axis.end)
        at = _cell(start, axis, width)
        first = min(max(at, min(free_from, at + 1)), width - 1)
        last = max(first, min(_cell(end, axis, width), width - 1))
        for cell in range(first, last + 1):
            if characters[cell] != _FAILED:
                statuses[cell] = run.status
                characters[cell] = "━" if cell < last else _ENDS.get(run.status, "?")
        free_from = last + 1
    return _joined(statuses, characters)


def labels(axis: Axis, width: int) -> str:
    """Write the times of an axis: when it begins and ends, and as many between as there is room for.

    Args:
        axis: The axis.
        width: Cells of the axis.

    Returns:
        Exactly `width` cells; blank if there is no room for two times, or no time has passed.
    """
    length = axis.end - axis.start
    form = _form(axis)
    first, last = _clock(axis.start, form), _clock(axis.end, form)
    if length <= 0 or first == last or len(first) + len(last) + _LABEL_GAP > width:
        return (first if length <= 0 and len(first) <= width else "").ljust(width)
    line = first.ljust(width - len(last)) + last
    between = (width - len(first)) // (2 * len(first) + _LABEL_GAP)
    for number in range(1, between):
        cell = width * number // between
        text = _clock(axis.start + length * cell / width, form)
        if cell >= len(first) + _LABEL_GAP and cell + len(text) + _LABEL_GAP <= width - len(last):
            line = line[:cell] + text + line[cell + len(text) :]
    return line


def moment(seconds: float) -> str:
    """Say a time as date and time of day, to the second; ``"?"`` for what no clock can show."""
    return _clock(seconds, "%Y-%m-%d %H:%M:%S")


def time_of_day(seconds: float, now: float) -> str:
    """Say a time: in eight cells the time of day if that is less than a day ago, else in eleven the date too."""
    ago = abs(now - seconds)
    if ago < _DAY:
        return _clock(seconds, "%H:%M:%S")
    return _clock(seconds, "%m-%d %H:%M" if ago < 300 * _DAY else "%Y-%m-%d")[:11]


def _form(axis: Axis) -> str:
    length = axis.end - axis.start
    if length < 600:
        return "%H:%M:%S"
    days = [_clock(moment, "%Y-%m-%d") for moment in axis[:2]]
    if days[0] == days[1] or length < _DAY:
        return "%H:%M"
    return "%m-%d %H:%M" if length < 300 * _DAY else "%Y-%m-%d"


def _clock(seconds: float, form: str) -> str:
    if not math.isfinite(seconds):
        return "?"
    try:
        return time.strftime(form, time.localtime(seconds))
    except (OverflowError, OSError, ValueError):
        return "?"


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
