"""The menu of keys: what they do where the reader is; enter, or the key itself, does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import clamp
from textual.screen import Screen
from textual.widgets import Input

from chatflow_tui.keys.key_choices import KeyChoice, key_choices, key_sections, panel_of
from chatflow_tui.keys.key_groups import hidden
from chatflow_tui.keys.key_lines import KeyLine, key_lines, label_width
from chatflow_tui.lists.cells import fit
from chatflow_tui.screens.closing import Dialog
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell

# The cursor rests where there is something to be done, and on the marks, so that they come into sight.
_RESTED_ON = ("key", "mark")


class KeyList(LineList[KeyLine]):
    """What the keys do. The cursor passes over headings."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-list--heading"}

    def __init__(self, sections: Mapping[str, Sequence[KeyChoice]]) -> None:
        """Make the list.

        Args:
            sections: What the keys do, by headings.
        """
        super().__init__(id="keys")
        self._sections = sections
        self._label_width = label_width(sections)
        self._narrowed_to = ""

    def narrow(self, words: str) -> None:
        """Show only lines with these words, the first of them under the cursor."""
        if words != self._narrowed_to:
            self._narrowed_to = words
            self._write()
            self._go_to(0)

    @property
    def choice(self) -> KeyChoice | None:
        """What the line under the cursor is about."""
        line = self.get_row(self.cursor_key or "")
        return None if line is None else line.choice

    def on_resize(self) -> None:
        """Write the lines for the width there is."""
        self._write()
        super().on_resize()
        self._go_to(self.cursor_index)

    def _write(self) -> None:
        self.set_rows(key_lines(self._sections, self.line_width - 1, self._narrowed_to))

    def _go_to(self, index: int) -> None:
        if not self._order:
            return
        index = clamp(index, 0, self.row_count - 1)
        places = range(self.row_count)
        below, above = (place for place in places[index:]), (place for place in reversed(places[:index]))
        ways = (below, above) if index > self.cursor_index or index == 0 else (iter([index]), above, below)
        super()._go_to(next((place for way in ways for place in way if self._rests_on(place)), index))
        if not any(map(self._rests_on, range(self.cursor_index))):
            self.scroll_to(y=0, animate=False, force=True)  # the heading of the first line

    def _rests_on(self, index: int) -> bool:
        return self._rows[self._order[index]].kind in _RESTED_ON

    def render_row(self, key: str, row: KeyLine, width: int) -> Sequence[Cell]:  # noqa: ARG002 - the list cuts
        """Render one line."""
        if row.kind == "heading":
            return [(row.words, "key-list--heading")]
        dim = "line-list--dim" if row.is_refused else ""
        return [
            (fit(f"  {row.label}", self._label_width + 2), dim or "line-list--strong"),
            (row.words, dim),
        ]


class KeyMenu(Dialog[KeyChoice | None]):
    """Lists what the keys of a screen do; dismissed with what is to be done, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="help.back", tooltip="show all lines again, or close the menu"),
        hidden("q,question_mark,？", "dismiss", "Close", "help.close", "close the menu"),
        hidden("slash,／", "narrow", "Narrow", "help.narrow", "show only what has the words you type"),
        hidden("down", "move(1)", "Down", "help.down", "one row down"),
        hidden("up", "move(-1)", "Up", "help.up", "one row up"),
        hidden("pagedown", "page(1)", "Page down", "help.page-down", "one page down"),
        hidden("pageup", "page(-1)", "Page up", "help.page-up", "one page up"),
    ]

    AUTO_FOCUS = "#keys"

    DEFAULT_CSS = """
    KeyMenu {
        align: center middle;
        & > Vertical {
            width: 80;
            max-width: 100%;
            height: 100%;
            border: round $primary;
            background: $surface;
        }
        & KeyList { height: 1fr; scrollbar-gutter: stable; }
        & KeyList > .key-list--heading { text-style: bold; color: $text-primary; }
        & Input { display: none; height: 1; border: none; padding: 0 1; background: $boost; }
        & Input:focus { border: none; background-tint: $foreground 5%; }
        & Input.-open { display: block; }
    }
    """

    def __init__(self, screen: Screen[Any]) -> None:
        """Make the menu.

        Args:
            screen: The screen whose keys are listed.
        """
        super().__init__()
        self._choices = key_choices(screen)
        self._panel = panel_of(screen)
        self.sections = key_sections(self._choices, self._panel)
        self.keys = KeyList(self.sections)
        self.words = Input(placeholder="words to look for", id="words")

    def compose(self) -> ComposeResult:
        """Place the list below the line that narrows it."""
        with Vertical() as box:
            box.border_title = Content(" · ".join(filter(None, ("Keys", self._panel.capitalize()))))
            box.border_subtitle = Content("a key, or enter, runs it · / narrows · esc closes")
            yield self.words
            yield self.keys

    def on_key(self, event: events.Key) -> None:
        """Do what a key stands for that the menu itself has no use for."""
        if self.words.has_focus or event.key in self.active_bindings:
            return
        chosen = next((choice for choice in self._choices if event.key in choice.keys), None)
        if chosen is not None:
            event.stop()
            self.dismiss(chosen)

    @on(LineList.Chosen)
    @on(Input.Submitted)
    def _choose(self, event: LineList.Chosen | Input.Submitted) -> None:
        event.stop()
        if self.keys.choice is not None:
            self.dismiss(self.keys.choice)

    @on(Input.Changed)
    def _narrow_to(self, event: Input.Changed) -> None:
        self.keys.narrow(event.value)

    def action_narrow(self) -> None:
        """Type words that the lines must have."""
        self.words.add_class("-open")
        self.set_focus(self.words)  # at once: what is typed right after it must not run keys

    def action_move(self, rows: int) -> None:
        """Move the cursor while words are typed."""
        self.keys.action_cursor_by(rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by screens while words are typed."""
        self.keys.action_cursor_page(pages)

    def action_leave(self) -> None:
        """Show all lines again, or close."""
        if self.words.has_class("-open"):
            self.words.remove_class("-open")
            self.words.value = ""
            self.set_focus(self.keys)
        else:
            self.dismiss(None)
