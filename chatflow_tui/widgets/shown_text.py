"""One text in its frame: as it was written, or rendered."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from chatflow_tui.keys.key_groups import hidden
from chatflow_tui.texts.plain_text import plain_text
from chatflow_tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from chatflow_tui.widgets.rendered_text import RenderedText

#: Characters of a text that is rendered unasked: it is there before the reader is.
MOST_AT_FIRST = 5_000


class ShownText(Container):
    """A `TextView` that can be shown as rendered Markdown.

    The frame and its titles are the pane's; the focus is the text's (see `focus`).
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "m", "toggle_rendered", "Markdown", id="text.rendered", tooltip="Markdown rendered, or as it was written"
        ),
        # The text as it was written has these keys itself: here they arrive from a rendered one.
        hidden("w", "tell_rendered", "Only as written", "text.wrap", "wrap long lines, or not (then ← → scroll)"),
        hidden("number_sign,＃", "tell_rendered", "Only as written", "text.numbers", "line numbers"),
    ]

    DEFAULT_CSS = """
    ShownText {
        & > TextView { width: 1fr; height: 1fr; }
        & > RenderedText { display: none; width: 1fr; height: 1fr; }
        &.-rendered > RenderedText { display: block; }
        &.-rendered > TextView { display: none; }
    }
    """

    # What is selected in it is what is in the text.
    ALLOW_SELECT = False

    class RenderedChanged(Message):
        """The text is shown rendered from now on, or as it was written."""

        def __init__(self, pane: ShownText) -> None:
            """Say which pane."""
            super().__init__()
            self.pane = pane

        @property
        def control(self) -> ShownText:
            """The pane, for `on` handlers with a selector."""
            return self.pane

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's
        """Make an empty pane."""
        super().__init__(id=id, classes=classes)
        self.view = TextView()
        self._body: TextView | RenderedText = self.view
        self._rendered: RenderedText | None = None  # made when something is rendered for the first time
        self._raw: str | None = None
        self._key: Hashable = None
        #: Whether a small text is shown rendered when it comes.
        self.rendered_at_first = False
        self._wants_rendered = self._is_rendering = self._is_asked = False
        self._part: float | None = None  # how far down to go in what is being rendered

    def compose(self) -> ComposeResult:
        """Place the text as it was written."""
        yield self.view

    # What is shown

    @property
    def is_rendered(self) -> bool:
        """Whether the text is shown rendered."""
        return self._body is not self.view

    @property
    def text(self) -> str:
        """The whole text, harmless, as it was written."""
        return self._body.text

    @property
    def selected_text(self) -> str:
        """What is selected of what is shown, exactly; empty if nothing is."""
        if not self.is_rendered:
            return self.view.selected_text
        is_selected = any(self._body in widget.ancestors for widget in self.screen.selections)
        return (self.screen.get_selected_text() or "") if is_selected else ""

    @property
    def percent(self) -> int:
        """How much of the text has been passed: 0 to 100."""
        return self._body.percent

    def show(self, text: str, key: Hashable) -> None:
        """Show a text, see `TextView.show`; another one than before as it was written, or see `rendered_at_first`."""
        is_other = key != self._key
        self._change_to(text, key)
        self.view.show(text, key)
        if self.is_rendered:
            self._render_at(None)
        elif is_other and self.rendered_at_first and len(text) <= MOST_AT_FIRST:
            self._is_asked = False
            self._render_at(0.0)

    def show_note(self, note: str, key: Hashable) -> None:
        """Show why there is no text, see `TextView.show_note`."""
        self._change_to(None, key)
        self.view.show_note(note, key)
        self.show_as_written()

    def focus(self, scroll_visible: bool = True, *args: object, **kwargs: object) -> ShownText:  # noqa: ARG002
        """Give the focus to the text."""
        # At once, as elsewhere: what gives the focus to another right after this must win.
        self.screen.set_focus(self.body, scroll_visible)
        return self

    @property
    def body(self) -> Widget:
        """What shows the text now, and takes the focus."""
        return self._body

    def _change_to(self, raw: str | None, key: Hashable) -> None:
        self._raw = raw
        if key != self._key:
            self._key = key
            self.show_as_written()

    # Rendered

    def action_toggle_rendered(self) -> None:
        """Show the text rendered, or as it was written."""
        if self.is_rendered:
            self.show_as_written()
        elif self.view.require_text():
            self._is_asked = True
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
                    if self._is_asked:
                        self.notify(reason, title="Not rendered", markup=False)
                    self.show_as_written()
                    return
                rendered = await self._made_rendered()
                await rendered.show(text, self._part)
                self._part = None
        finally:
            self._is_rendering = False
        if self._wants_rendered and not self.is_rendered:
            self._show_rendered()

    async def _made_rendered(self) -> RenderedText:
        if self._rendered is None:
            self._rendered = _make_rendered()
            await self.mount(self._rendered)
        return self._rendered

    def _show_rendered(self) -> None:
        if self._rendered is None:
            return
        had_focus = self.is_focused
        self.will_render()
        self._body = self._rendered
        self.add_class("-rendered")
        if had_focus:
            self.screen.set_focus(self._rendered, scroll_visible=False)
        self.post_message(self.RenderedChanged(self))

    def show_as_written(self) -> None:
        """Show the text as it was written, from now on."""
        self._wants_rendered = False
        if not self.is_rendered:
            return
        had_focus = self.is_focused
        self._body = self.view
        self.remove_class("-rendered")
        if had_focus:
            self.screen.set_focus(self.view, scroll_visible=False)
        self.post_message(self.RenderedChanged(self))

    def will_render(self) -> None:
        """Called before the text is shown rendered; what is selected in it cannot be seen then."""
        self.view.deselect()

    def action_tell_rendered(self) -> None:
        """Say why a key does nothing in a rendered text."""
        self.notify("Wrapping and line numbers are for the text as it was written: m shows it", markup=False)

    @property
    def is_focused(self) -> bool:
        """Whether something in the pane has the focus."""
        focused = self.screen.focused
        return focused is not None and self in focused.ancestors


def _renderable(raw: str) -> tuple[str, str | None]:
    """A text made harmless, and why it is not rendered."""
    # Markdown takes as long to import as all of the dashboard: only where something is rendered, and in a thread.
    from chatflow_tui.texts.markdown_bounds import MOST_CHARACTERS, refusal  # noqa: PLC0415

    # What a large one would become does not matter: it is refused for its length.
    if len(raw) > MOST_CHARACTERS:
        return "", refusal(raw)
    text = plain_text(raw)
    return text, refusal(text)


def _make_rendered() -> RenderedText:
    from chatflow_tui.widgets.rendered_text import RenderedText  # noqa: PLC0415 - see `_renderable`

    return RenderedText()
