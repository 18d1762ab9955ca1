"""Which instances need the reader: those that failed, those that cannot be read, and those that nobody touches."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chatflow_core import InstanceSummary

#: Why an instance needs the reader.
Need: TypeAlias = Literal["failed", "unreadable", "stalled"]

# So many are entered one by one.
_FEW = 50


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a running instance may stay untouched.

    Attributes:
        stalled_after: Seconds without a change after which it needs the reader.
        dormant_after: Seconds after which it is left alone again: it was put aside, and alarms nobody.
    """

    stalled_after: float = 30 * 60.0
    dormant_after: float = 7 * 86_400.0

    def need(self, summary: InstanceSummary, now: float) -> Need | None:
        """Say why an instance needs the reader at a moment (Unix seconds); None if it does not."""
        if summary.problem is not None:
            return "unreadable"  # no program mends a broken record by itself
        if summary.status == "failed":
            return "failed"
        if summary.status == "running" and self.stalled_after <= now - summary.updated_at < self.dormant_after:
            return "stalled"
        return None


class NeedCount:
    """How many instances need the reader, kept up with changes; costs next to nothing to ask every second."""

    def __init__(self, patience: Patience) -> None:
        """Begin with no instance."""
        self._patience = patience
        self._stuck: set[str] = set()  # failed or unreadable: whatever the time is
        self._running: dict[str, float] = {}
        self._touched: list[float] = []  # when each running instance was changed last, ascending

    def apply(self, changed: Iterable[InstanceSummary], removed: Iterable[str] = ()) -> None:
        """Take over changes of the catalog."""
        for instance_id in removed:
            self._forget(instance_id)
        touched: list[float] = []
        for summary in {summary.instance_id: summary for summary in changed}.values():
            self._forget(summary.instance_id)
            if summary.problem is not None or summary.status == "failed":
                self._stuck.add(summary.instance_id)
            elif summary.status == "running" and summary.updated_at == summary.updated_at:  # not NaN
                self._running[summary.instance_id] = summary.updated_at
                touched.append(summary.updated_at)
        # To sort a list that is nearly sorted takes as long as to find the places of a few.
        if len(touched) > _FEW:
            self._touched = sorted([*self._touched, *touched])
        else:
            for moment in touched:
                insort(self._touched, moment)

    def at(self, now: float) -> int:
        """Count those that need the reader at a moment, in Unix seconds."""
        latest, earliest = now - self._patience.stalled_after, now - self._patience.dormant_after
        stalled = bisect_right(self._touched, latest) - bisect_right(self._touched, earliest)
        return len(self._stuck) + max(0, stalled)

    def _forget(self, instance_id: str) -> None:
        self._stuck.discard(instance_id)
        touched = self._running.pop(instance_id, None)
        if touched is not None:
            del self._touched[bisect_left(self._touched, touched)]
