"""A small app with one text pane, and what tests do with it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widget import Widget

from chatflow_tui.widgets.text_pane import TextPane
from chatflow_tui.widgets.text_view import TextView

KEY = ("wfi_1", "design", "response")


class PaneHost(App[None]):
    CSS = "TextPane { width: 1fr; height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self.backs = 0
        self.inputs: list[object] = []

    def compose(self) -> ComposeResult:
        yield TextPane(id="pane")

    def on_mount(self) -> None:
        self.pane.focus()

    async def action_back(self) -> None:
        self.backs += 1

    def on_input_changed(self, event: object) -> None:
        self.inputs.append(event)

    @property
    def pane(self) -> TextPane:
        return self.query_one(TextPane)

    @property
    def view(self) -> TextView:
        return self.pane.view


def rows(widget: Widget) -> list[str]:
    return [strip.text.rstrip() for strip in widget.render_lines(Region(0, 0, *widget.size))]


def bar_words(app: PaneHost) -> str:
    label = app.query_one("FindBar .hits")
    return "".join(strip.text for strip in label.render_lines(Region(0, 0, *label.outer_size))).strip()


async def show(pilot: Pilot[Any], text: str, key: Hashable = KEY) -> PaneHost:
    assert isinstance(pilot.app, PaneHost)
    pilot.app.pane.show(text, key)
    await pilot.pause()
    return pilot.app


async def type_in(pilot: Pilot[Any], text: str) -> None:
    await pilot.press("slash", *("space" if character == " " else character for character in text))
    await pilot.pause()
