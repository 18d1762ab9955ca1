"""One text in its frame: as it was written or rendered, with the line to find something in it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from chatflow_tui.markdown_bounds import MOST_CHARACTERS, refusal
from chatflow_tui.plain_text import plain_text
from chatflow_tui.widgets.find_bar import FindBar
from chatflow_tui.widgets.found_text import FoundText
from chatflow_tui.widgets.rendered_text import RenderedText
from chatflow_tui.widgets.text_view import TextView


class TextPane(Container):
    """A `TextView` that can be searched, and shown as rendered Markdown.

    The frame and its titles are the pane's; the focus is the text's (see `focus`).
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash,／", "find", "Find", key_display="/", id="text.find"),
        Binding("n", "step_hit(1)", "Next hit", show=False, id="text.next-hit"),
        Binding("N", "step_hit(-1)", "Previous hit", show=False, id="text.previous-hit"),
        Binding("m", "toggle_rendered", "Markdown", id="text.rendered"),
        Binding("escape", "end_find", "End finding", show=False, id="text.end-find"),
    ]

    DEFAULT_CSS = """
    TextPane {
        & > TextView { width: 1fr; height: 1fr; }
        & > RenderedText { display: none; width: 1fr; height: 1fr; }
        &.-rendered > RenderedText { display: block; }
        &.-rendered > TextView { display: none; }
    }
    """

    class RenderedChanged(Message):
        """The text is shown rendered from now on, or as it was written."""

        def __init__(self, pane: TextPane) -> None:
            """Say which pane."""
            super().__init__()
            self.pane = pane

        @property
        def control(self) -> TextPane:
            """The pane, for `on` handlers with a selector."""
            return self.pane

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's
        """Make an empty pane."""
        super().__init__(id=id, classes=classes)
        self.view = TextView()
        self.rendered = RenderedText()
        self.find_bar = FindBar()
        self._raw: str | None = None
        self._key: Hashable = None
        self._wants_rendered = self._is_rendering = False
        self._part: float | None = None  # how far down to go in what is being rendered
        self._start: int | None = None  # where the reader was before they began to type

    def compose(self) -> ComposeResult:
        """Place both ways of showing the text above the line to find in it."""
        yield self.view
        yield self.rendered
        yield self.find_bar

    # What is shown

    @property
    def is_rendered(self) -> bool:
        """Whether the text is shown rendered."""
        return self.has_class("-rendered")

    @property
    def text(self) -> str:
        """The whole text, harmless, as it was written."""
        return self.rendered.text if self.is_rendered else self.view.text

    @property
    def percent(self) -> int:
        """How much of the text has been passed: 0 to 100."""
        return self.rendered.percent if self.is_rendered else self.view.percent

    def show(self, text: str, key: Hashable) -> None:
        """Show a text, see `TextView.show`; another one than before is shown as it was written."""
        self._change_to(text, key)
        self.view.show(text, key)
        if self.is_rendered:
            self._render_at(None)

    def show_note(self, note: str, key: Hashable) -> None:
        """Show why there is no text, see `TextView.show_note`."""
        self._change_to(None, key)
        self.view.show_note(note, key)
        self._show_as_written()

    def focus(self, scroll_visible: bool = True, *args: object, **kwargs: object) -> TextPane:  # noqa: ARG002
        """Give the focus to the text."""
        self._body.focus(scroll_visible)
        return self

    @property
    def _body(self) -> Widget:
        return self.rendered if self.is_rendered else self.view

    def _change_to(self, raw: str | None, key: Hashable) -> None:
        self._raw = raw
        if key != self._key:
            self._key = key
            self._show_as_written()

    # Rendered

    def action_toggle_rendered(self) -> None:
        """Show the text rendered, or as it was written."""
        if self.is_rendered:
            self._show_as_written()
        elif self.text:
            self._render_at(self.view.scroll_offset.y / max(1, self.view.max_scroll_y))

    def _render_at(self, part: float | None) -> None:
        """Render what is to be shown; go so far down, or leave the reader where they are."""
        self._wants_rendered, self._part = True, part
        if not self._is_rendering:
            self._is_rendering = True
            self._render_wanted()

    # One at a time, to its end: Textual cannot bear that a change of a Markdown widget is cancelled.
    @work(group="render")
    async def _render_wanted(self) -> None:
        done = None
        try:
            while self._wants_rendered and self._raw is not None and self._raw != done:
                # Not the text of the view, which lays out nothing while it is hidden.
                done = self._raw
                text, reason = await asyncio.to_thread(_renderable, done)
                if done != self._raw or not self._wants_rendered:
                    continue  # another version, or another text, by now
                if reason is not None:
                    self.notify(reason, title="Not rendered", markup=False)
                    self._show_as_written()
                    return
                await self.rendered.show(text, self._part)
                self._part = None
        finally:
            self._is_rendering = False
        if self._wants_rendered and not self.is_rendered:
            self._show_rendered()

    def _show_rendered(self) -> None:
        had_focus = self._is_focused
        self.end_find()
        self.add_class("-rendered")
        if had_focus:
            self.rendered.focus(scroll_visible=False)
        self.post_message(self.RenderedChanged(self))

    def _show_as_written(self) -> None:
        self._wants_rendered = False
        if not self.is_rendered:
            return
        had_focus = self._is_focused
        self.remove_class("-rendered")
        if had_focus:
            self.view.focus(scroll_visible=False)
        self.post_message(self.RenderedChanged(self))

    @property
    def _is_focused(self) -> bool:
        focused = self.screen.focused
        return focused is not None and self in focused.ancestors

    # Finding

    def find(self, pattern: str, *, line: int | None = None, key: Hashable = None) -> None:
        """Find something, as if it had been typed; see `TextView.find`."""
        self._show_as_written()
        self.find_bar.open(pattern, focus=False)
        self.view.find(pattern, line=line, key=key)

    def end_find(self) -> None:
        """Mark nothing any more, and stay."""
        if self.find_bar.is_open:
            had_focus = self._is_focused
            self.find_bar.close()
            self.view.find("")
            if had_focus:
                self.focus(scroll_visible=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Leave escape to others while nothing is looked for, and `n` while there is no text."""
        return action not in ("end_find", "step_hit") or self.find_bar.is_open

    def action_find(self) -> None:
        """Type what is to be found in this text."""
        if not self.text:
            return
        self._show_as_written()
        self._start = self.view.first_offset
        self.find_bar.open()

    def action_step_hit(self, step: int) -> None:
        """Go to the next hit, or the previous one."""
        self.view.step_hit(step)

    def action_end_find(self) -> None:
        """Mark nothing any more."""
        self.end_find()

    @on(FindBar.Typed)
    def _find_typed(self, event: FindBar.Typed) -> None:
        event.stop()
        # From where they began: what a longer word is looked for may lie before the last hit.
        self.view.find(event.pattern, start=self._start)

    @on(FindBar.Stepped)
    def _step(self, event: FindBar.Stepped) -> None:
        event.stop()
        self.view.step_hit(event.step)

    @on(FindBar.Left)
    def _leave(self, event: FindBar.Left) -> None:
        event.stop()
        if self.view.pattern:
            self.focus(scroll_visible=False)
        else:
            self.end_find()

    @on(FindBar.Dropped)
    def _drop(self, event: FindBar.Dropped) -> None:
        event.stop()
        self.end_find()

    @on(FoundText.HitsChanged)
    def _show_hits(self, event: FoundText.HitsChanged) -> None:
        event.stop()
        self.find_bar.show_hits(self.view.hit_words, found=self.view.is_searching or self.view.hit_count > 0)


def _renderable(raw: str) -> tuple[str, str | None]:
    """A text made harmless, and why it is not rendered."""
    # What a large one would become does not matter: it is refused for its length.
    if len(raw) > MOST_CHARACTERS:
        return "", refusal(raw)
    text = plain_text(raw)
    return text, refusal(text)
