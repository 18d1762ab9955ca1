"""What is said in passing takes the lowest lines of the screen, for a moment, and never piles up over a text."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual import events
from textual.app import App
from textual.notifications import Notification, Notify
from textual.widgets._toast import ToastHolder

# So long a notice stays at least: the keys pressed while something is still being copied do not take away that it was.
_LEAST_SECONDS = 1.0


class BriefNoticesApp(App[None]):
    """An application that shows the latest notice, beside the latest error at most.

    The next key, or click, takes a notice away; an error stays for its time, or until escape.
    """

    NOTIFICATION_TIMEOUT = 4

    CSS = """
    /* Across the line of keys, which is known; a longer notice grows upwards. */
    ToastRack { margin-bottom: 0; overflow-y: auto; scrollbar-size-vertical: 0; }
    Toast { width: 1fr; max-width: 100%; margin-top: 0; padding: 0 1; }
    """

    def on_notify(self, event: Notify) -> None:
        """Let a notice take the place of the one before, which Textual would leave beside it."""
        self._sweep()
        is_error = event.notification.severity == "error"
        self._forget(lambda former: former is not event.notification and (is_error or former.severity != "error"))

    async def on_event(self, event: events.Event) -> None:
        """Take away what has been read, and do what the event is for."""
        if isinstance(event, events.Key | events.MouseDown) and self._notifications:
            now = time.time()
            is_escape = isinstance(event, events.Key) and event.key == "escape"
            self._forget(
                lambda notice: (
                    is_escape or (notice.severity != "error" and not 0 <= now - notice.raised_at < _LEAST_SECONDS)
                )
            )
        await super().on_event(event)

    def _forget(self, which: Callable[[Notification], bool]) -> None:
        for notice in filter(which, list(self._notifications)):
            self._unnotify(notice)

    def _sweep(self) -> None:
        # Of a notice that is taken away before its time Textual leaves what held it, with two tasks, for as long as the
        # screen lives. What held the last one goes with the next.
        for screen in self.screen_stack:
            for holder in screen.query(ToastHolder):
                if not holder.children:
                    holder.remove()
