"""What is told when a text is painted."""

from __future__ import annotations

from textual.app import App, ComposeResult

from chatflow_tui.widgets.painted_static import PaintedStatic
from tests.waiting import wait_until


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.asked = PaintedStatic("a question", markup=False)
        self.told: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.asked

    def on_mount(self) -> None:
        self.asked.once_painted(lambda: self.told.append("painted"))
        self.call_after_refresh(self.told.append, "nothing else to do")
        self.call_after_refresh(self.asked.tell_painted)


async def test_it_is_told_once_and_as_soon_as_it_is_painted() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: len(app.told) == 2)
        app.asked.refresh()
        await pilot.pause()
        assert app.told == ["painted", "nothing else to do"]
