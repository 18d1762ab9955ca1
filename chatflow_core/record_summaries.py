"""Summaries of the records of one store: kept, and made again only where a file changed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from chatflow_core.atomic_files import FileStamp, read_file, read_listed, stamp_of
from chatflow_core.chatcoder_v1_1 import READ_ONLY
from chatflow_core.errors import CorruptStateError, StorageError
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
from chatflow_core.record_headers import summarize_bytes
from chatflow_core.records import MAX_RECORD_BYTES, LoadedRecord
from chatflow_core.summaries import summarize, summarize_unreadable

# How many summaries a scan gives at once: the first screenful early, then large steps.
_FIRST_BATCH = 200
_BATCH = 2000

_Decode: TypeAlias = Callable[[str, str, bytes], LoadedRecord]

# The stamps of the two files ChatCoder v1.1 keeps beside its record; None for one that is not there.
_Beside: TypeAlias = tuple[FileStamp | None, FileStamp | None]

# When the file was changed, first, because that is what they are ordered by.
_Listed: TypeAlias = tuple[int, str, FileStamp]


class _Known(NamedTuple):
    stamp: FileStamp
    summary: InstanceSummary
    # None for the record of another program than ChatCoder v1.1.
    beside: _Beside | None
    # What the workflow's name stood for, in a tuple of its own; empty if the record has its definition in it.
    named: tuple[tuple[str, ...] | None, ...]


class RecordSummaries:
    """Summarizes records. What is asked of thousands of them is written for speed: no paths but text, no call twice."""

    def __init__(self, layout: StoreLayout, decode: _Decode) -> None:
        """Nothing is read until something is asked for.

        Args:
            layout: The store's files.
            decode: Reads a record of any program from the id, the path and the content of its file.
        """
        self._directory = str(layout.instances_dir)
        self._decode = decode
        self._named = NamedPhases(layout)
        self._known: dict[str, _Known] = {}

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
                yield self._current(instance_id, stamp_of(status), None, phases_of, now_ns)

    def scan(self) -> Iterator[list[InstanceSummary]]:
        """Summarize all records, the last changed first, reading those that changed.

        Yields:
            Batches: a screenful first, then some thousands at a time.

        Raises:
            StorageError: The directory cannot be read.
        """
        now_ns = time.time_ns()
        found, directories = self._list()
        found.sort(reverse=True)
        if self._known:
            for gone in self._known.keys() - {instance_id for _, instance_id, _ in found}:
                self._known.pop(gone, None)
        phases_of = self._named.looking()
        start, size = 0, _FIRST_BATCH
        while start < len(found):
            batch = []
            for _, instance_id, stamp in found[start : start + size]:
                summary = self._current(instance_id, stamp, directories, phases_of, now_ns)
                if summary is not None:
                    batch.append(summary)
            yield batch
            start, size = start + size, _BATCH

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
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue  # removed since the directory was read
                    found.append((status.st_mtime_ns, instance_id, stamp_of(status)))
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
        if known is not None and known.stamp == stamp:
            depends_on_others = known.beside is not None or known.named
            if not depends_on_others or self._is_as_known(instance_id, known, phases_of):
                return known.summary
        if not is_instance_id(instance_id):
            return summarize_unreadable(instance_id, "its file name cannot be the id of an instance", stamp.changed_at)
        may_have_more = directories is None or instance_id in directories
        try:
            found = self._read(instance_id, stamp, may_have_more, phases_of)
        except FileNotFoundError:
            self._known.pop(instance_id, None)
            return None
        except StorageError as error:
            # Not kept: a mode or a limit may change without the file changing.
            return summarize_unreadable(instance_id, str(error), stamp.changed_at)
        if found.stamp.is_settled(now_ns) and (found.beside is None or _are_settled(found.beside, now_ns)):
            self._known[instance_id] = found
        else:
            self._known.pop(instance_id, None)
        return found.summary

    def _is_as_known(self, instance_id: str, known: _Known, phases_of: PhasesOf) -> bool:
        if known.beside is not None and known.beside != self._stamps_beside(instance_id):
            return False
        return not known.named or known.named == (phases_of(known.summary.workflow_name),)

    def _read(self, instance_id: str, stamp: FileStamp, may_have_more: bool, phases_of: PhasesOf) -> _Known:
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
        return _Known(stamp, summary, beside, tuple(named[-1:]))

    def _has_chatcoder_state(self, instance_id: str) -> bool:
        return os.path.lexists(f"{self._directory}/{instance_id}/{CHATCODER_STATE}")

    def _stamps_beside(self, instance_id: str) -> _Beside:
        directory = f"{self._directory}/{instance_id}"
        return _stamp(f"{directory}/{CHATCODER_STATE}"), _stamp(f"{directory}/{CHATCODER_HISTORY}")


def _stamp(path: str) -> FileStamp | None:
    try:
        return stamp_of(os.lstat(path))
    except OSError:
        return None


def _are_settled(stamps: _Beside, now_ns: int) -> bool:
    return all(stamp is None or stamp.is_settled(now_ns) for stamp in stamps)
