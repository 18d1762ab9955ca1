"""Finding and reading the records of instances, whoever wrote them."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from chatflow_core.atomic_files import FileStamp, check_inside, read_file, stamp_of
from chatflow_core.chatcoder_v1_1 import READ_ONLY, decode_events, is_chatcoder_header, read_chatcoder_record
from chatflow_core.errors import CorruptStateError, StorageError
from chatflow_core.layout import RECORD_SUFFIX, StoreLayout, instance_id_of, is_instance_id
from chatflow_core.models import InstanceSummary
from chatflow_core.named_phases import NamedPhases, PhasesOf
from chatflow_core.record_headers import summarize_bytes
from chatflow_core.summaries import summarize, summarize_unreadable

if TYPE_CHECKING:
    from chatflow_core.records import LoadedRecord

#: Largest record read and written, in bytes. It holds context and trigger data; texts lie in files of their own.
#: Decoded, three bytes may become seventy: this is what a listing can take without running out of memory.
MAX_RECORD_BYTES = 16 * 1024 * 1024

# How many records' bytes are kept for repeated reads of an unchanged file, and how large one may be.
_KEPT_RECORDS = 128
_KEPT_RECORD_BYTES = 256 * 1024

# How many summaries a scan gives at once: the first screenful early, then large steps.
_FIRST_BATCH = 200
_BATCH = 2000


# The stamps of the two files ChatCoder v1.1 keeps beside its record; None for one that is not there.
_Beside: TypeAlias = tuple[FileStamp | None, FileStamp | None]

_NOTHING_BESIDE: _Beside = (None, None)


class _Known(NamedTuple):
    stamp: FileStamp
    # None for the record of another program than ChatCoder v1.1.
    beside: _Beside | None
    # What the workflow's name stood for, in a tuple of its own; empty if the record has its definition in it.
    named: tuple[tuple[str, ...] | None, ...]
    summary: InstanceSummary


class RecordFiles:
    """Reads the records of one store; summaries are kept and made again only where a file changed."""

    def __init__(self, layout: StoreLayout) -> None:
        """Nothing is read until something is asked for."""
        self._layout = layout
        self._directory = str(layout.instances_dir)
        self._named = NamedPhases(layout)
        self._known: dict[str, _Known] = {}
        self._recent: OrderedDict[str, tuple[FileStamp, bytes]] = OrderedDict()

    def forget(self) -> None:
        """Drop everything kept, as a forked process must."""
        self._known = {}
        self._recent = OrderedDict()

    def load(self, instance_id: str) -> LoadedRecord | None:
        """Read a record from its file; None if there is none.

        Raises:
            InvalidNameError: The id cannot be one.
            CorruptStateError: The file is not a record.
            StorageError: The system refused.
        """
        path = str(self._layout.record(instance_id))
        try:
            data, _ = read_file(path, MAX_RECORD_BYTES)
        except FileNotFoundError:
            return None
        return self._decode(instance_id, path, data)

    def load_unchanged(self, instance_id: str) -> LoadedRecord | None:
        """Read a record, from memory if its file has not changed since it was last read. For reading only.

        Raises:
            InvalidNameError: The id cannot be one.
            CorruptStateError: The file is not a record.
            StorageError: The system refused.
        """
        path = str(self._layout.record(instance_id))
        kept = self._recent.get(instance_id)
        is_settled = kept is not None
        try:
            if kept is None or kept[0] != stamp_of(os.lstat(path)):
                now_ns = time.time_ns()
                data, stamp = read_file(path, MAX_RECORD_BYTES)
                kept = (stamp, data)
                is_settled = stamp.is_settled(now_ns)
        except (FileNotFoundError, NotADirectoryError):
            self._recent.pop(instance_id, None)
            return None
        except StorageError:
            raise
        except OSError as error:
            raise StorageError(path, "Looking for", error) from error
        if is_settled and len(kept[1]) <= _KEPT_RECORD_BYTES:
            self._recent[instance_id] = kept
            if len(self._recent) > _KEPT_RECORDS:
                self._recent.popitem(last=False)
        return self._decode(instance_id, path, kept[1])

    def _decode(self, instance_id: str, path: str, data: bytes) -> LoadedRecord:
        # Most records are summarized the short way: a command that lists those starts faster without the long one.
        from chatflow_core.records import decode_document, decode_record  # noqa: PLC0415

        full_path = str(self._layout.chatcoder_state(instance_id))
        has_full_state = os.path.lexists(full_path)
        if not has_full_state and b'"workflow_name"' in data:
            return decode_record(data, path, instance_id)
        header, _ = decode_document(data, path)
        if not has_full_state and not is_chatcoder_header(header):
            return decode_record(data, path, instance_id)
        if not has_full_state:
            return self._chatcoder_record(header, None, path, instance_id)
        check_inside(self._layout.instance_dir(instance_id), self._layout.instances_dir)
        try:
            content, _ = read_file(full_path, MAX_RECORD_BYTES)
        except FileNotFoundError:
            return self._chatcoder_record(header, None, path, instance_id)  # it went since it was seen
        full_state, _ = decode_document(content, full_path)
        return self._chatcoder_record(header, full_state, full_path, instance_id)

    def _chatcoder_record(
        self, header: dict[str, Any], full_state: dict[str, Any] | None, path: str, instance_id: str
    ) -> LoadedRecord:
        def read_events() -> list[Any]:
            history = str(self._layout.chatcoder_history(instance_id))
            if not os.path.lexists(history):
                return []
            check_inside(self._layout.instance_dir(instance_id), self._layout.instances_dir)
            try:
                return decode_events(read_file(history, MAX_RECORD_BYTES)[0], history)
            except FileNotFoundError:
                return []  # it went since it was seen

        return read_chatcoder_record(header, full_state, path, instance_id, read_events)

    def foreign_reason(self, instance_id: str) -> str | None:
        """Say why everything of an instance is not ours to write, if ChatCoder v1.1 wrote it.

        Raises:
            InvalidNameError: The id cannot be one.
        """
        if os.path.lexists(self._layout.chatcoder_state(instance_id)):
            return READ_ONLY
        summary = self.summary(instance_id)
        return READ_ONLY if summary is not None and summary.read_only == READ_ONLY else None

    def summary(self, instance_id: str) -> InstanceSummary | None:
        """Summarize a record, reading it only if it changed; None if there is none.

        An unreadable one gives a summary that says why.
        """
        path = f"{self._directory}/{instance_id}{RECORD_SUFFIX}"
        try:
            stamp = stamp_of(os.lstat(path))
        except (FileNotFoundError, NotADirectoryError):
            self._known.pop(instance_id, None)
            return None
        except (OSError, ValueError) as error:
            return summarize_unreadable(instance_id, str(error), 0.0)
        return self._summarize(instance_id, stamp, None, self._named.looking())

    def scan(self) -> Iterator[list[InstanceSummary]]:
        """Summarize all records, the last changed first, reading those that changed.

        Yields:
            Batches: a screenful first, then some thousands at a time.

        Raises:
            StorageError: The directory cannot be read.
        """
        found, directories = self._list()
        found.sort(key=lambda item: item[1].mtime_ns, reverse=True)
        names = {instance_id for instance_id, _ in found}
        for gone in self._known.keys() - names:
            self._known.pop(gone, None)
        phases_of = self._named.looking()
        start, size = 0, _FIRST_BATCH
        while start < len(found):
            batch = []
            for instance_id, stamp in found[start : start + size]:
                summary = self._summarize(instance_id, stamp, directories, phases_of)
                if summary is not None:
                    batch.append(summary)
            yield batch
            start, size = start + size, _BATCH

    def _list(self) -> tuple[list[tuple[str, FileStamp]], set[str]]:
        found: list[tuple[str, FileStamp]] = []
        directories: set[str] = set()
        try:
            with os.scandir(self._directory) as entries:
                for entry in entries:
                    instance_id = instance_id_of(entry.name)
                    if instance_id is None:
                        directories.add(entry.name)
                        continue
                    try:
                        found.append((instance_id, stamp_of(entry.stat(follow_symlinks=False))))
                    except FileNotFoundError:
                        continue  # removed since the directory was read
        except (FileNotFoundError, NotADirectoryError):
            return [], set()
        except OSError as error:
            raise StorageError(self._directory, "Listing", error, advice="") from error
        return found, directories

    def _summarize(
        self, instance_id: str, stamp: FileStamp, directories: set[str] | None, phases_of: PhasesOf
    ) -> InstanceSummary | None:
        known = self._known.get(instance_id)
        if known is not None and self._is_as_known(instance_id, known, stamp, phases_of):
            return known.summary
        if not is_instance_id(instance_id):
            return summarize_unreadable(instance_id, "its file name cannot be the id of an instance", stamp.changed_at)
        named: list[tuple[str, ...] | None] = []

        def noted_phases_of(name: str) -> tuple[str, ...] | None:
            named.append(phases_of(name))
            return named[-1]

        try:
            beside = _NOTHING_BESIDE
            if directories is None or instance_id in directories:
                beside = self._stamps_beside(instance_id)
            path = f"{self._directory}/{instance_id}{RECORD_SUFFIX}"
            now_ns = time.time_ns()
            data, stamp = read_file(path, MAX_RECORD_BYTES)
            summary = None if beside[0] else summarize_bytes(data, instance_id, noted_phases_of)
            if summary is None:
                record = self._decode(instance_id, path, data)
                summary = summarize(record.state, record.read_only, noted_phases_of)
        except FileNotFoundError:
            self._known.pop(instance_id, None)
            return None
        except CorruptStateError as error:
            summary = summarize_unreadable(instance_id, error.reason, stamp.changed_at)
        except StorageError as error:
            # Not kept: a mode or a limit may change without the file changing.
            return summarize_unreadable(instance_id, str(error), stamp.changed_at)
        if all(one is None or one.is_settled(now_ns) for one in (stamp, *beside)):
            is_chatcoder = beside[0] is not None or summary.read_only == READ_ONLY
            self._known[instance_id] = _Known(stamp, beside if is_chatcoder else None, tuple(named[-1:]), summary)
        else:
            self._known.pop(instance_id, None)
        return summary

    def _is_as_known(self, instance_id: str, known: _Known, stamp: FileStamp, phases_of: PhasesOf) -> bool:
        if known.stamp != stamp or (known.beside is not None and known.beside != self._stamps_beside(instance_id)):
            return False
        return not known.named or known.named == (phases_of(known.summary.workflow_name),)

    def _stamps_beside(self, instance_id: str) -> _Beside:
        directory = f"{self._directory}/{instance_id}"
        return _stamp(f"{directory}/full_state.json"), _stamp(f"{directory}/history.ndjson")


def _stamp(path: str) -> FileStamp | None:
    try:
        return stamp_of(os.lstat(path))
    except OSError:
        return None
