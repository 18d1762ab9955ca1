"""The view in which two texts are compared."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from chatflow_tui.keys.key_groups import ENDS, LINES, PAGES, hidden
from chatflow_tui.texts.diff_layout import DiffLayout
from chatflow_tui.texts.text_diff import Diff
from chatflow_tui.widgets.diff_rows import diff_row
from chatflow_tui.widgets.scroll_ticks import Ticks, ticked_renderer

#: Side by side from this width on, unless the reader chose.
WIDE = 100

#: Below this width there is no room for two texts.
LEAST_WIDTH = 40

# A change that has to be scrolled to stands this many rows below the top.
_ROWS_ABOVE_CHANGE = 3


class DiffView(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows a diff, unified or side by side."""

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("down,j", "scroll_rows(1)", "Line down", "diff.down", "one line down", LINES),
        hidden("up,k", "scroll_rows(-1)", "Line up", "diff.up", "one line up", LINES),
        hidden("pagedown,space", "scroll_pages(1)", "Page down", "diff.page-down", "one page down", PAGES),
        hidden("pageup,b", "scroll_pages(-1)", "Page up", "diff.page-up", "one page up", PAGES),
        hidden("home,g", "scroll_to(0)", "Start", "diff.start", "to the start", ENDS),
        hidden("end,G", "scroll_to(-1)", "End", "diff.end", "to the end", ENDS),
        Binding("n", "step_change(1)", "Next change", id="diff.next", tooltip="next change"),
        hidden("N", "step_change(-1)", "Previous change", "diff.previous", "previous change"),
        Binding(
            "d",
            "toggle_side_by_side",
            "Side by side",
            id="diff.side-by-side",
            tooltip="side by side, or one below the other",
        ),
        Binding("c", "toggle_folds", "All lines", id="diff.folds", tooltip="all lines, or only what differs"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"diff-view--{name}"
        for name in ("number", "fold", "gap", "tick", "removed", "removed-word", "added", "added-word")
    }

    DEFAULT_CSS = """
    DiffView {
        background: $background;
        color: $foreground;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .diff-view--number { color: $foreground 40%; }
        & > .diff-view--fold { color: $text-muted; background: $surface; }
        & > .diff-view--gap { color: $foreground 15%; }
        & > .diff-view--tick { color: $text-warning; }
        & > .diff-view--removed { background: $error 15%; }
        & > .diff-view--removed-word { background: $error 45%; text-style: bold underline; }
        & > .diff-view--added { background: $success 15%; }
        & > .diff-view--added-word { background: $success 45%; text-style: bold underline; }
        &:ansi > .diff-view--removed, &:ansi > .diff-view--removed-word {
            color: $text-error; background: $background;
        }
        &:ansi > .diff-view--added, &:ansi > .diff-view--added-word {
            color: $text-success; background: $background;
        }
        &:ansi > .diff-view--number, &:ansi > .diff-view--gap { color: $text-muted; text-style: dim; }
    }
    """

    class Moved(Message):
        """Where the reader is, or how the diff is shown, has changed."""

        def can_replace(self, message: Message) -> bool:
            """Only the last of a burst need arrive."""
            return isinstance(message, DiffView.Moved)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        """Make an empty view."""
        super().__init__(id=id)
        self._diff: Diff | None = None
        self._layout: DiffLayout | None = None
        self._side_by_side: bool | None = None  # None: as the width says
        self._folds = True
        self._change = 0  # number of the change gone to last, from 1; 0 for none
        # Meant to be set on an instance too, as its documentation says.
        self.vertical_scrollbar.renderer = ticked_renderer(self._ticks)  # type: ignore[misc]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self._layout.row_count if self._layout is not None else 0

    @property
    def side_by_side(self) -> bool:
        """Whether both texts are beside each other."""
        width = self.scrollable_content_region.width
        wanted = width >= WIDE if self._side_by_side is None else self._side_by_side
        return wanted and width >= LEAST_WIDTH

    @property
    def folds(self) -> bool:
        """Whether equal lines far from every change are left out."""
        return self._folds

    @property
    def change(self) -> int:
        """Number of the change that the reader is at, from 1; 0 if they are above the first."""
        if self._layout is None:
            return 0
        if self._is_change_in_sight:
            return self._change
        return sum(row < self.scroll_offset.y + self._height for row in self._layout.changes)

    @property
    def _is_change_in_sight(self) -> bool:
        """Whether the change gone to last is still on the screen."""
        if self._layout is None or not self._change:
            return False
        return 0 <= self._layout.changes[self._change - 1] - self.scroll_offset.y < self._height

    @property
    def percent(self) -> int:
        """How much has been passed, the visible rows included: 0 to 100."""
        if self.scroll_offset.y >= self.max_scroll_y or not self.rows:
            return 100
        return min(99, 100 * (self.scroll_offset.y + self._height) // self.rows)

    @property
    def _height(self) -> int:
        return self.scrollable_content_region.height

    def show(self, diff: Diff) -> None:
        """Show a diff from its first change on."""
        self._diff, self._layout, self._change = diff, None, 0
        self._lay_out()
        if diff.changes:
            self.action_step_change(1)

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if self._diff is None or not width:
            return
        former = self._layout
        if former is not None and (former.width, former.side_by_side, former.folds) == (
            width,
            self.side_by_side,
            self._folds,
        ):
            return
        lines = former.lines_at(min(self.scroll_offset.y, former.row_count - 1)) if former is not None else None
        was_in_sight = self._is_change_in_sight
        self._layout = DiffLayout(self._diff, width, side_by_side=self.side_by_side, folds=self._folds)
        self.virtual_size = Size(width, self._layout.row_count)
        if lines is not None:
            self.scroll_to(y=self._layout.row_of(*lines), animate=False, force=True)
            # Of two lines that stood beside each other the lower one is at the top now: the change begins above it.
            if was_in_sight and not self._is_change_in_sight:
                self._scroll_to_change()
        self.refresh()
        self.refresh_bindings()
        self.post_message(self.Moved())

    def key_word(self, action: str) -> str | None:
        """Say what the keys that change the form change it to."""
        match action:
            case "toggle_side_by_side":
                return "Unified" if self.side_by_side else "Side by side"
            case "toggle_folds":
                return "All lines" if self.folds else "Changes only"
        return None

    def on_resize(self) -> None:
        """Lay out for the new width; the same lines stay at the top."""
        self._lay_out()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell where the reader is."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Moved())

    def render_line(self, y: int) -> Strip:
        """Paint a visible row."""
        number = self.scroll_offset.y + y
        if self._layout is None or number >= self._layout.row_count:
            return Strip.blank(self.scrollable_content_region.width, self.rich_style)
        return diff_row(self._layout, number, self._style_of)

    def _style_of(self, name: str) -> Style:
        return self.get_component_rich_style(f"diff-view--{name}") if name else self.rich_style

    @property
    def allow_select(self) -> bool:
        """Not: what would be copied is neither of the two texts."""
        return False

    def action_scroll_rows(self, rows: int) -> None:
        """Scroll down by a number of rows (up, if negative)."""
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll by pages, each with one row in common with the last."""
        self.action_scroll_rows(pages * max(1, self._height - 1))

    def action_scroll_to(self, row: int) -> None:
        """Scroll to the first row, or to the last."""
        self.scroll_to(y=row if row >= 0 else self.max_scroll_y, animate=False)

    def action_step_change(self, step: int) -> None:
        """Go to the next change, or the previous one, round and round."""
        if self._layout is None or not self._layout.changes:
            return
        changes, top = self._layout.changes, self.scroll_offset.y
        if self._is_change_in_sight:
            number = self._change + step
        else:
            above = sum(row < top for row in changes)
            number = above + 1 if step > 0 else above
        self._change = (number - 1) % len(changes) + 1
        self._scroll_to_change()
        self.refresh()
        self.vertical_scrollbar.refresh()
        self.post_message(self.Moved())

    def _scroll_to_change(self) -> None:
        if self._layout is not None:
            row = self._layout.changes[self._change - 1] - _ROWS_ABOVE_CHANGE
            self.scroll_to(y=max(0, row), animate=False, force=True)

    def action_toggle_side_by_side(self) -> None:
        """Show the texts beside each other, or one below the other."""
        self._side_by_side = not self.side_by_side
        self._lay_out()

    def action_toggle_folds(self) -> None:
        """Show all equal lines, or only those around changes."""
        self._folds = not self._folds
        self._lay_out()

    def _ticks(self, height: int) -> Ticks:
        if self._layout is None or not self._layout.changes or height < 1:
            return Ticks()
        cells = [row * height // self._layout.row_count for row in self._layout.changes]
        current = cells[self._change - 1] if self._change else None
        return Ticks(frozenset(cells), current, self._style_of("tick"))
