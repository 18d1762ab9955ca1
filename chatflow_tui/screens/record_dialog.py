"""The dialog that records a response, or a prompt, for a phase: pasted, from the clipboard, a file or an editor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ClassVar, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Input

from chatflow_core import CatalogChange, InvalidValueError, WorkflowEngine
from chatflow_core.models import TextKind
from chatflow_tui.acting.recording import RecordPlan, TakenText, plan_record, read_text_file, record, take_text
from chatflow_tui.acting.steps import Done, StepPlan
from chatflow_tui.screens.step_dialog import StepDialog
from chatflow_tui.store_errors import STORE_ERRORS
from chatflow_tui.terminal.clipboard import read_clipboard
from chatflow_tui.terminal.external_programs import edit_text
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.painted_static import PaintedStatic

_NOTHING_YET = "Paste the text here, as you paste into this terminal."


class RecordDialog(StepDialog):
    """Takes a text, shows its size and first lines, and records it."""

    HEADING = "Record"
    VERB = "Record"
    DRAFT = "the text"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "take_clipboard", "Clipboard", id="record.clipboard", tooltip="take the text from the clipboard"),
        Binding("f", "ask_for_file", "File", id="record.file", tooltip="take the text from a file"),
        Binding("e,ctrl+o", "edit", "Edit", id="record.edit", tooltip="write the text in $EDITOR"),
        Binding(
            "k",
            "turn_kind",
            "Prompt or response",
            id="record.kind",
            tooltip="record a prompt instead of a response, or back",
        ),
    ]

    DEFAULT_CSS = """
    RecordDialog {
        & #sources, & #kinds { height: 1; }
        & #kinds { display: none; margin-bottom: 1; }
        & #kinds.-open { display: block; }
        & #sources Button, & #kinds Button { min-width: 4; margin-right: 2; }
        & #file { display: none; border: tall $border-blurred; padding: 0 1; }
        & #file.-open { display: block; }
        & #file:focus { border: tall $border; }
        & #preview {
            height: 8;
            border: round $foreground 25%;
            border-title-color: $foreground;
            border-title-style: bold;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
        & #preview.-empty { color: $text-muted; }
    }
    """

    def __init__(self, engine: WorkflowEngine, plan: RecordPlan) -> None:
        """Make the dialog.

        Args:
            engine: The engine to record with.
            plan: What would be recorded.
        """
        super().__init__(engine, plan)
        self._kind: TextKind = "response"
        self._taken: TakenText | None = None

    @property
    def kind(self) -> TextKind:
        """Which text is recorded."""
        return self._kind

    def compose_fields(self) -> ComposeResult:
        """Place the ways to hand over a text above what was handed over."""
        with Horizontal(id="kinds"):
            yield Button(id="as-response", compact=True)
            yield Button(id="as-prompt", compact=True)
        with Horizontal(id="sources"):
            yield Button(Content("Clipboard (c)"), id="clipboard", compact=True)
            yield Button(Content("File (f)"), id="from-file", compact=True)
            yield Button(Content("$EDITOR (e)"), id="editor", compact=True)
        yield Input(id="file", placeholder="a file to read the text from; enter reads it")
        yield PaintedStatic(_NOTHING_YET, id="preview", classes="-empty", markup=False)

    def focus_first(self) -> None:
        """Begin with where the text comes from."""
        self.query_one("#clipboard").focus()

    def find_plan(self) -> StepPlan:
        """Find out what recording for the same phase comes to by now."""
        return plan_record(self._engine, self._plan.instance_id, self._record_plan.target)

    def show_plan(self) -> None:
        """Show what would be recorded; without a prompt, let one choose."""
        super().show_plan()
        plan = self._record_plan
        if plan.has_prompt:
            self._kind = "response"
        self.query_one("#kinds").set_class(not plan.has_prompt, "-open")
        for kind, remark in (("response", ""), ("prompt", ", which is missing (k)")):
            mark = "●" if self._kind == kind else "○"
            self.query_one(f"#as-{kind}", Button).label = Content(f"{mark} the {kind}{remark}")
        self.query_one("#writes", PaintedStatic).update("\n".join(map(plain_name, plan.lines(self._kind))))

    def take_change(self, change: CatalogChange) -> None:
        """Ask again if the instance, or its texts, are no longer as the plan found them."""
        super().take_change(change)
        if self._plan.instance_id in change.touched and not self.is_busy:
            self._plan_again()

    def prepare(self) -> Callable[[], Done]:
        """Take the text.

        Raises:
            InvalidValueError: There is none.
        """
        if self._taken is None:
            raise InvalidValueError("there is no text yet; paste it, or take it from the clipboard, a file or $EDITOR")
        return partial(record, self._engine, self._record_plan, self._kind, self._taken.text)

    def find_draft(self) -> object:
        """Give the text that was taken."""
        return self._taken

    def action_cancel(self) -> None:
        """Leave the line for the file, else the dialog."""
        field = self.query_one("#file", Input)
        if field.has_focus:
            field.remove_class("-open")
            self.focus_first()
        else:
            super().action_cancel()

    # Which text

    def action_turn_kind(self) -> None:
        """Record the prompt instead of the response, or the other way round."""
        self._record_as("response" if self._kind == "prompt" else "prompt")

    @on(Button.Pressed, "#as-response")
    @on(Button.Pressed, "#as-prompt")
    def _choose_kind(self, event: Button.Pressed) -> None:
        self._record_as("prompt" if event.button.id == "as-prompt" else "response")

    def _record_as(self, kind: TextKind) -> None:
        if not self.is_busy and not self._record_plan.has_prompt:
            self._kind = kind
            self.show_plan()

    # Where it comes from

    def on_paste(self, event: events.Paste) -> None:
        """Take what is pasted."""
        event.stop()
        self._take(event.text, "pasted", from_terminal=True)

    @on(Button.Pressed, "#clipboard")
    def action_take_clipboard(self) -> None:
        """Take what is on the clipboard."""
        self._take_clipboard()

    @on(Button.Pressed, "#from-file")
    def action_ask_for_file(self) -> None:
        """Ask for a file."""
        field = self.query_one("#file", Input)
        field.add_class("-open")
        # At once: what is typed right after the key must not be taken for keys of the dialog.
        self.set_focus(field)
        self.call_after_refresh(self._fit)

    @on(Button.Pressed, "#editor")
    def action_edit(self) -> None:
        """Write the text in an editor, or change it there."""
        self._edit()

    @work(exclusive=True, group="take")
    async def _take_clipboard(self) -> None:
        try:
            text, whose = await read_clipboard()
        except STORE_ERRORS as error:
            self.show_notice(plain_name(str(error)))
        else:
            await self._show_taken(text, f"from {whose}")

    @on(Input.Submitted, "#file")
    def _take_file(self, event: Input.Submitted) -> None:
        event.stop()
        self._read_file(event.value)

    @work(exclusive=True, group="take")
    async def _read_file(self, place: str) -> None:
        try:
            text = await asyncio.to_thread(read_text_file, place)
        except STORE_ERRORS as error:
            self.show_notice(f"Nothing was read: {plain_name(str(error))}")
        else:
            self.query_one("#file").remove_class("-open")
            await self._show_taken(text, f"from {place}")

    @work(exclusive=True, group="take")
    async def _edit(self) -> None:
        before = "" if self._taken is None else self._taken.text
        try:
            text = await edit_text(self.app, before, ".md", name=self._kind)
        except STORE_ERRORS as error:
            self.show_notice(plain_name(str(error)))
            return
        if text is not None:
            await self._show_taken(text, "from the editor")
        elif self._taken is None:
            self.show_notice("Nothing was written in the editor")

    @work(exclusive=True, group="take")
    async def _take(self, text: str, source: str, *, from_terminal: bool) -> None:
        await self._show_taken(text, source, from_terminal=from_terminal)

    async def _show_taken(self, text: str, source: str, *, from_terminal: bool = False) -> None:
        if self.is_busy:
            return
        try:
            taken = await asyncio.to_thread(take_text, text, source, from_terminal=from_terminal)
        except InvalidValueError as error:
            self.show_notice(plain_name(str(error)))
            return
        if self.is_busy:
            return  # what is being written is what was shown
        self._disarm()
        self._taken = taken
        preview = self.query_one("#preview", PaintedStatic)
        preview.remove_class("-empty")
        preview.update(taken.head)
        preview.border_title = Content(plain_name(taken.facts))
        self.query_one("#notice").remove_class("-shown")
        self.call_after_refresh(self._fit)
        self.set_focus(self.query_one("#confirm"))
        # Nothing counts as an answer before it has been painted.
        self._arm_once_painted(preview)

    @property
    def _record_plan(self) -> RecordPlan:
        return cast(RecordPlan, self._plan)
