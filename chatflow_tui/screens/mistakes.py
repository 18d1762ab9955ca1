"""What is wrong in the user's settings, told at the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chatflow_tui.texts.plain_text import plain_name


class MistakesDialog(ModalScreen[None]):
    """Lists the mistakes until it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", id="mistakes.close"),
        Binding("j,down", "scroll(1)", "Down", show=False, id="mistakes.down"),
        Binding("k,up", "scroll(-1)", "Up", show=False, id="mistakes.up"),
        Binding("space,pagedown", "scroll(10)", "Page down", show=False, id="mistakes.page-down"),
        Binding("b,pageup", "scroll(-10)", "Page up", show=False, id="mistakes.page-up"),
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
