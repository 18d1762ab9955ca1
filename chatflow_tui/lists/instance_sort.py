"""By what a list of instances is sorted, and where an instance belongs in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter, gt
from typing import Any, Literal, TypeAlias

from chatflow_core.models import UNREADABLE, InstanceSummary

SortColumn: TypeAlias = Literal["updated", "created", "feature", "workflow", "phase", "status", "progress", "need"]

#: Where an instance belongs: its value in the column, then how recent it is, then its id. Places ascend.
Place: TypeAlias = tuple[Any, float, str]

# What needs the reader first; a status ChatFlow does not know stands between.
_URGENCY = {"failed": 0.0, UNREADABLE: 1.0, "running": 3.0, "created": 4.0, "completed": 5.0}
_UNKNOWN_URGENCY = 2.0

_NUMBERS: dict[str, Callable[[InstanceSummary], float]] = {
    "updated": lambda row: row.updated_at,
    "created": lambda row: row.created_at,
    "status": lambda row: _URGENCY.get(row.status, _UNKNOWN_URGENCY),
    "progress": lambda row: row.phases_done / row.phases_total if row.phases_total else math.nan,
}
_TEXTS: dict[str, Callable[[InstanceSummary], str]] = {
    "feature": lambda row: row.feature_id.casefold(),
    "workflow": lambda row: row.workflow_name.casefold(),
    "phase": lambda row: row.current_phase.casefold(),
}

#: Each column in words: its name, and what stands first when it is sorted ascending and descending.
SORT_WORDS: dict[SortColumn, tuple[str, str, str]] = {
    "updated": ("Last change", "oldest first", "latest first"),
    "created": ("Creation", "oldest first", "latest first"),
    "feature": ("Feature", "from A to Z", "from Z to A"),
    "workflow": ("Workflow", "from A to Z", "from Z to A"),
    "phase": ("Phase", "from A to Z", "from Z to A"),
    "status": ("Status", "failed first", "completed first"),
    "progress": ("Progress", "least first", "furthest first"),
    "need": ("Need", "what needs you first", "what needs you last"),
}

_DESCENDING_AT_FIRST = ("updated", "created", "progress")


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of instances. Equal ones stand with the latest change first.

    Attributes:
        column: What it goes by.
        descending: Whether the greatest stands first. What is unknown stands last either way.
    """

    column: SortColumn = "updated"
    descending: bool = True

    @property
    def arrow(self) -> str:
        """The direction as a picture, one cell wide."""
        return "▼" if self.descending else "▲"

    def reversed(self) -> Sort:
        """Give the other direction."""
        return Sort(self.column, not self.descending)

    def place(self, row: InstanceSummary, dormant_before: float = -math.inf) -> Place:
        """Compute where an instance belongs among others.

        Args:
            row: The instance.
            dormant_before: Running instances not touched since then (Unix seconds) need nobody.
        """
        value: Any
        if self.column in _TEXTS:
            value = _TEXTS[self.column](row)
            if self.descending:
                value = (*(-ord(character) for character in value), 1)
        elif self.column == "need":
            value = self._need(row, dormant_before)
        else:
            value = self._number(row)
        return value, _recency(row), row.instance_id

    def arranged(self, rows: Iterable[InstanceSummary], dormant_before: float = -math.inf) -> list[InstanceSummary]:
        """Sort instances by their `place`, but in stages by one plain value each: five times as fast."""
        rows = list(rows)
        if not _are_latest_first(rows):
            rows.sort(key=_updated_at, reverse=True)
            if not _are_latest_first(rows):
                # Some are of the same moment, or of one that is not known.
                rows.sort(key=attrgetter("instance_id"))
                rows.sort(key=_recency)
        if self.column in _TEXTS:
            rows.sort(key=_TEXTS[self.column], reverse=self.descending)
        elif self.column == "need":
            rows.sort(key=lambda row: self._need(row, dormant_before))
        elif self != Sort():
            rows.sort(key=self._number)
        return rows

    def _need(self, row: InstanceSummary, dormant_before: float) -> tuple[float, float]:
        # Of the running ones, who was left alone the longest stands first: the stalled, without asking the time.
        if row.problem is not None or row.status == "failed":
            need = (0.0, 0.0)
        elif row.status == "running" and row.updated_at > dormant_before:
            need = (1.0, row.updated_at)
        else:
            need = (2.0, 0.0)
        return (-need[0], -need[1]) if self.descending else need

    def _number(self, row: InstanceSummary) -> float:
        number = _NUMBERS[self.column](row)
        return _last_if_nan(-number if self.descending else number)


def first_sort(column: SortColumn) -> Sort:
    """Give the direction a column is sorted in when it is chosen."""
    return Sort(column, column in _DESCENDING_AT_FIRST)


_updated_at: Callable[[InstanceSummary], float] = attrgetter("updated_at")


def _are_latest_first(rows: list[InstanceSummary]) -> bool:
    moments = list(map(_updated_at, rows))
    return all(map(gt, moments, moments[1:]))


def _recency(row: InstanceSummary) -> float:
    return _last_if_nan(-row.updated_at)


def _last_if_nan(number: float) -> float:
    return math.inf if math.isnan(number) else number
