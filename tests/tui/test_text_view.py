"""The view of prompts and responses: reading, following, and hostile text."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.events import MouseScrollDown
from textual.geometry import Region
from textual.widgets import Static

from chatflow_tui.texts.plain_text import ControlFilter
from chatflow_tui.texts.text_document import Document, Wanted, prepare
from chatflow_tui.widgets import text_view
from chatflow_tui.widgets.text_view import TextView
from tests.tui.text_view_host import KEY, LINES, Host, drag, painted, show
from tests.waiting import wait_until


async def test_a_text_is_shown_from_its_top() -> None:
    async with Host().run_test(size=(40, 10)) as pilot:
        view = await show(pilot, LINES)
        assert painted(view) == [f"line {number}" for number in range(10)]
        assert (view.first_row, view.rows, view.at_end, view.percent) == (0, 100, False, 10)


async def test_keys_move_by_lines_pages_and_to_both_ends() -> None:
    async with Host().run_test(size=(40, 10)) as pilot:
        view = await show(pilot, LINES)
        for keys, row in [
            ("j", 1),
            ("down", 2),
            ("k", 1),
            ("space", 10),
            ("pagedown", 19),
            ("b", 10),
            ("pageup", 1),
            ("G", 90),
            ("g", 0),
            ("up", 0),
            ("end", 90),
            ("j", 90),
            ("home", 0),
        ]:
            await pilot.press(keys)
            assert view.first_row == row, keys


async def test_the_wheel_scrolls() -> None:
    async with Host().run_test(size=(40, 10)) as pilot:
        view = await show(pilot, LINES)
        await pilot._post_mouse_events([MouseScrollDown], "#view", offset=(3, 3))
        await wait_until(pilot, lambda: view.first_row > 0)


async def test_the_app_is_told_where_the_reader_is() -> None:
    app = Host()
    async with app.run_test(size=(40, 10)) as pilot:
        view = await show(pilot, LINES)
        await pilot.press("space")
        await wait_until(pilot, lambda: bool(app.moves) and app.moves[-1].first_row == 9)
        last = app.moves[-1]
        assert (last.view, last.rows, last.at_end, last.percent) == (view, 100, False, 19)
        await pilot.press("G")
        await wait_until(pilot, lambda: app.moves[-1].at_end)
        assert app.moves[-1].percent == 100


async def test_the_same_text_is_not_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Host().run_test(size=(40, 10)) as pilot:
        view = await show(pilot, LINES)
        repaints: list[str] = []
        # All happens within `show`: what the app paints of its own accord is no concern of this test.
        with monkeypatch.context() as patched:
            patched.setattr(view, "refresh", lambda *_args, **_options: repaints.append(view.text))
            view.show("".join(list(LINES)), KEY)  # equal, another object
            assert not repaints
            view.show(LINES + "!", KEY)
            assert repaints


async def test_a_growing_text_leaves_the_reader_alone_in_the_middle() -> None:
    async with Host().run_test(size=(40, 10)) as pilot:
        view = await show(pilot, LINES)
        await pilot.press("space")
        before = painted(view)
        await show(pilot, LINES + "\nmore" * 50)
        assert view.rows == 150
        assert painted(view) == before


async def test_a_growing_text_is_followed_at_its_end_only() -> None:
    async with Host().run_test(size=(40, 10)) as pilot:
        view = await show(pilot, LINES)
        await pilot.press("G")
        await show(pilot, LINES + "\nmore" * 50)
        assert (view.first_row, view.at_end) == (140, True)
        await pilot.press("k")
        await show(pilot, LINES + "\nmore" * 60)
        assert view.first_row == 139


async def test_the_first_version_after_an_empty_text_is_read_from_its_top() -> None:
    async with Host().run_test(size=(40, 10)) as pilot:
        await show(pilot, "")
        view = await show(pilot, LINES)
        assert view.first_row == 0


async def test_each_text_is_found_where_it_was_left(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Host().run_test(size=(40, 10)) as pilot:
        view = await show(pilot, LINES, "a")
        await pilot.press("space")
        await show(pilot, LINES, "b")
        assert view.first_row == 0
        await show(pilot, LINES, "a")
        assert view.first_row == 9
        monkeypatch.setattr(text_view, "REMEMBERED_PLACES", 3)
        for key in range(5):
            await show(pilot, LINES, key)
        assert len(view._places) == 3
        await show(pilot, LINES, "a")
        assert view.first_row == 0  # too long ago


async def test_the_top_line_stays_at_the_top_when_the_width_changes() -> None:
    text = "\n".join(f"{number} " + "word " * 30 for number in range(50))
    async with Host().run_test(size=(60, 10)) as pilot:
        view = await show(pilot, text)
        for _ in range(4):
            await pilot.press("space")
        top = painted(view)[0]
        offset = view._top
        for width in (33, 90, 41, 60):
            await pilot.resize_terminal(width, 10)
            await wait_until(pilot, lambda width=width: view.size.width >= width - 2)  # type: ignore[misc]
            await pilot.pause()
            assert view._top == offset
        assert painted(view)[0] == top
        line = text.count("\n", 0, offset)
        await pilot.press("w")
        await wait_until(pilot, lambda: view.rows == 50)
        assert painted(view)[0].startswith(f"{line} word")
        await pilot.press("w")
        await wait_until(pilot, lambda: view.rows > 50)
        assert painted(view)[0] == top


async def test_a_reader_at_the_end_stays_there_when_the_width_changes() -> None:
    text = "\n".join("word " * 30 for _ in range(50))
    async with Host().run_test(size=(60, 10)) as pilot:
        view = await show(pilot, text)
        await pilot.press("G")
        await pilot.resize_terminal(30, 8)
        await wait_until(pilot, lambda: view.at_end and view.rows == 250)
        await pilot.resize_terminal(30, 5)  # only the height: no row changes
        await wait_until(pilot, lambda: view.size.height == 5)
        await wait_until(pilot, lambda: view.first_row == 245)
        await pilot.press("w")
        await wait_until(pilot, lambda: view.at_end and view.rows == 50)


async def test_long_lines_scroll_sideways_when_they_are_not_wrapped() -> None:
    async with Host().run_test(size=(20, 6)) as pilot:
        view = await show(pilot, "中文" * 30 + "\n" + "0123456789" * 9)
        await pilot.press("w")
        await pilot.pause()
        assert painted(view)[1].startswith("0123456789")
        await pilot.press("l")
        assert view.scroll_offset.x == text_view.COLUMN_STEP
        assert painted(view)[1].startswith("890123")
        await pilot.press("h")
        assert view.scroll_offset.x == 0
        await pilot.press("w")
        await pilot.pause()
        assert view.virtual_size.width <= view.size.width


async def test_blocks_are_coloured_to_the_edge_and_follow_the_theme() -> None:
    app = Host()
    async with app.run_test(size=(30, 6)) as pilot:
        view = await show(pilot, "# 标题\n```diff\n+new\n```\nplain")
        grounds = []
        for theme in ("textual-dark", "textual-light"):
            app.theme = theme
            await pilot.pause()
            heading, _fence, added, _end, plain, *_rest = view.render_lines(Region(0, 0, *view.size))
            styles = [next(iter(strip)).style for strip in (heading, added, plain)]
            assert all(style is not None for style in styles)
            assert len({style.color for style in styles if style}) == 3
            band = {segment.style.bgcolor for segment in list(added)[:2] if segment.style}
            assert len(band) == 1  # the text, and what fills its row
            grounds.append(band)
        assert grounds[0] != grounds[1]
        app.theme = "ansi-dark"
        await pilot.pause()
        assert "标题" in painted(view)[0]


HOSTILE = "\x1b]52;c;aGk=\x07[@click=app.bell]x[/] [/nope] \u202eevil\u200b \x9b31m \ud800 [bold red]\t|"


async def test_hostile_text_is_shown_and_not_obeyed() -> None:
    async with Host().run_test(size=(80, 6)) as pilot:
        view = await show(pilot, HOSTILE)
        [line] = [line for line in painted(view) if line]
        assert "␛]52;c;aGk=␇[@click=app.bell]x[/] [/nope]" in line
        assert "[bold red]" in line
        for strip in view.render_lines(Region(0, 0, *view.size)):
            assert ControlFilter().apply(list(strip), Color(0, 0, 0)) == list(strip)
        view.show_note("\x1b[31m[@click=x]no[/", "other")
        await pilot.pause()
        assert [line.strip() for line in painted(view) if line] == ["␛[31m[@click=x]no[/"]


async def test_a_note_stands_in_the_middle_and_cannot_be_selected() -> None:
    async with Host().run_test(size=(40, 9)) as pilot:
        view = await show(pilot, LINES, "text")
        await pilot.press("space")
        place = view.first_row
        view.show_note("No prompt recorded yet.\n尚无内容", "note")
        await pilot.pause()
        lines = painted(view)
        assert lines[3].strip() == "No prompt recorded yet."
        assert lines[4].strip() == "尚无内容"
        assert (view.text, view.rows, view.percent, view.allow_select) == ("", 0, 100, False)
        await drag(pilot, (0, 2), (30, 5))
        assert view.selected_text == ""
        await show(pilot, LINES, "text")
        assert view.first_row == place > 0


async def test_a_megabyte_is_one_widget_and_at_hand_at_once() -> None:
    app = Host()
    text = ("word " * 19 + "word\n") * 10_500
    async with app.run_test(size=(80, 24)) as pilot:
        view = await show(pilot, text)
        assert len(text) > 1_000_000
        assert len(app.screen.query("TextView *")) == 0
        assert view.text is text
        assert painted(view)[0].startswith("word")
        await pilot.press("G")
        assert view.at_end


async def test_a_huge_text_is_laid_out_in_a_thread_and_stale_results_are_dropped() -> None:
    app = Host()
    huge = "0123456789\n" * 300_000
    async with app.run_test(size=(40, 9)) as pilot:
        view = app.view
        view.show(huge, "huge")
        # Its beginning is only to be looked at: nothing of it could be copied as if it were the text.
        assert painted(view)[:-1] == ["0123456789"] * (view.size.height - 1)
        assert painted(view)[-1] == text_view.LAYING_OUT
        assert (view.text, view.rows, view.allow_select, view.is_laid_out) == ("", 0, False, False)
        view.show("small", "small")
        assert view.text == "small"
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert painted(view)[0] == "small"
        view.show(huge, "huge")
        await wait_until(pilot, lambda: view.rows == 300_001)
        await pilot.press("G")
        view.show(huge + "the end", "huge")
        assert view.rows == 300_001  # the reader keeps the former version meanwhile
        await wait_until(pilot, lambda: view.text.endswith("the end"))
        assert view.at_end
        view.show(huge, "other")
        view.show(huge + "x", "other")
        await wait_until(pilot, lambda: view.text.endswith("\nx"))
        # Where it was left is what is found again, not its beginning.
        view.show(huge, "huge")
        assert [line.strip() for line in painted(view) if line] == [text_view.LAYING_OUT]
        await wait_until(pilot, lambda: view.rows == 300_001)


async def test_the_end_of_a_huge_text_can_be_asked_for_while_it_is_laid_out() -> None:
    app = Host()
    async with app.run_test(size=(40, 9)) as pilot:
        view = app.view
        view.focus()
        view.show("0123456789\n" * 300_000 + "the end", "huge")
        view.action_scroll_to_end()
        assert view.text == ""
        await wait_until(pilot, lambda: view.rows == 300_001)
        await wait_until(pilot, lambda: painted(view)[-1].strip() == "the end")
        view.show("0123456789\n" * 300_000 + "the end\nof all", "huge")
        await wait_until(pilot, lambda: painted(view)[-1].strip() == "of all")


async def test_a_text_that_cannot_be_laid_out_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(wanted: Wanted, shown: Document | None = None) -> Document:
        if wanted.is_large:
            raise MemoryError("no room")
        return prepare(wanted, shown)

    monkeypatch.setattr(text_view, "prepare", fail)
    async with Host().run_test(size=(60, 5)) as pilot:
        assert isinstance(pilot.app, Host)
        view = pilot.app.view
        view.show("x" * 2_000_001, "huge")
        await wait_until(pilot, lambda: any("no room" in line for line in painted(view)))


async def test_showing_before_the_first_layout_is_enough() -> None:
    class Early(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("above", markup=False)
            view = TextView(id="view")
            view.show(LINES, KEY)
            yield view

    app = Early()
    async with app.run_test(size=(40, 10)) as pilot:
        view = app.query_one(TextView)
        await wait_until(pilot, lambda: view.rows == 100)
        assert painted(view)[0] == "line 0"
