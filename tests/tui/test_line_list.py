from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from tests.tui.list_hosts import Names, NamesHost, cursor_line, screen_lines
from tests.waiting import wait_until


@pytest.mark.parametrize(
    ("keys", "cursor", "top"),
    [
        ((), "k000", 0),
        (("j", "down"), "k002", 0),
        (("j", "j", "k"), "k001", 0),
        (("j", "up", "up"), "k000", 0),
        (("G",), "k099", 90),
        (("end", "j"), "k099", 90),
        (("G", "g"), "k000", 0),
        (("G", "home"), "k000", 0),
        (("space",), "k009", 0),
        (("space", "pagedown"), "k018", 9),
        (("space", "space", "b"), "k009", 9),
        (("G", "pageup"), "k090", 90),
        (("G", "pageup", "k"), "k089", 89),
    ],
)
async def test_keys_move_the_cursor(keys: tuple[str, ...], cursor: str, top: int) -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press(*keys)
        assert app.names.cursor_key == cursor
        assert app.names.scroll_offset.y == top
        assert screen_lines(app.names)[0] == " Name"
        assert screen_lines(app.names)[cursor_line(app.names)] == f"▌row {int(cursor[1:])}"
        await wait_until(pilot, lambda: app.moves[-1:] == [cursor])


async def test_an_empty_list_takes_every_key() -> None:
    app = NamesHost(count=0)
    async with app.run_test(size=(40, 20)) as pilot:

        def on_screen() -> list[str]:
            return [strip.text.strip() for strip in app.screen._compositor.render_strips()[1:4]]

        await pilot.press("j", "k", "g", "G", "space", "b", "enter")
        assert app.names.cursor_key is None
        assert app.names.cursor_index == -1
        assert app.choices == []
        app.names.say_when_empty(["Nothing yet.", "It will come."])
        await wait_until(pilot, lambda: on_screen() == ["", "Nothing yet.", "It will come."])

        app.names.set_rows({"a": "first"})
        await wait_until(pilot, lambda: app.moves == ["a"])
        await wait_until(pilot, lambda: on_screen() == ["▌first", "", ""])

        app.names.set_rows(app.names.without(["a"]))
        await wait_until(pilot, lambda: app.moves == ["a", None])
        await wait_until(pilot, lambda: on_screen() == ["", "Nothing yet.", "It will come."])


async def test_the_list_binds_no_keys_of_the_app_and_none_terminals_keep() -> None:
    bound = set(Names()._bindings.key_to_bindings)
    assert {"j", "k", "enter"} <= bound
    assert not bound & {"y", "z", "tab", "q", "a", "slash", "full_stop", "escape", *"0123456789", "[", "]"}
    assert not [key for key in bound if "ctrl" in key or "alt" in key or (key[0] == "f" and key[1:].isdigit())]
    assert all(binding.id for bindings in Names()._bindings.key_to_bindings.values() for binding in bindings)


async def test_enter_chooses_the_row_under_the_cursor() -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("j", "enter")
        await wait_until(pilot, lambda: app.choices == ["k001"])


async def test_a_click_moves_and_a_click_on_the_cursor_chooses() -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.click(Names, offset=(3, 4))
        assert app.names.cursor_key == "k003"
        assert app.choices == []

        await pilot.click(Names, offset=(3, 0))  # the header
        assert app.names.cursor_key == "k003"

        await pilot.click(Names, offset=(3, 4))
        await wait_until(pilot, lambda: app.choices == ["k003"])


@pytest.mark.parametrize("line", [1, 5])
async def test_a_double_click_chooses_once(line: int) -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.double_click(Names, offset=(3, line))
        await pilot.pause()
        assert app.choices == [f"k{line - 1:03}"]


async def test_a_click_below_the_last_row_does_nothing() -> None:
    app = NamesHost(count=3)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.click(Names, offset=(3, 8))
        assert app.names.cursor_key == "k000"
        assert app.choices == []


async def test_the_wheel_scrolls_and_leaves_the_cursor() -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        app.names.post_message(events.MouseScrollDown(app.names, 3, 3, 0, 0, 0, False, False, False))
        await wait_until(pilot, lambda: app.names.scroll_offset.y > 0)
        assert app.names.cursor_key == "k000"


async def test_the_line_under_the_mouse_is_highlighted() -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:

        def background(y: int) -> object:
            style = list(app.names.render_line(y))[1].style
            assert style is not None
            return style.bgcolor

        plain = background(5)
        await pilot.hover(Names, offset=(3, 5))
        assert background(5) != plain
        assert background(6) == plain
        await pilot.hover("#elsewhere")
        assert background(5) == plain


async def test_move_cursor_refuses_an_unknown_key() -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)):
        assert not app.names.move_cursor("unknown")
        assert app.names.cursor_key == "k000"


async def test_without_the_focus_the_cursor_is_dimmed_but_there() -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:

        def background() -> object:
            style = next(iter(app.names.render_line(1))).style
            assert style is not None
            return style.bgcolor

        await pilot.pause()
        focused = background()
        app.names.painted.clear()
        app.query_one(Input).focus()
        await wait_until(pilot, lambda: "k000" in app.names.painted)
        assert background() != focused
        assert cursor_line(app.names) == 1


@pytest.mark.parametrize("name", ["[/", "[@click=app.quit]x", "[bold", "用户登录" * 30, "x" * 5000])
async def test_no_text_is_markup_and_no_line_is_too_wide(name: str) -> None:
    app = NamesHost()
    async with app.run_test(size=(40, 20)) as pilot:
        app.names.set_rows({"a": name, "b": "next"})
        await pilot.pause()
        strip = app.names.render_line(1)
        assert strip.cell_length == app.names.line_width
        assert strip.text[1:].startswith(name[:10])
        await pilot.click(Names, offset=(3, 1))
        assert app.is_running


async def test_the_scroll_bar_follows_the_rows_and_the_screen_is_laid_out_only_when_it_comes_or_goes() -> None:
    app = NamesHost(count=30)
    async with app.run_test() as pilot:
        laid_out: list[object] = []
        await pilot.pause()
        names, bar = app.names, app.names.vertical_scrollbar
        app.screen.screen_layout_refresh_signal.subscribe(names, laid_out.append)

        names.update_rows({f"more{number}": "row" for number in range(20)})
        await pilot.pause()
        assert (names.max_scroll_y, bar.window_virtual_size, laid_out) == (40, 51, [])

        names.set_rows({"k000": "row"})
        await pilot.pause()
        assert (names.show_vertical_scrollbar, names.line_width) == (False, names.size.width)
        assert laid_out
