"""Being stopped, by ctrl+z or from outside, and going on: in between, the shell has its terminal as it was before."""

from __future__ import annotations

import os
import signal
import sys
from threading import Event, Thread
from types import FrameType
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

#: So begin the groups of the workers that write. Who is stopped while holding the lock of an instance keeps all others
#: from it.
WRITING = "writing"

# A process is stopped at once; the system may need a moment to stop all its threads.
_MOST_SECONDS_TO_STOP = 0.5


class StoppableApp(App[None]):
    """An application that goes back to the shell with ctrl+z, and comes back with ``fg``."""

    # Windows stops no process.
    BINDINGS: ClassVar[list[BindingType]] = (
        []
        if sys.platform == "win32"
        else [
            Binding(
                "ctrl+z",
                "suspend_process",
                "Suspend",
                show=False,
                id="suspend",
                tooltip="suspend: back to the shell, until fg",
            )
        ]
    )

    def on_mount(self) -> None:
        """Take notice of being continued."""
        self._continued = Event()
        if self.is_headless or sys.platform == "win32":
            return
        former = signal.getsignal(signal.SIGCONT)

        def go_on(number: int, frame: FrameType | None) -> None:
            self._continued.set()
            if self._is_reading and self._loop is not None:
                self._loop.call_soon_threadsafe(self._take_terminal_again)
            elif callable(former):
                former(number, frame)

        signal.signal(signal.SIGCONT, go_on)

    def action_suspend_process(self) -> None:
        """Stop, so that the shell goes on, until it says otherwise."""
        if self._driver is None or not self._driver.can_suspend or sys.platform == "win32":
            self.notify("This terminal cannot be given back", severity="warning")
            return
        if any(worker.group.startswith(WRITING) and not worker.is_finished for worker in self.workers):
            self.notify("Not while something is being written; press it again", severity="warning")
            return
        self._continued.clear()
        with self.suspend():
            # Textual would stop this process alone, and even if there is no shell that could have it go on.
            handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.killpg(0, signal.SIGTSTP)
            # The time may be over while it is stopped: what counts is whether it was continued.
            self._continued.wait(_MOST_SECONDS_TO_STOP)
            signal.signal(signal.SIGTSTP, handler)
        if not self._continued.is_set():
            self.notify("Not suspended: there is no shell here that could have it go on", severity="warning")

    @property
    def _is_reading(self) -> bool:
        """Whether the keyboard is read, so that the terminal was not given to anybody before the stop."""
        reader = getattr(self._driver, "_key_thread", None)
        return isinstance(reader, Thread) and reader.is_alive()

    def _take_terminal_again(self) -> None:
        # Textual would read the keyboard twice, and take the modes of its own for those to put back at the end.
        if self._driver is not None and self._is_reading:
            self._driver.suspend_application_mode()
            self._driver.resume_application_mode()
            self.refresh(layout=True)
