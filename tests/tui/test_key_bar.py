from __future__ import annotations

from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from chatflow_tui.widgets.key_bar import KeyBar, OfferedKey, fitting

names = st.text("abcdefgh漢字", min_size=1, max_size=12)
keys = st.lists(st.builds(OfferedKey, names, names, names, names), max_size=12)


@given(keys, st.integers(0, 200))
def test_it_never_takes_more_than_its_room_and_keeps_the_order(offered: list[OfferedKey], width: int) -> None:
    shown = fitting(offered, width)
    assert sum(key.width for key in shown) <= width
    assert shown == offered[: len(shown)]


@given(keys, st.integers(0, 200))
def test_help_and_quit_are_shown_however_narrow_it_is(offered: list[OfferedKey], width: int) -> None:
    ways_out = [OfferedKey("?", "?", "Help", "app.help"), OfferedKey("q", "q", "Quit", "app.quit")]
    assert fitting([*offered, *ways_out], width)[-2:] == ways_out


class Host(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "count", "Count"),
        Binding("b", "never", "Never"),
        Binding("c", "hidden", "Hidden"),
        Binding("d", "count", "Again"),
        Binding("e", "secret", "Secret", show=False),
    ]
    count = 0
    is_hidden = True

    def compose(self) -> ComposeResult:
        yield KeyBar()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "never":
            return None
        return action != "hidden" or not self.is_hidden

    def action_count(self) -> None:
        self.count += 1

    def action_never(self) -> None:
        self.count += 100


async def test_it_offers_what_can_be_done_and_a_click_does_it() -> None:
    app = Host()
    async with app.run_test(size=(60, 5)) as pilot:
        bar = app.query_one(KeyBar)
        assert str(bar.render()) == "  a Count  b Never"
        await pilot.click(bar, offset=(3, 0))
        await pilot.click(bar, offset=(12, 0))
        await pilot.click(bar, offset=(0, 0))
        assert app.count == 1
        app.is_hidden = False
        app.refresh_bindings()
        await pilot.pause()
        assert "c Hidden" in str(bar.render())
