"""One text in its frame, in which something can be found and selected."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from chatflow_tui.keys.key_groups import BACK, FIND, HITS, hidden
from chatflow_tui.texts.hit_list import HitsInText
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.find_bar import FindBar
from chatflow_tui.widgets.found_text import FoundText
from chatflow_tui.widgets.shown_text import ShownText


class TextPane(ShownText):
    """A text with the line to find something in it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "slash,／",
            "find",
            "Find",
            key_display="/",
            id="text.find",
            tooltip="find in this text as you type",
            group=FIND,
        ),
        hidden("n", "step_hit(1)", "Next hit", "text.next-hit", "next hit in this text", HITS),
        hidden("N", "step_hit(-1)", "Previous hit", "text.previous-hit", "previous hit in this text", HITS),
        hidden("V", "select_lines", "Select", "text.select-lines", "select lines (j k space b g G move, y copies)"),
        hidden("escape", "end_find", "End finding", "text.end-find", "end finding", BACK),
    ]

    class HitsPassed(Message):
        """The reader goes on past the last hit in this text, or the first, to others of the list it is from."""

        def __init__(self, step: int) -> None:
            """Say in which direction."""
            super().__init__()
            self.step = step

    class ListedHit(Message):
        """The reader is at a hit of the list that this text was opened from."""

        def __init__(self, number: int) -> None:
            """Say at which one, from 1."""
            super().__init__()
            self.number = number

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's
        """Make an empty pane."""
        super().__init__(id=id, classes=classes)
        self.find_bar = FindBar(self._leave_find)
        self._listed: tuple[Hashable, HitsInText] | None = None  # what the hits are of, and their place in a list
        self._start: int | None = None  # where the reader was before they began to type

    def compose(self) -> ComposeResult:
        """Place the line to find something below the text."""
        yield from super().compose()
        yield self.find_bar

    def will_render(self) -> None:
        """Find nothing in a rendered text."""
        super().will_render()
        self.end_find()

    # Finding

    def find(
        self, pattern: str, *, line: int | None = None, key: Hashable = None, listed: HitsInText | None = None
    ) -> None:
        """Find something, as if it had been typed; see `TextView.find`.

        Args:
            pattern: See there.
            line: See there.
            key: See there.
            listed: The list that the hits in this text are part of: stepping goes on to the others.
        """
        self.show_as_written()
        self._listed = None if listed is None else (key, listed)
        self.find_bar.open(pattern, focus=False)
        self.view.find(pattern, line=line, key=key)

    def end_listed(self) -> None:
        """Mark nothing any more, if what is marked is of a list."""
        if self._listed is not None:
            self.end_find()

    def end_find(self) -> None:
        """Mark nothing any more, and stay."""
        self._listed = None
        if self.find_bar.is_open:
            had_focus = self.is_focused
            self.find_bar.close()
            self.view.find("")
            if had_focus:
                self.focus(scroll_visible=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Leave escape to others while nothing is looked for, and `n` while there is no text."""
        return action not in ("end_find", "step_hit") or self.find_bar.is_open

    def action_find(self) -> None:
        """Type what is to be found in this text."""
        # What is typed while a text is laid out would be taken for keys otherwise; it is found once the text is there.
        if not self.view.is_laying_out and not self.view.require_text():
            return
        self.show_as_written()
        self._start = self.view.first_offset
        self.find_bar.open()

    def action_step_hit(self, step: int) -> None:
        """Go to the next hit, or the previous one, in this text or the next of a list."""
        if not self.view.step_hit(step, round_and_round=self._hits_in_list is None):
            self.post_message(self.HitsPassed(step))

    def action_end_find(self) -> None:
        """Mark nothing any more."""
        self.end_find()

    @on(FindBar.Typed)
    def _find_typed(self, event: FindBar.Typed) -> None:
        event.stop()
        self._look_for(event.pattern)

    def _look_for(self, pattern: str) -> None:
        if plain_name(pattern) != self.view.pattern:
            self._listed = None
            # From where they began: what a longer word is looked for may lie before the last hit.
            self.view.find(pattern, start=self._start)

    @on(FindBar.Stepped)
    def _step(self, event: FindBar.Stepped) -> None:
        event.stop()
        self.action_step_hit(event.step)

    def _leave_find(self, pattern: str) -> None:
        # What was typed last may still be on its way, and the next key may step through its hits.
        self._look_for(pattern)
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
        words, listed = self.view.hit_words, self._hits_in_list
        if listed is not None:
            words += f" · {listed.words(self.view.hit_line)}"
            if self.view.hit_line:
                self.post_message(self.ListedHit(listed.number(self.view.hit_line)))
        self.find_bar.show_hits(words, found=self.view.is_searching or self.view.hit_count > 0)

    @property
    def _hits_in_list(self) -> HitsInText | None:
        """The place in a list of the hits in what is shown; None if it is not from a list."""
        return self._listed[1] if self._listed is not None and self._listed[0] == self._key else None

    # Selecting

    def selecting_words(self, width: int) -> str:
        """What is selected with keys, and as many cells have room for of how to go on; empty if nothing is."""
        count = self.view.selected_lines
        if self.is_rendered or not count:
            return ""
        words = f"selecting {count:,} {'line' if count == 1 else 'lines'}"
        for more in (" · y copies", " · esc ends"):
            words += more if len(words + more) <= width else ""
        return words

    def action_select_lines(self) -> None:
        """Begin to select lines with keys, or end it."""
        if self.view.is_selecting:
            self.view.deselect()
        elif self.view.require_text():
            self.show_as_written()
            self.view.begin_selecting()
