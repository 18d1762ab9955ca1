"""The line in which a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class FilterBar(Input):
    """Tells of every keystroke; enter keeps the filter, escape drops it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", "Drop filter", show=False, id="filter.drop"),
    ]

    DEFAULT_CSS = """
    FilterBar {
        display: none;
        height: 1;
        border: none;
        padding: 0 1;
        background: $boost;
        &.-open { display: block; }
        &:focus { border: none; background-tint: $foreground 5%; }
    }
    """

    class Closed(Message):
        """The reader has done with typing: the words are kept, or dropped if empty."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Make a closed filter line."""
        super().__init__(
            id=id, placeholder="filter: words of feature, workflow, phase, status or id;  !word leaves out"
        )

    def open(self) -> None:
        """Show the line and type in it."""
        self.add_class("-open")
        self.focus()

    async def action_submit(self) -> None:
        """Keep the words."""
        self._close()

    def action_drop(self) -> None:
        """Drop the words."""
        self.value = ""
        self._close()

    def _close(self) -> None:
        self.remove_class("-open")
        self.post_message(self.Closed())
