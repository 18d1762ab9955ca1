from __future__ import annotations

import time

from tests.tui.list_hosts import TableHost, instance, screen_lines, shown, twenty
from tests.waiting import wait_until


async def test_with_the_cursor_on_the_first_row_it_follows_the_newest() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:
        app.table.apply([instance(7, seconds_ago=0), instance(99, seconds_ago=1)])
        await pilot.pause()

        assert shown(app.table)[:4] == [7, 99, 0, 1]
        assert app.table.cursor_index == 0
        assert app.table.held_back == 0
        await wait_until(pilot, lambda: app.moves[-1:] == [instance(7).instance_id])


async def test_elsewhere_the_order_holds_and_new_instances_are_counted() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.press("j", "j")
        before = shown(app.table)
        cursor, moves = app.table.cursor_key, list(app.moves)

        app.table.apply([instance(7, seconds_ago=0, current_phase="review"), instance(99), instance(98)])
        await wait_until(pilot, lambda: app.counts == [2])

        assert shown(app.table) == before
        assert "review" in screen_lines(app.table)[8]
        assert app.table.held_back == 2
        assert "+2 new" in screen_lines(app.table)[0]
        assert (app.table.cursor_key, app.moves) == (cursor, moves)

        app.table.action_sort_again()
        await wait_until(pilot, lambda: app.counts == [2, 0])

        assert app.table.cursor_key == cursor
        assert app.table.row_count == 22
        assert "new" not in screen_lines(app.table)[0]
        assert screen_lines(app.table)[3].startswith("▌")  # on the line it was on


async def test_scrolled_away_from_the_first_row_the_order_holds_too() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:
        app.table.scroll_to(y=5, animate=False)
        await pilot.pause()
        before = shown(app.table)

        app.table.apply([instance(19, seconds_ago=0), instance(99, seconds_ago=0)])
        await pilot.pause()

        assert shown(app.table) == before
        assert app.table.held_back == 1


async def test_going_to_the_top_follows_the_newest_again() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.press("j")
        app.table.apply([instance(99, seconds_ago=0)])
        await pilot.press("g")
        assert shown(app.table)[:2] == [99, 0]
        assert app.table.cursor_key == instance(99).instance_id
        assert app.table.held_back == 0


async def test_what_is_loaded_at_first_goes_to_its_place_around_the_row_under_the_cursor() -> None:
    app = TableHost([])
    async with app.run_test(size=(80, 12)) as pilot:
        app.table.apply(twenty(), is_first_load=True)
        await pilot.press("j", "j")
        line = app.table.cursor_index - app.table.scroll_offset.y
        app.table.apply([instance(99, seconds_ago=0), instance(50, seconds_ago=500)], is_first_load=True)
        app.table.apply(())
        await pilot.pause()
        assert app.table.cursor_key == instance(2).instance_id
        assert app.table.cursor_index - app.table.scroll_offset.y == line
        assert (app.table.row_count, app.table.held_back) == (22, 0)
        await pilot.press("g")
        assert shown(app.table)[:3] == [99, 0, 1]


async def test_arriving_at_the_first_row_by_one_step_moves_nothing() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.press("j")
        app.table.apply([instance(99, seconds_ago=0)])
        await pilot.press("k")
        assert app.table.cursor_key == instance(0).instance_id
        assert app.table.held_back == 1


async def test_a_removed_instance_stays_under_the_cursor_marked_gone_until_it_leaves() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.press("j", "j", "j")
        await pilot.pause()
        app.table.painted.clear()
        app.table.apply((), [instance(3).instance_id, instance(5).instance_id])
        await pilot.pause()
        assert instance(3).instance_id in app.table.painted
        assert shown(app.table)[:6] == [0, 1, 2, 3, 4, 6]
        assert screen_lines(app.table)[4].startswith("▌")
        assert screen_lines(app.table)[4].endswith("gone")

        await pilot.press("j")
        assert shown(app.table)[:5] == [0, 1, 2, 4, 6]
        assert app.table.cursor_key == instance(4).instance_id
        assert not any("gone" in line for line in screen_lines(app.table))


async def test_the_marked_instance_is_seen_to_be_until_another_is_or_it_is_removed() -> None:
    def marked(app: TableHost) -> list[int]:
        return [number for number, line in enumerate(screen_lines(app.table)) if "◆" in line]

    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)):
        for number in (2, 3):
            app.table.mark(instance(number).instance_id)
            assert marked(app) == [number + 1]
            assert app.table.marked is not None
            assert app.table.marked.instance_id == instance(number).instance_id
        app.table.apply([instance(3, seconds_ago=0)])
        assert marked(app) == [1], "the list is live"
        app.table.apply((), [instance(3).instance_id])
        assert marked(app) == []
        assert app.table.marked is None
        app.table.apply([instance(3)])
        assert marked(app) == []


async def test_the_filter_applies_to_live_changes() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.press("j", "j", "j", "j")
        app.table.set_filter(lambda row: int(row.instance_id[4:], 16) % 2 == 0)
        assert shown(app.table) == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]
        assert app.table.cursor_key == instance(4).instance_id, "it still matches"

        app.table.apply([instance(97), instance(98)])
        assert app.table.held_back == 1

        app.table.set_filter(lambda row: int(row.instance_id[4:], 16) % 2 == 1)
        assert set(shown(app.table)) == {97, *range(1, 20, 2)}
        assert app.table.cursor_key != instance(4).instance_id

        app.table.set_filter(None)
        assert app.table.row_count == 22


async def test_an_instance_that_stops_matching_stays_under_the_cursor_until_it_leaves() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:
        app.table.set_filter(lambda row: row.status == "running")
        await pilot.press("j")
        app.table.apply([instance(1, status="completed"), instance(2, status="completed")])
        assert shown(app.table)[:3] == [0, 1, 3]
        assert "✓" in screen_lines(app.table)[2]
        await pilot.press("k")
        assert shown(app.table)[:3] == [0, 3, 4]


async def test_a_hundred_thousand_instances_are_shown_at_once() -> None:
    rows = [instance(number, seconds_ago=float(number)) for number in range(100_000)]
    app = TableHost([])
    async with app.run_test(size=(120, 40)) as pilot:
        began = time.perf_counter()
        app.table.apply(rows)
        filled_after = time.perf_counter() - began
        await pilot.press("G")
        assert app.table.cursor_index == 99_999

        began = time.perf_counter()
        app.table.apply([instance(99_990, seconds_ago=0)])
        updated_after = time.perf_counter() - began

    # Generous: it is to catch work per row at every change, not a slow machine.
    assert filled_after < 5
    assert updated_after < 0.5
