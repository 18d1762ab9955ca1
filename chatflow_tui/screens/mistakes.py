"""What is wrong in the user's settings, told at the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from chatflow_tui.keys.key_groups import hidden
from chatflow_tui.screens.closing import Dialog
from chatflow_tui.texts.plain_text import plain_name


class MistakesDialog(Dialog[None]):
    """Lists the mistakes until it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", id="mistakes.close", tooltip="close the list of mistakes"),
        hidden("j,down", "scroll(1)", "Down", "mistakes.down", "one line down"),
        hidden("k,up", "scroll(-1)", "Up", "mistakes.up", "one line up"),
        hidden("space,pagedown", "scroll(10)", "Page down", "mistakes.page-down", "ten lines down"),
        hidden("b,pageup", "scroll(-10)", "Page up", "mistakes.page-up", "ten lines up"),
    ]

    DEFAULT_CSS = """
    MistakesDialog {
        align: center middle;
        & > VerticalScroll {
            width: 90;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 1 2;
            border: round $warning;
            background: $surface;
        }
        & Static { margin-bottom: 1; }
        & .-last { margin-bottom: 0; color: $text-muted; }
    }
    """

    def __init__(self, mistakes: Sequence[str]) -> None:
        """Make the dialog.

        Args:
            mistakes: A line each.
        """
        super().__init__()
        self._mistakes = mistakes

    def compose(self) -> ComposeResult:
        """Place the lines."""
        with VerticalScroll(can_focus=False) as box:
            count = len(self._mistakes)
            box.border_title = Content(f"{'A mistake' if count == 1 else f'{count} mistakes'} in the settings")
            box.border_subtitle = Content("esc closes")
            for mistake in self._mistakes:
                yield Static(Content(plain_name(mistake)))
            yield Static(Content("chatflow-tui --print-config prints all that can be set."), classes="-last")

    def action_scroll(self, lines: int) -> None:
        """Scroll down, or up if negative."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
