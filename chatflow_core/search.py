"""Searching all prompts and AI responses, instance by instance, while the texts stay on disk.

Bytes are searched, and only what is found is decoded. Case matters if the
needle has a capital letter. One line is one hit, however often the needle is in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chatflow_core.errors import ChatFlowError
from chatflow_core.models import StoredText, TextKind
from chatflow_core.store import IWorkflowStateStore

#: The most hits told of one text.
MOST_HITS_PER_TEXT = 100

# How much of a line is told before and after the first place where the needle is, and of its neighbours, in bytes.
_BEFORE_HIT, _AFTER_HIT = 240, 720

_CONTEXT_LINES = 3

# After how many instances it is told how far the search is.
_INSTANCES_PER_PROGRESS = 50


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A line of a text that has the needle in it.

    Attributes:
        instance_id: The instance.
        phase_name: The phase, by its true name.
        kind: Which of its texts.
        attempt: Number of a former attempt; None for the current one.
        line: Number of the line, from 1; it may end with a line feed, a carriage return, or both.
        column: Characters of the line before the needle.
        text: The line, or the part of it around the needle if it is long.
        spans: Where in `text` the needle is: first character and the one behind the last.
        before: The lines before it, cut if they are long.
        after: The lines behind it, likewise.
    """

    instance_id: str
    phase_name: str
    kind: TextKind
    attempt: int | None
    line: int
    column: int
    text: str
    spans: tuple[tuple[int, int], ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchProgress:
    """How far a search is.

    Attributes:
        done: Instances searched.
        total: Instances there are to search, as far as they have been listed.
        unreadable: Texts that could not be read so far.
        cut: Texts that have more hits than were told.
    """

    done: int
    total: int
    unreadable: int = 0
    cut: int = 0


class Needle:
    """What is searched for."""

    def __init__(self, text: str) -> None:
        """Prepare a search; case does not matter unless there is a capital letter.

        Args:
            text: What to find, as it stands: no pattern.
        """
        self.text = text
        data = text.encode(errors="replace")
        self._is_exact = text != text.lower()
        self._data = data if self._is_exact else data.lower()
        self._pattern: re.Pattern[bytes] | None = None
        if not self._is_exact and any(character.upper() != character for character in text if character > "\x7f"):
            # Bytes have no other case than that of ASCII letters: so every letter is spelt out both ways.
            self._pattern = re.compile(b"".join(map(_either_case, text)), re.IGNORECASE)

    def __bool__(self) -> bool:
        """Whether there is anything to find."""
        return bool(self.text.strip())

    def is_in(self, data: bytes) -> bool:
        """Tell whether it is in a text."""
        if self._pattern is not None:
            return self._pattern.search(data) is not None
        return self._data in (data if self._is_exact else data.lower())

    def spans(self, data: bytes, start: int = 0) -> Iterator[tuple[int, int]]:
        """Give where it is in a text, from a place on, in bytes."""
        if self._pattern is not None:
            yield from (match.span() for match in self._pattern.finditer(data, start))
            return
        data = data if self._is_exact else data.lower()
        while (found := data.find(self._data, start)) >= 0:
            start = found + len(self._data)
            yield found, start


def _either_case(character: str) -> bytes:
    cases = sorted({character, character.lower(), character.upper()})
    return b"(?:" + b"|".join(re.escape(case.encode(errors="replace")) for case in cases) + b")"


def search_texts(
    store: IWorkflowStateStore,
    needle: str,
    *,
    instance_ids: Sequence[str] | None = None,
    former: bool = False,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[SearchHit | SearchProgress]:
    """Search the prompts and AI responses of instances.

    Args:
        store: The store.
        needle: What to find, as it stands; blank finds nothing.
        instance_ids: The instances to search, in this order; None for all, the last changed first.
        former: Whether to search former attempts, too.
        is_cancelled: Asked before every text; if it says yes, nothing more is given.

    Yields:
        Hits, and from time to time how far the search is; that at the end, too, unless it was cancelled.

    Raises:
        StorageError: The instances cannot be listed.
    """
    wanted = Needle(needle)
    done = total = unreadable = cut = 0

    def is_wanted(data: bytes) -> bool:
        return not is_cancelled() and wanted.is_in(data)

    for batch in _batches(store, instance_ids):
        total += len(batch)
        for instance_id in batch if wanted else ():
            if is_cancelled():
                return
            if done % _INSTANCES_PER_PROGRESS == 0:
                yield SearchProgress(done, total, unreadable, cut)
            done += 1
            try:
                for text in store.iterate_texts(instance_id, is_wanted, former=former):
                    if text.problem is not None:
                        unreadable += 1
                        continue
                    count = 0
                    for count, hit in enumerate(hits_in(text, instance_id, wanted), 1):
                        if count > MOST_HITS_PER_TEXT:
                            break
                        yield hit
                    cut += count > MOST_HITS_PER_TEXT
            except ChatFlowError:
                unreadable += 1
    if not is_cancelled():
        yield SearchProgress(done, total, unreadable, cut)


def _batches(store: IWorkflowStateStore, instance_ids: Sequence[str] | None) -> Iterator[Sequence[str]]:
    if instance_ids is not None:
        yield instance_ids
        return
    # One after the other, so that the last changed are searched before the others are even known.
    for batch in store.scan():
        yield [summary.instance_id for summary in batch]


def hits_in(text: StoredText, instance_id: str, needle: Needle) -> Iterator[SearchHit]:
    """Give the lines of a text that have the needle in them."""
    data = text.data
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line, counted_to, next_line = 1, 0, 0
    for start, end in needle.spans(data):
        if start < next_line:
            continue  # the same line again
        line_start = data.rfind(b"\n", 0, start) + 1
        line_end = _line_end(data, end)
        line += data.count(b"\n", counted_to, line_start)
        counted_to, next_line = line_start, line_end + 1
        first = max(line_start, start - _BEFORE_HIT)
        part = data[_whole(data, first) : _whole(data, min(line_end, end + _AFTER_HIT))]
        yield SearchHit(
            instance_id,
            text.phase_name,
            text.kind,
            text.attempt,
            line,
            len(_decoded(data[line_start:start])),
            _decoded(part),
            tuple((len(_decoded(part[:a])), len(_decoded(part[:b]))) for a, b in needle.spans(part)),
            tuple(_lines_before(data, line_start)),
            tuple(_lines_after(data, line_end)),
        )


def _lines_before(data: bytes, line_start: int) -> list[str]:
    lines: list[str] = []
    while line_start > 0 and len(lines) < _CONTEXT_LINES:
        end = line_start - 1
        line_start = data.rfind(b"\n", 0, end) + 1
        lines.insert(0, _decoded(data[line_start : _whole(data, min(end, line_start + _AFTER_HIT))]))
    return lines


def _lines_after(data: bytes, line_end: int) -> list[str]:
    lines: list[str] = []
    while line_end + 1 < len(data) and len(lines) < _CONTEXT_LINES:
        start = line_end + 1
        line_end = _line_end(data, start)
        lines.append(_decoded(data[start : _whole(data, min(line_end, start + _AFTER_HIT))]))
    return lines


def _line_end(data: bytes, start: int) -> int:
    end = data.find(b"\n", start)
    return end if end >= 0 else len(data)


def _whole(data: bytes, place: int) -> int:
    """Go on to where no character is divided."""
    for at in range(place, min(place + 4, len(data))):
        if data[at] & 0xC0 != 0x80:
            return at
    return min(place + 4, len(data))


def _decoded(data: bytes) -> str:
    return data.decode(errors="replace")
