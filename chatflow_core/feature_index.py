"""The feature index: which instances a feature has, ``features/<feature>.link``.

It is derived from the records. A new instance is entered before its record is
written, so the index may name an instance that does not exist (yet) and never
misses one that does. An entry that is lost or torn is made again from records.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from chatflow_core.atomic_files import (
    is_there,
    leftovers,
    make_directory,
    read_file,
    remove_leftover,
    replace_file,
)
from chatflow_core.errors import CorruptStateError
from chatflow_core.file_stamps import FileStamp, stamp_at
from chatflow_core.layout import StoreLayout, is_instance_id
from chatflow_core.locks import hold

#: Largest index entry read, in bytes: a million ids.
_MAX_LINK_BYTES = 32 * 1024 * 1024


class IndexEntry(NamedTuple):
    """What the index has for a feature.

    Attributes:
        feature_id: The feature.
        ids: The ids entered, in the order of the file; none if it is missing or torn.
        stamp: The version of the file; None if there is none, or if it may have changed without another stamp.
        members: The same ids, to find one among thousands.
    """

    feature_id: str
    ids: tuple[str, ...]
    stamp: FileStamp | None
    members: frozenset[str] = frozenset()


# How many entries are kept, so that a feature of thousands is not read at every step of each of its instances.
_KEPT_ENTRIES = 32


class FeatureIndex:
    """Reads and writes the index entries of one store."""

    def __init__(self, layout: StoreLayout, *, durable: bool, lock_timeout: float) -> None:
        """Make the index of a store.

        Args:
            layout: The store's files.
            durable: Whether an entry is on disk when `add` returns.
            lock_timeout: Seconds to wait for the index's lock.
        """
        self._layout = layout
        self._durable = durable
        self._lock_timeout = lock_timeout
        # What records were found to have beside a doubtful entry, as of which version of it.
        self._found: dict[str, tuple[FileStamp, frozenset[str]]] = {}
        self._recent: OrderedDict[str, IndexEntry] = OrderedDict()

    def forget(self) -> None:
        """Drop everything kept, as a forked process must."""
        self._found = {}
        self._recent = OrderedDict()

    def read(self, feature_id: str) -> IndexEntry:
        """Read the entry of a feature.

        Raises:
            InvalidNameError: The feature has no usable name.
            StorageError: The system refused.
        """
        kept = self._recent.get(feature_id)
        if kept is not None and kept.stamp == stamp_at(self._layout.feature_link(feature_id)):
            return kept
        return self._read_anew(feature_id)

    def _read_anew(self, feature_id: str) -> IndexEntry:
        path = str(self._layout.feature_link(feature_id))
        now_ns = time.time_ns()
        try:
            data, stamp = read_file(path, _MAX_LINK_BYTES)
        except (FileNotFoundError, CorruptStateError):
            return IndexEntry(feature_id, (), None)
        try:
            ids = tuple(part.strip() for part in data.decode().split(","))
        except UnicodeDecodeError:
            ids = ()
        ids = ids if all(map(is_instance_id, ids)) else ()
        if not stamp.is_settled(now_ns):
            return IndexEntry(feature_id, ids, None, frozenset(ids))
        entry = self._recent[feature_id] = IndexEntry(feature_id, ids, stamp, frozenset(ids))
        if len(self._recent) > _KEPT_ENTRIES:
            self._recent.popitem(last=False)
        return entry

    def from_records(self, entry: IndexEntry, scan: Callable[[], Iterable[str]]) -> frozenset[str]:
        """Give what the records have for a feature whose entry is doubtful, looking once at each version of it.

        Whoever makes another instance changes the entry, so what was found stays right as long as that does.

        Args:
            entry: The entry, as it was read before.
            scan: Gives the ids of the feature's records.
        """
        known = self._found.get(entry.feature_id)
        if known is not None and known[0] == entry.stamp:
            return known[1]
        found = frozenset(scan())
        if entry.stamp is not None:
            self._found[entry.feature_id] = (entry.stamp, found)
        return found

    def add(self, feature_id: str, instance_id: str, from_records: Callable[[], Iterable[str]]) -> None:
        """Enter an instance, if it is not entered yet. The caller holds the instance's lock.

        Args:
            feature_id: The feature.
            instance_id: The instance.
            from_records: Gives the ids of the feature's records, for an entry that is missing or torn.

        Raises:
            InvalidNameError: The feature has no usable name.
            LockTimeoutError: Another program keeps the index's lock.
            StorageError: The system refused.
        """
        if instance_id in self.read(feature_id).members:
            return
        with hold(self._layout.features_lock, f"the index of feature {feature_id!r}", self._lock_timeout):
            # The file itself: a network file system may tell its former stamp for a while.
            entered = self._read_anew(feature_id).ids
            if instance_id in entered:
                return
            # A program that writes in place tears an entry within its last id, which then names no record.
            is_torn = not entered or not is_there(self._layout.record(entered[-1]))
            ids = set(entered) | set(from_records() if is_torn else ())
            make_directory(self._layout.features_dir, durable=self._durable, top=self._layout.base_dir)
            data = ",".join(sorted(ids | {instance_id})).encode()
            for _, leftover in leftovers(self._layout.features_dir):
                remove_leftover(leftover)
            replace_file(self._layout.feature_link(feature_id), data, durable=self._durable, is_last=False)
