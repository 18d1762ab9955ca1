"""A field for keys and values in YAML, with what they are read as, and ways not to type them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Label, TextArea

from chatflow_core import ChatFlowError, InvalidValueError
from chatflow_tui.acting.yaml_mapping import read_mapping, show_mapping, write_mapping
from chatflow_tui.keys.key_groups import hidden
from chatflow_tui.terminal.external_programs import edit_text
from chatflow_tui.texts.plain_text import plain_name

# As much of an offered value as its button has room for.
_MOST_OFFERED = 48


class YamlField(Vertical):
    """Shows at every keystroke what the text is read as: YAML surprises people with `no`, `1:30` and `012`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("ctrl+o", "edit", "Edit", "field.edit", "write the field in $EDITOR"),
    ]

    DEFAULT_CSS = """
    YamlField {
        height: auto;
        & .name { color: $text-muted; width: 1fr; }
        & TextArea { height: 3; border: tall $border-blurred; padding: 0 1; }
        & TextArea:focus { border: tall $border; }
        & .reading { width: 1fr; color: $text-muted; height: auto; min-height: 1; max-height: 2; }
        & .reading.-wrong { color: $text-error; }
        & Horizontal { height: 1; }
        & Button { min-width: 4; margin-right: 2; }
        & Button.-style-default { color: $text-muted; text-style: none; }
        & .offer { display: none; }
        & .offer.-offered { display: block; }
    }
    """

    def __init__(self, name: str, *, id: str, with_ways: bool = False) -> None:  # noqa: A002
        """Make an empty field.

        Args:
            name: What is typed here, for labels and messages.
            id: The widget's id; the text area in it is ``<id>``, the reading ``<id>-reading``.
            with_ways: Whether buttons stand below it: for the editor, and for what is offered.
        """
        super().__init__(id=f"{id}-field")
        self._what = name
        self._area_id = id
        self._with_ways = with_ways
        self._offered: dict[str, Any] | None = None

    def compose(self) -> ComposeResult:
        """Place name, text, reading and buttons."""
        yield Label(f"{self._what} (YAML, optional)", classes="name", markup=False)
        yield TextArea(id=self._area_id, soft_wrap=True, show_line_numbers=False)
        yield Label(id=f"{self._area_id}-reading", classes="reading", markup=False)
        if self._with_ways:
            with Horizontal():
                yield Button(Content("Edit in $EDITOR (ctrl+o)"), classes="edit", compact=True)
                yield Button(Content(""), classes="offer", compact=True)

    @property
    def area(self) -> TextArea:
        """Where it is typed."""
        return self.query_one(TextArea)

    @property
    def text(self) -> str:
        """What was typed."""
        return self.area.text

    def reader(self) -> Callable[[], dict[str, Any] | None]:
        """Give the function that reads what is typed by now, in any thread; it raises `InvalidValueError`."""
        return partial(read_mapping, self.text, self._what)

    def replace_text(self, text: str) -> None:
        """Put another text in place of what was typed, so that undo brings that back."""
        area = self.area
        area.replace(text, area.document.start, area.document.end)
        area.move_cursor(area.document.end)

    def offer(self, value: dict[str, Any], words: str) -> None:
        """Offer a value by a button, as long as nothing is typed.

        Args:
            value: What the button fills in; nothing is filled in without it.
            words: What to call it, not yet made harmless.
        """
        self._offered = value
        button = self.query_one(".offer", Button)
        button.label = Content(f"{plain_name(words)}: {plain_name(show_mapping(value, _MOST_OFFERED))}")
        self._show_offer()

    def withdraw(self) -> None:
        """Offer nothing any more."""
        self._offered = None
        self.query_one(".offer").remove_class("-offered")

    def take_offer(self) -> None:
        """Fill in what is offered, if nothing is typed."""
        if self._offered is not None and not self.text.strip():
            self.replace_text(write_mapping(self._offered))
            self.screen.set_focus(self.area)

    @work(group="editor")
    async def action_edit(self) -> None:
        """Have the text changed in the reader's editor."""
        try:
            text = await edit_text(self.app, self.text, name=self._what.replace(" ", "-"))
        except ChatFlowError as error:
            self.notify(plain_name(str(error)), title="Not edited", severity="error", markup=False)
            return
        if text is not None:
            self.replace_text(text)
        self.area.focus()

    @on(Button.Pressed, ".edit")
    def _edit(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_edit()

    @on(Button.Pressed, ".offer")
    def _take(self, event: Button.Pressed) -> None:
        event.stop()
        self.take_offer()

    @on(TextArea.Changed)
    def _read(self) -> None:
        if not self.is_attached:
            return  # the dialog has just been closed
        self._show_reading()
        self._show_offer()

    def _show_offer(self) -> None:
        if self._offered is not None:
            self.query_one(".offer").set_class(not self.text.strip(), "-offered")

    @work(exclusive=True)
    async def _show_reading(self) -> None:
        if not self.is_attached:
            return  # the dialog was closed before this began
        reading = self.query_one(".reading", Label)
        try:
            value = await asyncio.to_thread(read_mapping, self.text, self._what)
        except InvalidValueError as error:
            reading.update(plain_name(str(error)))
            reading.add_class("-wrong")
            return
        reading.update("" if value is None else plain_name("read as " + show_mapping(value)))
        reading.remove_class("-wrong")
