from __future__ import annotations

import math

import pytest
from rich.cells import cell_len

from chatflow_core.chatcoder_v1_1 import READ_ONLY
from chatflow_core.models import UNREADABLE
from chatflow_tui.widgets.instance_table import InstanceTable
from tests.tui.list_hosts import NOW, TableHost, instance, screen_lines, shown, twenty

HOSTILE = [
    "[/",
    "[@click=app.quit]x",
    "\x1b]2;x\x07",
    "a\nb",
    "\u202eevil",
    "用户登录" * 9,
    "👨‍👩‍👧 family",
    "",
    "x" * 300,
]


async def test_a_row_says_what_an_instance_does() -> None:
    app = TableHost([instance(1, seconds_ago=125)])
    async with app.run_test(size=(80, 10)):
        header, row = screen_lines(app.table)[:2]
        assert header.split() == ["Feature", "Workflow", "Phase", "Progress", "Age▼"]
        assert row.split()[:5] == ["▌●", "feature", "1", "default", "design"]
        assert row.split()[-2:] == ["3/6", "2m"]
        bar = row.split()[5]
        assert bar == "━━━━╾────"


async def test_a_wide_table_shows_status_id_and_why_it_failed() -> None:
    app = TableHost([instance(1, status="failed", last_error="the model [timed out]")])
    async with app.run_test(size=(200, 10)):
        row = screen_lines(app.table)[1]
        assert "✗" in row
        assert "failed" in row
        assert "wfi_000000000001" in row
        assert row.endswith("the model [timed out]")


async def test_what_cannot_be_read_or_written_is_marked() -> None:
    app = TableHost(
        [
            instance(1, read_only=READ_ONLY, seconds_ago=5),
            instance(2, feature_id="", status=UNREADABLE, current_phase="", problem="line 3: torn", phases_total=None),
            instance(3, status="paused", seconds_ago=500),
        ]
    )
    async with app.run_test(size=(126, 10)):
        read_only, unreadable, unknown = screen_lines(app.table)[1:4]
        assert read_only.startswith("▌●⊘")
        assert read_only.endswith("read only: ChatCoder v1.1")
        assert unreadable.startswith(" !")
        assert "wfi_000000000002" in unreadable
        assert "line 3: torn" in unreadable
        assert unknown.startswith(" ?")
        assert "paused" in unknown


@pytest.mark.parametrize("width", [1, 5, 12, 20, 30, 40, 56, 60, 79, 80, 100, 104, 120, 140, 200, 300])
async def test_every_line_is_as_wide_as_the_table_whatever_the_names(width: int) -> None:
    rows = [
        instance(
            number,
            feature_id=name,
            workflow_name=name,
            current_phase=name,
            status=name or "failed",
            last_error=name,
            phases_done=number * 1000,
        )
        for number, name in enumerate(HOSTILE)
    ]
    app = TableHost(rows)
    async with app.run_test(size=(width, 20)) as pilot:
        await pilot.pause()
        lines = [app.table.render_row(row.instance_id, row, width - 1) for row in rows]
        if width >= 10:  # below, even the glyph and the name do not fit, and the line is cut
            lines.append(app.table.render_header(0, width - 1))
            assert {sum(cell_len(text) for text, _ in line) for line in lines} == {width - 1}
        assert {app.table.render_line(y).cell_length for y in range(20)} == {width}
        printed = "".join(app.table.render_line(y).text for y in range(20))
        assert printed.isprintable()


async def test_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    app = TableHost([instance(1, feature_id="[@click=app.quit]x")])
    async with app.run_test(size=(100, 10)) as pilot:
        assert "[@click=app.quit]x" in screen_lines(app.table)[1]
        await pilot.click(InstanceTable, offset=(8, 1))
        await pilot.pause()
        assert app.is_running


