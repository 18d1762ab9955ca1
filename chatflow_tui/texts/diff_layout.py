"""The rows of a diff: unified or side by side, wrapped, with equal lines folded away.

Pure, so that a large diff can be laid out in a thread.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import zip_longest
from typing import NamedTuple

from chatflow_tui.texts.text_diff import Block, Diff
from chatflow_tui.texts.text_layout import Row, TextLayout

#: Equal lines that are shown before and after a change.
CONTEXT = 3

#: Cells that a sign and the spaces around it take.
SIGN_CELLS = 3


class Side(NamedTuple):
    """One side of a row.

    Attributes:
        row: Its part of the text; None below the end of a line that the other side's outlasts.
        is_first: Whether it is the first row of its line, and so is numbered.
        sign: ``"-"``, ``"+"``, or a space where both sides are equal.
        line: Number of the line, from 0.
    """

    row: Row | None
    is_first: bool
    sign: str
    line: int


class DiffRow(NamedTuple):
    """One visual row.

    Attributes:
        left: Its left side; None where only the right text has a line.
        right: Its right side.
        folded: Number of equal lines that this row stands for; 0 for all rows but those.
    """

    left: Side | None
    right: Side | None
    folded: int = 0


class DiffLayout:
    """A diff divided into visual rows.

    Args:
        diff: The diff.
        width: Cells in a row.
        side_by_side: Whether a row shows both texts.
        folds: Whether equal lines far from every change are left out.
    """

    def __init__(self, diff: Diff, width: int, *, side_by_side: bool, folds: bool = True) -> None:
        """Lay both texts out, and find where their lines stand."""
        self.diff = diff
        self.width = width
        self.side_by_side = side_by_side
        self.folds = folds
        digits = [len(str(text.count("\n") + 1)) for text in (diff.left, diff.right)]
        #: Cells of the line numbers of either side.
        self.digits = (digits[0], digits[1])
        #: Cells of the text of either side; unified, of both.
        self.text_widths = self._text_widths()
        # The same width for both, although one half may be a cell wider: equal lines wrap alike.
        self.left = TextLayout(diff.left, min(self.text_widths))
        self.right = TextLayout(diff.right, min(self.text_widths))
        self._lefts, self._rights, self._tops = array("l"), array("l"), array("l")
        self._equal = bytearray()
        self._partners = {right: left for left, right in diff.pairs.items()}
        #: Visual rows at which changes start.
        self.changes: list[int] = []
        #: Number of visual rows.
        self.row_count = 0
        for index, block in enumerate(diff.blocks):
            if block.is_equal:
                self._add_equal(block, is_first=index == 0, is_last=index == len(diff.blocks) - 1)
            else:
                self.changes.append(self.row_count)
                self._add_changed(block)

    def _text_widths(self) -> tuple[int, int]:
        first, second = self.digits
        if not self.side_by_side:
            width = max(2, self.width - first - second - 1 - SIGN_CELLS)
            return width, width
        half = (self.width - 1) // 2
        return max(2, half - first - SIGN_CELLS), max(2, self.width - 1 - half - second - SIGN_CELLS)

    def _add_equal(self, block: Block, *, is_first: bool, is_last: bool) -> None:
        above, below = (0 if is_first else CONTEXT), (0 if is_last else CONTEXT)
        hidden = len(block.left) - above - below
        if not self.folds or hidden < 3:
            above, hidden = len(block.left), 0
        for place in range(above):
            self._add(block.left[place], block.right[place], is_equal=True)
        if hidden:
            # Lines hidden are told from what stands around: a fold is a row without a line.
            self._append(-1 - hidden, -1, 1)
            for place in range(above + hidden, len(block.left)):
                self._add(block.left[place], block.right[place], is_equal=True)

    def _add_changed(self, block: Block) -> None:
        if not self.side_by_side:
            for line in block.left:
                self._add(line, -1)
            for line in block.right:
                self._add(-1, line)
            return
        i, j = block.left.start, block.right.start
        pairs = [(line, self.diff.pairs[line]) for line in block.left if line in self.diff.pairs]
        for left, right in [*pairs, (block.left.stop, block.right.stop)]:
            # What became nothing that is known stands beside what came of nothing, to save rows.
            for one, other in zip_longest(range(i, left), range(j, right), fillvalue=-1):
                self._add(one, other)
            if left < block.left.stop:
                self._add(left, right)
            i, j = left + 1, right + 1

    def _add(self, left: int, right: int, *, is_equal: bool = False) -> None:
        heights = [_height(layout, line) for layout, line in ((self.left, left), (self.right, right)) if line >= 0]
        self._append(left, right, max(heights), is_equal=is_equal)

    def _append(self, left: int, right: int, height: int, *, is_equal: bool = True) -> None:
        self._equal.append(is_equal)
        self._lefts.append(left)
        self._rights.append(right)
        self._tops.append(self.row_count)
        self.row_count += height

    def row(self, number: int) -> DiffRow:
        """A visual row.

        Args:
            number: From 0; less than `row_count`.
        """
        index = bisect_right(self._tops, number) - 1
        left, right, part = self._lefts[index], self._rights[index], number - self._tops[index]
        if left < -1:
            return DiffRow(None, None, -1 - left)
        is_equal = self._equal[index]
        return DiffRow(
            _side(self.left, left, part, " " if is_equal else "-"),
            _side(self.right, right, part, " " if is_equal else "+"),
        )

    def partner_of(self, right: int) -> int:
        """The line of the left text that became a line of the right one; -1 if there is none."""
        return self._partners.get(right, -1)

    def lines_at(self, number: int) -> tuple[int, int]:
        """The lines, left and right, at or before a visual row; for finding the place in another layout."""
        index = bisect_right(self._tops, number) - 1
        left = next((line for line in reversed(self._lefts[: index + 1]) if line >= 0), 0)
        right = next((line for line in reversed(self._rights[: index + 1]) if line >= 0), 0)
        return left, right

    def row_of(self, left: int, right: int) -> int:
        """The visual row of the last line that is not after the given ones; the reverse of `lines_at`."""
        found = 0
        for i, j, top in zip(self._lefts, self._rights, self._tops, strict=True):
            if i > left or j > right:
                break
            if i >= 0 or j >= 0:
                found = top
        return found


def _height(layout: TextLayout, line: int) -> int:
    start, end = layout.line_span(line)
    return layout.row_at(end) - layout.row_at(start) + 1


def _side(layout: TextLayout, line: int, part: int, sign: str) -> Side | None:
    if line < 0:
        return None
    first = layout.row_at(layout.line_span(line)[0])
    row = layout.row(first + part) if part < _height(layout, line) else None
    return Side(row, part == 0, sign, line)
