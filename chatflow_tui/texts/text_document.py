"""A text made ready to be shown: harmless, laid out, its fences found.

Pure, so that a large text can be prepared in a thread.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from chatflow_tui.texts.markdown_style import MarkdownStyle
from chatflow_tui.texts.plain_text import plain_text
from chatflow_tui.texts.text_facts import estimate_tokens
from chatflow_tui.texts.text_layout import TextLayout, whole_character

#: Characters of a text that is prepared at once (20 to 100 ms on a slow machine); a larger one
#: needs a thread. Text that is not ASCII has to be measured and takes longer.
AT_ONCE_ASCII, AT_ONCE_OTHER = 2_000_000, 500_000

# Characters of a large text that are shown until all of it is laid out: more than any screen has room for.
_BEGINNING = 50_000

# Line numbers take no room from a text that has less than this.
_LEAST_BESIDE_NUMBERS = 16


class Wanted(NamedTuple):
    """What is to be shown, and how.

    Attributes:
        raw: The text as it was read.
        key: What the text is, whatever it says at the moment.
        width: Cells in a row.
        wrap: Whether long lines continue in the next row.
        numbers: Whether to leave room for line numbers at the left.
    """

    raw: str
    key: Hashable
    width: int
    wrap: bool
    numbers: bool = False

    @property
    def is_large(self) -> bool:
        """Whether to prepare it would keep a screen waiting."""
        return len(self.raw) > (AT_ONCE_ASCII if self.raw.isascii() else AT_ONCE_OTHER)

    @property
    def beginning(self) -> Wanted:
        """The beginning of the text, to be looked at until the whole is ready."""
        return self._replace(raw=self.raw[:_BEGINNING])


class Document(NamedTuple):
    """A text that is ready to be shown.

    Attributes:
        wanted: What it was made for.
        layout: The rows of its text.
        style: The styles of its lines.
        tokens: An estimate, see `estimate_tokens`.
        gutter: Cells left free for line numbers.
    """

    wanted: Wanted
    layout: TextLayout
    style: MarkdownStyle
    tokens: int = 0
    gutter: int = 0

    @property
    def text(self) -> str:
        """The whole text, harmless."""
        return self.layout.text

    def span(self, start: tuple[int, int] | None, end: tuple[int, int] | None) -> tuple[int, int]:
        """The stretch between two places, as offsets in the text.

        Args:
            start: (character in the line, line), or None for the start of the text.
            end: Likewise, or None for its end. A character is never divided from its accents.
        """
        first = 0 if start is None else self.layout.offset_at(start[1], start[0])
        last = len(self.text) if end is None else self.layout.offset_at(end[1], end[0])
        return first, max(first, whole_character(self.text, last))

    def lines(self, start: tuple[int, int] | None, end: tuple[int, int] | None) -> str:
        """The lines that a stretch touches, whole; places as for `span`."""
        first, last = self.span(start and (0, start[1]), end)
        line_end = self.text.find("\n", last)
        return self.text[first : line_end if line_end >= 0 else len(self.text)]


def prepare(wanted: Wanted, shown: Document | None = None) -> Document:
    """Make a text ready to be shown.

    Args:
        wanted: The text.
        shown: What was shown before; what does not depend on the width is taken from it.
    """
    if shown is not None and shown.wanted.raw is wanted.raw:
        text, style, tokens = shown.text, shown.style, shown.tokens
    else:
        text = plain_text(wanted.raw)
        style, tokens = MarkdownStyle(text), estimate_tokens(text)
    gutter = _gutter(text, wanted.width) if wanted.numbers else 0
    return Document(wanted, TextLayout(text, wanted.width - gutter, wanted.wrap), style, tokens, gutter)


def _gutter(text: str, width: int) -> int:
    gutter = len(str(text.count("\n") + 1)) + 2
    return gutter if width - gutter >= _LEAST_BESIDE_NUMBERS else 0
