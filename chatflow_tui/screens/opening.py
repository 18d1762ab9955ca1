"""The screen before anything is known of the store: painted first, while the dashboard is still being imported."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from chatflow_tui.texts.plain_text import plain_name


class OpeningScreen(Screen[None]):
    """Says where is looked for a store. It imports next to nothing, and so it is there as soon as Textual is."""

    # The disk may take its time.
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.quit", "Quit", id="quit", tooltip="quit")]

    DEFAULT_CSS = """
    OpeningScreen { align: center middle; }
    OpeningScreen Static { width: auto; max-width: 100%; color: $text-muted; }
    """

    def __init__(self, place: str) -> None:
        """Make the screen.

        Args:
            place: Where is looked, for the reader, such as ``"in /home/me/project"``.
        """
        super().__init__()
        self._place = place

    def compose(self) -> ComposeResult:
        """Place the words."""
        yield Static(Content.assemble(("ChatFlow", "bold"), f" · looking {plain_name(self._place)}…"))
