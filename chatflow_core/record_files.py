"""Finding and reading the records of instances, whoever wrote them."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from chatflow_core.atomic_files import check_inside, read_file
from chatflow_core.chatcoder_v1_1 import READ_ONLY, decode_events, is_chatcoder_header, read_chatcoder_record
from chatflow_core.file_stamps import FileStamp, stamp_at
from chatflow_core.layout import StoreLayout
from chatflow_core.models import InstanceSummary, WorkflowInstanceState
from chatflow_core.record_headers import MAX_RECORD_BYTES
from chatflow_core.record_summaries import RecordSummaries
from chatflow_core.state_copies import decode_state, encode_state

if TYPE_CHECKING:
    from chatflow_core.records import LoadedRecord

# How many records' bytes are kept for repeated reads of an unchanged file, and how large one may be.
_KEPT_RECORDS = 128
_KEPT_RECORD_BYTES = 256 * 1024


class _Kept(NamedTuple):
    path: str
    stamp: FileStamp
    # Decoding is the fastest way to a copy that shares nothing with another.
    data: bytes


class RecordFiles:
    """Reads the records of one store; summaries are kept and made again only where a file changed."""

    def __init__(self, layout: StoreLayout, summaries_file: Path | None = None) -> None:
        """Nothing is read until something is asked for.

        Args:
            layout: The store's files.
            summaries_file: Where summaries are kept from one start to the next; None if none are.
        """
        self._layout = layout
        cache = None
        if summaries_file is not None:
            from chatflow_core.summary_cache import SummaryCache  # noqa: PLC0415 - a command that lists needs none

            cache = SummaryCache(summaries_file, str(layout.instances_dir))
        self._summaries = RecordSummaries(layout, self._decode, cache)
        self._recent: OrderedDict[str, _Kept] = OrderedDict()

    def forget(self) -> None:
        """Drop everything kept, as a forked process must."""
        self._summaries.forget()
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

    def state(self, instance_id: str) -> WorkflowInstanceState | None:
        """Give the state of an instance, its file being read only if it changed since; None if there is none.

        Every call gives a state of its own.

        Raises:
            InvalidNameError: The id cannot be one.
            CorruptStateError: The file is not a record.
            StorageError: The system refused.
        """
        kept = self._recent.get(instance_id)
        if kept is not None and kept.stamp == stamp_at(kept.path):
            return decode_state(kept.data)
        path = str(self._layout.record(instance_id))
        now_ns = time.time_ns()
        try:
            data, stamp = read_file(path, MAX_RECORD_BYTES)
        except FileNotFoundError:
            self._recent.pop(instance_id, None)
            return None
        record = self._decode(instance_id, path, data)
        # Those of ChatCoder v1.1 are more than one file, and what is out of the standard would not come back the same.
        if record.read_only is None and stamp.is_settled(now_ns) and len(data) <= _KEPT_RECORD_BYTES:
            self._recent[instance_id] = _Kept(path, stamp, encode_state(record.state))
            if len(self._recent) > _KEPT_RECORDS:
                self._recent.popitem(last=False)
        return record.state

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
        """Summarize a record, reading it only if it changed; None if there is none."""
        return next(self._summaries.of_each((instance_id,)))

    def summaries(self, instance_ids: Iterable[str]) -> Iterator[InstanceSummary | None]:
        """Summarize records as `summary` does, in the order of the ids."""
        return self._summaries.of_each(instance_ids)

    def recall(self) -> list[InstanceSummary]:
        """Summarize, as they are now, a screenful of those that had changed last when summaries were kept."""
        return self._summaries.recall()

    def scan(self) -> Iterator[list[InstanceSummary]]:
        """Summarize all records, the last changed first, reading those that changed.

        Yields:
            Batches: a screenful first, then some thousands at a time.

        Raises:
            StorageError: The directory cannot be read.
        """
        return self._summaries.scan()
