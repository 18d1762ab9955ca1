from __future__ import annotations

import pytest

from tests.tui.list_hosts import NamesHost, cursor_line, screen_lines
from tests.waiting import wait_until


async def test_only_the_changed_visible_lines_are_painted() -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        app.names.painted.clear()

        app.names.update_rows({"k003": "changed", "k005": "row 5", "k050": "out of sight"})
        await pilot.pause()

        assert app.names.painted == ["k003"]
        assert screen_lines(app.names)[4] == " changed"


async def test_moving_the_cursor_paints_two_lines() -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        app.names.painted.clear()
        await pilot.press("j")
        assert sorted(app.names.painted) == ["k000", "k001"]


async def test_rows_that_come_and_go_above_paint_nothing_and_move_nothing() -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        app.names.move_cursor("k050")
        await pilot.pause()
        before = screen_lines(app.names)
        line = cursor_line(app.names)
        moves = list(app.moves)
        app.names.painted.clear()

        rows = {key: f"row {int(key[1:])}" for key in (f"k{number:03}" for number in range(100))}
        app.names.set_rows({"new": "new", "newer": "newer", **rows})
        await pilot.pause()
        assert app.names.painted == []
        assert app.names.cursor_index == 52
        assert screen_lines(app.names) == before

        app.names.set_rows(app.names.without(["new", "k001", "k002", "k003"]))
        await pilot.pause()
        assert screen_lines(app.names) == before
        assert cursor_line(app.names) == line
        assert app.names.cursor_key == "k050"
        assert app.moves == moves


async def test_the_view_keeps_still_when_the_cursor_is_out_of_sight() -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        app.names.scroll_to(y=40, animate=False)
        await pilot.pause()
        before = screen_lines(app.names)

        app.names.set_rows(app.names.without([f"k{number:03}" for number in range(1, 8)]))
        await pilot.pause()

        assert screen_lines(app.names) == before
        assert app.names.cursor_key == "k000"


@pytest.mark.parametrize(
    ("cursor", "removed", "then"),
    [
        ("k003", ["k003"], "k004"),
        ("k003", ["k000", "k003", "k004"], "k005"),
        ("k099", ["k099", "k098"], "k097"),
    ],
)
async def test_the_cursor_on_a_removed_row_goes_to_its_neighbour(cursor: str, removed: list[str], then: str) -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        assert app.names.move_cursor(cursor)
        await pilot.pause()
        app.names.set_rows(app.names.without(removed))
        await wait_until(pilot, lambda: app.moves[-1:] == [then])
        assert app.names.cursor_key == then
        assert screen_lines(app.names)[cursor_line(app.names)] == f"▌row {int(then[1:])}"


async def test_a_new_order_leaves_the_cursors_row_on_its_line() -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        app.names.move_cursor("k045")
        await pilot.pause()
        line = cursor_line(app.names)

        app.names.set_rows((f"k{number:03}", f"row {number}") for number in reversed(range(100)))
        await pilot.pause()

        assert app.names.cursor_key == "k045"
        assert cursor_line(app.names) == line


async def test_the_cursor_stays_in_sight_in_a_smaller_window() -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press(*["j"] * 9)
        app.names.styles.height = 6
        await pilot.pause()
        assert screen_lines(app.names)[cursor_line(app.names)] == "▌row 9"


async def test_a_hundred_thousand_rows_paint_as_few_lines_as_ten() -> None:
    app = NamesHost(count=100_000)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("G")
        assert app.names.cursor_key == "k99999"
        assert set(app.names.painted) <= {*(f"k{n:03}" for n in range(12)), *(f"k{n}" for n in range(99_988, 100_000))}


async def test_the_scroll_bar_knows_how_many_rows_there_are() -> None:
    app = NamesHost(count=3)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        assert not app.names.show_vertical_scrollbar

        app.names.update_rows({f"more{number}": "x" for number in range(30)})
        await wait_until(pilot, lambda: app.names.show_vertical_scrollbar)
        assert app.names.vertical_scrollbar.window_virtual_size == 34
        assert app.names.line_width == 39
        assert app.names.render_line(3).cell_length == 39

        app.names.update_rows({f"more{number}": "x" for number in range(60)})
        await wait_until(pilot, lambda: app.names.vertical_scrollbar.window_virtual_size == 64)

        app.names.set_rows(app.names.without([f"more{number}" for number in range(60)]))
        await wait_until(pilot, lambda: not app.names.show_vertical_scrollbar)
        assert app.names.line_width == 40
