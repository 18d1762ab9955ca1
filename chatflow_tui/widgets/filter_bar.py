"""The line in which a filter is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Input

from chatflow_tui.keys.key_groups import hidden
from chatflow_tui.texts.plain_text import plain_name


class FilterBar(Input):
    """Tells of every keystroke; enter keeps the filter, escape drops it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("escape", "drop", "Drop filter", "filter.drop", "drop the filter"),
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
        &.-wrong, &.-wrong:focus {
            height: 2;
            border-bottom: inner $surface;
            border-subtitle-color: $text-error;
            border-subtitle-align: left;
        }
    }
    """

    def __init__(self, leave: Callable[[], None], *, id: str | None = None) -> None:  # noqa: A002
        """Make a closed filter line.

        Args:
            leave: Called when the reader has done with typing. It takes over the words and gives the focus to something
                else at once: the next key is not to be typed.
            id: The widget's id.
        """
        super().__init__(
            id=id, placeholder="words, or  status:failed feature:auth phase:test age:<1h is:stalled  !word leaves out"
        )
        self._leave = leave

    def open(self) -> None:
        """Show the line and type in it."""
        self.add_class("-open")
        # At once: what is typed right after the key must not be taken for keys of the dashboard.
        self.screen.set_focus(self)

    async def action_submit(self) -> None:
        """Keep the words."""
        self._close()

    def action_drop(self) -> None:
        """Drop the words."""
        self.value = ""
        self._close()

    def close(self) -> None:
        """Hide the line; the words stay."""
        self.remove_class("-open")

    def show_problem(self, problem: str | None) -> None:
        """Say what is wrong with the words; None if nothing is."""
        self.border_subtitle = Content(plain_name(problem or ""))
        self.set_class(problem is not None, "-wrong")

    def _close(self) -> None:
        self.close()
        self._leave()
