"""A small text as rendered Markdown."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Markdown

from chatflow_tui.keys.key_groups import ENDS, LINES, PAGES, hidden
from chatflow_tui.texts.markdown_bounds import make_parser
from chatflow_tui.texts.plain_text import plain_name


class RenderedText(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Shows a text that `markdown_bounds.refusal` has nothing against; scrolled by the keys of a text.

    No link is ever followed: a click tells where it goes.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("down,j", "scroll_rows(1)", "Line down", "text.down", "one line down", LINES),
        hidden("up,k", "scroll_rows(-1)", "Line up", "text.up", "one line up", LINES),
        hidden("pagedown,space", "scroll_pages(1)", "Page down", "text.page-down", "one page down", PAGES),
        hidden("pageup,b", "scroll_pages(-1)", "Page up", "text.page-up", "one page up", PAGES),
        hidden("home,g", "scroll_to_start", "Start", "text.start", "to the start", ENDS),
        hidden("end,G", "scroll_to_end", "End", "text.end", "to the end", ENDS),
    ]

    DEFAULT_CSS = """
    RenderedText {
        background: $background;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > Markdown { padding: 0 1; margin: 0; background: $background; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        """Make an empty one."""
        super().__init__(id=id)
        self._markdown = Markdown(open_links=False, parser_factory=make_parser)
        self._shown = ""

    def compose(self) -> ComposeResult:
        """Place the text."""
        yield self._markdown

    @property
    def text(self) -> str:
        """What is rendered, as it was written."""
        return self._shown

    @property
    def percent(self) -> int:
        """How much of the text has been passed, its visible rows included: 0 to 100."""
        if self.scroll_offset.y >= self.max_scroll_y:
            return 100
        height = self.scrollable_content_region.height
        return min(99, 100 * (self.scroll_offset.y + height) // max(1, self.virtual_size.height))

    async def show(self, text: str, part: float | None = None) -> None:
        """Render a text.

        Args:
            text: Harmless text.
            part: Go so far down, from 0 to 1; None: the reader stays where they are.
        """
        if text != self._shown:
            self._shown = text
            await self._markdown.update(text)
        if part is not None:
            self.call_after_refresh(lambda: self.scroll_to(y=part * self.max_scroll_y, animate=False))

    @on(Markdown.LinkClicked)
    def _tell_address(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        self.notify(plain_name(event.href), title="The link goes to (not opened)", markup=False)

    def action_scroll_rows(self, rows: int) -> None:
        """Scroll down by a number of rows (up, if negative)."""
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll by pages, each with one row in common with the last."""
        self.action_scroll_rows(pages * max(1, self.scrollable_content_region.height - 1))

    def action_scroll_to_start(self) -> None:
        """Scroll to the start."""
        self.scroll_to(y=0, animate=False)

    def action_scroll_to_end(self) -> None:
        """Scroll to the end."""
        self.scroll_to(y=self.max_scroll_y, animate=False)
