"""A text whose lines can be selected with the keyboard."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual import events, work
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.selection import Selection

from chatflow_tui.keys.key_groups import SELECT, hidden
from chatflow_tui.terminal.clipboard import copy_text
from chatflow_tui.texts.text_document import Document
from chatflow_tui.texts.text_layout import Row
from chatflow_tui.widgets.found_text import FoundText


class SelectedLines(FoundText, can_focus=True, inherit_bindings=False):
    """A text with a mode in which the keys that scroll extend a selection of whole lines instead.

    The selection is Textual's, as one of the mouse is: it is drawn, copied and dropped like that.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy_lines", "Copy lines", id="text.copy", tooltip="copy the selected lines"),
        hidden("shift+down", "extend_rows(1)", "Select down", "text.select-down", "select a line downwards", SELECT),
        hidden("shift+up", "extend_rows(-1)", "Select up", "text.select-up", "select a line upwards", SELECT),
        hidden(
            "shift+pagedown",
            "extend_pages(1)",
            "Select page down",
            "text.select-page-down",
            "select a page downwards",
            SELECT,
        ),
        hidden(
            "shift+pageup",
            "extend_pages(-1)",
            "Select page up",
            "text.select-page-up",
            "select a page upwards",
            SELECT,
        ),
        hidden("shift+end", "extend_to_end", "Select to the end", "text.select-to-end", "select to the end", SELECT),
        hidden(
            "shift+home",
            "extend_to_start",
            "Select to the start",
            "text.select-to-start",
            "select to the start",
            SELECT,
        ),
    ]

    # The line selecting began at, and the one the keys have moved to.
    _ends: tuple[int, int] | None = None

    @property
    def is_selecting(self) -> bool:
        """Whether keys extend a selection."""
        return self._ends is not None

    @property
    def selected_lines(self) -> int:
        """Number of lines that keys have selected."""
        return 0 if self._ends is None else abs(self._ends[0] - self._ends[1]) + 1

    def begin_selecting(self) -> None:
        """Select a line: that of the current hit if it can be seen, else the first one that can.

        The lines of what the mouse has selected are kept.
        """
        document = self._document
        if document is None:
            return
        if self.text_selection is not None:
            start, end = document.span(*self.text_selection)
            self._select(document.layout.line_at(start), document.layout.line_at(max(start, end - 1)))
            return
        hit = self.visible_hit
        line = document.layout.line_at(self.first_offset if hit is None else hit)
        self._select(line, line)

    def key_escape(self, event: events.Key) -> None:
        """Drop the selection, and let the keys scroll again."""
        # Not a binding: before those are asked, Textual's screen has dropped every selection itself.
        if self.is_selecting or self.text_selection is not None:
            event.stop()
            self.deselect()

    @work(exclusive=True, group="copy")
    async def action_copy_lines(self) -> None:
        """Copy the selection, and drop it."""
        text, count = self.selected_text, self.selected_lines
        self.deselect()
        if text:
            lines = "1 line" if count == 1 else f"{count:,} lines"
            self.notify(await copy_text(self.app, text, lines), markup=False)
        else:
            self.notify("Nothing was copied: the lines are blank", markup=False)

    def action_extend_rows(self, rows: int) -> None:
        """Select more lines downward, or upward if negative; those selected before are given up first."""
        if self._ends is None:
            self.begin_selecting()
        else:
            self._extend_to(self._ends[1] + rows)

    def action_extend_pages(self, pages: int) -> None:
        """Select as much more as is seen at once."""
        if self._ends is None:
            self.begin_selecting()
        if self._ends is not None and self._document is not None:
            layout = self._document.layout
            row = layout.row_at(layout.line_span(self._ends[1])[0])
            row += pages * max(1, self.scrollable_content_region.height - 1)
            line = layout.row(min(max(0, row), layout.row_count - 1)).line
            # A line may be longer than a page.
            self._extend_to(line if line != self._ends[1] else line + pages)

    def action_extend_to_start(self) -> None:
        """Select up to the first line."""
        if self._ends is None:
            self.begin_selecting()
        self._extend_to(0)

    def action_extend_to_end(self) -> None:
        """Select down to the last line."""
        if self._ends is None:
            self.begin_selecting()
        if self._document is not None:
            self._extend_to(self._document.layout.line_count - 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `y` to others while no lines are selected."""
        if action == "copy_lines":
            return self.is_selecting
        return super().check_action(action, parameters)

    def deselect(self) -> None:
        """Drop the selection in this text."""
        super().deselect()
        self._end()

    def selection_updated(self, selection: Selection | None) -> None:
        """Let the keys scroll again once the selection is another one than theirs."""
        # Told later than it happened: what is selected by now counts.
        if self.is_selecting and self.text_selection != self._selection_of_lines():
            self._end()
        if not self.is_selecting:
            super().selection_updated(selection)
        self._repaint()

    def carry_selection(self, former: Document) -> None:
        """Keep what is selected in the version that is shown now, unless its lines have changed.

        Lines that keys select may grow: a text that is being written does so at its end.
        """
        document, selection = self._document, self.text_selection
        if document is None:
            return
        if self._ends is not None and max(self._ends) >= document.layout.line_count:
            self.deselect()
        elif selection is not None:
            before, now = former.lines(*selection), document.lines(*selection)
            if self._ends is not None and now.startswith(before):
                self._select(*self._ends)
            elif now != before:
                self.deselect()

    def _extend_to(self, line: int) -> None:
        if self._ends is None or self._document is None:
            return
        layout = self._document.layout
        line = min(max(0, line), layout.line_count - 1)
        self._select(self._ends[0], line)
        # What was moved to is to be seen: downward the end of a long line, upward its start.
        start, end = layout.line_span(line)
        self._show_row(layout.row_at(end if line >= self._ends[0] else start))

    def _show_row(self, number: int) -> None:
        height, top = self.scrollable_content_region.height, self.scroll_offset.y
        if number < top or number >= top + height:
            self.scroll_to(y=number if number < top else number - height + 1, animate=False, force=True)

    def _select(self, anchor: int, head: int) -> None:
        if self._document is None:
            return
        was_selecting, self._ends = self.is_selecting, (anchor, head)
        selection = self._selection_of_lines()
        others = {widget: part for widget, part in self.screen.selections.items() if widget is not self}
        self.screen.selections = others if selection is None else {**others, self: selection}
        self._tell_selected(refresh_keys=not was_selecting)

    def _selection_of_lines(self) -> Selection | None:
        """The lines as Textual's selection; None if all of them are blank."""
        if self._ends is None or self._document is None:
            return None
        layout, (first, last) = self._document.layout, sorted(self._ends)
        start, end = layout.line_span(last)
        if not self.is_worth_copying(layout.line_span(first)[0], end):
            return None
        return Selection(Offset(0, first), Offset(end - start, last))

    def _end(self) -> None:
        if self._ends is not None:
            self._ends = None
            self._tell_selected(refresh_keys=True)

    def _tell_selected(self, *, refresh_keys: bool) -> None:
        self._repaint()
        self.tell_moved()
        if refresh_keys and self.is_attached:
            self.refresh_bindings()

    def tell_moved(self) -> None:
        """Tell that what is said of this text has changed."""

    def _beyond(self, row: Row, rest: Style) -> Style:
        if self._ends is None or not min(self._ends) <= row.line <= max(self._ends):
            return rest
        # Whole rows, so that a blank line is seen to be selected.
        return rest + self._selection_style()
