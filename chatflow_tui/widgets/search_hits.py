"""The hits of a full-text search, a line each, and the lines around one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType
from textual.content import Content

from chatflow_core.search import SearchHit
from chatflow_tui.keys.common_keys import HELP, PALETTE
from chatflow_tui.lists.cells import fit, fit_name, without_joiners
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell

_MOST_FEATURE_WIDTH, _MOST_PHASE_WIDTH = 24, 16

# The needle stands at most so far to the right in a line that has to be cut.
_LEAD = 12

_Piece = tuple[str, bool]


class SearchHits(LineList[SearchHit]):
    """A row for each hit: feature, phase, kind of text, number of the line, and the line with the needle marked."""

    # Of the list and not of the screen: there they would be typed.
    BINDINGS: ClassVar[list[BindingType]] = [HELP, PALETTE]

    COMPONENT_CLASSES: ClassVar[set[str]] = {"search-hits--mark"}

    DEFAULT_CSS = """
SearchHits > .search-hits--mark { color: $text-warning; text-style: bold underline; }
"""

    def __init__(self, features: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002
        """Make an empty list.

        Args:
            features: The feature of each instance.
            id: The widget's id.
        """
        super().__init__(id=id)
        self._features = features

    def add(self, hits: Sequence[SearchHit]) -> None:
        """Add hits at the end."""
        first = self.row_count
        self.update_rows({str(first + number): hit for number, hit in enumerate(hits)})

    @property
    def hits(self) -> list[SearchHit]:
        """All hits, in their order."""
        return [hit for key in map(str, range(self.row_count)) if (hit := self.get_row(key)) is not None]

    @property
    def hit(self) -> SearchHit | None:
        """The hit under the cursor."""
        return self.get_row(self.cursor_key) if self.cursor_key is not None else None

    def render_row(self, key: str, row: SearchHit, width: int) -> Sequence[Cell]:  # noqa: ARG002 - as the list wants
        """Render one hit."""
        feature_width = min(_MOST_FEATURE_WIDTH, width // 5)
        phase_width = min(_MOST_PHASE_WIDTH, width // 7)
        kind = row.kind if row.attempt is None else f"{row.kind} {row.attempt}"
        place = f"{fit(kind, 8 if row.attempt is None else 11)} {row.line:>5}  "
        feature = self._features.get(row.instance_id) or row.instance_id
        cells: list[Cell] = [
            (fit_name(feature, feature_width), "line-list--strong"),
            (" ", ""),
            (fit_name(row.phase_name, phase_width), ""),
            (" ", ""),
            (place, "line-list--dim"),
        ]
        room = width - feature_width - phase_width - 2 - cell_len(place)
        for text, is_mark in _line(row, room):
            cells.append((without_joiners(text), "search-hits--mark" if is_mark else ""))
        return cells


def around(hit: SearchHit) -> Content:
    """Show a hit between its neighbours, with the numbers of the lines."""
    width = len(str(hit.line + len(hit.after)))
    lines = [_numbered(hit.line - len(hit.before) + at, width, text) for at, text in enumerate(hit.before)]
    marked = [
        (text, "bold underline $text-warning" if is_mark else "bold") for text, is_mark in _pieces(hit.text, hit.spans)
    ]
    lines.append(Content.assemble((f"{hit.line:>{width}} ▸ ", "bold $text-warning"), *marked))
    lines.extend(_numbered(hit.line + at, width, text) for at, text in enumerate(hit.after, 1))
    return Content("\n").join(lines)


def _numbered(number: int, width: int, text: str) -> Content:
    return Content.assemble((f"{number:>{width}}   ", "$text-muted"), plain_name(text))


def _line(hit: SearchHit, width: int) -> list[_Piece]:
    text, spans = hit.text, hit.spans
    blank = len(text) - len(text.lstrip())
    start = min(blank, spans[0][0]) if spans else blank
    if spans and cell_len(plain_name(text[start : spans[0][1]])) > width:
        start = max(start, spans[0][0] - _LEAD)
    lead = [("…", False)] if start > blank else []
    return lead + _pieces(text[start:], [(first - start, end - start) for first, end in spans if first >= start])


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[_Piece]:
    pieces: list[_Piece] = []
    done = 0
    for first, end in spans:
        pieces.append((text[done:first], False))
        pieces.append((text[first:end], True))
        done = end
    pieces.append((text[done:], False))
    return [(plain_name(piece), is_mark) for piece, is_mark in pieces if piece]
