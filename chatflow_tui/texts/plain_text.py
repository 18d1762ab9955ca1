"""Untrusted text made harmless, and visibly so.

What is replaced by what is told by `chatflow_core.harmless_text`. Here are the parts that know
how wide a character is on the screen, and the screen library's last stop.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from chatflow_core.harmless_text import MAX_MARKS, OBEYED, REPLACEMENT, plain_lines, plain_name

__all__ = ["MAX_MARKS", "REPLACEMENT", "ControlFilter", "plain_name", "plain_text"]

TAB_SIZE = 4

# One call into C holds back every other thread until it returns: a screen must stay alive
# while another thread cleans 50 MB, so that is done in pieces of whole lines.
_PIECE = 1_000_000


def plain_text(text: str) -> str:
    r"""Make a text of many lines harmless to show.

    Newlines stay (``\r\n`` and ``\r`` become ``\n``), tabs become spaces up to the next column
    that is a multiple of 4, counted in terminal cells. Every other control character becomes
    its control picture; bidi controls, invisible format characters and lone surrogates become
    U+FFFD, as does what a stack of combining marks has beyond `MAX_MARKS`. A mark that has no
    base gets a dotted circle for one. Joiners and variation selectors stay.

    Args:
        text: Any text.

    Returns:
        The harmless text; the same object if the text was harmless already.
    """
    if len(text) <= _PIECE:
        return _clean(text)
    pieces = list(_pieces(text))
    cleaned = [_clean(piece) for piece in pieces]
    return text if all(map(operator.is_, pieces, cleaned)) else "".join(cleaned)


class ControlFilter(LineFilter):
    """A backstop: deletes control characters from all that is on its way to the terminal.

    All text should have gone through `plain_text` or `plain_name`; this holds for what did not.
    What it deletes takes no cell, so nothing moves.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        """Delete control characters and bidi controls; a surrogate, which takes a cell, becomes U+FFFD.

        Args:
            segments: The segments of one line.
            background: Unused.

        Returns:
            The same list if nothing had to be deleted.
        """
        # Nothing that is obeyed is printable, and asking costs some 30 ns a segment.
        if all(segment.text.isprintable() or segment.control for segment in segments):
            return segments
        return [
            segment._replace(text=OBEYED.sub(_nothing_as_wide, segment.text)) if not segment.control else segment
            for segment in segments
        ]


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start + _PIECE) + 1 or len(text)
        yield text[start:end]
        start = end


def _clean(text: str) -> str:
    return _expand_tabs(plain_lines(text))


def _nothing_as_wide(match: re.Match[str]) -> str:
    return REPLACEMENT if match[0] >= "\ud800" else ""


def _expand_tabs(text: str) -> str:
    if "\t" not in text:
        return text
    if text.isascii():
        return text.expandtabs(TAB_SIZE)
    return "\n".join([_expand_tabs_of_line(line) for line in text.split("\n")])


def _expand_tabs_of_line(line: str) -> str:
    if "\t" not in line:
        return line
    if line.isascii():
        return line.expandtabs(TAB_SIZE)
    *before_tabs, last = line.split("\t")
    # A piece starts at a multiple of the tab size, so its own width is all that matters.
    pieces = [piece + " " * (TAB_SIZE - cell_len(piece) % TAB_SIZE) for piece in before_tabs]
    return "".join(pieces) + last
