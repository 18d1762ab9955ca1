"""Summaries of the records of one store: kept, and made again only where a file changed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from chatflow_core.atomic_files import read_file, read_listed
from chatflow_core.chatcoder_v1_1 import READ_ONLY
from chatflow_core.errors import CorruptStateError, StorageError
from chatflow_core.file_stamps import FileStamp, stamp_at, stamp_of
from chatflow_core.layout import (
    CHATCODER_HISTORY,
    CHATCODER_STATE,
    RECORD_SUFFIX,
    StoreLayout,
    instance_id_of,
    is_instance_id,
)
from chatflow_core.models import InstanceSummary
from chatflow_core.named_phases import NamedPhases, PhasesOf
from chatflow_core.record_headers import MAX_RECORD_BYTES, summarize_bytes
from chatflow_core.summaries import summarize, summarize_unreadable

if TYPE_CHECKING:
    from chatflow_core.summary_cache import SummaryCache

if TYPE_CHECKING:
    from chatflow_core.records import LoadedRecord

# How many summaries a scan gives at once: the first screenful early, then large steps.
_FIRST_BATCH = 200
_BATCH = 2000

# A scan that had to read so many keeps them: not those that are read one by one as they change, again and again.
_WORTH_KEEPING = 1000

_Decode: TypeAlias = "Callable[[str, str, bytes], LoadedRecord]"

# The stamps of the two files ChatCoder v1.1 keeps beside its record; None for one that is not there.
_Beside: TypeAlias = tuple[FileStamp | None, FileStamp | None]

# When its file was changed, in nanoseconds, the id of an instance, and the stamp of the file.
_Listed: TypeAlias = tuple[int, str, FileStamp]


class StampedSummary(msgspec.Struct, frozen=True, gc=False):
    """A summary, and the stamp of the file it was made from."""

    stamp: FileStamp
    summary: InstanceSummary


class _Dependent(StampedSummary, frozen=True, gc=False):
    """A summary that depends on more than the record's file."""

    # None for the record of another program than ChatCoder v1.1.
    beside: _Beside | None
    # What the workflow's name stood for, in a tuple of its own; empty if the record has its definition in it.
    named: tuple[tuple[str, ...] | None, ...]


