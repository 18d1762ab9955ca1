"""What the mouse selects stays in the text it began in, wherever the pointer goes."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.containers import Horizontal

from chatflow_tui.screens.text_screen import TextScreen
from chatflow_tui.widgets.text_pane import TextPane
from tests.tui.test_divided import drag
from tests.waiting import wait_until


class TwoTexts(TextScreen[None]):
    def compose(self) -> ComposeResult:
        with Horizontal():
            yield TextPane(id="left")
            yield TextPane(id="right")


class Host(App[None]):
    CSS = "TextPane { width: 1fr; height: 1fr; border: round red; }"

    def get_default_screen(self) -> TwoTexts:
        return TwoTexts()

    def pane(self, side: str) -> TextPane:
        return self.screen.query_one(f"#{side}", TextPane)


def toasts(app: App[None]) -> str:
    return "\n".join(toast.message for toast in app._notifications)


@pytest.mark.parametrize(
    ("end", "selected"),
    [
        ((39, 5), "ft 2\nleft 3\nleft 4"),  # over the frame
        ((60, 5), "ft 2\nleft 3\nleft 4"),  # into the other text
        ((3, 0), "ft 0\nleft 1\nlef"),  # above
        ((3, 11), "ft 2\nleft 3\nleft 4\nleft 5\nleft 6\nleft 7\nleft 8\nlef"),  # below
    ],
)
async def test_a_drag_out_of_a_text_selects_no_more_than_is_seen(end: tuple[int, int], selected: str) -> None:
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        for side in ("left", "right"):
            app.pane(side).show("\n".join(f"{side} {number}" for number in range(100)), side)
        await pilot.pause()
        await drag(pilot, (3, 3), end)
        assert app.pane("left").selected_text == selected
        await pilot.press("ctrl+c")
        await wait_until(pilot, lambda: app.clipboard == selected)
        await wait_until(pilot, lambda: "Copied the selection" in toasts(app))


async def test_what_is_selected_in_a_rendered_text_is_as_rendered() -> None:
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        for side in ("left", "right"):
            app.pane(side).show("some *emphasized* words\n\nand more", side)
        app.pane("left").focus()
        await pilot.press("m")
        await wait_until(pilot, lambda: app.pane("left").is_rendered)
        await pilot.pause()
        await drag(pilot, (7, 1), (60, 1))
        assert app.pane("left").selected_text == "emphasized words"
        assert app.pane("right").selected_text == ""
