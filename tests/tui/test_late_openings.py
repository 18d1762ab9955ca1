"""What hangs and so opens no screen does not keep the keys."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.screen import Screen

from chatflow_tui.keys.ordered_keys import OPENING, OrderedKeysApp
from tests.waiting import wait_beside


class HangingScreen(Screen[None]):
    """Two keys find out something about the store before they open a screen, and the store hangs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "open_one"),
        Binding("b", "open_another"),
        Binding("c", "count"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.counted = 0

    @work(group=f"{OPENING} one")
    async def action_open_one(self) -> None:
        await asyncio.Event().wait()

    @work(group=f"{OPENING} another")
    async def action_open_another(self) -> None:
        await asyncio.Event().wait()

    def action_count(self) -> None:
        self.counted += 1


class Host(OrderedKeysApp):
    def __init__(self) -> None:
        super().__init__()
        self.hanging = HangingScreen()

    def get_default_screen(self) -> Screen[None]:
        return self.hanging


async def test_two_screens_that_never_open_do_not_keep_the_keys() -> None:
    app = Host()
    async with app.run_test():
        for key in "abcc":
            app.simulate_key(key)
        await wait_beside(lambda: app.hanging.counted == 2)