class RecordSummaries:
    """Summarizes records. What is asked of thousands of them is written for speed: no paths but text, no call twice."""

    def __init__(self, layout: StoreLayout, decode: _Decode, cache: SummaryCache | None) -> None:
        """Nothing is read until something is asked for.

        Args:
            layout: The store's files.
            decode: Reads a record of any program from the id, the path and the content of its file.
            cache: Keeps summaries from one start to the next.
        """
        self._cache = cache
        # For one scan; another thread's, at the same time, does without.
        self._to_recall = [] if cache is None else [cache.recall()]
        self._directory = str(layout.instances_dir)
        self._decode = decode
        self._named = NamedPhases(layout)
        self._known: dict[str, StampedSummary] = {}
        self._reads = 0

    def forget(self) -> None:
        """Drop everything kept, as a forked process must."""
        self._known = {}

    def of_each(self, instance_ids: Iterable[str]) -> Iterator[InstanceSummary | None]:
        """Summarize records, reading those that changed; None for one that is not there.

        An unreadable one gives a summary that says why.
        """
        now_ns = time.time_ns()
        phases_of = self._named.looking()
        for instance_id in instance_ids:
            try:
                status = os.lstat(f"{self._directory}/{instance_id}{RECORD_SUFFIX}")
            except (FileNotFoundError, NotADirectoryError):
                self._known.pop(instance_id, None)
                yield None
            except (OSError, ValueError) as error:
                yield summarize_unreadable(instance_id, str(error), 0.0)
            else:
                known = self._known.get(instance_id)
                stamp = stamp_of(status)
                if known is not None and known.stamp == stamp and type(known) is StampedSummary:
                    yield known.summary  # as `_current` would find, for which there is no time
                else:
                    yield self._current(instance_id, stamp, None, phases_of, now_ns)

    def scan(self) -> Iterator[list[InstanceSummary]]:
        """Summarize all records, the last changed first, reading those that changed.

        Yields:
            Batches: a screenful first, then some thousands at a time.

        Raises:
            StorageError: The directory cannot be read.
        """
        recalled = self._take_recalled()
        self._enter(next(recalled, []))  # those that had changed last; the others when the first screenful is there
        now_ns, reads = time.time_ns(), self._reads
        found, directories = self._list()
        found.sort(key=itemgetter(0), reverse=True)
        if len(self._known) > len(found):
            # Those that are gone do no harm, as long as they do not gather.
            for gone in self._known.keys() - {instance_id for _, instance_id, _ in found}:
                self._known.pop(gone, None)
        phases_of = self._named.looking()
        start, size = 0, _FIRST_BATCH
        while start < len(found):
            batch = []
            for _, instance_id, stamp in found[start : start + size]:
                known = self._known.get(instance_id)
                if known is not None and known.stamp == stamp and type(known) is StampedSummary:
                    batch.append(known.summary)  # as `_current` would find, for which there is no time
                    continue
                summary = self._current(instance_id, stamp, directories, phases_of, now_ns)
                if summary is not None:
                    batch.append(summary)
            yield batch
            start, size = start + size, _BATCH
            for piece in recalled if start < len(found) else ():
                self._enter(piece)
        if self._cache is not None and self._reads - reads >= _WORTH_KEEPING:
            # Other threads enter what they read meanwhile.
            kept = filter(_may_be_kept, list(self._known.values()))
            self._cache.keep(sorted(kept, key=attrgetter("stamp.mtime_ns"), reverse=True))

    def recall(self) -> list[InstanceSummary]:
        """Summarize, as they are now, a screenful of those that had changed last when summaries were kept.

        Empty if none were, and once a scan has begun. What cannot be read is left out: the scan says why.
        """
        recalled = self._take_recalled()
        former = next(recalled, [])
        self._enter(former)
        self._to_recall.append(recalled)
        ids = [known.summary.instance_id for known in former[:_FIRST_BATCH]]
        return [summary for summary in self.of_each(ids) if summary is not None and summary.problem is None]

    def _take_recalled(self) -> Iterator[list[StampedSummary]]:
        try:
            return self._to_recall.pop()
        except IndexError:
            return iter(())

    def _enter(self, piece: list[StampedSummary]) -> None:
        for known in piece:
            self._known.setdefault(known.summary.instance_id, known)

    def _list(self) -> tuple[list[_Listed], set[str]]:
        found: list[_Listed] = []
        directories: set[str] = set()
        try:
            with os.scandir(self._directory) as entries:
                for entry in entries:
                    instance_id = instance_id_of(entry.name)
                    if instance_id is None:
                        directories.add(entry.name)
                        continue
                    try:
                        stamp = stamp_of(entry.stat(follow_symlinks=False))
                    except FileNotFoundError:
                        continue  # removed since the directory was read
                    found.append((stamp.mtime_ns, instance_id, stamp))
        except (FileNotFoundError, NotADirectoryError):
            return [], set()
        except OSError as error:
            raise StorageError(self._directory, "Listing", error, advice="") from error
        return found, directories

    def _current(
        self, instance_id: str, stamp: FileStamp, directories: set[str] | None, phases_of: PhasesOf, now_ns: int
    ) -> InstanceSummary | None:
        """Give what is known of a record if its file has this stamp, else read it; `now_ns` is before the stamp."""
        known = self._known.get(instance_id)
        if known is not None and known.stamp == stamp and self._is_as_known(instance_id, known, phases_of):
            return known.summary
        if not is_instance_id(instance_id):
            return summarize_unreadable(instance_id, "its file name cannot be the id of an instance", stamp.changed_at)
        self._reads += 1
        may_have_more = directories is None or instance_id in directories
        try:
            found = self._read(instance_id, stamp, may_have_more, phases_of)
        except FileNotFoundError:
            self._known.pop(instance_id, None)
            return None
        except StorageError as error:
            # Not kept: a mode or a limit may change without the file changing.
            return summarize_unreadable(instance_id, str(error), stamp.changed_at)
        if _is_settled(found, now_ns):
            self._known[instance_id] = found
        else:
            self._known.pop(instance_id, None)
        return found.summary

    def _is_as_known(self, instance_id: str, known: StampedSummary, phases_of: PhasesOf) -> bool:
        if not isinstance(known, _Dependent):
            return True
        if known.beside is not None and known.beside != self._stamps_beside(instance_id):
            return False
        return not known.named or known.named == (phases_of(known.summary.workflow_name),)

    def _read(self, instance_id: str, stamp: FileStamp, may_have_more: bool, phases_of: PhasesOf) -> StampedSummary:
        named: list[tuple[str, ...] | None] = []

        def noted_phases_of(name: str) -> tuple[str, ...] | None:
            named.append(phases_of(name))
            return named[-1]

        # All stamps are older than what is read: if it is newer than its stamp, the next look finds another stamp.
        beside = self._stamps_beside(instance_id) if may_have_more and self._has_chatcoder_state(instance_id) else None
        path = f"{self._directory}/{instance_id}{RECORD_SUFFIX}"
        try:
            data = read_listed(path, stamp)
            if data is None:
                data, stamp = read_file(path, MAX_RECORD_BYTES)
            summary = None if beside else summarize_bytes(data, instance_id, noted_phases_of)
            if summary is None:
                beside = self._stamps_beside(instance_id)
                record = self._decode(instance_id, path, data)
                summary = summarize(record.state, record.read_only, noted_phases_of)
                if beside[0] is None and record.read_only != READ_ONLY:
                    beside = None
        except CorruptStateError as error:
            summary = summarize_unreadable(instance_id, error.reason, stamp.changed_at)
        if beside is None and not named:
            return StampedSummary(stamp, summary)
        return _Dependent(stamp, summary, beside, tuple(named[-1:]))

    def _has_chatcoder_state(self, instance_id: str) -> bool:
        return os.path.lexists(f"{self._directory}/{instance_id}/{CHATCODER_STATE}")

    def _stamps_beside(self, instance_id: str) -> _Beside:
        directory = f"{self._directory}/{instance_id}"
        return stamp_at(f"{directory}/{CHATCODER_STATE}"), stamp_at(f"{directory}/{CHATCODER_HISTORY}")


def _may_be_kept(known: StampedSummary) -> bool:
    # What depends on more than its file is read again, every time; so is the little that is out of the standard of
    # JSON, which may have characters that cannot be written.
    return type(known) is StampedSummary and known.summary.read_only is None and known.summary.problem is None


def _is_settled(known: StampedSummary, now_ns: int) -> bool:
    is_settled = known.stamp.is_settled(now_ns)
    if not is_settled or not isinstance(known, _Dependent):
        return is_settled
    return all(stamp is None or stamp.is_settled(now_ns) for stamp in known.beside or ())