async def test_absurd_times_are_shown_somehow() -> None:
    times = [math.nan, math.inf, -math.inf, -62_135_596_800.0, 253_402_300_799.0, 0.0]
    app = TableHost([instance(number, updated_at=moment) for number, moment in enumerate(times)])
    async with app.run_test(size=(80, 10)) as pilot:
        app.table.tick(-5.0)
        app.table.tick(NOW)
        await pilot.pause()
        assert sorted(shown(app.table)) == [0, 1, 2, 3, 4, 5]
        assert shown(app.table)[0] == 1
        assert set(shown(app.table)[-2:]) == {0, 2}


async def test_a_change_paints_its_line_only() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.press("j")
        await pilot.pause()
        app.table.painted.clear()
        app.table.apply([instance(4, seconds_ago=0), instance(18, seconds_ago=0)])
        await pilot.pause()
        assert app.table.painted == [instance(4).instance_id]


async def test_an_instance_left_alone_is_marked_as_soon_as_it_is_and_not_when_it_was_put_aside() -> None:
    ages = {1: 29 * 60.0, 2: 30 * 60.0, 3: 7 * 86_400.0 - 1, 4: 7 * 86_400.0}
    rows = [instance(number, seconds_ago=seconds) for number, seconds in ages.items()]
    finished = instance(5, seconds_ago=86_400.0, status="completed")
    app = TableHost([*rows, finished])
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()

        def seen() -> list[str]:
            return sorted(line.split()[-1] for line in screen_lines(app.table)[1:6])

        assert seen() == sorted(["29m", "▲30m", "▲6d", "1w", "1d"])
        app.table.tick(NOW + 60)
        assert seen() == sorted(["▲30m", "▲31m", "1w", "1w", "1d"])


async def test_a_tick_paints_the_lines_whose_age_has_changed() -> None:
    rows = [instance(1, seconds_ago=10), instance(2, seconds_ago=59), instance(3, seconds_ago=100)]
    app = TableHost(rows)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.table.painted.clear()

        app.table.tick(NOW + 0.5)
        await pilot.pause()
        assert app.table.painted == []

        app.table.tick(NOW + 1)
        await pilot.pause()
        assert sorted(app.table.painted) == [rows[0].instance_id, rows[1].instance_id]
        assert [line.split()[-1] for line in screen_lines(app.table)[1:4]] == ["11s", "1m", "1m"]


async def test_a_changed_row_glows_until_the_tick_ends_it() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:

        def background(y: int) -> object:
            style = list(app.table.render_line(y))[1].style
            assert style is not None
            return style.bgcolor

        await pilot.press("j")
        plain = background(5)
        assert background(6) == plain, "the first fill does not glow"

        app.table.apply([instance(30, seconds_ago=90)], is_first_load=True)
        assert background(5) == plain, "nor does what comes later in the first load"

        app.table.apply([instance(4, seconds_ago=104)])
        assert background(5) != plain
        assert background(6) == plain

        app.table.tick(NOW + 1)
        assert background(5) != plain
        await pilot.pause()
        app.table.painted.clear()
        app.table.tick(NOW + 1.6)
        await pilot.pause()
        assert background(5) == plain
        assert instance(4).instance_id in app.table.painted


async def test_a_change_glows_under_the_cursor_too_where_a_live_list_puts_it() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)):

        def is_underlined() -> bool:
            style = list(app.table.render_line(1))[1].style
            assert style is not None
            return bool(style.underline)

        assert not is_underlined()
        app.table.apply([instance(5, seconds_ago=0)])
        assert app.table.cursor_key == instance(5).instance_id
        assert is_underlined()
        app.table.tick(NOW + 5)
        assert not is_underlined()


async def test_the_next_and_the_previous_wanted_row_are_found_round_and_round() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.press("j", "j", "j")

        def found(*wanted: int, step: int) -> str | None:
            ids = {instance(number).instance_id for number in wanted}
            return app.table.find_from_cursor(lambda row: row.instance_id in ids, step)

        assert found(1, 3, 15, step=1) == instance(15).instance_id
        assert found(1, 3, 15, step=-1) == instance(1).instance_id
        assert found(1, 2, step=1) == instance(1).instance_id
        assert found(15, 19, step=-1) == instance(19).instance_id
        assert found(3, step=1) is None, "the row under the cursor is no other"
