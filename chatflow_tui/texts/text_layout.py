"""Where each character of a text stands on the screen.

A `TextLayout` divides a text into visual rows of a given width. All it keeps are two arrays of
offsets, where lines and where rows begin: 4 bytes each, found again by bisection. Wherever a
text is mentioned by position, that is an offset in characters from the start of the text;
widths are in terminal cells.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from rich.cells import get_character_cell_size, split_graphemes

#: A line that is not wrapped is folded here all the same, so that one row never holds a megabyte.
FOLD_WIDTH = 4096

_JOINERS = ("\u200d", "\ufe0f")  # characters that change the width of what stands beside them

# Chinese and Japanese may break between any two characters but around these; Markdown's own
# marks stay with what they mark, on either side.
_NEVER_FIRST = frozenset("，。、；：？！）」』】》〉〕｝］…—”’％℃·～ゝ々ーっゃゅょァィゥェォッャュョ,.;:?!)]}%*_`~")
_NEVER_LAST = frozenset("（「『【《〈〔｛［“‘￥＄([{$*_`~#")

_FLAG_HALVES = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # two of them make one flag


class _CellWidths(dict[str, int]):
    """Widths of characters in cells; reading a dict is several times faster than asking Rich."""

    def __missing__(self, character: str) -> int:
        width = self[character] = get_character_cell_size(character)
        return width


_widths = _CellWidths()


class Row(NamedTuple):
    """One visual row.

    Attributes:
        line: Number of the logical line that the row is part of, from 0.
        line_start: Where that line starts in the text.
        start: Where the row starts in the text.
        end: Where it ends: the spaces it was broken at belong to it, the newline does not.
    """

    line: int
    line_start: int
    start: int
    end: int


class TextLayout:
    """A text divided into visual rows.

    Args:
        text: The text, free of control characters but newlines.
        width: Cells in a row, at least 2 (a Chinese character must fit).
        wrap: Whether long lines continue in the next row, at words where possible. If not, each
            line is one row, up to `FOLD_WIDTH` cells.
    """

    __slots__ = ("_line_starts", "_row_starts", "text", "widest", "width", "wrap")

    def __init__(self, text: str, width: int, wrap: bool = True) -> None:
        """Divide the text; about 5 ms for a megabyte of English, 60 ms for one of Chinese."""
        self.text = text
        self.width = max(2, width)
        self.wrap = wrap
        #: Cells of the widest row; never too few, and a few too many only where emoji are joined.
        self.widest = 0
        typecode = "I" if len(text) < 2**32 - 1 else "Q"
        self._line_starts = array(typecode)
        self._row_starts = array(typecode)
        self._divide()

    @property
    def line_count(self) -> int:
        """Number of logical lines; an empty text has one."""
        return len(self._line_starts)

    @property
    def row_count(self) -> int:
        """Number of visual rows, at least that of the lines."""
        return len(self._row_starts)

    def row(self, number: int) -> Row:
        """The place of a row in the text.

        Args:
            number: Number of the row, from 0; less than `row_count`.
        """
        start = self._row_starts[number]
        line = bisect_right(self._line_starts, start) - 1
        line_end = self.line_span(line)[1]
        end = self._row_starts[number + 1] if number + 1 < len(self._row_starts) else line_end
        return Row(line, self._line_starts[line], start, min(end, line_end))

    def row_at(self, offset: int) -> int:
        """The number of the row which holds the character at an offset (clamped to the text)."""
        return max(0, bisect_right(self._row_starts, offset) - 1)

    def line_at(self, offset: int) -> int:
        """The number of the line which holds the character at an offset (clamped to the text)."""
        return max(0, bisect_right(self._line_starts, offset) - 1)

    def line_span(self, line: int) -> tuple[int, int]:
        """Where a line starts and ends in the text, without its newline.

        Args:
            line: Number of the line, from 0; less than `line_count`.
        """
        following = line + 1
        end = self._line_starts[following] - 1 if following < len(self._line_starts) else len(self.text)
        return self._line_starts[line], end

    def offset_at(self, line: int, column: int) -> int:
        """The offset of a place given by line and column in characters (both clamped to the text)."""
        if line >= self.line_count:
            return len(self.text)
        start, end = self.line_span(max(0, line))
        return min(start + max(0, column), end)

    def _divide(self) -> None:
        text, limit = self.text, self.width if self.wrap else FOLD_WIDTH
        line_starts, row_starts = self._line_starts, self._row_starts
        add_line, add_row, find = line_starts.append, row_starts.append, text.find
        ascii_only = text.isascii()
        widest = start = 0
        length = len(text)
        while start <= length:
            end = find("\n", start)
            if end < 0:
                end = length
            add_line(start)
            add_row(start)
            count = end - start
            # No character is wider than two cells, so most lines need not be measured.
            width = count if ascii_only or widest >= 2 * count <= limit else _cells(text[start:end])
            if width > limit:
                row_starts.extend(_breaks(text, start, end, limit))
                width = limit
            widest = max(widest, width)
            start = end + 1
        self.widest = widest


def _cells(line: str) -> int:
    if line.isascii():
        return len(line)
    return sum(map(_widths.__getitem__, line)) + line.count("\ufe0f")


def _breaks(text: str, start: int, end: int, width: int) -> list[int]:
    """Where the rows of a line begin, but for the first."""
    ascii_only = text.isascii() or text[start:end].isascii()
    starts: list[int] = []
    while True:
        fitting = min(start + width, end) if ascii_only else _fitting(text, start, end, width)
        if fitting == end:
            return starts
        cut = _last_space(text, start, fitting) if ascii_only else _last_break(text, start, fitting)
        # The spaces a row is broken at hang over its end, so that the next one starts with a word;
        # but not without limit, or a row could hold a megabyte of spaces.
        hanging = min(end, cut + width)
        # A space that carries a mark is seen, and begins the next row.
        while cut < hanging and text[cut] == " " and whole_character(text, cut + 1) == cut + 1:
            cut += 1
        if cut == end:
            return starts
        starts.append(cut)
        start = cut


def _last_space(text: str, start: int, fitting: int) -> int:
    space = text.rfind(" ", start, fitting + 1)
    # Breaking within the indentation would only give an empty row.
    if space <= start or (text[start] == " " and text[start:space].isspace()):
        return fitting
    return space


def _last_break(text: str, start: int, fitting: int) -> int:
    if text[fitting] == " ":
        return fitting
    for cut in range(fitting, start, -1):
        if _may_break(text[cut - 1], text[cut]):
            return fitting if text[start:cut].isspace() else cut
    return fitting


def _may_break(before: str, after: str) -> bool:
    if _widths[after] == 0 or before == "\u200d":
        return False
    if before in " \u3000":
        return True
    if after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return _widths[after] == 2 or _widths[before] == 2


def _fitting(text: str, start: int, end: int, width: int) -> int:
    """How far a row can reach at most without dividing what is seen as one character."""
    size = width // 2 + 8
    while True:
        piece = text[start : min(end, start + size)]
        if any(joiner in piece for joiner in _JOINERS):
            count = _fitting_graphemes(piece, width)
        else:
            count = bisect_right(list(accumulate(map(_widths.__getitem__, piece))), width)
        if count < len(piece):
            break
        if start + count == end:
            return end
        size *= 2
    if piece[count] in _FLAG_HALVES and count > 1:
        before = piece[:count]
        halves = len(before) - len(before.rstrip(_FLAG_HALVES))
        count -= halves % 2
    while count > 1 and whole_character(text, start + count) != start + count:
        count -= 1
    return start + max(1, count)


def _fitting_graphemes(piece: str, width: int) -> int:
    total = 0
    for start, _end, cells in split_graphemes(piece)[0]:
        total += cells
        if total > width:
            return start
    return len(piece)


def whole_character(text: str, offset: int) -> int:
    """Move an offset on to where what is seen as one character ends.

    Args:
        text: Any text.
        offset: A place in it.

    Returns:
        The offset itself, or the next one which has no combining mark, variation selector or
        joiner on its right, nor a joiner on its left.
    """
    while 0 < offset < len(text) and text[offset] != "\n":
        if _widths[text[offset]] > 0 and text[offset - 1] != "\u200d":
            break
        offset += 1
    return offset
