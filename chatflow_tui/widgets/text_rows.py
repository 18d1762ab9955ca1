"""Rows of a text as strips: one to be painted, one to be pointed at."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from rich.cells import split_graphemes
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chatflow_tui.markdown_style import BLOCK_STYLES, LineStyle
from chatflow_tui.text_document import Document
from chatflow_tui.text_layout import Row


def painted_row(
    document: Document,
    row: Row,
    line_style: LineStyle,
    style_of: Callable[[str], Style],
    selected: tuple[int, int, Style] | None,
) -> tuple[Strip, Style]:
    """Paint a row.

    Args:
        document: The text.
        row: The row.
        line_style: How the line that it is part of looks.
        style_of: Gives the colours of a style's name; of the empty name, those of plain text.
        selected: Start and end of the selection as offsets in the text, and its colours.

    Returns:
        The whole row, and the style in which to go on to the right edge.
    """
    base = style_of(line_style.base)
    text = document.text[row.start : row.end]
    shift = row.start - row.line_start
    stretches = [
        (max(0, start - shift), min(len(text), end - shift), style_of(name))
        for start, end, name in line_style.spans
        if start - shift < len(text) and end > shift
    ]
    edges = {0, len(text)}
    for start, end, _style in stretches:
        edges |= {start, end}
    chosen = range(0)
    if selected is not None:
        first, last, selection_style = selected
        chosen = range(max(0, first - row.start), min(len(text), last - row.start))
        if chosen:
            edges |= {chosen.start, chosen.stop}
    segments = []
    for start, end in pairwise(sorted(edges)):
        style = next((style for left, right, style in stretches if left <= start < right), base)
        if start in chosen:
            style += selection_style
        segments.append(Segment(text[start:end], style))
    return Strip(segments), base if line_style.base in BLOCK_STYLES else style_of("")


def pointed_row(document: Document, row: Row, first_cell: int, width: int) -> Strip:
    """A row for Textual to find out which character the pointer is at; it is never painted.

    Textual takes the second cell of a wide character for the character after it, so a drag over
    Chinese copied one character too many every other time. Here each cell is a segment that
    knows its own character.

    Args:
        document: The text.
        row: The row.
        first_cell: Number of the first visible cell.
        width: Number of visible cells.
    """
    shift = row.start - row.line_start
    text = document.text[row.start : row.end]
    columns = [start for start, _end, cells in split_graphemes(text)[0] for _cell in range(cells)]
    visible = columns[first_cell : first_cell + width]
    # Beyond the text the pointer is at the line's end. Where the line goes on in the next row
    # it is at the last character, since what Textual calls the end lies one further on.
    goes_on = row.end < document.layout.line_span(row.line)[1]
    beyond = len(text) - 1 if goes_on else len(text)
    visible += [beyond] * (width - len(visible))
    return Strip([Segment(" ", Style.from_meta({"offset": (shift + column, row.line)})) for column in visible], width)
