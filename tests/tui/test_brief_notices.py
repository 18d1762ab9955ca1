"""What is said in passing: one line at the bottom, for a moment, and not over what is read."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.pilot import Pilot
from textual.widgets import Input, Label
from textual.widgets._toast import Toast, ToastHolder

from chatflow_tui.terminal import brief_notices
from chatflow_tui.terminal.brief_notices import BriefNoticesApp
from tests.waiting import wait_until


class Host(BriefNoticesApp):
    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label("\n".join(f"line {number}" for number in range(10)))
        yield Input()

    @property
    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    def shows(self, words: str) -> bool:
        return any(words in line for line in self.lines)

    async def until_shown(self, pilot: Pilot[Any], words: str) -> None:
        await wait_until(pilot, lambda: self.shows(words))


async def test_a_notice_takes_the_last_line_and_the_next_one_takes_its_place() -> None:
    app = Host()
    async with app.run_test(size=(60, 14), notifications=True) as pilot:
        app.notify("[/x] the first thing that was done", markup=False)
        await app.until_shown(pilot, "first thing")
        assert "[/x] the first thing that was done" in app.lines[-1]
        assert app.lines[:10] == [f"line {number}" for number in range(10)]
        for number in range(20):
            app.notify(f"thing {number}")
        await app.until_shown(pilot, "thing 19")
        await wait_until(pilot, lambda: sum("thing" in line for line in app.lines) == 1)


async def test_nothing_is_left_of_notices_that_others_took_the_place_of() -> None:
    app = Host()
    async with app.run_test(size=(60, 14), notifications=True) as pilot:
        for number in range(10):
            app.notify(f"thing {number}")
            await app.until_shown(pilot, f"thing {number}")
        await wait_until(pilot, lambda: len(app.screen.query(Toast)) == 1)
        app.notify("the last thing")
        await app.until_shown(pilot, "the last thing")
        # The one that is shown, and the one before it, which goes with the next.
        await wait_until(pilot, lambda: len(app.screen.query(ToastHolder)) <= 2)


@pytest.mark.parametrize("act", ["key", "click"])
async def test_the_next_key_or_click_takes_a_notice_away_unless_it_came_just_now(
    act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Host()
    async with app.run_test(size=(60, 14), notifications=True) as pilot:

        async def do() -> None:
            await (pilot.press("j") if act == "key" else pilot.click(offset=(2, 2)))
            await pilot.pause()

        app.notify("done")
        await app.until_shown(pilot, "done")
        monkeypatch.setattr(brief_notices, "_LEAST_SECONDS", 300)
        await do()
        assert app.shows("done")
        monkeypatch.setattr(brief_notices, "_LEAST_SECONDS", 0)
        await do()
        await wait_until(pilot, lambda: not app.shows("done"))
        assert act == "click" or app.query_one(Input).value == "jj"  # the keys did what they are for


async def test_an_error_stays_until_escape() -> None:
    app = Host()
    async with app.run_test(size=(60, 14), notifications=True) as pilot:
        app.notify("it failed", title="Not done", severity="error", timeout=300)
        app.notify("done", timeout=300)
        await wait_until(pilot, lambda: app.shows("it failed") and app.shows("done"))
        app.notify("done again", timeout=300)
        await wait_until(pilot, lambda: app.shows("it failed") and app.shows("done again"))
        await pilot.press("j", "j")
        await pilot.pause()
        assert app.shows("it failed")
        await pilot.press("escape")
        await wait_until(pilot, lambda: not app.shows("it failed") and not app.shows("done"))
