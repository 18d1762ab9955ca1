"""Summaries kept from one start of a program to the next, so that a store of many thousands is known sooner.

They lie in a file of the user's own, never in the store: reading a store writes nothing there, and nobody else's store
can bring such a file along. Each summary is kept with the stamp of the file it was made from and counts only as long
as that file still has it. Losing the file costs time and nothing else, so whatever goes wrong is logged and never told.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from sys import intern
from typing import Annotated, TypeAlias

import msgspec

from chatflow_core import __version__
from chatflow_core.atomic_files import leftovers, make_directory, read_file, remove_leftover, replace_file
from chatflow_core.errors import ChatFlowError
from chatflow_core.file_stamps import FileStamp
from chatflow_core.models import InstanceSummary
from chatflow_core.record_summaries import StampedSummary

_log = logging.getLogger(__name__)

_MOST_BYTES = 512 * 1024 * 1024

# Decoded at once: other threads of the program wait as long.
_CHUNK = 2_000

_CHECKSUM_BYTES = 4
_LENGTH_BYTES = 4


class SummaryCache:
    """The file of one store."""

    def __init__(self, path: Path, store: str) -> None:
        """Nothing is read or written until something is asked for.

        Args:
            path: The file; its directory is made when something is to be kept.
            store: The directory of the records, by which the file of another store is told.
        """
        self._path = path
        # Another version may summarize otherwise, or keep it otherwise.
        kept = f"{InstanceSummary.__struct_fields__} as {_Columns.__struct_fields__}"
        self._head = f"summaries of {store} by chatflow {__version__}: {kept}\n".encode()

    def recall(self) -> Iterator[list[StampedSummary]]:
        """Give what was kept, piece by piece; nothing of a file that is damaged from there on."""
        try:
            data, _ = read_file(self._path, _MOST_BYTES)
        except FileNotFoundError:
            return
        except ChatFlowError as error:
            _log.warning("Summaries kept from the last time cannot be read: %s", error)
            return
        if not data.startswith(self._head):
            return
        rest = memoryview(data)[len(self._head) :]
        while rest:
            length = int.from_bytes(rest[:_LENGTH_BYTES])
            checksum = int.from_bytes(rest[_LENGTH_BYTES : _LENGTH_BYTES + _CHECKSUM_BYTES])
            start = _LENGTH_BYTES + _CHECKSUM_BYTES
            piece, rest = rest[start : start + length], rest[start + length :]
            if zlib.crc32(piece) != checksum or not piece:
                return
            try:
                yield _decoder.decode(piece).rows()
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IndexError):
                return

    def keep(self, summaries: Iterable[StampedSummary]) -> None:
        """Keep these for the next time, in the place of those that were kept."""
        pieces = [self._head]
        waiting = iter(summaries)
        while chunk := list(islice(waiting, _CHUNK)):
            piece = _encoder.encode(_Columns.of(chunk))
            pieces += (len(piece).to_bytes(_LENGTH_BYTES), zlib.crc32(piece).to_bytes(_CHECKSUM_BYTES), piece)
        try:
            make_directory(self._path.parent, durable=False, top=self._path.parent)
            for owner, leftover in leftovers(self._path.parent):
                if owner == self._path.name:
                    # Of a program that ended while it wrote. Should one be writing now, it keeps nothing this time.
                    remove_leftover(leftover)
            replace_file(self._path, b"".join(pieces), durable=False)
        except ChatFlowError as error:
            _log.warning("Summaries cannot be kept for the next time: %s", error)


# Where a text is in `_Columns.texts`.
_Place: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class _Columns(msgspec.Struct, array_like=True):
    """Summaries, field by field.

    A text that many of them have is there once, and is one object again when it is read: row by row, a hundred
    thousand summaries would be four hundred thousand texts more.
    """

    texts: list[str]
    mtimes_ns: list[int]
    sizes: list[int]
    inodes: list[int]
    instance_ids: list[str]
    feature_ids: list[_Place]
    workflow_names: list[_Place]
    statuses: list[_Place]
    current_phases: list[_Place]
    phases_done: list[int]
    phases_total: list[int | None]
    created_at: list[float]
    updated_at: list[float]
    phases_started_at: list[float | None]
    last_errors: list[str | None]

    @classmethod
    def of(cls, rows: list[StampedSummary]) -> _Columns:
        """Take apart summaries that have neither a problem nor a reason not to be written."""
        stamps, summaries = [row.stamp for row in rows], [row.summary for row in rows]
        places: dict[str, int] = {}

        def place(text: str) -> int:
            return places.setdefault(text, len(places))

        columns = (
            [stamp.mtime_ns for stamp in stamps],
            [stamp.size for stamp in stamps],
            [stamp.inode for stamp in stamps],
            [summary.instance_id for summary in summaries],
            [place(summary.feature_id) for summary in summaries],
            [place(summary.workflow_name) for summary in summaries],
            [place(summary.status) for summary in summaries],
            [place(summary.current_phase) for summary in summaries],
            [summary.phases_done for summary in summaries],
            [summary.phases_total for summary in summaries],
            [summary.created_at for summary in summaries],
            [summary.updated_at for summary in summaries],
            [summary.phase_started_at for summary in summaries],
            [summary.last_error for summary in summaries],
        )
        return cls(list(places), *columns)

    def rows(self) -> list[StampedSummary]:
        """Put them together again.

        Raises:
            IndexError: They do not belong together.
        """
        if len({len(column) for column in msgspec.structs.astuple(self)[1:]}) != 1:
            raise IndexError("columns of several lengths")
        text_at = list(map(intern, self.texts)).__getitem__
        summaries = map(
            InstanceSummary,
            self.instance_ids,
            map(text_at, self.feature_ids),
            map(text_at, self.workflow_names),
            map(text_at, self.statuses),
            map(text_at, self.current_phases),
            self.phases_done,
            self.phases_total,
            self.created_at,
            self.updated_at,
            self.phases_started_at,
            self.last_errors,
        )
        return list(map(StampedSummary, map(FileStamp, self.mtimes_ns, self.sizes, self.inodes), summaries))


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Columns)
