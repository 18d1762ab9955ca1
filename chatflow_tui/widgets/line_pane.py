"""Lines of coloured cells between a fixed header and footer, with a cursor line and a line under the mouse.

This is the painting half of `LineList`: it asks what stands on a line and
turns it into segments. Nothing here ever parses markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, TypeAlias

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from chatflow_tui.lists.status_style import STATUS_CLASSES, STATUS_CSS

#: A piece of a line: harmless text, and the component class that colours it or ``""``.
Cell: TypeAlias = tuple[str, str]

# Marks the cursor's line where colours cannot: in ANSI themes, without colour, without the focus.
_CURSOR_MARK, _NO_MARK = "▌", " "


class LinePane(ScrollView, inherit_bindings=False):
    """Paints lines; what is on them and where the cursor is, a subclass knows."""

    ALLOW_SELECT = False

    #: How many lines above the rows `render_header` fills; they do not scroll.
    HEADER_LINES: ClassVar[int] = 0

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line-list--cursor",
        "line-list--dim",
        "line-list--header",
        "line-list--hover",
        "line-list--strong",
        "line-list--track",
        *STATUS_CLASSES,
    }

    DEFAULT_CSS = (
        """
LinePane {
    background: $surface;
    color: $foreground;
    overflow-x: hidden;
    overflow-y: auto;
    scrollbar-size-vertical: 1;
    & > .line-list--header { color: $text-muted; background: $boost; }
    & > .line-list--strong { text-style: bold; }
    & > .line-list--dim { color: $text-muted; }
    & > .line-list--track { color: $text-disabled; }
    & > .line-list--hover { background: $block-hover-background; }
    & > .line-list--cursor {
        color: $block-cursor-blurred-foreground;
        background: $block-cursor-blurred-background;
        text-style: $block-cursor-blurred-text-style;
    }
    &:focus > .line-list--cursor {
        color: $block-cursor-foreground;
        background: $block-cursor-background;
        text-style: $block-cursor-text-style;
    }
    &:ansi > .line-list--dim { text-style: dim; }
    &:ansi > .line-list--track { text-style: dim; }
"""
        + STATUS_CSS
        + "}"
    )

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Make a pane.

        Args:
            id: The widget's id.
            classes: Its style classes.
        """
        super().__init__(id=id, classes=classes)
        self._hover_y: int | None = None

    # What a subclass knows

    @property
    def cursor_index(self) -> int:
        """Position of the row under the cursor, from 0; -1 if there is none."""
        raise NotImplementedError

    def cells_at(self, index: int, width: int) -> tuple[Sequence[Cell], str] | None:
        """Say what the row at a position looks like.

        Args:
            index: The position, from 0.
            width: The cells there are; what is missing is filled up, what is too much is cut.

        Returns:
            The pieces of the line, and a component class for the whole of it or ``""``; None past the end.
        """
        raise NotImplementedError

    def render_header(self, y: int, width: int) -> Sequence[Cell]:
        """Render one of the `HEADER_LINES` lines.

        Args:
            y: Which line, from 0.
            width: The cells there are.

        Returns:
            The pieces of the line.
        """
        raise NotImplementedError

    @property
    def footer_lines(self) -> int:
        """How many lines below the rows `render_footer` fills; they do not scroll."""
        return 0

    def render_footer(self, y: int, width: int) -> Sequence[Cell]:
        """Render one of the `footer_lines` lines, as `render_header` does."""
        raise NotImplementedError

    # Painting

    @property
    def page_height(self) -> int:
        """How many rows fit on the screen."""
        return max(0, self.size.height - self.HEADER_LINES - self.footer_lines)

    @property
    def line_width(self) -> int:
        """How many cells a line has, the scroll bar not counted."""
        return self.scrollable_size.width

    def render_line(self, y: int) -> Strip:
        """Render a line of the screen.

        Args:
            y: The line, from 0 at the top of the widget.

        Returns:
            A strip of `line_width` cells.
        """
        width = self.line_width
        if y < self.HEADER_LINES:
            return self._strip(_NO_MARK, self.render_header(y, width - 1), ("line-list--header",), width)
        footer_y = y - self.HEADER_LINES - self.page_height
        if footer_y >= 0 and self.footer_lines:
            return self._strip(_NO_MARK, self.render_footer(footer_y, width - 1), ("line-list--header",), width)
        index = y - self.HEADER_LINES + self.scroll_offset.y
        row = self.cells_at(index, width - 1) if width else None
        if row is None:
            return Strip.blank(width, self.get_visual_style().rich_style)
        cells, row_class = row
        if index != self.cursor_index:
            hover = "line-list--hover" if y == self._hover_y else ""
            return self._strip(_NO_MARK, cells, tuple(filter(None, (row_class, hover))), width)
        if self.has_focus:
            # One colour on the cursor's bar: others would not be readable on every theme's.
            cells = [(text, "") for text, _ in cells]
        classes = tuple(filter(None, ("line-list--cursor", self.cursor_class())))
        return self._strip(_CURSOR_MARK, cells, classes, width)

    def cursor_class(self) -> str:
        """Name one more component class for the cursor's line; ``""`` for none."""
        return ""

    def _strip(self, mark: str, cells: Iterable[Cell], classes: tuple[str, ...], width: int) -> Strip:
        base = self.get_visual_style(*classes).rich_style
        segments = [Segment(mark, base)]
        for text, component_class in cells:
            if text:
                style = self.get_visual_style(*classes, component_class).rich_style if component_class else base
                segments.append(Segment(text, style))
        return Strip(segments).adjust_cell_length(width, base)

    def refresh_screen_line(self, y: int) -> None:
        """Repaint one line.

        Args:
            y: The line, from 0 at the top of the widget; one that is out of sight is ignored.
        """
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def refresh_header(self) -> None:
        """Repaint the header lines."""
        for y in range(self.HEADER_LINES):
            self.refresh_screen_line(y)

    def refresh_footer(self) -> None:
        """Repaint the footer lines."""
        for y in range(self.footer_lines):
            self.refresh_screen_line(self.HEADER_LINES + self.page_height + y)

    def refresh_cursor(self) -> None:
        """Repaint the cursor's line."""
        if self.cursor_index >= self.scroll_offset.y:
            self.refresh_screen_line(self.HEADER_LINES + self.cursor_index - self.scroll_offset.y)

    # The mouse

    def index_at(self, event: events.MouseEvent) -> int | None:
        """Find the position of the row the mouse is on; it may lie past the end.

        Args:
            event: A mouse event of this widget.

        Returns:
            The position, from 0; None on the header, on the footer or outside.
        """
        offset = event.get_content_offset(self)
        if offset is None or not 0 <= offset.y - self.HEADER_LINES < self.page_height:
            return None
        return offset.y - self.HEADER_LINES + self.scroll_offset.y

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Highlight the line under the mouse."""
        offset = event.get_content_offset(self)
        self._hover(None if offset is None else offset.y)

    def on_leave(self, event: events.Leave) -> None:
        """Highlight no line any more."""
        if event.node is self:
            self._hover(None)

    def _hover(self, y: int | None) -> None:
        if y != self._hover_y:
            former, self._hover_y = self._hover_y, y
            for line in (former, y):
                if line is not None:
                    self.refresh_screen_line(line)
