"""Changes of the catalog held back while the reader has frozen the view."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from chatflow_core import CatalogChange, FeatureSummary, InstanceSummary

Row = TypeVar("Row")


class FrozenChanges:
    """Merges changes into one that has the same effect as all of them, one after the other."""

    def __init__(self) -> None:
        """Begin with no change."""
        self._clear()

    def _clear(self) -> None:
        self._changed: dict[str, InstanceSummary] = {}
        self._removed: dict[str, None] = {}
        self._features: dict[str, FeatureSummary] = {}
        self._removed_features: dict[str, None] = {}
        self._touched: frozenset[str] = frozenset()
        self._last: CatalogChange | None = None

    @property
    def count(self) -> int:
        """How many instances have changed, begun or gone meanwhile."""
        return len(self._changed) + len(self._removed)

    def known(self, instance_id: str, before: InstanceSummary | None) -> InstanceSummary | None:
        """Give what is known of an instance by now.

        Args:
            instance_id: The instance.
            before: What was known of it when the view was frozen.
        """
        return None if instance_id in self._removed else self._changed.get(instance_id, before)

    def add(self, change: CatalogChange) -> None:
        """Hold a change back."""
        _merge(self._changed, self._removed, change.changed, change.removed, lambda row: row.instance_id)
        _merge(
            self._features,
            self._removed_features,
            change.features,
            change.removed_features,
            lambda row: row.feature_id,
        )
        self._touched |= change.touched
        self._last = change

    def release(self) -> CatalogChange | None:
        """Give what was held back as one change, the instances by their last change, and hold nothing any more.

        Returns:
            The change; None if nothing was told meanwhile.
        """
        last = self._last
        if last is None:
            return None
        change = CatalogChange(
            changed=tuple(self._changed.values()),
            removed=tuple(self._removed),
            features=tuple(self._features.values()),
            removed_features=tuple(self._removed_features),
            counts=last.counts,
            touched=self._touched,
            is_loading=last.is_loading,
            mode=last.mode,
            reason=last.reason,
            problem=last.problem,
        )
        self._clear()
        return change


def _merge(
    present: dict[str, Row],
    gone: dict[str, None],
    changed: Iterable[Row],
    removed: Iterable[str],
    key_of: Callable[[Row], str],
) -> None:
    for row in changed:
        key = key_of(row)
        gone.pop(key, None)
        present.pop(key, None)  # so that the last changed comes last
        present[key] = row
    for key in removed:
        present.pop(key, None)
        gone[key] = None
