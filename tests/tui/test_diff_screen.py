"""The screen that compares two texts."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.geometry import Region
from textual.pilot import Pilot

from chatflow_tui.screens.diff import DiffScreen
from chatflow_tui.texts.text_diff import TitledText
from chatflow_tui.widgets.key_bar import KeyBar
from tests.tui.text_pane_host import rows
from tests.waiting import wait_until

OLD = [f"line {number} 设计" for number in range(80)]
NEW = [*OLD[:10], "line ten 设计", *OLD[11:40], "inserted", *OLD[40:70], *OLD[72:]]


async def compared(pilot: Pilot[Any], old: str = "\n".join(OLD), new: str = "\n".join(NEW)) -> DiffScreen:
    screen = DiffScreen(TitledText(("design", "attempt 1"), old), TitledText(("design", "attempt 2 [/x]\x1b"), new))
    await pilot.app.push_screen(screen)
    await wait_until(pilot, lambda: screen.diff is not None)
    await pilot.pause()
    return screen


def title(screen: DiffScreen) -> str:
    return str(screen.query_one("#frame").border_title)


@pytest.mark.parametrize(("width", "beside"), [(60, False), (200, True)])
async def test_both_sides_are_named_and_the_width_decides(width: int, beside: bool) -> None:
    async with App[None]().run_test(size=(width, 24)) as pilot:
        screen = await compared(pilot)
        assert screen.view.side_by_side is beside
        [names] = rows(screen.query_one("#sides"))
        assert "− attempt 1" in names
        assert "+ attempt 2 [/x]␛" in names
        shown = screen.view.render_lines(Region(0, 0, *screen.view.size))
        assert {strip.cell_length for strip in shown} == {screen.view.size.width}
        if beside:
            [row] = [strip.text for strip in shown if "line ten" in strip.text]
            assert row.index("- line 10") < row.index("│") < row.index("+ line ten")
            middles = {cell_len(strip.text[: strip.text.index("│")]) for strip in shown if "│" in strip.text}
            assert len(middles) == 1  # Chinese does not shift the other side
        else:
            signed = [strip.text.split()[1] for strip in shown if strip.text.rstrip().endswith("设计")]
            assert "-" in signed
            assert "+" in signed


async def test_keys_go_from_change_to_change_and_change_the_form() -> None:
    async with App[None]().run_test(size=(120, 16)) as pilot:
        screen = await compared(pilot)
        assert title(screen) == "Diff · change 1/3 · −3 +2 lines · design"
        for key, number in [("n", 2), ("n", 3), ("n", 1), ("N", 3), ("N", 2)]:
            await pilot.press(key)
            await wait_until(pilot, lambda number=number: f"change {number}/3" in title(screen))  # type: ignore[misc]
        assert any("inserted" in row for row in rows(screen.view))
        await pilot.press("d")
        await wait_until(pilot, lambda: not screen.view.side_by_side)
        assert any("inserted" in row for row in rows(screen.view))
        folded = screen.view.rows
        await pilot.press("c")
        await wait_until(pilot, lambda: screen.view.rows > folded)
        assert any("inserted" in row for row in rows(screen.view))
        for key in ("g", "j", "space", "k", "b", "G"):
            await pilot.press(key)
        await wait_until(pilot, lambda: screen.view.percent == 100)
        await pilot.press("g")
        assert screen.view.scroll_offset.y == 0


async def test_a_narrow_screen_says_what_differs_of_the_titles_and_what_the_keys_do_now() -> None:
    app = App[None]()
    async with app.run_test(size=(80, 24)) as pilot:
        parts = ("wfi_0123456789ab", "implement", "response")
        texts = (TitledText((*parts, f"attempt {number}"), f"version {number}") for number in (1, 2))
        screen = DiffScreen(*texts)
        await app.push_screen(screen)
        await wait_until(pilot, lambda: screen.diff is not None)
        [names] = rows(screen.query_one("#sides"))
        assert names.split() == ["−", "attempt", "1", "+", "attempt", "2"]
        assert title(screen).endswith("lines · wfi_0123456789ab · implement · response")
        keys = screen.query_one(KeyBar)
        for key, words in [("d", "d Unified"), ("d", "d Side by side"), ("c", "c Changes only"), ("c", "c All lines")]:
            await pilot.press(key)
            await wait_until(pilot, lambda words=words: words in str(keys.render()))  # type: ignore[misc]
        assert "d Side by side" in str(keys.render())


async def test_the_place_is_kept_when_the_width_changes() -> None:
    async with App[None]().run_test(size=(120, 16)) as pilot:
        screen = await compared(pilot)
        await pilot.press("n")
        await pilot.resize_terminal(70, 16)
        await wait_until(pilot, lambda: not screen.view.side_by_side)
        await pilot.pause()
        assert any("inserted" in row for row in rows(screen.view))


async def test_the_change_one_is_at_stays_in_sight_when_the_form_changes() -> None:
    old = "\n".join(OLD)
    new = "\n".join(f"other {number}" if number % 7 == 0 else line for number, line in enumerate(OLD))
    async with App[None]().run_test(size=(120, 16)) as pilot:
        screen = await compared(pilot, old, new)
        for beside in (True, False, True):
            await wait_until(pilot, lambda beside=beside: screen.view.side_by_side is beside)  # type: ignore[misc]
            await pilot.pause()
            assert title(screen).startswith("Diff · change 1/12 ")
            assert any("- line 0 " in row for row in rows(screen.view))
            await pilot.press("d")


async def test_words_that_differ_are_marked_without_colour_too() -> None:
    async with App[None]().run_test(size=(80, 16)) as pilot:
        screen = await compared(pilot, "the old plan stands", "the new plan stands")
        marked = [
            text
            for strip in screen.view.render_lines(Region(0, 0, *screen.view.size))
            for text, style, _ in strip
            if style is not None and style.underline
        ]
        assert marked == ["old", "new"]


async def test_equal_texts_say_so_and_escape_closes() -> None:
    async with App[None]().run_test(size=(80, 16)) as pilot:
        screen = await compared(pilot, "same", "same")
        assert rows(screen.query_one("#notes"))[0].strip() == "The two texts are the same."
        assert "no change" in title(screen)
        await pilot.press("n", "N")
        await pilot.press("escape")
        assert pilot.app.screen is not screen


async def test_hostile_text_is_shown_and_not_obeyed() -> None:
    async with App[None]().run_test(size=(80, 16)) as pilot:
        screen = await compared(pilot, "a [/x] \x1b]52;c;aGk=\x07 [@click=app.bell]", "")
        text = "\n".join(rows(screen.view))
        assert "a [/x] ␛]52;c;aGk=␇ [@click=app.bell]" in text
