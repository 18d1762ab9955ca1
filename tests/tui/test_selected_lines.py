"""Selecting lines with the keyboard: the keys that scroll extend it, `y` copies exactly that."""

from __future__ import annotations

import pytest
from textual.geometry import Region

from tests.tui.text_pane_host import KEY, PaneHost, rows, show, type_in
from tests.waiting import wait_until

LINES = "\n".join(f"line {number}" for number in range(100))


def lines(first: int, last: int) -> str:
    return "\n".join(f"line {number}" for number in range(first, last + 1))


async def test_lines_are_selected_from_the_top_of_what_is_seen_and_copied_with_y() -> None:
    app = PaneHost()
    async with app.run_test(size=(40, 10), notifications=True) as pilot:
        pane = (await show(pilot, LINES)).pane
        await pilot.press("space", "V")
        assert pane.view.selected_text == "line 9"
        assert pane.selecting_words(40) == "selecting 1 line · y copies · esc ends"
        assert pane.selecting_words(30) == "selecting 1 line · y copies"
        await pilot.press("j", "down", "k")
        assert pane.view.selected_text == lines(9, 10)
        assert pane.view.first_row == 9  # what is selected is in sight: nothing moves
        await pilot.press("k", "k", "k")
        assert pane.view.selected_text == lines(7, 9)
        assert pane.view.first_row == 7
        await pilot.press("y")
        await wait_until(pilot, lambda: app.clipboard == lines(7, 9))
        assert (pane.view.selected_text, pane.selecting_words(40), pane.view.is_selecting) == ("", "", False)
        await pilot.press("j")
        assert pane.view.first_row == 8


async def test_pages_and_ends_extend_it_and_escape_drops_it() -> None:
    app = PaneHost()
    async with app.run_test(size=(40, 10)) as pilot:
        view = (await show(pilot, LINES)).view
        await pilot.press("V", "space")
        assert view.selected_text == lines(0, 9)
        assert rows(view)[-1] == "line 9"
        await pilot.press("G")
        assert view.selected_lines == 100
        assert rows(view)[-1] == "line 99"
        await pilot.press("b")
        assert view.selected_text == lines(0, 90)
        await pilot.press("g")
        assert (view.selected_text, view.first_row) == ("line 0", 0)
        await pilot.press("escape")
        assert (view.selected_text, app.backs) == ("", 0)
        await pilot.press("escape")
        assert app.backs == 1


async def test_shift_and_arrows_select_without_asking_and_the_mouse_ends_it() -> None:
    app = PaneHost()
    async with app.run_test(size=(40, 10)) as pilot:
        view = (await show(pilot, LINES)).view
        await pilot.press("j", "shift+down", "shift+down", "shift+pagedown", "shift+up")
        assert view.selected_text == lines(1, 10)
        await pilot.press("ctrl+c")
        assert app.clipboard == lines(1, 10)
        await pilot.click("#pane", offset=(5, 3))
        await wait_until(pilot, lambda: not view.is_selecting)
        assert view.selected_text == ""


@pytest.mark.parametrize(
    ("key", "first", "last"), [("shift+pageup", 41, 50), ("shift+end", 50, 99), ("shift+home", 0, 50)]
)
async def test_shift_with_the_keys_of_pages_and_ends_begins_to_select_at_once(key: str, first: int, last: int) -> None:
    app = PaneHost()
    async with app.run_test(size=(40, 10)) as pilot:
        view = (await show(pilot, LINES)).view
        await pilot.press(*["j"] * 50, key)
        assert view.selected_text == lines(first, last)
        assert f"line {last if key == 'shift+end' else first}" in rows(view)


async def test_wrapped_lines_are_joined_and_seen_to_their_end() -> None:
    long = " ".join(f"word{number}" for number in range(40))
    async with PaneHost().run_test(size=(21, 6)) as pilot:
        view = (await show(pilot, f"one\n{long}\nthree")).view
        await pilot.press("V", "j")
        assert view.selected_text == f"one\n{long}"
        assert rows(view)[-1].endswith("word39")
        await pilot.press("k")
        assert (view.selected_text, view.first_row) == ("one", 0)


async def test_a_hit_is_where_it_begins_and_what_the_mouse_has_selected_is_kept() -> None:
    app = PaneHost()
    async with app.run_test(size=(40, 10)) as pilot:
        view = (await show(pilot, LINES)).view
        await type_in(pilot, "line 5")
        await pilot.press("enter", "n", "V", "j")
        assert view.selected_text == lines(50, 51)
        await pilot.press("escape", "escape", "g")
        await pilot.mouse_down("#pane", offset=(3, 1))
        await pilot.hover("#pane", offset=(2, 2))
        await pilot.mouse_up("#pane", offset=(2, 2))
        assert view.selected_text == "e 1\nlin"
        await pilot.press("V", "j")
        assert view.selected_text == lines(1, 3)


async def test_blank_lines_are_seen_to_be_selected_and_never_empty_the_clipboard() -> None:
    app = PaneHost()
    async with app.run_test(size=(21, 6), notifications=True) as pilot:
        app.copy_to_clipboard("before")
        view = (await show(pilot, "\n\n\nend")).view
        await pilot.press("V", "j")
        assert (view.selected_lines, view.selected_text) == (2, "")
        painted = view.render_lines(Region(0, 0, *view.size))
        grounds = [next(iter(strip)).style.bgcolor for strip in painted if next(iter(strip)).style]  # type: ignore[union-attr]
        assert grounds[0] == grounds[1] != grounds[2]
        await pilot.press("ctrl+c", "y")
        await wait_until(pilot, lambda: app._notifications)
        assert app.clipboard == "before"
        assert not view.is_selecting


async def test_who_selects_is_not_moved_by_a_text_that_grows() -> None:
    app = PaneHost()
    async with app.run_test(size=(40, 10)) as pilot:
        view = (await show(pilot, LINES)).view
        await pilot.press("G", "V", "G")
        assert view.selected_text == lines(90, 99)
        await show(pilot, f"{LINES} and more\nline 100\nline 101")
        assert view.first_row == 90
        assert view.selected_text == f"{lines(90, 99)} and more"
        await pilot.press("escape")
        await show(pilot, f"{LINES} and more\n{lines(100, 120)}")
        assert rows(view)[-1] == "line 120"  # followed again
        await pilot.press("V")
        await show(pilot, "another text", "another")
        assert (view.is_selecting, view.selected_text) == (False, "")


@pytest.mark.parametrize("rendered", [False, True])
async def test_a_key_for_what_is_not_there_says_so(rendered: bool) -> None:
    app = PaneHost()
    async with app.run_test(size=(40, 10), notifications=True) as pilot:
        if rendered:
            await show(pilot, "# Heading")
            await pilot.press("m")
            await wait_until(pilot, lambda: app.pane.is_rendered)
            keys = ["w", "number_sign"]
        else:
            app.pane.show_note("nothing yet", KEY)
            keys = ["w", "number_sign", "m", "V", "slash"]
        for count, key in enumerate(keys, 1):
            await pilot.press(key)
            assert len(app._notifications) == count
        assert app.view.wrap
        assert not app.view.is_selecting
