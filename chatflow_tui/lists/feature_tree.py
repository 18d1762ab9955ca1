"""Features with the instances of those that are opened beneath them: what rows there are, in which order.

Pure: summaries in, rows and an order of keys out. Features stand in the order
of the alphabet, instances with the newest first by when they were created:
neither depends on what happens in them, so a change never moves a row. Only
opened features have rows for their instances, so ten thousand of them cost
nothing until someone looks.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from chatflow_core.models import FeatureSummary, InstanceSummary
from chatflow_tui.texts.plain_text import plain_name

#: Key of the first row, which stands for every feature.
ALL_FEATURES = ""

# No file name has it, so no instance's key is a feature's, and none of a feature that begins with it is an instance's.
_INSTANCE_PREFIX = "\0"

_SUMMED = (
    "total_instances",
    "created_count",
    "running_count",
    "completed_count",
    "failed_count",
    "other_count",
    "phases_done",
    "phases_total",
)


class FeatureRow(NamedTuple):
    """A feature, or all of them.

    Attributes:
        summary: Its counts; of all features together with an empty `feature_id`.
        latest: Its newest instance; None if that is not known, and for all features.
        is_open: Whether its instances stand beneath it.
        features: How many features it stands for.
    """

    summary: FeatureSummary
    latest: InstanceSummary | None = None
    is_open: bool = False
    features: int = 1


class InstanceRow(NamedTuple):
    """An instance beneath its feature.

    Attributes:
        instance: The instance.
        is_latest: Whether it is the newest of its feature.
    """

    instance: InstanceSummary
    is_latest: bool


TreeRow: TypeAlias = FeatureRow | InstanceRow

# When an instance was created, and its id: ascending, so that the newest is the last.
_Place: TypeAlias = tuple[float, str]


def feature_key(feature_id: str) -> str:
    """Give the key of a feature's row."""
    return _INSTANCE_PREFIX + feature_id if feature_id.startswith(_INSTANCE_PREFIX) else feature_id


def instance_key(instance_id: str) -> str:
    """Give the key of an instance's row."""
    return _INSTANCE_PREFIX + instance_id


