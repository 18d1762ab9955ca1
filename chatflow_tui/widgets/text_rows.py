"""Rows of a text as strips: one to be painted, one to be pointed at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from rich.cells import split_graphemes
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chatflow_tui.texts.markdown_style import BLOCK_STYLES, LineStyle
from chatflow_tui.texts.text_document import Document
from chatflow_tui.texts.text_layout import Row


class Mark(NamedTuple):
    """A stretch of the text in colours of its own.

    Attributes:
        start: Its first character, as an offset in the text.
        end: Its end.
        style: The colours.
    """

    start: int
    end: int
    style: Style


def painted_row(
    document: Document,
    row: Row,
    line_style: LineStyle,
    style_of: Callable[[str], Style],
    *layers: Iterable[Mark],
) -> tuple[Strip, Style]:
    """Paint a row.

    Args:
        document: The text.
        row: The row.
        line_style: How the line that it is part of looks.
        style_of: Gives the colours of a style's name; of the empty name, those of plain text.
        layers: Marks that lie over the text, such as hits, and over those the selection. Those of
            one layer are in order and do not overlap; what reaches beyond the row is left out.

    Returns:
        The whole row, and the style in which to go on to the right edge.
    """
    base = style_of(line_style.base)
    spans = [
        Mark(row.line_start + start, row.line_start + end, style_of(name)) for start, end, name in line_style.spans
    ]
    pieces = _laid_over([Mark(row.start, row.end, base)], spans, lambda _below, above: above)
    for layer in layers:
        pieces = _laid_over(pieces, layer, lambda below, above: below + above)
    strip = Strip([Segment(document.text[start:end], style) for start, end, style in pieces])
    return strip, base if line_style.base in BLOCK_STYLES else style_of("")


def _laid_over(pieces: list[Mark], marks: Iterable[Mark], mix: Callable[[Style, Style], Style]) -> list[Mark]:
    """Divide the pieces of a row where marks begin and end, and give what is marked its new style."""
    remaining = iter(marks)
    mark = next(remaining, None)
    divided = []
    for piece in pieces:
        place = piece.start
        while mark is not None and mark.start < piece.end:
            start, end = max(mark.start, place), min(mark.end, piece.end)
            if start < end:
                if place < start:
                    divided.append(Mark(place, start, piece.style))
                divided.append(Mark(start, end, mix(piece.style, mark.style)))
                place = end
            if mark.end > piece.end:
                break
            mark = next(remaining, None)
        if place < piece.end:
            divided.append(Mark(place, piece.end, piece.style))
    return divided


def pointed_row(document: Document, row: Row, first_cell: int, width: int) -> Strip:
    """A row for Textual to find out which character the pointer is at; it is never painted.

    Textual takes the second cell of a wide character for the character after it, so a drag over
    Chinese copied one character too many every other time. Here each cell is a segment that
    knows its own character.

    Args:
        document: The text.
        row: The row.
        first_cell: Number of the first visible cell.
        width: Number of visible cells, those of the document's gutter included.
    """
    shift = row.start - row.line_start
    text = document.text[row.start : row.end]
    columns = [start for start, _end, cells in split_graphemes(text)[0] for _cell in range(cells)]
    visible = columns[first_cell : first_cell + width - document.gutter]
    # A line number stands for the first character beside it.
    visible[:0] = (visible[:1] or [0]) * document.gutter
    # Beyond the text the pointer is at the line's end. Where the line goes on in the next row
    # it is at the last character, since what Textual calls the end lies one further on.
    goes_on = row.end < document.layout.line_span(row.line)[1]
    beyond = len(text) - 1 if goes_on else len(text)
    visible += [beyond] * (width - len(visible))
    return Strip([Segment(" ", Style.from_meta({"offset": (shift + column, row.line)})) for column in visible], width)
