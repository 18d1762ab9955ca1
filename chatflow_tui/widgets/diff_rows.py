"""Rows of a diff as strips."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chatflow_tui.texts.diff_layout import DiffLayout, DiffRow, Side
from chatflow_tui.texts.text_layout import TextLayout
from chatflow_tui.texts.word_diff import Stretches, WordMarks, mark_words

#: Gives the colours of a name: "", "number", "fold", "gap", "removed", "removed-word", "added", "added-word".
StyleOf = Callable[[str], Style]

_NAMES = {"-": "removed", "+": "added", " ": ""}

# Lines of a pair longer than this have no words marked: to split a megabyte keeps the screen waiting.
_MOST_CHARACTERS = 20_000


def diff_row(layout: DiffLayout, number: int, style_of: StyleOf) -> Strip:
    """Paint a visual row of a diff.

    Args:
        layout: The diff, laid out.
        number: The row, less than `layout.row_count`.
        style_of: The colours.
    """
    row = layout.row(number)
    if row.folded:
        text = f"⋯ {row.folded:,} equal lines ⋯"
        left = max(0, (layout.width - cell_len(text)) // 2)
        return Strip([Segment(" " * left + text, style_of("fold"))]).adjust_cell_length(layout.width, style_of("fold"))
    marks = _marks(layout, row)
    if not layout.side_by_side:
        return _unified(layout, row, marks, style_of)
    halves = (
        _half(layout.left, row.left, layout.digits[0], layout.text_widths[0], marks.left, style_of),
        _half(layout.right, row.right, layout.digits[1], layout.text_widths[1], marks.right, style_of),
    )
    strip = Strip([*halves[0], Segment("│", style_of("gap")), *halves[1]])
    return strip.adjust_cell_length(layout.width, style_of(""))


def _unified(layout: DiffLayout, row: DiffRow, marks: WordMarks, style_of: StyleOf) -> Strip:
    numbers = [
        f"{side.line + 1:>{digits}}" if side is not None and side.is_first else " " * digits
        for side, digits in zip((row.left, row.right), layout.digits, strict=True)
    ]
    segments = [Segment(" ".join(numbers), style_of("number"))]
    if row.left is not None:
        segments += _signed(row.left, layout.left, layout.text_widths[0], marks.left, style_of)
    elif row.right is not None:
        segments += _signed(row.right, layout.right, layout.text_widths[1], marks.right, style_of)
    return Strip(segments)


def _half(
    text: TextLayout, side: Side | None, digits: int, width: int, spans: Stretches, style_of: StyleOf
) -> list[Segment]:
    if side is None:
        return [Segment("╱" * (digits + 3 + width), style_of("gap"))]
    number = f"{side.line + 1:>{digits}}" if side.is_first else " " * digits
    return [Segment(number, style_of("number")), *_signed(side, text, width, spans, style_of)]


def _signed(side: Side, text: TextLayout, width: int, spans: Stretches, style_of: StyleOf) -> list[Segment]:
    """The sign of a side and its text, to its edge."""
    name = _NAMES[side.sign]
    style = style_of(name)
    segments = [Segment(f" {side.sign if side.is_first else ' '} ", style)]
    if side.row is not None:
        _line, line_start, start, end = side.row
        place = start
        for mark_start, mark_end in spans:
            first, last = max(line_start + mark_start, place), min(line_start + mark_end, end)
            if first < last:
                segments += [
                    Segment(text.text[place:first], style),
                    Segment(text.text[first:last], style_of(f"{name}-word")),
                ]
                place = last
        segments.append(Segment(text.text[place:end], style))
    # Spaces that hang over the edge are cut, and a short row goes on to it in the same colour.
    return list(Strip(segments).adjust_cell_length(width + 3, style))


def _marks(layout: DiffLayout, row: DiffRow) -> WordMarks:
    side = row.left if row.left is not None else row.right
    if side is None or side.sign == " ":
        return WordMarks()
    left = row.left.line if row.left is not None else layout.partner_of(side.line)
    right = layout.diff.pairs.get(left, -1) if left >= 0 else -1
    if left < 0 or right < 0 or (row.right is not None and row.right.line != right):
        return WordMarks()
    lines = (
        layout.left.text[slice(*layout.left.line_span(left))],
        layout.right.text[slice(*layout.right.line_span(right))],
    )
    return _words(*lines)


@lru_cache(maxsize=512)
def _words(left: str, right: str) -> WordMarks:
    return mark_words(left, right) if max(len(left), len(right)) <= _MOST_CHARACTERS else WordMarks()
