"""The line in which something to be found in a text is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

from chatflow_tui.keys.key_groups import hidden


class _FindInput(Input):
    """Is left at once, and not by a message: the next key is not to be typed."""

    def __init__(self, leave: Callable[[str], None]) -> None:
        super().__init__(placeholder="find in this text", select_on_focus=True)
        self._leave = leave

    async def action_submit(self) -> None:
        self._leave(self.value)


class FindBar(Horizontal):
    """Tells of every keystroke; says which hit of how many is the current one.

    It stays as long as something is looked for: enter leaves the line, escape ends finding.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("escape", "drop", "End finding", "find.drop", "end finding, and go back to the text"),
        hidden("down", "step(1)", "Next hit", "find.next", "next hit"),
        hidden("up", "step(-1)", "Previous hit", "find.previous", "previous hit"),
    ]

    DEFAULT_CSS = """
    FindBar {
        display: none;
        dock: bottom;
        height: 1;
        background: $surface;
        &.-open { display: block; }
        & > .mark { width: 3; padding: 0 1; color: $text-accent; text-style: bold; }
        & > Input {
            width: 1fr;
            height: 1;
            border: none;
            padding: 0;
            background: $surface;
            &:focus { border: none; background-tint: $foreground 0%; }
        }
        & > .hits { width: auto; padding: 0 1; color: $text-warning; text-style: bold; }
        & > .keys { width: auto; padding: 0 1 0 0; color: $text-muted; }
        &.-none > .hits { color: $text-error; }
        &.-narrow > .keys { display: none; }
        &:focus-within { background: $boost; }
        &:focus-within > Input { background: $boost; }
    }
    """

    class Typed(Message):
        """The pattern has changed."""

        def __init__(self, pattern: str) -> None:
            """Say what is looked for now."""
            super().__init__()
            self.pattern = pattern

    class Dropped(Message):
        """Nothing is to be looked for any more."""

    class Stepped(Message):
        """Another hit is wanted while the line is typed in."""

        def __init__(self, step: int) -> None:
            """Say in which direction."""
            super().__init__()
            self.step = step

    def __init__(self, leave: Callable[[str], None], *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        """Make a closed line.

        Args:
            leave: Called with the pattern when the reader has done with typing; gives the focus to something else.
            id: The widget's id.
        """
        super().__init__(id=id)
        self._mark = Label("/", classes="mark", markup=False)
        self._input = _FindInput(leave)
        self._hits = Label("", classes="hits", markup=False)
        self._keys = Label("", classes="keys", markup=False)

    @property
    def is_open(self) -> bool:
        """Whether something is, or is about to be, looked for."""
        return self.has_class("-open")

    def open(self, pattern: str | None = None, *, focus: bool = True) -> None:
        """Show the line.

        Args:
            pattern: What to put into it; None: what was there.
            focus: Whether the reader is to type in it.
        """
        if not self._input.is_attached:
            # Not before: every text has such a line, and hardly any is ever looked through.
            self.mount(self._mark, self._input, self._hits, self._keys)
        self.add_class("-open")
        if pattern is not None and pattern != self._input.value:
            with self._input.prevent(Input.Changed):
                self._input.value = pattern
        self._show_keys(is_typing=focus)
        if focus:
            self.screen.set_focus(self._input, scroll_visible=False)  # at once: the words may come with the key

    def close(self) -> None:
        """Hide the line and forget what was typed."""
        self.remove_class("-open")
        with self._input.prevent(Input.Changed):
            self._input.value = ""

    def show_hits(self, words: str, *, found: bool) -> None:
        """Say what was found.

        Args:
            words: Such as ``"3/17"``.
            found: Whether there is a hit, or may be one.
        """
        self._hits.update(words)
        self.set_class(not found, "-none")

    def action_drop(self) -> None:
        """End finding."""
        self.post_message(self.Dropped())

    def action_step(self, step: int) -> None:
        """Go to another hit."""
        self.post_message(self.Stepped(step))

    def on_resize(self) -> None:
        """Leave out the keys where there is no room for them."""
        self.set_class(self.size.width < 50, "-narrow")

    def on_descendant_focus(self) -> None:
        """Say the keys of typing."""
        self._show_keys(is_typing=True)

    def on_descendant_blur(self) -> None:
        """Say the keys of reading."""
        self._show_keys(is_typing=False)

    @on(Input.Changed)
    def _tell(self, event: Input.Changed) -> None:
        event.stop()  # what is typed is no concern of whoever else has an input
        self.post_message(self.Typed(event.value))

    def _show_keys(self, *, is_typing: bool) -> None:
        self._keys.update("↑↓ hits · enter" if is_typing else "n N · esc")
