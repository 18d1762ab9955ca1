"""Finding something in a text: typing, hits, stepping, ticks, and leaving the reader alone."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.geometry import Region
from textual.widgets import Input

from chatflow_tui.texts.hit_list import HitsInText
from chatflow_tui.widgets import found_text
from chatflow_tui.widgets.text_pane import TextPane
from chatflow_tui.widgets.text_view import TextView
from tests.tui.text_pane_host import KEY, PaneHost, bar_words, rows, show, type_in
from tests.tui.text_view_host import LINES
from tests.waiting import wait_until


def marked(view: TextView) -> list[tuple[str, bool]]:
    """What is marked, and whether it is the current hit."""
    found = []
    for strip in view.render_lines(Region(0, 0, *view.size)):
        for text, maybe, _control in strip:
            style = maybe or Style.null()
            if style.reverse or style.underline:
                found.append((text, bool(style.reverse)))
    return found


async def test_hits_are_marked_counted_and_gone_to_while_typing() -> None:
    async with PaneHost().run_test(size=(50, 12)) as pilot:
        app = await show(pilot, LINES)
        await type_in(pilot, "LINE 9".lower())
        await wait_until(pilot, lambda: bar_words(app) == "1/11")
        assert app.view.first_row == 0
        assert marked(app.view)[0] == ("line 9", True)
        await pilot.press("5")
        await wait_until(pilot, lambda: bar_words(app) == "1/1")
        assert ("line 95", True) in marked(app.view)
        await pilot.press("backspace")  # from where typing began, not from the last hit
        await wait_until(pilot, lambda: bar_words(app) == "1/11")
        assert ("line 9", True) in marked(app.view)
        await pilot.press("x")
        await wait_until(pilot, lambda: bar_words(app) == "no hits")
        assert marked(app.view) == []
        assert app.inputs == []  # no other input is taken for this one


async def test_enter_leaves_the_line_and_n_cycles() -> None:
    async with PaneHost().run_test(size=(50, 12)) as pilot:
        app = await show(pilot, LINES)
        await type_in(pilot, "line 9")
        await pilot.press("enter")
        assert app.focused is app.view
        for key, number in [("n", 2), ("n", 3), ("N", 2), ("N", 1), ("N", 11), ("n", 1)]:
            await pilot.press(key)
            await wait_until(pilot, lambda number=number: bar_words(app) == f"{number}/11")  # type: ignore[misc]
            [current] = [text for text, is_current in marked(app.view) if is_current]
            assert current == "line 9"
        await pilot.press("G")
        await pilot.press("N")  # from where the reader is now
        assert app.view.hit_number == 1
        await pilot.press("escape")
        assert (app.view.pattern, app.pane.find_bar.is_open, app.backs) == ("", False, 0)
        assert marked(app.view) == []
        await pilot.press("escape")
        assert app.backs == 1


async def test_escape_while_typing_ends_it_and_arrows_step() -> None:
    async with PaneHost().run_test(size=(50, 12)) as pilot:
        app = await show(pilot, LINES)
        await type_in(pilot, "line")
        await pilot.press("down", "down", "up")
        assert app.view.hit_number == 2
        await pilot.press("escape")
        assert app.focused is app.view
        assert (app.view.pattern, app.backs) == ("", 0)
        await pilot.press("slash")
        assert app.query_one(Input).value == ""
        await pilot.press("enter")  # nothing typed: nothing to keep
        assert not app.pane.find_bar.is_open


async def test_hits_over_wrapped_rows_and_in_chinese() -> None:
    async with PaneHost().run_test(size=(22, 8)) as pilot:
        app = await show(pilot, "中文" * 20 + "\n" + "设计 " * 30)
        await type_in(pilot, "文中文")
        assert app.view.hit_count == 10
        assert "".join(text for text, _ in marked(app.view)) == "文中文" * 10
        await pilot.press("enter", "w")
        await pilot.press("N")
        await wait_until(pilot, lambda: app.view.scroll_offset.x > 0)
        assert any(is_current for _, is_current in marked(app.view))


async def test_another_version_and_another_text_leave_the_reader_alone() -> None:
    async with PaneHost().run_test(size=(50, 12)) as pilot:
        app = await show(pilot, LINES)
        await type_in(pilot, "line 5")
        await pilot.press("enter", "n", "n", "n")
        number, place = app.view.hit_number, app.view.first_row
        await show(pilot, LINES + "\nline 500")
        assert (app.view.hit_number, app.view.hit_count, app.view.first_row) == (number, 12, place)
        await show(pilot, "x\n" * 50 + "line 5", "other")
        assert (app.view.first_row, app.view.hit_words) == (0, "–/1")
        await pilot.press("n")
        assert app.view.hit_words == "1/1"
        app.pane.show_note("nothing here", "none")
        await pilot.pause()
        assert app.view.hit_words == ""


async def test_a_text_can_be_opened_at_its_hit() -> None:
    async with PaneHost().run_test(size=(50, 12)) as pilot:
        app = await show(pilot, "something else\n" * 30, "first")
        app.pane.find("line 9", line=95, key="second")
        await pilot.pause()
        assert app.view.first_row == 0
        await show(pilot, LINES, "second")
        await wait_until(pilot, lambda: app.view.hit_number == 7)
        assert ("line 9", True) in marked(app.view)
        assert app.focused is app.view
        app.pane.find("absent", line=40)
        await pilot.pause()
        assert "line 40" in rows(app.view)


async def test_hits_are_ticked_on_the_scroll_bar() -> None:
    async with PaneHost().run_test(size=(50, 12)) as pilot:
        app = await show(pilot, LINES)
        bar = app.view.vertical_scrollbar
        assert set("".join(rows(bar))) <= set(" ▁▂▃▄▅▆▇")
        app.pane.find("line 95")
        await pilot.pause()
        ticks = rows(bar)
        assert ticks[-1] == "◆"
        assert "─" not in "".join(ticks)
        app.pane.find("line")
        await pilot.pause()
        assert len("".join(rows(bar)).replace(" ", "")) == bar.size.height


async def test_a_huge_text_is_searched_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found_text, "AT_ONCE_ASCII", 100)
    async with PaneHost().run_test(size=(50, 12)) as pilot:
        app = await show(pilot, LINES)
        app.pane.find("first")
        assert app.view.hit_words == "searching…"
        app.pane.find("line 99")
        await wait_until(pilot, lambda: bar_words(app) == "1/1" and ("line 99", True) in marked(app.view))


async def test_lines_are_numbered_once_and_copied_without() -> None:
    async with PaneHost().run_test(size=(30, 6)) as pilot:
        app = await show(pilot, "alpha " * 8 + "\nbeta")
        await pilot.press("number_sign")
        await pilot.pause()
        assert [line[:3].strip() for line in rows(app.view)[:3]] == ["1", "", "2"]
        await pilot.mouse_down(app.view, offset=(0, 2))
        await pilot.hover(app.view, offset=(29, 2))
        await pilot.mouse_up(app.view, offset=(29, 2))
        await pilot.pause()
        assert app.view.selected_text == "beta"
        await pilot.press("number_sign")
        await pilot.pause()
        assert rows(app.view)[0].startswith("alpha")


async def test_stepping_past_the_hits_of_a_text_from_a_list_leaves_it() -> None:
    async with ListHost().run_test(size=(60, 10)) as pilot:
        app = pilot.app
        assert isinstance(app, ListHost)
        await show(pilot, TEXT_OF_LIST)
        app.pane.find("needle", line=4, key=KEY, listed=HitsInText(7, (2, 5), 9))
        await pilot.pause()
        assert bar_words(app).startswith("2/3 · list 8/9")
        await pilot.press("n")
        assert (bar_words(app)[:3], app.passed) == ("3/3", [])
        await pilot.press("n")
        assert (bar_words(app)[:3], app.passed) == ("3/3", [1])
        await pilot.press("N", "N")
        await pilot.pause()
        assert bar_words(app).startswith("1/3 · list 7/9")
        await pilot.press("N")
        assert app.passed == [1, -1]
        assert app.listed[-1] == 7
        await type_in(pilot, "e")  # something else is looked for: round and round in this text
        await pilot.press("enter", "N", "N")
        assert app.passed == [1, -1]
        assert "list" not in bar_words(app)


class ListHost(PaneHost):
    def __init__(self) -> None:
        super().__init__()
        self.passed: list[int] = []
        self.listed: list[int] = []

    def on_text_pane_hits_passed(self, event: TextPane.HitsPassed) -> None:
        self.passed.append(event.step)

    def on_text_pane_listed_hit(self, event: TextPane.ListedHit) -> None:
        self.listed.append(event.number)


TEXT_OF_LIST = "zero\nneedle\n\n\nneedle, needle\nend"


async def test_what_is_typed_while_a_large_text_is_laid_out_is_found_when_it_is_there() -> None:
    async with PaneHost().run_test(size=(60, 14), notifications=True) as pilot:
        app = pilot.app
        assert isinstance(app, PaneHost)
        app.pane.show("0123456789\n" * 300_000 + "a needle", KEY)
        assert app.view.is_laying_out
        await pilot.press("slash", *"needle", "enter")
        await wait_until(pilot, lambda: bar_words(app) == "1/1")
        assert "a needle" in rows(app.view)
