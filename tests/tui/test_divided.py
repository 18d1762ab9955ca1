"""Prompt and response share the room as the reader wishes: by keys, or by dragging the border."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from chatflow_tui.widgets.divided import Divided
from chatflow_tui.widgets.texts import Texts


class Host(App[None]):
    CSS = """
    #prompt, #response { border: round red; width: 1fr; height: 1fr; }
    #texts { layout: horizontal; height: 1fr; }
    .-stacked #texts { layout: vertical; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.shared = 0

    def compose(self) -> ComposeResult:
        yield Texts(id="texts")

    def on_divided_shared(self, event: Divided.Shared) -> None:
        self.shared += 1

    @property
    def texts(self) -> Texts:
        return self.query_one(Texts)

    @property
    def sizes(self) -> tuple[int, int]:
        """Widths of the two, or their heights if they are stacked."""
        parts = self.texts.parts
        if self.texts.is_stacked:
            return parts[0].region.height, parts[1].region.height
        return parts[0].region.width, parts[1].region.width


async def drag(pilot: Pilot[Any], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(None, offset=start)
    await pilot.hover(None, offset=((start[0] + end[0]) // 2, (start[1] + end[1]) // 2))
    await pilot.hover(None, offset=end)
    await pilot.mouse_up(None, offset=end)
    await pilot.pause()


@pytest.mark.parametrize("grip", [(49, 5), (50, 5)])
async def test_the_border_between_them_follows_the_mouse(grip: tuple[int, int]) -> None:
    app = Host()
    async with app.run_test(size=(100, 20)) as pilot:
        assert app.sizes == (50, 50)
        await drag(pilot, grip, (grip[0] - 13, 9))
        assert app.sizes == (37, 63)
        assert app.shared == 1
        assert app.mouse_captured is None
        assert not app.screen.selections
        await drag(pilot, (36, 5), (0, 5))  # each keeps enough to be read
        assert app.sizes == (20, 80)
        # Elsewhere nothing is taken hold of.
        await drag(pilot, (30, 5), (60, 5))
        assert app.sizes == (20, 80)
        # One step of a key is one step, also from the least.
        app.texts.share(1)
        await pilot.pause()
        assert app.sizes == (30, 70)


async def test_stacked_they_share_the_height_and_beside_each_other_the_width_as_before() -> None:
    app = Host()
    async with app.run_test(size=(99, 20)) as pilot:
        app.texts.divide(40 / 99, stacked=False)
        await pilot.pause()
        assert app.sizes == (40, 59)
        app.screen.add_class("-stacked")
        await pilot.pause()
        assert app.sizes == (10, 10)
        await drag(pilot, (30, 9), (30, 14))
        assert app.sizes == (15, 5)
        app.texts.share(-1)
        await pilot.pause()
        assert app.sizes == (14, 6)
        await drag(pilot, (30, 13), (30, 0))
        assert app.sizes == (5, 15)
        for _ in range(12):
            app.texts.share(1)
        await pilot.pause()
        assert app.sizes == (15, 5)
        app.screen.remove_class("-stacked")
        await pilot.pause()
        assert app.sizes == (40, 59)
        assert [part.region.height for part in app.texts.parts] == [20, 20]
