"""Keys are carried out one after the other, in the order they were pressed.

Textual hands each key to whatever has the focus when it arrives, and looks for
its binding only when that widget's turn comes. Of keys that arrive together, as
over a slow line, those after one that moves the focus would go to the wrong
widget: `/auth` would filter by nothing, and `a` would offer to advance.
After the `enter` that ends typing, what follows would still be typed. And
after a key that opens a dialog, which first has to be found out about, what
follows would be done to the screen below: the `q` of a reason would quit.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.widgets import Input
from textual.worker import Worker

#: The group of the workers that open a screen as soon as they know what is to be on it.
OPENING = "opening"

# A file system that hangs must not keep the keys: what comes after so long is for the screen that is there.
_MOST_SECONDS_TO_OPEN = 1.0
_SECONDS_BETWEEN_LOOKS = 0.002

# A field takes what was typed at once. Should it ever wait for something, the keys must not wait for ever.
_MOST_SECONDS_FOR_FIELD = 1.0


class OrderedKeysApp(App[None]):
    """An application that looks for the binding of a key before it takes the next one."""

    #: When what is carried out was pressed, by Textual's clock: it may have waited since.
    pressed_at = 0.0

    # What has not opened a screen in time.
    _late: Worker[Any] | None = None

    async def on_event(self, event: events.Event) -> None:
        """Carry out a key that is bound, and leave all else to Textual."""
        if isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded:
            if isinstance(event, events.Key | events.Paste):
                await self._let_open()
            # Closed before it stands, a screen would come up empty and look for what is to be on it.
            await self.screen._mounted_event.wait()
            self.pressed_at = event.time
        if isinstance(event, events.Key) and not event.is_forwarded and self.app_focus and self._may_look(event):
            key = event.key
            if isinstance(self.focused, Input):
                await _let_take(self.focused)
            if await self._check_bindings(key, priority=True) or await self._check_bindings(key):
                return
        await super().on_event(event)

    async def _let_open(self) -> None:
        """Wait until what a former key opens is there, or will not be."""
        screen, worker = self.screen, self._opening
        deadline = time.monotonic() + _MOST_SECONDS_TO_OPEN
        while worker is not None and worker is not self._late and self.screen is screen:
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
            if time.monotonic() > deadline:
                self._late = worker
            worker = self._opening

    @property
    def _opening(self) -> Worker[Any] | None:
        """What is about to open a screen over the one there is."""
        return next(
            (
                worker
                for worker in self.workers
                if worker.group == OPENING and worker.node is self.screen and not worker.is_finished
            ),
            None,
        )

    def _may_look(self, event: events.Key) -> bool:
        focused = self.focused
        if focused is not None and focused.check_consume_key("a", "a"):
            # What is typed into a field waits there. Other keys may end the typing; in a text of lines they are typed.
            is_typed = not isinstance(focused, Input) or focused.check_consume_key(event.key, event.character)
            if is_typed:
                return False
        # Escape also drops a selection, which Textual does on the way to the widget.
        nodes: list[DOMNode] = [self.screen] if focused is None else list(focused.ancestors_with_self)
        return event.key != "escape" and not any(hasattr(node, "on_key") for node in nodes)


async def _let_take(field: Input) -> None:
    """Wait until what was typed into a field is there."""
    taken = asyncio.Event()
    if field.call_later(taken.set):
        with suppress(TimeoutError):
            await asyncio.wait_for(taken.wait(), _MOST_SECONDS_FOR_FIELD)
