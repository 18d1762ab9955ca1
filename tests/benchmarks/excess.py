"""What is held against an aim in milliseconds, megabytes or a part of the processor, and not against a ratio."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.measure import Comparison

_MEDIAN = 0.5


@dataclass(frozen=True)
class Excess(Comparison):
    """Ours alone, or what it is above a reference, held against an aim in units instead of a ratio.

    Attributes:
        unit: ``"ms"``, ``"MB"`` or ``"%"`` of a core; the values are in seconds, megabytes and parts of 1.
        reference: May be empty: then ours counts as it stands.
        share: Which of the values counts: 0.5 for the median, 0.95 for what 95 % of them do not exceed.
        aim: At most so much, in the unit.
    """

    unit: str = "ms"
    share: float = _MEDIAN

    @property
    def ratio(self) -> float:
        """What counts, in the unit."""
        return self._counting - self._base

    @property
    def ratios(self) -> tuple[float, ...]:
        """Each value, in the unit, above the median of the reference."""
        return tuple(value - self._base for value in self._in_unit(self.ours))

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain values."""
        return {**super().to_json(), "ratio_of": f"excess in {self.unit}", "share": self.share}

    def to_row(self) -> tuple[str, ...]:
        """Give the cells of a line of the table."""
        *cells, _, _, verdict = super().to_row()
        sign = "+" if self.reference else ""
        if self.share != _MEDIAN:
            sign = f"p{100 * self.share:.0f} {sign}"
        spread = f"{sign}{self.ratio:.3g} {self.unit} ({min(self.ratios):.3g}-{max(self.ratios):.3g})"
        aim = "" if self.aim is None else f"<= {sign}{self.aim:g} {self.unit}"
        return (*cells, spread, aim, verdict)

    @property
    def _counting(self) -> float:
        ordered = sorted(self._in_unit(self.ours))
        if self.share == _MEDIAN:
            return statistics.median(ordered)
        return ordered[min(len(ordered) - 1, int(self.share * len(ordered)))]

    @property
    def _base(self) -> float:
        return statistics.median(self._in_unit(self.reference)) if self.reference else 0.0

    def _in_unit(self, values: Sequence[float]) -> tuple[float, ...]:
        factor = {"ms": 1e3, "MB": 1.0, "%": 100.0}[self.unit]
        return tuple(factor * value for value in values)

    def _shown(self, seconds: Sequence[float]) -> str:
        return f"{statistics.median(self._in_unit(seconds)):.3g} {self.unit}" if seconds else ""
