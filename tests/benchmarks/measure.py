"""Timing that compares: interleaved runs, medians with spread, a table, and JSON."""

from __future__ import annotations

import gc
import math
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

#: Does one run and gives the seconds that one operation took in it.
Run = Callable[[], float]


def processor_time() -> float:
    """Give the seconds that processors have worked for this process and the children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


class Stopwatch:
    """Takes the time of a ``with`` block, the collector having been run before it.

    Attributes:
        counts_work: Whether all of them tell `processor_time`, which is steadier on a machine that others use, too.
    """

    counts_work: ClassVar[bool] = False

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        gc.collect()
        now = processor_time if self.counts_work else time.perf_counter
        began = now()
        try:
            yield
        finally:
            self.seconds += now() - began


def interleave(cases: Mapping[str, Run], runs: int) -> dict[str, tuple[float, ...]]:
    """Run all cases in turn, over and over, so that what slows the machine down slows all of them.

    Args:
        cases: What to run, by name.
        runs: How often; every other time in the opposite order. One more run of each warms up and is not counted.

    Returns:
        Seconds an operation, a value for each run, by name.
    """
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(runs + 1):
        names = list(cases) if number % 2 else list(cases)[::-1]
        for name in names:
            seconds = cases[name]()
            if number:
                taken[name].append(seconds)
    return {name: tuple(values) for name, values in taken.items()}


@dataclass(frozen=True)
class Comparison:
    """Ours beside a reference, run by run.

    Attributes:
        what: What was measured.
        reference_name: What it is compared with.
        ours: Seconds an operation, a value for each run.
        reference: The same of the reference.
        is_rate: Whether to show operations a second, and the ratio of the rates; else times, and their ratio.
        aim: The ratio aimed at: at least, for rates; at most, for times. None for "to be known".
        size: How many instances there were, where that is what the time may grow with; 0 where it is not.
    """

    what: str
    reference_name: str
    ours: tuple[float, ...]
    reference: tuple[float, ...]
    is_rate: bool = False
    aim: float | None = None
    size: int = 0

    @property
    def ratios(self) -> tuple[float, ...]:
        """The ratio of each run to the run of the reference beside it."""
        pairs = zip(self.ours, self.reference, strict=True)
        return tuple(reference / ours if self.is_rate else ours / reference for ours, reference in pairs)

    @property
    def ratio(self) -> float:
        """The median ratio."""
        return statistics.median(self.ratios)

    @property
    def is_met(self) -> bool | None:
        """Whether the aim is met; None without one."""
        if self.aim is None:
            return None
        return self.ratio >= self.aim if self.is_rate else self.ratio <= self.aim

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain values."""
        return {
            "what": self.what,
            "size": self.size,
            "reference_name": self.reference_name,
            "ours_seconds": self.ours,
            "reference_seconds": self.reference,
            "ratio_of": "rates" if self.is_rate else "times",
            "ratio": self.ratio,
            "ratio_min": min(self.ratios),
            "ratio_max": max(self.ratios),
            "aim": self.aim,
            "is_met": self.is_met,
        }

    def to_row(self) -> tuple[str, ...]:
        """Give the cells of a line of the table."""
        sign = "" if self.aim is None else f"{'>=' if self.is_rate else '<='} {self.aim}"
        verdict = {None: "", True: "met", False: "MISSED"}[self.is_met]
        return (
            f"{self.what}, {self.size:,}" if self.size else self.what,
            self.reference_name,
            self._shown(self.ours),
            self._shown(self.reference),
            f"{self.ratio:.2f} ({min(self.ratios):.2f}-{max(self.ratios):.2f})",
            sign,
            verdict,
        )

    def _shown(self, seconds: Sequence[float]) -> str:
        middle, least, most = statistics.median(seconds), min(seconds), max(seconds)
        if self.is_rate:
            return f"{1 / middle:,.0f}/s ({1 / most:,.0f}-{1 / least:,.0f})"
        factor, unit = next((f, u) for f, u in ((1e6, "us"), (1e3, "ms"), (1.0, "s")) if middle * f < 1000 or f == 1.0)
        return f"{middle * factor:.3g} {unit} ({least * factor:.3g}-{most * factor:.3g})"


_HEADINGS = ("what", "reference", "ours", "the reference", "ratio (spread)", "aim", "")


def table(comparisons: Sequence[Comparison]) -> str:
    """Give the comparisons as a Markdown table, aligned to be read as it stands."""
    return markdown_table([_HEADINGS, *(comparison.to_row() for comparison in comparisons)])


def growth_table(comparisons: Sequence[Comparison]) -> str:
    """Give how the times grow with the number of instances: from one size to the next, and by which power of it."""
    rows = [("what", "from", "to", "so many times as many", "so many times as long", "grows as")]
    by_name: dict[str, dict[int, float]] = {}
    for one in comparisons:
        if one.size:
            by_name.setdefault(one.what, {})[one.size] = statistics.median(one.ours)
    for what, times in by_name.items():
        for (size, seconds), (larger, longer) in pairwise(sorted(times.items())):
            if min(seconds, longer) <= 0:
                continue  # what is over a reference may be nothing at all
            power = math.log(longer / seconds) / math.log(larger / size)
            ratios = (f"{larger / size:.3g}", f"{longer / seconds:.3g}")
            rows.append((what, f"{size:,}", f"{larger:,}", *ratios, f"n^{power:.2f}"))
    return markdown_table(rows)


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Give rows, the first of them headings, as a Markdown table."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def surroundings() -> dict[str, str]:
    """Say what the figures were taken with."""
    return {
        "processor": f"{os.cpu_count()} x {_processor()}",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
