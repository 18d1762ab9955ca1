"""Live summaries of all instances and features of a store, kept in memory.

One thread owns the reading: it loads everything once, in batches, re-reads
what the watch names, and from time to time checks the whole store, so that
even a lost event is put right within seconds; a file that was written in place
where nothing is watched, within two minutes. Summaries are immutable; what
changed is told in one call per burst.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from chatflow_core.collecting import paused_collector
from chatflow_core.errors import ChatFlowError
from chatflow_core.feature_counts import FeatureCounts
from chatflow_core.models import UNREADABLE, FeatureSummary, InstanceSummary
from chatflow_core.store import IWorkflowStateStore, Subscription

_log = logging.getLogger(__name__)

# How often it is asked whether the store changed without an event telling so.
_CHECK_SECONDS = 1.0

# Everything is looked at again even if nothing seems to have changed: a file written in place does not change its
# directory, and not every file that a summary depends on is watched. It takes a small share of the time, as long as
# nobody waits for minutes.
_FULL_CHECK_SHARE = 0.001
_LEAST_SECONDS_BETWEEN_FULL_CHECKS = 30.0
_MOST_SECONDS_BETWEEN_FULL_CHECKS = 120.0

# While the store keeps changing, a full check takes at most this share of the time, and comes this often at most:
# it holds up what is told of changes, so that it waits a moment longer while there are some. Not much longer: after a
# storm of changes the events may be seconds behind, and what is shown must be right within three.
_CHECK_SHARE = 0.05
_LEAST_SECONDS_BETWEEN_CHECKS = 1.0
_LEAST_SECONDS_BETWEEN_CHECKS_OF_BUSY_STORES = 2.0

# A file system that hangs must not keep whoever closes the catalog.
_MOST_SECONDS_TO_CLOSE = 1.0


@dataclass(frozen=True, slots=True)
class CatalogChange:
    """What changed in one burst.

    Attributes:
        changed: Summaries that are new or differ.
        removed: Ids of instances that are gone.
        features: Features whose counts are new or differ.
        removed_features: Features without an instance.
        counts: How many instances there are now, by status.
        touched: Ids named by the watch; their texts may have changed even if their summary did not.
        is_loading: Whether the first load still goes on.
        mode: How changes are noticed: ``"live"``, ``"polling"`` or ``"waiting"`` for the store to appear.
        reason: Why it is polling; None otherwise.
        problem: Why the store cannot be listed; None if it can.
    """

    changed: tuple[InstanceSummary, ...] = ()
    removed: tuple[str, ...] = ()
    features: tuple[FeatureSummary, ...] = ()
    removed_features: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()
    is_loading: bool = False
    mode: str = "waiting"
    reason: str | None = None
    problem: str | None = None


class Catalog:
    """Summaries of all instances and features of one store, live from `start` until `close`."""

    def __init__(self, store: IWorkflowStateStore, on_change: Callable[[CatalogChange], None]) -> None:
        """Make a catalog; nothing is read before `start`.

        Args:
            store: The store.
            on_change: Called from the catalog's thread, never twice at once. Its errors are logged.
        """
        self._store = store
        self._on_change = on_change
        self._summaries: dict[str, InstanceSummary] = {}
        self._features: dict[str, FeatureSummary] = {}
        self._members: dict[str, FeatureCounts] = {}
        self._counts: Counter[str] = Counter()
        # Features to be counted anew; while everything is loaded, not before there are twice as many instances.
        self._stale_features: set[str] = set()
        self._counted_instances = 0
        self._subscription: Subscription | None = None
        self._focus: str | None = None
        self._focus_guard = threading.Lock()
        self._guard = threading.Lock()
        self._pending: set[str] = set()
        self._is_rescan_pending = True
        self._wake = threading.Event()
        self._pause = threading.Event()
        # Why the store does not tell of changes, if it does not: then it is looked at from time to time.
        self._silence: str | None = None
        self._is_closed = False
        self._was_loading = True
        self._told: tuple[str, str | None, str | None] | None = None
        self._problem: str | None = None
        self._hint: Hashable | None = None
        self._scanned_at = 0.0
        self._scan_seconds = 0.0
        self._thread = threading.Thread(target=self._run, name="chatflow-catalog", daemon=True)

    def start(self) -> None:
        """Load everything and follow the store from then on, in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop. `on_change` is not called any more; a call that has begun is waited for, for a second at most."""
        self._is_closed = True
        self._pause.set()
        self._wake.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(_MOST_SECONDS_TO_CLOSE)

    def focus(self, instance_id: str | None) -> None:
        """Also follow the texts of this instance: it is named in `CatalogChange.touched` when they change."""
        with self._focus_guard:
            self._focus = instance_id
            if self._subscription is not None:
                self._subscription.focus(instance_id)

    def rescan(self) -> None:
        """Have everything looked at again soon."""
        self._notice(None)

    @property
    def summaries(self) -> Mapping[str, InstanceSummary]:
        """The summaries by id, as of now."""
        return dict(self._summaries)

    @property
    def features(self) -> Mapping[str, FeatureSummary]:
        """The features by name, as of now."""
        return dict(self._features)

    def _notice(self, instance_ids: set[str] | None) -> None:
        with self._guard:
            if instance_ids is None:
                self._is_rescan_pending = True
            else:
                self._pending |= instance_ids
        self._wake.set()

    def _run(self) -> None:
        try:
            subscription = self._store.subscribe(self._notice)
            with self._focus_guard:
                self._subscription = subscription
                subscription.focus(self._focus)
        except NotImplementedError as error:
            self._silence = str(error)
        try:
            with self._guard:
                self._is_rescan_pending = False
                self._pending |= self._focused()
            try:
                with paused_collector():
                    self._scan(is_loading=True)
            except Exception:  # noqa: BLE001 - logged, and the thread must go on
                _log.exception("Loading the store failed")
                self._notice(None)
            while not self._is_closed:
                is_busy = self._wake.wait(_CHECK_SECONDS)
                self._wake.clear()
                if not self._is_closed:
                    self._follow(is_busy=is_busy)
        finally:
            if self._subscription is not None:
                self._subscription.close()

    def _follow(self, *, is_busy: bool) -> None:
        with self._guard:
            ids, rescan = self._pending, self._is_rescan_pending
            self._pending, self._is_rescan_pending = set(), False
        if rescan:
            # Where any instance may have changed, so may the texts that are followed.
            ids |= self._focused()
        try:
            if ids:
                self._refresh(ids)
            if rescan or self._is_check_due(is_busy=is_busy):
                self._scan(is_loading=False)
        except Exception:  # noqa: BLE001 - logged, and the thread must go on
            # A thread that dies silently would leave the screen wrong for ever.
            _log.exception("Following the store failed")
            self._notice(None)
            self._pause.wait(_CHECK_SECONDS)

    def _focused(self) -> set[str]:
        return set() if self._focus is None else {self._focus}

    def _is_check_due(self, *, is_busy: bool) -> bool:
        elapsed = time.monotonic() - self._scanned_at
        least = _LEAST_SECONDS_BETWEEN_CHECKS_OF_BUSY_STORES if is_busy else _LEAST_SECONDS_BETWEEN_CHECKS
        if elapsed < max(least, self._scan_seconds / _CHECK_SHARE):
            return False
        hint = self._store.change_hint()
        due = max(_LEAST_SECONDS_BETWEEN_FULL_CHECKS, self._scan_seconds / _FULL_CHECK_SHARE)
        return elapsed >= min(due, _MOST_SECONDS_BETWEEN_FULL_CHECKS) or hint is None or hint != self._hint

    def _refresh(self, ids: Iterable[str]) -> None:
        found, gone = [], []
        for instance_id in ids:
            summary = self._store.read_summary(instance_id)
            if summary is None:
                gone.append(instance_id)
            else:
                found.append(summary)
        self._apply(found, gone, touched=frozenset(ids), is_loading=False)

    def _scan(self, *, is_loading: bool) -> None:
        began = time.monotonic()
        # Taken before the scan: a change during it makes the next hint differ.
        hint = self._store.change_hint()
        seen: set[str] = set()
        if is_loading and (former := self._store.recall()):
            # To list a hundred thousand takes a while. They come again in their order, or are found to be gone.
            self._apply(former, (), touched=frozenset(), is_loading=True)
        try:
            for batch in self._store.scan():
                seen.update(summary.instance_id for summary in batch)
                self._apply(batch, (), touched=frozenset(), is_loading=is_loading)
                if self._is_closed:
                    return
        except ChatFlowError as error:
            # What was known is kept: a directory that cannot be listed does not mean that nothing is there.
            self._problem = str(error)
        else:
            self._problem = None
            self._remove_unseen(seen)
        self._hint = hint
        self._scanned_at = time.monotonic()
        self._scan_seconds = self._scanned_at - began
        self._apply((), (), touched=frozenset(), is_loading=False)

    def _remove_unseen(self, seen: set[str]) -> None:
        unseen = [instance_id for instance_id in self._summaries if instance_id not in seen]
        # One made after the directory was listed is not gone.
        gone = [instance_id for instance_id in unseen if self._store.read_summary(instance_id) is None]
        if gone:
            self._apply((), gone, touched=frozenset(), is_loading=False)

    def _apply(
        self,
        found: Iterable[InstanceSummary],
        gone: Iterable[str],
        *,
        touched: frozenset[str],
        is_loading: bool,
    ) -> None:
        stale_features = self._stale_features
        changed = []
        for summary in found:
            known = self._summaries.get(summary.instance_id)
            merged = summary if known is None else _keep_last_good(known, summary)
            if merged is known or merged == known:
                continue
            self._put(known, merged, stale_features)
            changed.append(merged)
        removed = [instance_id for instance_id in gone if self._drop(instance_id, stale_features)]
        features: tuple[FeatureSummary, ...] = ()
        removed_features: tuple[str, ...] = ()
        if not is_loading or len(self._summaries) >= 2 * self._counted_instances:
            features, removed_features = self._count(stale_features)
            self._stale_features, self._counted_instances = set(), len(self._summaries)
        self._tell(
            CatalogChange(
                changed=tuple(changed),
                removed=tuple(removed),
                features=features,
                removed_features=removed_features,
                counts=dict(+self._counts),
                touched=touched,
                is_loading=is_loading,
                mode=self._subscription.mode if self._subscription else "polling",
                reason=self._subscription.reason if self._subscription else self._silence,
                problem=self._problem,
            )
        )

    def _put(self, known: InstanceSummary | None, summary: InstanceSummary, stale_features: set[str]) -> None:
        if known is not None:
            self._counts[known.status] -= 1
            if known.feature_id != summary.feature_id:
                self._members[known.feature_id].drop(summary.instance_id)
                stale_features.add(known.feature_id)
        self._counts[summary.status] += 1
        self._summaries[summary.instance_id] = summary
        members = self._members.get(summary.feature_id)
        if members is None:
            members = self._members[summary.feature_id] = FeatureCounts(summary.feature_id)
        members.put(summary)
        stale_features.add(summary.feature_id)

    def _drop(self, instance_id: str, stale_features: set[str]) -> bool:
        known = self._summaries.pop(instance_id, None)
        if known is None:
            return False
        self._counts[known.status] -= 1
        self._members[known.feature_id].drop(instance_id)
        stale_features.add(known.feature_id)
        return True

    def _count(self, stale_features: set[str]) -> tuple[tuple[FeatureSummary, ...], tuple[str, ...]]:
        counted, removed = [], []
        for feature_id in stale_features - {""}:
            members = self._members.get(feature_id)
            if members:
                feature = members.summary()
                self._features[feature_id] = feature
                counted.append(feature)
            else:
                self._members.pop(feature_id, None)
                if self._features.pop(feature_id, None) is not None:
                    removed.append(feature_id)
        return tuple(counted), tuple(removed)

    def _tell(self, change: CatalogChange) -> None:
        health = (change.mode, change.reason, change.problem)
        is_news = change.changed or change.removed or change.touched or health != self._told
        if self._is_closed or (not is_news and not self._was_loading):
            return
        self._told = health
        self._was_loading = change.is_loading
        try:
            self._on_change(change)
        except Exception:  # noqa: BLE001 - logged, and the thread must go on
            _log.exception("Telling of a change in the store failed")


def _keep_last_good(known: InstanceSummary, found: InstanceSummary) -> InstanceSummary:
    """Show what was last known of a record that cannot be read now, with the reason."""
    if found.problem is None:
        return found
    return msgspec.structs.replace(known, status=UNREADABLE, problem=found.problem, updated_at=found.updated_at)
