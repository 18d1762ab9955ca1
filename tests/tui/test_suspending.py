"""The program is not stopped in the middle of what would keep others waiting."""

from __future__ import annotations

import asyncio

import pytest
from textual import work
from textual.drivers.headless_driver import HeadlessDriver

from chatflow_tui.terminal.stopping import WRITING, StoppableApp
from tests.waiting import wait_until


class Writing(StoppableApp):
    """Something is being written until it is told to end."""

    def __init__(self) -> None:
        super().__init__()
        self.is_written = asyncio.Event()

    def on_mount(self) -> None:
        self.write()

    @work(group=f"{WRITING} step")
    async def write(self) -> None:
        await self.is_written.wait()


async def test_it_does_not_stop_while_an_instance_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    app = Writing()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: [notice.message for notice in app._notifications])
        assert [notice.message for notice in app._notifications] == [
            "Not while something is being written; press it again"
        ]
        app.is_written.set()


async def test_where_no_terminal_can_be_given_back_it_says_so() -> None:
    app = StoppableApp()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: [notice.message for notice in app._notifications])
        assert [notice.message for notice in app._notifications] == ["This terminal cannot be given back"]
