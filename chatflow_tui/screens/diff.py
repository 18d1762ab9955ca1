"""The screen on which two texts are compared."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Label

from chatflow_tui.keys.common_keys import HELP, PALETTE
from chatflow_tui.lists.cells import fit
from chatflow_tui.screens.closing import ClosingScreen
from chatflow_tui.texts.comparing import tell_apart
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.texts.text_diff import Diff, TitledText, compare
from chatflow_tui.widgets.diff_view import DiffView
from chatflow_tui.widgets.key_bar import KeyBar


class DiffScreen(ClosingScreen[None]):
    """Compares two texts in a thread and shows what differs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close", key_display="esc", id="diff.close", tooltip="back"),
        HELP,
        PALETTE,
    ]

    AUTO_FOCUS = "DiffView"

    DEFAULT_CSS = """
    DiffScreen {
        background: $background;
        & > #frame {
            height: 1fr;
            border: round $border;
            border-title-color: $text-primary;
            border-title-style: bold;
            border-subtitle-color: $text-muted;
            background: $background;
            & > #sides { height: 1; width: 1fr; color: $text-muted; text-style: bold; background: $surface; }
            & > #notes { height: auto; width: 1fr; padding: 0 1; color: $text-warning; display: none; }
            & > #notes.-shown { display: block; }
            & > DiffView { height: 1fr; }
        }
    }
    """

    def __init__(self, left: TitledText, right: TitledText) -> None:
        """Make the screen.

        Args:
            left: The former text.
            right: The latter one.
        """
        super().__init__()
        self._left, self._right = left, right
        self._both, *self._sides = map(plain_name, tell_apart(left, right))
        self._diff: Diff | None = None
        self.view = DiffView()

    @property
    def diff(self) -> Diff | None:
        """What differs; None while it is not known yet."""
        return self._diff

    def compose(self) -> ComposeResult:
        """Place titles and notes above the view."""
        with Container(id="frame"):
            yield Label(id="sides", markup=False)
            yield Label(id="notes", markup=False)
            yield self.view
        yield KeyBar()

    def on_mount(self) -> None:
        """Compare."""
        self._title()
        self._compare()

    @work
    async def _compare(self) -> None:
        self._diff = await asyncio.to_thread(compare, self._left.text, self._right.text)
        notes = self.query_one("#notes", Label)
        said = list(self._diff.notes)
        if not self._diff.changes and not said:
            said = ["The two texts are the same."]
        notes.update("\n".join(said))
        notes.set_class(bool(said), "-shown")
        self.view.show(self._diff)
        self._title()

    @on(DiffView.Moved)
    def _title(self) -> None:
        frame = self.query_one("#frame")
        if self._diff is None:
            frame.border_title = Content(self._named("Diff · comparing…"))
        else:
            removed, added = self._diff.counts
            changes = self._diff.changes
            at = f"change {self.view.change}/{changes:,}" if changes else "no change"
            frame.border_title = Content(self._named(f"Diff · {at} · −{removed:,} +{added:,} lines"))
            ways = "side by side" if self.view.side_by_side else "unified"
            lines = "changes only" if self.view.folds else "all lines"
            frame.border_subtitle = Content(f"{ways} · {lines} · {self.view.percent} %")
        self._name_sides()

    def _named(self, words: str) -> str:
        # What both texts are comes last: in a narrow screen it is cut off.
        return f"{words} · {self._both}" if self._both else words

    def _name_sides(self) -> None:
        width = self.view.scrollable_content_region.width
        left, right = (f"{sign} {side}" for sign, side in zip("−+", self._sides, strict=True))
        if self.view.side_by_side:
            half = (width - 1) // 2
            names = f"{fit(' ' + left, half)}│{fit(' ' + right, width - 1 - half)}"
        else:
            # Both are named whatever the width: the shorter one leaves its room to the other.
            room = max(0, width - 4)
            first = max(room // 2, room - cell_len(right))
            names = f" {fit(left, min(first, cell_len(left)))}  {fit(right, room - min(first, cell_len(left)))}"
        self.query_one("#sides", Label).update(names)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