class FeatureTree:
    """All features, and the instances of the opened ones.

    Attributes:
        rows: The rows by key.
        order: The keys in order; a new list whenever that changes.
    """

    def __init__(self) -> None:
        """Begin with the row for all features only."""
        self.rows: dict[str, TreeRow] = {}
        self.order: list[str] = []
        self._features: dict[str, FeatureSummary] = {}
        self._sums = dict.fromkeys(_SUMMED, 0)
        # The features by how their names are seen.
        self._named: list[tuple[str, str]] = []
        # Of the opened features: their instances' places; and where each of those instances stands.
        self._opened: dict[str, list[_Place]] = {}
        self._standing: dict[str, tuple[str, _Place]] = {}
        self._is_order_stale = True
        self._arrange()

    def apply(
        self,
        features: Iterable[FeatureSummary],
        removed_features: Iterable[str],
        changed: Iterable[InstanceSummary],
        removed: Iterable[str],
        instances: Mapping[str, InstanceSummary],
    ) -> None:
        """Take over changes.

        Args:
            features: Features that are new or have changed.
            removed_features: Features that no longer exist.
            changed: Instances that are new or have changed.
            removed: Ids of instances that no longer exist.
            instances: All instances there are now, by id.
        """
        features, removed_features, removed = list(features), list(removed_features), list(removed)
        if not (features or removed_features or removed or self._opened):
            return  # so it is with nearly all that is loaded at first
        marked = self._take(features)
        for feature_id in removed_features:
            if self._forget(feature_id) is not None:
                self._leave(feature_id)
        for instance_id in removed:
            self._pull(instance_id)
        if self._opened:
            for instance in changed:
                self._put(instance)
        # Who is the latest of a feature is told by the feature, which may come without its instances.
        for marked_id in marked & self._standing.keys():
            row = self.rows[instance_key(str(marked_id))]
            if isinstance(row, InstanceRow):
                self._show_instance(row.instance)
        for feature in features:
            if feature.feature_id:
                self._show_feature(feature, instances)
        self._arrange()

    def open(self, feature_id: str, instances: Iterable[InstanceSummary]) -> None:
        """Show the instances of a feature beneath it.

        Args:
            feature_id: The feature; one that is open, or not there, is left as it is.
            instances: All instances there are now, those of other features included.
        """
        row = self.rows.get(feature_key(feature_id))
        if not feature_id or not isinstance(row, FeatureRow) or row.is_open:
            return
        members = [instance for instance in instances if instance.feature_id == feature_id]
        self._opened[feature_id] = sorted(map(_place_of, members))
        for instance in members:
            self._standing[instance.instance_id] = (feature_id, _place_of(instance))
            self._show_instance(instance)
        self.rows[feature_key(feature_id)] = row._replace(is_open=True)
        self._is_order_stale = True
        self._arrange()

    def close(self, feature_id: str) -> None:
        """Take the instances of a feature away from beneath it."""
        row = self.rows.get(feature_key(feature_id))
        for _, instance_id in self._opened.pop(feature_id, ()):
            del self._standing[instance_id]
            del self.rows[instance_key(instance_id)]
        if isinstance(row, FeatureRow) and row.is_open:
            self.rows[feature_key(feature_id)] = row._replace(is_open=False)
            self._is_order_stale = True
            self._arrange()

    # Features

    def _take(self, features: Iterable[FeatureSummary]) -> set[str | None]:
        """Take over features; give the instances that are the latest of one now, or were it."""
        marked: set[str | None] = set()
        new: list[str] = []
        for feature in features:
            former = self._forget(feature.feature_id)
            if former is None and feature.feature_id:
                new.append(feature.feature_id)
            self._features[feature.feature_id] = feature
            self._add(feature, 1)
            if former is None or former.latest_instance_id != feature.latest_instance_id:
                marked.add(feature.latest_instance_id)
                marked.add(former.latest_instance_id if former is not None else None)
        self._enter(new)
        return marked

    def _forget(self, feature_id: str) -> FeatureSummary | None:
        former = self._features.pop(feature_id, None)
        if former is not None:
            self._add(former, -1)
        return former

    def _add(self, feature: FeatureSummary, sign: int) -> None:
        for name in _SUMMED:
            self._sums[name] += sign * getattr(feature, name)

    def _enter(self, new: list[str]) -> None:
        if new:
            # Nearly sorted already, which costs little.
            self._named.extend(map(_name_of, new))
            self._named.sort()
            self._is_order_stale = True

    def _leave(self, feature_id: str) -> None:
        self.close(feature_id)
        if feature_id:
            del self._named[bisect_left(self._named, _name_of(feature_id))]
            del self.rows[feature_key(feature_id)]
            self._is_order_stale = True

    def _show_feature(self, feature: FeatureSummary, instances: Mapping[str, InstanceSummary]) -> None:
        latest = instances.get(feature.latest_instance_id) if feature.latest_instance_id is not None else None
        is_open = feature.feature_id in self._opened
        self.rows[feature_key(feature.feature_id)] = FeatureRow(feature, latest, is_open)

    # Instances

    def _put(self, instance: InstanceSummary) -> None:
        place = _place_of(instance)
        if self._standing.get(instance.instance_id) != (instance.feature_id, place):
            self._pull(instance.instance_id)
            if instance.feature_id not in self._opened:
                return
            insort(self._opened[instance.feature_id], place)
            self._standing[instance.instance_id] = (instance.feature_id, place)
            self._is_order_stale = True
        self._show_instance(instance)

    def _pull(self, instance_id: str) -> None:
        standing = self._standing.pop(instance_id, None)
        if standing is not None:
            feature_id, place = standing
            places = self._opened[feature_id]
            del places[bisect_left(places, place)]
            del self.rows[instance_key(instance_id)]
            self._is_order_stale = True

    def _show_instance(self, instance: InstanceSummary) -> None:
        feature = self._features.get(instance.feature_id)
        is_latest = feature is not None and feature.latest_instance_id == instance.instance_id
        self.rows[instance_key(instance.instance_id)] = InstanceRow(instance, is_latest)

    # All

    def _arrange(self) -> None:
        self.rows[ALL_FEATURES] = FeatureRow(self._total(), features=len(self._named))
        if not self._is_order_stale:
            return
        self._is_order_stale = False
        order = [ALL_FEATURES]
        for _, feature_id in self._named:
            order.append(feature_key(feature_id))
            if feature_id in self._opened:
                order.extend(instance_key(instance_id) for _, instance_id in reversed(self._opened[feature_id]))
        self.order = order

    def _total(self) -> FeatureSummary:
        total = self._sums["total_instances"]
        is_completed = 0 < total == self._sums["completed_count"]
        return FeatureSummary(
            feature_id="",
            **self._sums,
            latest_instance_id=None,
            updated_at=max(map(attrgetter("updated_at"), self._features.values()), default=0.0),
            status="completed" if is_completed else "in_progress",
        )


def _name_of(feature_id: str) -> tuple[str, str]:
    return plain_name(feature_id).casefold(), feature_id


def _place_of(instance: InstanceSummary) -> _Place:
    # What is not a number has no place among numbers.
    return (-math.inf if math.isnan(instance.created_at) else instance.created_at), instance.instance_id
