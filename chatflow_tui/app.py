"""The Textual application: wires the engine to the screens. Thin."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import work
from textual.app import App
from textual.filter import LineFilter

from chatflow_core import FileStateStore, IWorkflowStateStore, WorkflowEngine
from chatflow_tui.plain_text import ControlFilter
from chatflow_tui.screens.dashboard import Dashboard
from chatflow_tui.screens.waiting import WaitingScreen

# Without these the terminal would stay in the application's mode when a session ends.
_ENDING_SIGNALS = ("SIGTERM", "SIGHUP")


def _open_files(directory: str) -> IWorkflowStateStore:
    return FileStateStore(directory, create=False)


class ChatFlowApp(App[None]):
    """Shows the store that a directory belongs to, or waits for one."""

    CSS_PATH = "app.tcss"
    TITLE = "ChatFlow"
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = True

    def __init__(
        self,
        find: Callable[[], str | None],
        place: str,
        *,
        read_only: bool = False,
        open_store: Callable[[str], IWorkflowStateStore] = _open_files,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make the application.

        Args:
            find: Gives the directory of the store, None while there is none. Blocks; called in a thread.
            place: Where the store is looked for, for the reader.
            read_only: Whether to offer nothing that writes.
            open_store: Opens the store of a directory. Blocks; called in a thread.
            clock: Tells the time in Unix seconds.
        """
        super().__init__()
        self._find = find
        self._place = place
        self._read_only = read_only
        self._open_store = open_store
        self._clock = clock

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Let no control character of any text reach the terminal, whatever a widget forgot."""
        return [*super().get_line_filters(), ControlFilter()]

    def on_mount(self) -> None:
        """Open the store, and end in order when the session ends."""
        self._end_on_signals()
        self._open()

    @work
    async def _open(self) -> None:
        store = await asyncio.to_thread(self._find)
        if store is None:
            store = await self.push_screen_wait(WaitingScreen(self._place, self._find))
        engine = WorkflowEngine(state_store=await asyncio.to_thread(self._open_store, store))
        await self.push_screen(Dashboard(engine, store, read_only=self._read_only, clock=self._clock))

    def _end_on_signals(self) -> None:
        if self._loop is None:
            return
        for name in _ENDING_SIGNALS:
            number = getattr(signal, name, None)
            if number is not None:
                try:
                    self._loop.add_signal_handler(number, self.exit)
                except (NotImplementedError, RuntimeError, ValueError):
                    return  # not in the main thread, or on Windows
