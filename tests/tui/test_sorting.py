from __future__ import annotations

from typing import Any

import pytest
from textual.app import App

from chatflow_tui.lists.instance_columns import column_at, columns, gap, sorted_column
from chatflow_tui.lists.instance_sort import SORT_WORDS, Sort
from chatflow_tui.screens.sort_menu import SortMenu
from tests.tui.list_hosts import NOW, TableHost, instance, screen_lines, shown, twenty
from tests.waiting import wait_until


def table_host() -> TableHost:
    return TableHost(
        [instance(n, seconds_ago=100.0 + n, phases_done=(n * 5) % 7, created_at=NOW - (n * 3) % 7) for n in range(7)]
    )


async def test_sorting_at_the_top_stays_at_the_top_and_elsewhere_keeps_the_cursor_on_its_instance() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:
        app.table.set_sort(Sort("updated", descending=False))
        assert shown(app.table)[:3] == [19, 18, 17]
        assert app.table.cursor_index == 0
        await pilot.press("j", "j")
        cursor = app.table.cursor_key
        app.table.set_sort(Sort())
        assert app.table.cursor_key == cursor
        assert cursor in app.table.visible_keys


async def test_the_live_rule_applies_to_whatever_sort_is_on() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 30)) as pilot:
        app.table.set_sort(Sort("phase", descending=False))
        app.table.apply([instance(7, current_phase="analyse")])
        await pilot.pause()
        assert shown(app.table)[0] == 7
        assert app.table.cursor_index == 0

        await pilot.press("j")
        app.table.apply([instance(9, current_phase="aaa"), instance(99)])
        assert shown(app.table)[0] == 7
        assert app.table.held_back == 1
        app.table.action_sort_again()
        assert shown(app.table)[0] == 9


async def test_a_click_on_a_heading_sorts_and_again_reverses() -> None:
    app = table_host()
    async with app.run_test(size=(90, 12)) as pilot:
        header = screen_lines(app.table)[0]
        assert "Age▼" in header
        await pilot.click(app.table, offset=(header.index("Progress") + 1, 0))
        assert app.table.sort == Sort("progress", descending=True)
        assert shown(app.table) == [4, 1, 5, 2, 6, 3, 0]
        assert "Progress▼" in screen_lines(app.table)[0]
        assert "Age▼" not in screen_lines(app.table)[0]

        await pilot.click(app.table, offset=(header.index("Progress") + 1, 0))
        assert app.table.sort == Sort("progress", descending=False)
        assert "Progress▲" in screen_lines(app.table)[0]

        await pilot.click(app.table, offset=(header.index("Feature"), 0))
        assert app.table.sort == Sort("feature", descending=False)
        await pilot.click(app.table, offset=(1, 0))
        assert app.table.sort.column == "status"
        assert screen_lines(app.table)[0].startswith(" ▲")
        assert app.moves[-1] == app.table.cursor_key


async def test_a_click_on_a_row_still_moves_the_cursor_and_sorts_nothing() -> None:
    app = table_host()
    async with app.run_test(size=(90, 12)) as pilot:
        await pilot.click(app.table, offset=(20, 3))
        assert app.table.cursor_index == 2
        assert app.table.sort == Sort()


async def test_a_sort_that_no_column_shows_is_named() -> None:
    app = table_host()
    async with app.run_test(size=(90, 12)):
        app.table.set_sort(Sort("created", descending=True))
        assert shown(app.table) == [0, 5, 3, 1, 6, 4, 2]
        assert "Feature ▼creation" in screen_lines(app.table)[0]


@pytest.mark.parametrize("width", [1, 10, 20, 30, 50, 80, 104, 160, 300])
async def test_the_header_fills_the_line_whatever_it_says(width: int) -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(width, 8)) as pilot:
        await pilot.press("j")
        for column in SORT_WORDS:
            app.table.set_sort(Sort(column, descending=False))
            app.table.apply([instance(99)])
            assert app.table.render_line(0).cell_length == app.table.line_width
            if width >= 50:
                assert app.table.render_line(0).text.count("▲") == 1


def test_every_cell_of_a_line_belongs_to_one_column() -> None:
    for width in range(1, 200):
        found = [column.name for x in range(width) if (column := column_at(x, width)) is not None]
        wanted = [column.name for column in columns(width) for _ in range(column.width + gap(column.name))]
        assert found == wanted[:width]
        assert column_at(-1, width) is None
        assert sorted_column("created", width) == ""


class MenuHost(App[None]):
    def __init__(self, now: Sort) -> None:
        super().__init__()
        self.menu = SortMenu(now)
        self.results: list[Any] = []

    def on_mount(self) -> None:
        self.push_screen(self.menu, self.results.append)


async def test_the_menu_gives_column_and_direction() -> None:
    app = MenuHost(Sort("feature", descending=True))
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: app.menu.choices.has_focus)
        lines = screen_lines(app.menu.choices)
        assert app.menu.choices.cursor_key == "feature"
        assert lines[0].split() == ["Last", "change", "▼", "latest", "first"]
        assert lines[2].split() == ["▌•", "Feature", "▼", "from", "Z", "to", "A"]

        await pilot.press("j", "right")
        assert "▼ from Z to A" in screen_lines(app.menu.choices)[3]
        await pilot.press("left", "r", "enter")
        await wait_until(pilot, lambda: app.results)
        assert app.results == [Sort("workflow", descending=True)]


async def test_the_menu_changes_nothing_when_it_is_left() -> None:
    app = MenuHost(Sort())
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: app.menu.choices.has_focus)
        await pilot.press("right", "escape")
        await wait_until(pilot, lambda: app.results)
        assert app.results == [None]


async def test_a_filter_that_depends_on_the_time_is_asked_again_as_it_passes() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("j")
        app.table.set_filter(lambda row: app.table.now - row.updated_at < 110, is_timed=True)
        assert shown(app.table) == list(range(10))
        app.table.now = NOW + 5
        app.table.tick(app.table.now)
        assert shown(app.table) == list(range(10)), "not at every tick"
        app.table.now = NOW + 20
        app.table.tick(app.table.now)
        assert shown(app.table) == [1], "the one under the cursor stays"
