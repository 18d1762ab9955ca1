"""A small app with one text view, and what tests do with it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from chatflow_tui.widgets.text_view import TextView

LINES = "\n".join(f"line {number}" for number in range(100))
KEY = ("wfi_1", "design", "prompt")


class Host(App[None]):
    CSS = "TextView { width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.moves: list[TextView.Moved] = []

    def compose(self) -> ComposeResult:
        yield TextView(id="view")

    def on_mount(self) -> None:
        self.view.focus()

    def on_text_view_moved(self, message: TextView.Moved) -> None:
        self.moves.append(message)

    @property
    def view(self) -> TextView:
        return self.query_one(TextView)


def painted(view: TextView) -> list[str]:
    strips = view.render_lines(Region(0, 0, *view.size))
    return [strip.text.rstrip() for strip in strips]


async def show(pilot: Pilot[None], text: str, key: Hashable = KEY) -> TextView:
    assert isinstance(pilot.app, Host)
    view = pilot.app.view
    view.show(text, key)
    await pilot.pause()
    return view


async def drag(pilot: Pilot[Any], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down("#view", offset=start)
    await pilot.hover("#view", offset=end)
    await pilot.mouse_up("#view", offset=end)
    await pilot.pause()
