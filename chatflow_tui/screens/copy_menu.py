"""The menu of what can be copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from chatflow_tui.acting.takeable import Takeable
from chatflow_tui.lists.cells import fit, fit_name
from chatflow_tui.screens.closing import Dialog
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell

_KEY_WIDTH, _GAP = 3, 2


class CopyChoices(LineList[Takeable]):
    """A row for each thing, with the key that takes it."""

    def __init__(self, things: Sequence[Takeable]) -> None:
        """Make the list."""
        super().__init__(id="choices")
        self._name_width = max((cell_len(thing.name) for thing in things), default=0) + _GAP
        self._things = things

    def on_mount(self) -> None:
        """Show the things."""
        self.set_rows((str(number), thing) for number, thing in enumerate(self._things))

    def render_row(self, key: str, row: Takeable, width: int) -> Sequence[Cell]:  # noqa: ARG002 - the list cuts
        """Render one thing."""
        rest = max(0, width - _KEY_WIDTH - self._name_width)
        return [
            (fit(f" {row.key}", _KEY_WIDTH), "line-list--strong"),
            (fit(row.name, self._name_width), ""),
            (fit_name(row.hint, rest), "line-list--dim"),
        ]


class CopyMenu(Dialog[Takeable | None]):
    """Lets one thing be chosen, by its key or with the cursor; dismissed with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,Y", "dismiss", "Close", id="copy.close", tooltip="close the menu of what can be copied"),
    ]

    DEFAULT_CSS = """
    CopyMenu {
        align: center middle;
        & > Vertical {
            width: 100;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            border: round $primary;
            background: $surface;
        }
        & CopyChoices { max-height: 100%; }
    }
    """

    def __init__(self, title: str, things: Sequence[Takeable]) -> None:
        """Make the menu.

        Args:
            title: What the things are of; harmless.
            things: What can be taken.
        """
        super().__init__()
        self._title = title
        self._things = things
        self.choices = CopyChoices(things)

    def compose(self) -> ComposeResult:
        """Place the choices."""
        with Vertical() as box:
            box.border_title = Content(f"Copy · {self._title}")
            box.border_subtitle = Content("a key, or enter, copies · esc")
            self.choices.styles.height = len(self._things)
            yield self.choices

    def on_mount(self) -> None:
        """Let the cursor move."""
        self.choices.focus()

    def on_key(self, event: events.Key) -> None:
        """Take what a key stands for."""
        chosen = next((thing for thing in self._things if thing.key and thing.key == event.character), None)
        if chosen is not None:
            event.stop()
            self.dismiss(chosen)

    @on(LineList.Chosen)
    def _choose(self, event: LineList.Chosen) -> None:
        event.stop()
        self.dismiss(self.choices.get_row(event.key))
