"""Paints a text that has been laid out, and lets it be selected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from chatflow_tui.texts.markdown_style import STYLES
from chatflow_tui.texts.plain_text import plain_text
from chatflow_tui.texts.text_document import Document
from chatflow_tui.texts.text_layout import Row, TextLayout
from chatflow_tui.widgets.text_rows import Mark, painted_row, pointed_row

_NOT_NEWLINE = re.compile(r"[^\n]")


class TextCanvas(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows the visible rows of a `Document`, or a note where there is none.

    Nothing in the text is read as markup. Places in it that are handed to Textual's selection
    are (character in the logical line, logical line).
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"text-view--{name}" for name in (*STYLES, "note", "number")}

    DEFAULT_CSS = """
    TextCanvas {
        background: $background;
        color: $foreground;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .text-view--heading { color: $text-primary; text-style: bold; }
        & > .text-view--fence { color: $text-muted; background: $surface; }
        & > .text-view--code { background: $surface; }
        & > .text-view--added { color: $text-success; background: $surface; }
        & > .text-view--removed { color: $text-error; background: $surface; }
        & > .text-view--hunk { color: $text-secondary; background: $surface; text-style: bold; }
        & > .text-view--quote { color: $text-muted; text-style: italic; }
        & > .text-view--rule { color: $text-muted; }
        & > .text-view--bullet { color: $text-primary; text-style: bold; }
        & > .text-view--inline-code { color: $text-accent; background: $surface; }
        & > .text-view--strong { text-style: bold; }
        & > .text-view--note { color: $text-muted; }
        & > .text-view--number { color: $foreground 40%; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's
        """Make an empty canvas."""
        super().__init__(id=id, classes=classes)
        self._document: Document | None = None
        self._beginning: Document | None = None
        self._note = ""
        self._painting = False
        self._strips: LRUCache[tuple[int, int, int], Strip] = LRUCache(512)

    @property
    def text(self) -> str:
        """The whole text as shown (harmless); empty while there is only a note."""
        return self._document.text if self._document is not None else ""

    @property
    def selected_text(self) -> str:
        """The selected characters, exactly; empty if there are none."""
        selection = self.text_selection if self.is_attached else None
        extracted = self.get_selection(selection) if selection is not None else None
        return extracted[0] if extracted is not None else ""

    @property
    def allow_select(self) -> bool:
        """Whether there is a text to select from."""
        return bool(self.text) and super().allow_select

    def require_text(self) -> bool:
        """Tell whether there is a text; who has pressed a key for one is told if there is none."""
        if not self.text:
            self.notify("There is no text here to do that with", markup=False)
        return bool(self.text)

    def set_document(self, document: Document | None, beginning: Document | None = None) -> None:
        """Paint another document from now on, or only the note.

        Args:
            document: The text.
            beginning: What to paint of a text that is not there yet, the note below it. It is only looked at: there
                is still no text to find, select or copy anything in.
        """
        self._document, self._beginning = document, beginning
        size = (document.gutter + document.layout.widest, document.layout.row_count) if document else (0, 0)
        self.virtual_size = Size(*size)
        self._strips.clear()
        self.refresh()

    def deselect(self) -> None:
        """Drop the selection in this text."""
        if self.is_attached and self in self.screen.selections:
            others = {widget: part for widget, part in self.screen.selections.items() if widget is not self}
            self.screen.selections = others

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The characters under a selection, wrapped lines joined.

        Args:
            selection: Two places in the text.

        Returns:
            The characters and what ends them; None if there is nothing to copy.
        """
        if self._document is None:
            return None
        start, end = self._document.span(*selection)
        return (self.text[start:end], "\n") if self.is_worth_copying(start, end) else None

    def is_worth_copying(self, start: int, end: int) -> bool:
        """Whether there is more than line ends between two offsets: those Textual would copy as nothing."""
        return _NOT_NEWLINE.search(self.text, start, end) is not None

    def selection_updated(self, selection: Selection | None) -> None:
        """Repaint; a selection of nothing is dropped, as Textual would copy the empty string."""
        if selection is not None and self._document is not None:
            start, end = self._document.span(*selection)
            if not self.is_worth_copying(start, end):
                self.deselect()
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget what was painted in other colours."""
        super().notify_style_update()
        self._strips.clear()

    def _repaint(self) -> None:
        self._strips.clear()
        self.refresh()

    def _style_of(self, name: str) -> Style:
        return self.get_component_rich_style(f"text-view--{name}") if name else self.rich_style

    def _selection_style(self) -> Style:
        style = self.screen.get_component_rich_style("screen--selection")
        # Most themes choose only a background: their text colour is transparent.
        has_color = self.screen.get_component_styles("screen--selection").color.a > 0
        return style if has_color else Style(bgcolor=style.bgcolor)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the visible rows."""
        self._painting = True
        try:
            return super().render_lines(crop)
        finally:
            self._painting = False

    def render_line(self, y: int) -> Strip:
        """One visible row: to be painted, or else for Textual to find what the pointer is at."""
        width = self.scrollable_content_region.width
        if self._document is None:
            return self._note_row(y, width) if self._beginning is None else self._row_of(self._beginning, y, width)
        layout = self._document.layout
        left, top = self.scroll_offset
        if not self._painting:
            return pointed_row(self._document, layout.row(min(top + y, layout.row_count - 1)), left, width)
        if top + y >= layout.row_count:
            return Strip.blank(width, self.rich_style)
        return self._painted_row(self._document, top + y, left, width)

    def _painted_row(self, document: Document, number: int, left: int, width: int) -> Strip:
        row = document.layout.row(number)
        selected: list[Mark] = []
        if (selection := self.text_selection) is not None:
            start, end = document.span(*selection)
            if start < row.end and end > row.start:
                selected = [Mark(start, end, self._selection_style())]
        place = (number, left, width)
        if not selected and (kept := self._strips.get(place)) is not None:
            return kept
        line_style = document.style.line(*document.layout.line_span(row.line))
        strip, rest = painted_row(document, row, line_style, self._style_of, self._hits_in(row), selected)
        strip = strip.crop_extend(left, left + width - document.gutter, self._beyond(row, rest))
        if document.gutter:
            strip = Strip.join([self._numbered(document, row), strip])
        if not selected:
            self._strips[place] = strip
        return strip

    def _numbered(self, document: Document, row: Row) -> Strip:
        """The line's number at the left of its first row."""
        number = f"{row.line + 1:>{document.gutter - 1}} " if row.start == row.line_start else " " * document.gutter
        return Strip([Segment(number, self._style_of("number"))], document.gutter)

    def _hits_in(self, row: Row) -> Sequence[Mark]:  # noqa: ARG002 - for those that find
        """What is marked in a row; nothing here."""
        return ()

    def _beyond(self, row: Row, rest: Style) -> Style:  # noqa: ARG002 - for those that select
        """The style of a row from its end to the right edge."""
        return rest

    def _row_of(self, beginning: Document, y: int, width: int) -> Strip:
        """A row of the beginning of a text, or the note in the lowest one."""
        if y >= self.scrollable_content_region.height - 1:
            return Strip([Segment(self._note, self._style_of("note"))]).adjust_cell_length(width, self.rich_style)
        if not self._painting or y >= beginning.layout.row_count:
            return Strip.blank(width, self.rich_style)
        row = beginning.layout.row(y)
        line_style = beginning.style.line(*beginning.layout.line_span(row.line))
        strip, rest = painted_row(beginning, row, line_style, self._style_of)
        strip = strip.crop_extend(0, width - beginning.gutter, rest)
        return Strip.join([self._numbered(beginning, row), strip]) if beginning.gutter else strip

    def _note_row(self, y: int, width: int) -> Strip:
        layout = TextLayout(plain_text(self._note), width - 4)
        number = y - max(0, (self.scrollable_content_region.height - layout.row_count) // 2)
        if not 0 <= number < layout.row_count:
            return Strip.blank(width, self.rich_style)
        row = layout.row(number)
        text = layout.text[row.start : row.end].rstrip()
        left = max(0, (width - cell_len(text)) // 2)
        strip = Strip([Segment(" " * left, self.rich_style), Segment(text, self._style_of("note"))])
        return strip.adjust_cell_length(width, self.rich_style)
