"""What is known about a text beside what it says: its size, its lines, its tokens, its times.

Pure.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from rich.cells import cell_len

from chatflow_core import TaskExecutionRecord
from chatflow_tui.lists.cells import duration

# No tokenizer is asked: they differ by model and weigh more than this program. These are the
# usual ratios: four characters of English or code, two accented or Cyrillic letters, one
# Chinese character or emoji make a token. Real counts lie some 20 % to either side.
_ASCII_PER_TOKEN = 4
_LETTERS_PER_TOKEN = 2

# Encoded in pieces, so that 50 MB of Chinese do not need 150 MB for a moment.
_PIECE = 1_000_000

_ASCII = bytes(range(0x80))
_CONTINUATION = bytes(range(0x80, 0xC0))
_BELOW_THREE_BYTES = bytes(range(0xE0))

_SEPARATOR = " · "


def estimate_tokens(text: str) -> int:
    """Estimate how many tokens a language model makes of a text.

    A text never has fewer tokens than a part of it.

    Args:
        text: Any text.
    """
    if text.isascii():
        return -(-len(text) // _ASCII_PER_TOKEN)
    letters = others = 0
    for start in range(0, len(text), _PIECE):
        raw = text[start : start + _PIECE].encode("utf-8", "surrogatepass").translate(None, _ASCII)
        # What is left of each character is its first byte, which tells how many there are.
        first_bytes = raw.translate(None, _CONTINUATION)
        wide = len(first_bytes.translate(None, _BELOW_THREE_BYTES))
        others += wide
        letters += len(first_bytes) - wide
    ascii_only = len(text) - letters - others
    unit = _ASCII_PER_TOKEN * _LETTERS_PER_TOKEN
    return -(-(ascii_only * _LETTERS_PER_TOKEN + letters * _ASCII_PER_TOKEN + others * unit) // unit)


def token_words(tokens: int) -> str:
    """Say an estimate, and that it is one."""
    return f"~{rounded(tokens):,} tokens, estimated"


def rounded(count: int) -> int:
    """A number to three digits: more of an estimate would not be so."""
    unit: int = 10 ** max(0, len(str(count)) - 3)
    return (count + unit // 2) // unit * unit


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What is known about one text.

    Attributes:
        size: Bytes of its file.
        lines: Its lines; None while they are not counted.
        tokens: An estimate, see `estimate_tokens`; None while there is none.
        record: The record of the attempt it belongs to; None if there is none.
    """

    size: int
    lines: int | None
    tokens: int | None
    record: TaskExecutionRecord | None = None

    def words(self, width: int, *others: str) -> str:
        """Say as much as there is room for, the most telling first, and in fewer words where that helps.

        Args:
            width: Cells there are.
            others: What else is to be said, and matters more than all of this.
        """
        parts = [
            *((other,) for other in others),
            (byte_size(self.size),),
            () if self.tokens is None else (token_words(self.tokens), f"~{rounded(self.tokens):,} tokens est."),
            _times(self.record),
            () if self.lines is None else (_lines(self.lines),),
        ]
        said = ""
        for part in parts:
            longer = (said + _SEPARATOR + words if said else words for words in part if words)
            said = next((words for words in longer if cell_len(words) <= width), said)
        return said


def byte_size(count: int) -> str:
    """Say a number of bytes in a few characters, such as ``"1.2 KB"``."""
    if count < 1000:
        return f"{count} B"
    size, unit = count / 1000, "KB"
    for larger in ("MB", "GB"):
        if size >= 999.5:
            size, unit = size / 1000, larger
    return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def _times(record: TaskExecutionRecord | None) -> tuple[str, ...]:
    """When an attempt began, and how long it took: ``"14:02:11 → 14:03:20 (1m 09s)"``, or shorter."""
    if record is None:
        return ()
    started = clock_time(record.started_at)
    if record.ended_at is None:
        return (f"since {started}",)
    took = duration(record.ended_at - record.started_at)
    return f"{started} → {clock_time(record.ended_at)} ({took})", f"{started} ({took})"


def clock_time(seconds: float) -> str:
    """The local time of day of a Unix time; ``"?"`` for what no clock can show."""
    if not math.isfinite(seconds):
        return "?"
    try:
        return time.strftime("%H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "?"
