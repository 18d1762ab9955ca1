"""Selecting in the text view with the mouse, and copying exactly that."""

from __future__ import annotations

import pytest
from textual.geometry import Offset, Region
from textual.selection import Selection

from tests.tui.text_view_host import Host, drag, painted, show


async def test_a_drag_copies_exactly_the_characters_wrapped_lines_joined() -> None:
    app = Host()
    async with app.run_test(size=(21, 8)) as pilot:
        view = await show(pilot, "the quick brown fox jumps over it\nsecond line")
        assert painted(view)[:3] == ["the quick brown fox", "jumps over it", "second line"]
        await drag(pilot, (4, 0), (5, 2))
        assert view.selected_text == "quick brown fox jumps over it\nsecond"
        await pilot.press("ctrl+c")
        assert app.clipboard == "quick brown fox jumps over it\nsecond"


@pytest.mark.parametrize(
    ("start", "end", "copied"),
    [
        ((2, 0), (4, 0), "文换"),  # first cells
        ((3, 0), (5, 0), "文换"),  # second cells
        ((5, 0), (3, 0), "文换"),  # backwards
        ((0, 0), (19, 0), "中文换行 e\u0301👩‍💻!"),  # beyond the end
        ((9, 0), (9, 0), ""),  # a click is no selection
        ((8, 0), (9, 0), " e\u0301"),
        ((10, 0), (11, 0), "👩‍💻"),
        ((15, 0), (19, 0), ""),  # nothing but what lies beyond
    ],
)
async def test_wide_and_joined_characters_are_selected_whole(
    start: tuple[int, int], end: tuple[int, int], copied: str
) -> None:
    app = Host()
    async with app.run_test(size=(21, 4)) as pilot:
        app.copy_to_clipboard("before")
        view = await show(pilot, "中文换行 e\u0301👩‍💻!")
        await drag(pilot, start, end)
        assert view.selected_text == copied
        await pilot.press("ctrl+c")
        assert app.clipboard == (copied or "before")


async def test_a_drag_beyond_a_wrapped_row_ends_with_that_row() -> None:
    async with Host().run_test(size=(12, 6)) as pilot:
        view = await show(pilot, "one two three four")
        assert painted(view)[:2] == ["one two", "three four"]
        await drag(pilot, (4, 0), (10, 0))
        assert view.selected_text == "two "


async def test_selecting_blank_lines_never_empties_the_clipboard() -> None:
    app = Host()
    async with app.run_test(size=(21, 6)) as pilot:
        app.copy_to_clipboard("before")
        view = await show(pilot, "a\n\n\n\nb")
        await drag(pilot, (0, 1), (3, 3))
        assert view.selected_text == ""
        await pilot.press("ctrl+c")
        assert app.clipboard == "before"


async def test_a_selection_survives_growth_and_not_a_change_of_its_lines() -> None:
    app = Host()
    async with app.run_test(size=(21, 6)) as pilot:
        view = await show(pilot, "first\nsecond\nthird")
        await drag(pilot, (0, 1), (2, 1))
        await show(pilot, "first!\nsecond\nthird\nfourth")
        assert view.selected_text == "sec"
        await show(pilot, "first!\nanother\nthird\nfourth")
        assert view.selected_text == ""
        await drag(pilot, (0, 0), (2, 0))
        assert view.selected_text == "fir"
        await show(pilot, "first!\nanother\nthird\nfourth", "another key")
        assert view.selected_text == ""
        assert view not in app.screen.selections


async def test_selection_is_in_logical_places_and_everything_can_be_selected() -> None:
    app = Host()
    async with app.run_test(size=(12, 6)) as pilot:
        view = await show(pilot, "one two three four\nfive")
        app.screen.selections = {view: Selection(Offset(4, 0), Offset(2, 1))}
        await pilot.pause()
        assert view.selected_text == "two three four\nfi"
        app.screen.selections = {view: Selection(None, None)}
        await pilot.pause()
        assert view.selected_text == view.text


async def test_a_selection_can_be_seen() -> None:
    async with Host().run_test(size=(21, 4)) as pilot:
        view = await show(pilot, "abcdef")
        await drag(pilot, (1, 0), (2, 0))
        segments = list(view.render_lines(Region(0, 0, *view.size))[0])
        [selected] = [segment for segment in segments if segment.text == "bc"]
        plain = next(segment for segment in segments if segment.text == "a")
        assert selected.style is not None
        assert plain.style is not None
        assert selected.style.bgcolor != plain.style.bgcolor
        assert selected.style.color == plain.style.color
