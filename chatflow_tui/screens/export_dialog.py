"""The dialog that asks where to write an instance as one Markdown file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Label

from chatflow_tui.acting.exporting import AlreadyThereError, ExportError, export
from chatflow_tui.screens.closing import Dialog
from chatflow_tui.store_errors import STORE_ERRORS
from chatflow_tui.terminal.stopping import WRITING
from chatflow_tui.texts.plain_text import plain_name

_WRITE, _OVERWRITE = "Write the file", "Write over it"

# After the button has changed under the reader's eyes, a key that was on its way is not a decision.
_PAUSE_SECONDS = 0.5


class ExportDialog(Dialog[str | None]):
    """Asks for a file and writes it, in a thread; over one that is there only if told so. Dismissed with its path."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "cancel",
            "Cancel",
            priority=True,
            id="dialog.cancel",
            tooltip="close the dialog; nothing is written",
        ),
    ]

    DEFAULT_CSS = """
    ExportDialog {
        align: center middle;
        & > #box {
            width: 84;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 2;
            border: round $primary;
            border-subtitle-color: $text-muted;
            background: $surface;
        }
        & Label { width: 1fr; }
        & #what { text-style: bold; margin-bottom: 1; }
        & Input { border: tall $border-blurred; padding: 0 1; }
        & Input:focus { border: tall $border; }
        & #notice { color: $text-warning; text-style: bold; height: auto; max-height: 4; min-height: 1; }
        & #buttons { height: 1; align-horizontal: right; }
        & Button { margin-left: 2; min-width: 12; }
        & Button:focus { text-style: bold; background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """

    def __init__(self, instance: str, place: str, read: Callable[[], str]) -> None:
        """Make the dialog.

        Args:
            instance: Which instance it is, for the reader; harmless.
            place: The file that is offered.
            read: Gives the document. Blocks; called in a thread.
        """
        super().__init__()
        self._instance = instance
        self._place = place
        self._read = read
        self._is_busy = False
        self._overwrites: str | None = None  # the place that was said to be written over
        self._is_read = True  # whether what the button says by now could be read

    def compose(self) -> ComposeResult:
        """Place what is written above where it goes."""
        with Vertical(id="box") as box:
            box.border_title = Content("Export")
            box.border_subtitle = Content("enter writes · esc cancels")
            yield Label(self._instance, markup=False)
            yield Label("timeline, data, prompts and responses, as one Markdown file:", id="what", markup=False)
            yield Input(self._place, id="place", select_on_focus=False)
            yield Label("", id="notice", markup=False)
            with Horizontal(id="buttons"):
                yield Button(Content(_WRITE), id="confirm", compact=True)
                yield Button(Content("Cancel"), id="cancel", compact=True)

    def on_mount(self) -> None:
        """Begin with the place."""
        self.query_one(Input).focus()

    def action_cancel(self) -> None:
        """Write nothing and close."""
        if not self._is_busy:
            self.dismiss(None)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.action_cancel()

    @on(Input.Changed)
    def _typed(self) -> None:
        # Another place is another question.
        self._overwrites, self._is_read = None, True
        self._say("", _WRITE)

    @on(Input.Submitted)
    @on(Button.Pressed, "#confirm")
    def _confirm(self, event: Input.Submitted | Button.Pressed) -> None:
        place = self.query_one(Input).value
        if self._is_busy or not self._is_read or (isinstance(event, Input.Submitted) and self._overwrites == place):
            return  # writing over takes the button: enter in the field is easily pressed twice
        self._is_busy = True
        self._write(place)

    @work(group=f"{WRITING} export")
    async def _write(self, place: str) -> None:
        overwrite = self._overwrites == place
        try:
            path = await asyncio.to_thread(lambda: export(self._read(), place, overwrite=overwrite))
        except AlreadyThereError as error:
            self._overwrites, self._is_read = place, False
            self.set_timer(_PAUSE_SECONDS, self._let_answer)
            self._say(f"{error}. Nothing was written: choose another name, or the button", _OVERWRITE)
        except (ExportError, *STORE_ERRORS) as error:
            self._say(f"Nothing was written: {plain_name(str(error))}", _WRITE)
        else:
            self.dismiss(path)
        finally:
            self._is_busy = False

    def _let_answer(self) -> None:
        self._is_read = True

    def _say(self, notice: str, verb: str) -> None:
        self.query_one("#notice", Label).update(notice)
        self.query_one("#confirm", Button).label = Content(verb)
