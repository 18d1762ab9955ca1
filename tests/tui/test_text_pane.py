"""A text as rendered Markdown: within bounds, harmless, and left again."""

from __future__ import annotations

from textual.widgets import Markdown

from tests.tui.text_pane_host import KEY, PaneHost, rows, show
from tests.waiting import wait_until

TEXT = "# Title\n\nSome *words* and a [link](https://example.com/[bold]x).\n\n" + "- item\n\n" * 40


async def test_m_renders_and_shows_as_written_again() -> None:
    async with PaneHost().run_test(size=(60, 14), notifications=True) as pilot:
        app = await show(pilot, TEXT)
        assert not app.pane.is_rendered  # never of its own accord
        await pilot.press("m")
        await wait_until(pilot, lambda: app.pane.is_rendered)
        assert app.focused is app.pane.body
        await wait_until(pilot, lambda: app.pane.body.max_scroll_y > 0)
        for key, row in [("j", 1), ("k", 0), ("space", app.pane.body.size.height - 1), ("g", 0)]:
            await pilot.press(key)
            await wait_until(pilot, lambda row=row: app.pane.body.scroll_offset.y == row)  # type: ignore[misc]
        await pilot.press("G")
        await wait_until(pilot, lambda: app.pane.percent == 100)
        await pilot.press("m")
        assert app.view.has_focus
        assert rows(app.view)[0] == "# Title"


async def test_a_text_too_long_is_refused_in_words() -> None:
    async with PaneHost().run_test(size=(60, 14), notifications=True) as pilot:
        app = await show(pilot, "word " * 5000)
        await pilot.press("m")
        await wait_until(pilot, lambda: len(app._notifications) == 1)
        assert "too long to be rendered" in next(iter(app._notifications)).message
        assert not app.pane.is_rendered
        assert app.focused is app.view


async def test_a_new_version_is_rendered_and_another_text_is_not() -> None:
    async with PaneHost().run_test(size=(60, 14), notifications=True) as pilot:
        app = await show(pilot, TEXT)
        await pilot.press("m")
        await wait_until(pilot, lambda: app.pane.is_rendered)
        app.pane.show("# Another title", KEY)
        await wait_until(pilot, lambda: app.query_one(Markdown).source == "# Another title")
        assert app.pane.is_rendered
        app.pane.show("word " * 5000, KEY)
        await wait_until(pilot, lambda: not app.pane.is_rendered)
        await pilot.press("m")
        await show(pilot, TEXT, "other")
        assert not app.pane.is_rendered


async def test_finding_in_a_rendered_text_shows_it_as_written() -> None:
    async with PaneHost().run_test(size=(60, 14)) as pilot:
        app = await show(pilot, TEXT)
        await pilot.press("m")
        await wait_until(pilot, lambda: app.pane.is_rendered)
        await pilot.press("slash", *"words")
        await pilot.pause()
        assert not app.pane.is_rendered
        assert app.view.hit_words == "1/1"


async def test_a_link_only_tells_where_it_goes() -> None:
    async with PaneHost().run_test(size=(60, 14), notifications=True) as pilot:
        app = await show(pilot, "[link](https://example.com/[bold]x)")
        opened: list[str] = []
        app.open_url = lambda url, **_: opened.append(url)  # type: ignore[method-assign]
        await pilot.press("m")
        await wait_until(pilot, lambda: app.pane.is_rendered)
        await wait_until(pilot, lambda: bool(app.query("MarkdownParagraph")))
        await pilot.click("MarkdownParagraph", offset=(1, 0))
        await wait_until(pilot, lambda: len(app._notifications) == 1)
        notice = next(iter(app._notifications))
        assert "example.com" in notice.message
        assert not notice.markup
        assert opened == []


async def test_hostile_text_is_rendered_and_not_obeyed() -> None:
    hostile = "[@click=app.bell]x[/] [/nope] \x1b]0;t\x07 &#x202e;evil <b>html</b> `[red]`\n\n|a[/]|\n|-|\n|[/x]\x9b|\n"
    async with PaneHost().run_test(size=(100, 14)) as pilot:
        app = await show(pilot, hostile)
        await pilot.press("m")
        await wait_until(pilot, lambda: app.pane.is_rendered)
        await wait_until(pilot, lambda: bool(app.query("MarkdownParagraph")))
        await pilot.pause()
        shown = "\n".join(rows(app.query_one("MarkdownParagraph")))
        assert "[@click=app.bell]x[/] [/nope] ␛]0;t␇ \ufffdevil <b>html</b> [red]" in shown
