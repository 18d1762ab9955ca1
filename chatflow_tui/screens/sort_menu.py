"""The menu that chooses by what the instances are sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from chatflow_tui.lists.cells import fit
from chatflow_tui.lists.instance_sort import SORT_WORDS, Sort, first_sort
from chatflow_tui.screens.closing import Dialog
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell

_NAME_WIDTH = max(len(name) for name, _, _ in SORT_WORDS.values()) + 2


class SortChoices(LineList[Sort]):
    """A row for each column, with the direction it would be sorted in."""

    def __init__(self, now: Sort) -> None:
        """Make the list.

        Args:
            now: What the instances are sorted by; its row is marked.
        """
        super().__init__(id="choices")
        self._now = now

    def render_row(self, key: str, row: Sort, width: int) -> Sequence[Cell]:  # noqa: ARG002 - the list cuts
        """Render one column."""
        name, ascending, descending = SORT_WORDS[row.column]
        return [
            ("• " if row.column == self._now.column else "  ", "line-list--dim"),
            (fit(name, _NAME_WIDTH), "line-list--strong"),
            (f"{row.arrow} {descending if row.descending else ascending}", ""),
        ]

    def turn(self) -> None:
        """Turn the direction of the row under the cursor round."""
        row = self.get_row(self.cursor_key or "")
        if row is not None:
            self.update_rows({row.column: row.reversed()})


class SortMenu(Dialog[Sort | None]):
    """Lets a column and a direction be chosen; dismissed with them, or None if nothing is to change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,right,h,l,r", "turn", "Turn round", id="sort.turn", tooltip="sort the other way round"),
        Binding("escape,q,s", "dismiss", "Close", id="sort.close", tooltip="close the menu of sorting"),
    ]

    DEFAULT_CSS = """
    SortMenu {
        align: center middle;
        & > Vertical {
            width: 46;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            border: round $primary;
            background: $surface;
        }
        & SortChoices { max-height: 100%; }
    }
    """

    def __init__(self, now: Sort) -> None:
        """Make the menu.

        Args:
            now: What the instances are sorted by.
        """
        super().__init__()
        self._now = now
        self.choices = SortChoices(now)
        self.choices.styles.height = len(SORT_WORDS)

    def compose(self) -> ComposeResult:
        """Place the choices."""
        with Vertical() as box:
            box.border_title = Content("Sort instances")
            box.border_subtitle = Content("enter sorts · ← → turns round · esc")
            yield self.choices

    def on_mount(self) -> None:
        """Begin with the cursor on what is sorted by now."""
        sorts = (self._now if column == self._now.column else first_sort(column) for column in SORT_WORDS)
        self.choices.set_rows((sort.column, sort) for sort in sorts)
        self.choices.move_cursor(self._now.column)
        self.choices.focus()

    def action_turn(self) -> None:
        """Turn the direction of the row under the cursor round."""
        self.choices.turn()

    @on(LineList.Chosen)
    def _choose(self, event: LineList.Chosen) -> None:
        event.stop()
        self.dismiss(self.choices.get_row(event.key))
