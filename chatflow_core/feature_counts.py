"""The instances of one feature, counted as they come, change and go: each change costs the same, however many."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from operator import attrgetter

from chatflow_core.models import FeatureSummary, InstanceSummary

_STATUSES = ("created", "running", "completed", "failed")

_NEVER = (-math.inf, "")


class FeatureCounts:
    """Counts. What can only be found by looking at all, because the greatest went, is found when it is asked for."""

    def __init__(self, feature_id: str) -> None:
        """Begin without an instance.

        Args:
            feature_id: The feature.
        """
        self._feature_id = feature_id
        self._members: dict[str, InstanceSummary] = {}
        # Of the members, those that are not counted yet: many at once are counted faster than one after the other.
        self._new: list[InstanceSummary] = []
        self._statuses: Counter[str] = Counter()
        self._phases_done = self._phases_total = 0
        self._latest = _NEVER
        self._updated_at = 0.0
        self._is_stale = False

    @classmethod
    def of(cls, feature_id: str, summaries: Iterable[InstanceSummary]) -> FeatureCounts:
        """Count many instances at once."""
        counts = cls(feature_id)
        counts._members = {summary.instance_id: summary for summary in summaries}
        counts._new = list(counts._members.values())
        return counts

    def __len__(self) -> int:
        """How many instances there are."""
        return len(self._members)

    def put(self, summary: InstanceSummary) -> None:
        """Take in an instance that is new or has changed."""
        former = self._members.get(summary.instance_id)
        self._members[summary.instance_id] = summary
        if former is None:
            self._new.append(summary)
            return
        self._count_new()
        self._add(former, -1)
        # One that only moves on leaves the greatest as great as it was.
        moves_on = creation(summary) >= creation(former) and summary.updated_at >= former.updated_at
        self._is_stale |= not moves_on and self._is_greatest(former)
        self._add(summary, 1)
        self._latest = max(self._latest, creation(summary))
        self._updated_at = max(self._updated_at, summary.updated_at)

    def drop(self, instance_id: str) -> None:
        """Leave out an instance, if it is here."""
        former = self._members.pop(instance_id, None)
        if former is not None:
            self._count_new()
            self._add(former, -1)
            self._is_stale |= self._is_greatest(former)

    def summary(self) -> FeatureSummary:
        """Summarize the feature."""
        self._count_new()
        if self._is_stale:
            self._is_stale = False
            members = self._members.values()
            self._latest = max(map(creation, members), default=_NEVER)
            self._updated_at = max((0.0, *map(attrgetter("updated_at"), members)))
        total, statuses = len(self._members), self._statuses
        created, running, completed, failed = (statuses[status] for status in _STATUSES)
        return FeatureSummary(
            feature_id=self._feature_id,
            total_instances=total,
            created_count=created,
            running_count=running,
            completed_count=completed,
            failed_count=failed,
            other_count=total - created - running - completed - failed,
            phases_done=self._phases_done,
            phases_total=self._phases_total,
            latest_instance_id=self._latest[1] if total else None,
            updated_at=self._updated_at,
            status="completed" if 0 < total == completed else "in_progress",
        )

    def _count_new(self) -> None:
        if not self._new:
            return
        new, self._new = self._new, []
        self._statuses.update(map(attrgetter("status"), new))
        progress = [(one.phases_done, one.phases_total) for one in new if one.phases_total is not None]
        self._phases_done += sum(done for done, _ in progress)
        self._phases_total += sum(total for _, total in progress)
        self._latest = max(self._latest, *map(creation, new))
        self._updated_at = max((self._updated_at, *map(attrgetter("updated_at"), new)))

    def _add(self, summary: InstanceSummary, sign: int) -> None:
        self._statuses[summary.status] += sign
        if summary.phases_total is not None:
            self._phases_done += sign * summary.phases_done
            self._phases_total += sign * summary.phases_total

    def _is_greatest(self, summary: InstanceSummary) -> bool:
        return summary.instance_id == self._latest[1] or summary.updated_at == self._updated_at


def creation(summary: InstanceSummary) -> tuple[float, str]:
    """Give what instances are ordered by, the latest as the greatest. A time that is no number is before all others."""
    created_at = summary.created_at
    return (-math.inf if math.isnan(created_at) else created_at), summary.instance_id
