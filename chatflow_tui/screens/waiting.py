"""The screen for a directory that no store belongs to yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Middle
from textual.content import Content
from textual.widgets import Static

from chatflow_tui.screens.closing import ClosingScreen
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.key_bar import KeyBar

_LOOK_SECONDS = 1.0


class WaitingScreen(ClosingScreen[str]):
    """Says what to do, and is dismissed with the store as soon as one appears."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.quit", "Quit", id="quit", tooltip="quit")]

    DEFAULT_CSS = """
    WaitingScreen Static { width: auto; max-width: 100%; padding: 1 3; border: round $primary; }
    """

    def __init__(self, place: str, look: Callable[[], str | None]) -> None:
        """Make the screen.

        Args:
            place: Where was looked, for the reader, such as ``"in /home/me/project"``.
            look: Gives the store as soon as there is one. Blocks; called in a thread.
        """
        super().__init__()
        self._place = place
        self._look = look
        self._is_looking = False

    def compose(self) -> ComposeResult:
        """Place the words."""
        with Middle(), Center():
            yield Static(
                Content.assemble(
                    ("No ChatFlow store here yet", "bold $text-primary"),
                    f"\n\nLooked {plain_name(self._place)} for .chatflow/, .chatcoder/workflow_instances/ "
                    "and instances/.\n\n",
                    ("Start ChatCoder in this project", "bold"),
                    ", and this screen comes alive with its first instance.\n",
                    "Or name a project or a store:  ",
                    ("chatflow-tui DIR", "bold"),
                    "\nOr see what it looks like:     ",
                    ("chatflow-tui --demo", "bold"),
                )
            )
        yield KeyBar()

    def on_mount(self) -> None:
        """Look again and again."""
        self.set_interval(_LOOK_SECONDS, self._look_again)

    @work(group="look")
    async def _look_again(self) -> None:
        if self._is_looking:
            return
        self._is_looking = True
        store = await asyncio.to_thread(self._look)
        self._is_looking = False
        if store is not None:
            self.dismiss(store)
