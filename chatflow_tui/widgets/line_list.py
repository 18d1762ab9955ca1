"""A list of one-line rows that keeps still while its rows change.

Rows are known by key. The cursor is bound to a key, not to a position, and
whatever is inserted, removed or sorted, the row under the cursor stays on the
line of the screen where the reader last saw it. Only visible lines are
rendered, and of those only the ones that differ from what is on the screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.geometry import Size, clamp
from textual.message import Message

from chatflow_tui.keys.key_groups import DEEPER, ENDS, LINES, PAGES, hidden
from chatflow_tui.lists.cells import fit
from chatflow_tui.lists.view_anchor import View, cursor_after, top_after
from chatflow_tui.widgets.line_pane import Cell, LinePane

Row = TypeVar("Row")


class LineList(LinePane, Generic[Row], can_focus=True, inherit_bindings=False):
    """The list. A subclass says how a row looks by `render_row`."""

    # Keys every terminal lets through: no ctrl, no function keys.
    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("j,down", "cursor_by(1)", "Down", "list.down", "one row down", LINES),
        hidden("k,up", "cursor_by(-1)", "Up", "list.up", "one row up", LINES),
        hidden("space,pagedown", "cursor_page(1)", "Page down", "list.page-down", "one page down", PAGES),
        hidden("b,pageup", "cursor_page(-1)", "Page up", "list.page-up", "one page up", PAGES),
        hidden("g,home", "cursor_first", "First", "list.first", "to the first row", ENDS),
        hidden("G,end", "cursor_last", "Last", "list.last", "to the last row", ENDS),
        hidden("enter", "choose", "Open", "list.choose", "open the row under the cursor", DEEPER),
    ]

    class _FromList(Message):
        def __init__(self, line_list: LineList[Any]) -> None:
            super().__init__()
            self.line_list = line_list

        @property
        def control(self) -> LineList[Any]:
            """The list, for ``@on`` selectors."""
            return self.line_list

    class CursorMoved(_FromList):
        """The cursor is on another row: by hand, or because the rows changed."""

        def __init__(self, line_list: LineList[Any], key: str | None, *, by_hand: bool) -> None:
            """Say where the cursor of a list is.

            Args:
                line_list: The list.
                key: The key of the row; None if the list is empty.
                by_hand: Whether the reader put it there, and not a change of the rows.
            """
            super().__init__(line_list)
            self.key = key
            self.by_hand = by_hand

        def can_replace(self, message: Message) -> bool:
            """Only the latest position of one list matters."""
            return isinstance(message, LineList.CursorMoved) and message.line_list is self.line_list

    class Chosen(_FromList):
        """A row was chosen with enter or the mouse."""

        def __init__(self, line_list: LineList[Any], key: str) -> None:
            """Say which row of a list, by its key."""
            super().__init__(line_list)
            self.key = key

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Make an empty list.

        Args:
            id: The widget's id.
            classes: Its style classes.
        """
        super().__init__(id=id, classes=classes)
        self._rows: dict[str, Row] = {}
        self._order: list[str] = []
        self._cursor_key: str | None = None
        self._cursor_index = -1
        self._former_page_height = 0
        self._is_settling = False
        self._click_chose = self._click_focused = False
        self._focused_at = 0.0
        self._when_empty: tuple[str, ...] = ()

    def render_row(self, key: str, row: Row, width: int) -> Sequence[Cell]:
        """Render one row.

        Args:
            key: Its key.
            row: The row.
            width: The cells there are; what is missing is filled up, what is too much is cut.

        Returns:
            The pieces of the line, left to right.
        """
        raise NotImplementedError

    def row_class(self, key: str) -> str:  # noqa: ARG002 - subclasses look at it
        """Name a component class for a whole row while the cursor is elsewhere; ``""`` for none."""
        return ""

    def cursor_settled(self) -> None:
        """Do what is due after the cursor came to another row, by hand or not."""

    @property
    def cursor_key(self) -> str | None:
        """Key of the row under the cursor; None in an empty list."""
        return self._cursor_key

    @property
    def cursor_index(self) -> int:
        """Position of the row under the cursor, from 0; -1 in an empty list."""
        return self._cursor_index

    @property
    def row_count(self) -> int:
        """How many rows the list shows."""
        return len(self._order)

    @property
    def visible_keys(self) -> list[str]:
        """The keys of the rows on the screen, from the top."""
        top = self.scroll_offset.y
        return self._order[top : top + self.page_height]

    def get_row(self, key: str) -> Row | None:
        """Return the row of a key, or None."""
        return self._rows.get(key)

    def say_when_empty(self, words: Sequence[str]) -> None:
        """Say something in the place of rows while there are none.

        Args:
            words: Harmless text, a line each.
        """
        if tuple(words) != self._when_empty:
            self._when_empty = tuple(words)
            if not self._order:
                self.refresh()

    def set_rows(self, rows: Mapping[str, Row] | Iterable[tuple[str, Row]]) -> None:
        """Replace all rows; the cursor stays on its key if that is still there.

        Args:
            rows: The rows by key, in their order.
        """
        with self.holding_still():
            self._rows = dict(rows)
            self._order = list(self._rows)

    def update_rows(self, rows: Mapping[str, Row]) -> None:
        """Replace some rows where they stand; rows with a new key come last.

        Args:
            rows: The changed rows by key.
        """
        with self.holding_still():
            self._order.extend(key for key in rows if key not in self._rows)
            self._rows.update(rows)

    def move_cursor(self, key: str) -> bool:
        """Put the cursor on a row and scroll it into view.

        Args:
            key: The row's key.

        Returns:
            Whether there is such a row.
        """
        if key not in self._order:
            return False
        self._go_to(self._order.index(key))
        return True

    def refresh_rows(self, keys: Iterable[str]) -> None:
        """Repaint those of some rows that are on the screen, though the rows are the same."""
        wanted = frozenset(keys)
        for line, key in enumerate(self.visible_keys, self.HEADER_LINES):
            if key in wanted:
                self.refresh_screen_line(line)

    def cells_at(self, index: int, width: int) -> tuple[Sequence[Cell], str] | None:
        """See `LinePane.cells_at`."""
        if not self._order and 0 <= index - 1 < len(self._when_empty):
            words = self._when_empty[index - 1]
            return [(fit(" " * ((width - cell_len(words)) // 2) + words, width), "line-list--dim")], ""
        if index >= len(self._order):
            return None
        key = self._order[index]
        return self.render_row(key, self._rows[key], width), self.row_class(key)

    # Holding still

    @contextmanager
    def holding_still(self, *, to_top: bool = False, by_hand: bool = False) -> Iterator[None]:
        """Change `_rows` and `_order` at will inside; then cursor and view are restored, differences painted.

        Args:
            to_top: Whether cursor and view go to the first row instead.
            by_hand: Whether the reader asked for the change.
        """
        before, seen, was_empty = self._view(), self._seen(), not self._order
        yield
        self._cursor_index = min(0, len(self._order) - 1) if to_top else cursor_after(before, self._order)
        self._cursor_key = self._order[self._cursor_index] if self._order else None
        top = 0 if to_top else top_after(before, self._order, self._cursor_index)
        self._is_settling = True
        try:
            self._resize_to(self._whole_size())
            self.scroll_to(y=max(0, top), animate=False, force=True)
        finally:
            self._is_settling = False
        seen_now = self._seen()
        for line in range(max(len(seen), len(seen_now))):
            if seen[line : line + 1] != seen_now[line : line + 1]:
                self.refresh_screen_line(self.HEADER_LINES + line)
        if was_empty != (not self._order) and self._when_empty:
            # The words that stand in the place of rows may take more lines than the rows do.
            self.refresh()
        self._announce(before.cursor_key, by_hand=by_hand)

    def _whole_size(self) -> Size:
        return Size(0, self.HEADER_LINES + len(self._order) + self.footer_lines)

    def _resize_to(self, size: Size) -> None:
        if size == self.virtual_size:
            return
        # Setting `virtual_size` itself would repaint every line, and lay out the whole screen.
        self.set_reactive(LineList.virtual_size, size)
        has_bar, needs_bar = self.show_vertical_scrollbar, size.height > self.container_size.height
        if has_bar != needs_bar or self.styles.auto_dimensions:
            self.refresh(repaint=False, layout=True)
        elif has_bar:
            self.vertical_scrollbar.window_virtual_size = size.height

    def _view(self) -> View:
        return View(self.scroll_offset.y, self._cursor_key, self._cursor_index, self.visible_keys)

    def _seen(self) -> list[tuple[str, Row, bool]]:
        return [(key, self._rows[key], key == self._cursor_key) for key in self.visible_keys]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Repaint after scrolling, except where the rows moved along and the screen stays as it is."""
        if not self._is_settling:
            super().watch_scroll_y(old_value, new_value)
        elif self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value

    def on_resize(self) -> None:
        """Keep the cursor in sight in a smaller window, if it was."""
        former, self._former_page_height = self._former_page_height, self.page_height
        self._resize_to(self._whole_size())
        # In a larger window the view has been moved up already, so that it does not end before the window does.
        if not former or 0 <= self._cursor_index - self.scroll_offset.y < max(former, self.size.height):
            self._scroll_to_cursor()

    def _announce(self, former_key: str | None, *, by_hand: bool) -> None:
        if self._cursor_key != former_key:
            self.post_message(self.CursorMoved(self, self._cursor_key, by_hand=by_hand))
            self.cursor_settled()

    # The cursor by hand

    def _go_to(self, index: int) -> None:
        if not self._order:
            return
        former_key = self._cursor_key
        self.refresh_cursor()
        self._cursor_index = clamp(index, 0, len(self._order) - 1)
        self._cursor_key = self._order[self._cursor_index]
        self._scroll_to_cursor()
        self.refresh_cursor()
        self._announce(former_key, by_hand=True)

    def _scroll_to_cursor(self) -> None:
        if not self.page_height:
            return  # not laid out yet: `on_resize` will do it
        lowest = max(0, self._cursor_index - self.page_height + 1)
        top = clamp(self.scroll_offset.y, lowest, max(lowest, self._cursor_index))
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)

    def action_cursor_by(self, rows: int) -> None:
        """Move the cursor some rows down, or up if negative."""
        self._go_to(self._cursor_index + rows)

    def action_cursor_page(self, pages: int) -> None:
        """Move the cursor a screen down or up; one line of the former screen stays in sight."""
        self._go_to(self._cursor_index + pages * max(1, self.page_height - 1))

    def action_cursor_first(self) -> None:
        """Move the cursor to the first row."""
        self._go_to(0)

    def action_cursor_last(self) -> None:
        """Move the cursor to the last row."""
        self._go_to(self.row_count - 1)

    def action_choose(self) -> None:
        """Choose the row under the cursor."""
        if self._cursor_key is not None:
            self.post_message(self.Chosen(self, self._cursor_key))

    def on_focus(self, event: events.Focus) -> None:
        """Note when the focus came."""
        self._focused_at = event.time

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Note whether it is this click that brought the focus: it says where the reader is, and chooses nothing."""
        self._click_focused = self._focused_at > event.time

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row, or choose the row it is on already."""
        index = self.index_at(event)
        if index is None or index >= len(self._order):
            return
        if event.chain > 1 and self._click_chose:
            return  # the second half of a double click on the cursor's row: it was chosen by the first
        self._click_chose = index == self._cursor_index and not self._click_focused
        if self._click_chose:
            self.action_choose()
        else:
            self._go_to(index)
