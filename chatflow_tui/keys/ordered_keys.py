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
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Protocol, runtime_checkable

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.widgets import Input
from textual.worker import Worker

#: So begin the groups of the workers that open a screen as soon as they know what is to be on it.
OPENING = "opening"

# A file system that hangs must not keep the keys: what comes after so long is for the screen that is there.
_MOST_SECONDS_TO_OPEN = 1.0
_SECONDS_BETWEEN_LOOKS = 0.002

# A widget takes what it was sent at once. Should it ever wait for something, the keys must not wait for ever.
_MOST_SECONDS_TO_TAKE = 1.0


@runtime_checkable
class Asking(Protocol):
    """A screen that asks something. What was pressed before it had asked is no answer."""

    @property
    def asked_at(self) -> float:
        """Since when what it asks is painted, by the clock of Textual's events; infinity before."""

    def is_answer(self, key: str) -> bool:
        """Tell whether a key answers it, and is neither typed nor a way out."""


class OrderedKeysApp(App[None]):
    """An application that looks for the binding of a key before it takes the next one."""

    # What has not opened a screen in time.
    _late: frozenset[Worker[Any]] = frozenset()

    # Where `enter` was pressed last: the message that something was chosen there goes from each widget to its parent.
    _chosen_in: tuple[DOMNode, ...] = ()

    async def on_event(self, event: events.Event) -> None:
        """Carry out a key that is bound, and leave all else to Textual."""
        if isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded:
            if isinstance(event, events.Key | events.Paste):
                await self._let_open()
            # Closed before it stands, a screen would come up empty and look for what is to be on it.
            await self.screen._mounted_event.wait()
        if isinstance(event, events.Key) and not event.is_forwarded and self.app_focus:
            screen = self.screen
            if isinstance(screen, Asking) and event.time < screen.asked_at and screen.is_answer(event.key):
                return
            if await self._carry_out(event):
                return
        await super().on_event(event)

    async def _carry_out(self, event: events.Key) -> bool:
        if not self._may_look(event):
            return False
        key, focused = event.key, self.focused
        if isinstance(focused, Input):
            await _let_take([focused])
        if focused is not None and key == "enter":
            self._chosen_in = tuple(focused.ancestors_with_self)
        return await self._check_bindings(key, priority=True) or await self._check_bindings(key)

    async def _let_open(self) -> None:
        """Wait until what a former key opens is there, or will not be."""
        chosen_in, self._chosen_in = self._chosen_in, ()
        await _let_take(node for node in chosen_in if node is not self)
        screen, worker = self.screen, self._opening
        deadline = time.monotonic() + _MOST_SECONDS_TO_OPEN
        while worker is not None and self.screen is screen:
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
            if time.monotonic() > deadline:
                self._late = self._late.intersection(self.workers) | {worker}
            worker = self._opening

    @property
    def _opening(self) -> Worker[Any] | None:
        """What is about to open a screen over the one there is, and is not late."""
        for worker in self.workers:
            is_opening = worker.group.startswith(OPENING) and worker.node is self.screen and not worker.is_finished
            if is_opening and worker not in self._late:
                return worker
        return None

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


async def _let_take(nodes: Iterable[DOMNode]) -> None:
    """Wait until each of some widgets, one after the other, has dealt with what it was sent."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_MOST_SECONDS_TO_TAKE):
            for node in nodes:
                taken = asyncio.Event()
                if node.call_later(taken.set):
                    await taken.wait()
