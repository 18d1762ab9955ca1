"""The dialog that advances an instance: what ends, what begins, and the result to hand over."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Button, Label, TextArea

from chatflow_core import CatalogChange, ChatFlowError, WorkflowEngine, WorkflowInstanceState
from chatflow_tui.advancing import AdvancePlan, plan_advance, read_mapping, refusal
from chatflow_tui.plain_text import plain_name

# After the dialog has changed under the reader's eyes, a key that was on its way is not a decision.
_PAUSE_AFTER_CHANGE_SECONDS = 0.5

# The parsed reading is a check for the reader, not a view: its end does not matter.
_MOST_SHOWN = 400

_FIELDS = {"data": "trigger data", "meta": "meta"}


class AdvanceDialog(ModalScreen[WorkflowInstanceState | None]):
    """Asks whether to advance, and does it: once, in a thread, only if the instance is still where it was.

    Dismissed with the new state, or None if nothing was done.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", priority=True, id="dialog.cancel"),
    ]

    DEFAULT_CSS = """
    AdvanceDialog {
        align: center middle;
        & > #box {
            width: 84;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 2;
            border: round $primary;
            background: $surface;
        }
        & Label { width: 1fr; }
        & .what { text-style: bold; }
        & #begins { margin-bottom: 1; }
        & .name { color: $text-muted; }
        & TextArea { border: tall $border-blurred; padding: 0 1; }
        & TextArea:focus { border: tall $border; }
        & #data { height: 5; }
        & #meta { height: 3; }
        & .reading { color: $text-muted; height: auto; min-height: 1; max-height: 2; }
        & .reading.-wrong { color: $text-error; }
        & #notice { color: $text-warning; text-style: bold; height: auto; display: none; margin-bottom: 1; }
        & #notice.-shown { display: block; }
        & #buttons { height: auto; align-horizontal: right; }
        & Button { margin-left: 2; min-width: 12; }
        & Button:focus { text-style: bold; background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """

    def __init__(self, engine: WorkflowEngine, plan: AdvancePlan) -> None:
        """Make the dialog.

        Args:
            engine: The engine to advance with.
            plan: What would happen.
        """
        super().__init__()
        self._engine = engine
        self._plan = plan
        self._is_armed = False
        self._is_busy = False
        self._is_refused = False
        self._pause: Timer | None = None

    @property
    def plan(self) -> AdvancePlan:
        """What would happen, or has happened."""
        return self._plan

    @property
    def is_armed(self) -> bool:
        """Whether an answer counts by now."""
        return self._is_armed

    def compose(self) -> ComposeResult:
        """Place what would happen above what can be handed over."""
        with VerticalScroll(id="box", can_focus=False) as box:
            box.border_title = Content("Advance")
            yield Label(id="instance", markup=False)
            yield Label(id="ends", classes="what", markup=False)
            yield Label(id="begins", classes="what", markup=False)
            for field, name in _FIELDS.items():
                yield Label(f"{name} (YAML, optional)", classes="name", markup=False)
                yield TextArea(id=field, soft_wrap=True, show_line_numbers=False)
                yield Label(id=f"{field}-reading", classes="reading", markup=False)
            yield Label(id="notice", markup=False)
            with Horizontal(id="buttons"):
                yield Button(Content("Advance"), id="confirm", compact=True)
                yield Button(Content("Cancel"), id="cancel", compact=True)

    def on_mount(self) -> None:
        """Show the plan; nothing counts as an answer before it has been painted."""
        self._show_plan()
        self.query_one("#confirm").focus()
        self.call_after_refresh(self._arm)

    def take_change(self, change: CatalogChange) -> None:
        """Ask again if the instance is no longer as the plan found it."""
        now = next((found for found in change.changed if found.instance_id == self._plan.instance_id), None)
        is_gone = self._plan.instance_id in change.removed
        if self._is_busy or (now is None and not is_gone):
            return
        if is_gone:
            self._refuse("This instance is gone: its record was removed meanwhile.")
        elif now is not None and (
            self._is_refused or (now.current_phase, now.status) != (self._plan.ends, self._plan.status)
        ):
            self._plan_again(
                f"Changed by another program meanwhile: now {plain_name(now.current_phase)} ({now.status})."
            )

    def action_cancel(self) -> None:
        """Do nothing and close. An advance that is under way is not taken back."""
        if not self._is_busy:
            self.dismiss(None)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.action_cancel()

    @on(TextArea.Changed)
    def _read(self, event: TextArea.Changed) -> None:
        self._show_reading(event.text_area.id or "")

    @work(exclusive=True, group="reading")
    async def _show_reading(self, field: str) -> None:
        """Show what a field was read as: YAML surprises people with `no`, `1:30` and `012`."""
        text = self.query_one(f"#{field}", TextArea).text
        reading = self.query_one(f"#{field}-reading", Label)
        try:
            value = await asyncio.to_thread(read_mapping, text, _FIELDS[field])
        except ChatFlowError as error:
            reading.update(plain_name(str(error)))
            reading.add_class("-wrong")
            return
        shown = "" if value is None else "read as " + json.dumps(value, ensure_ascii=False)
        reading.update(plain_name(shown[:_MOST_SHOWN]) + ("…" if len(shown) > _MOST_SHOWN else ""))
        reading.remove_class("-wrong")

    @on(Button.Pressed, "#confirm")
    def _confirm(self) -> None:
        if not self._is_armed or self._is_busy:
            return
        self._is_busy = True
        self._set_confirm(enabled=False)
        self._advance()

    @work(group="advance")
    async def _advance(self) -> None:
        plan = self._plan
        texts = [self.query_one(f"#{field}", TextArea).text for field in _FIELDS]
        try:
            data, meta = await asyncio.to_thread(_read_all, texts)
        except ChatFlowError as error:
            wrong = next((field for field, name in _FIELDS.items() if str(error).startswith(name)), "data")
            self._ask_again(f"Nothing was written: {_FIELDS[wrong]} cannot be read")
            return
        try:
            state = await asyncio.to_thread(
                partial(self._engine.trigger_next_step, plan.instance_id, data, meta, expected_phase=plan.ends)
            )
        except ChatFlowError as error:
            self._is_busy = False
            self._plan_again(refusal(error, plan))
        else:
            self.dismiss(state)

    def _plan_again(self, notice: str) -> None:
        # At once: the worker begins later, and a key may come first.
        self._disarm()
        self._find_plan(notice)

    @work(exclusive=True, group="plan")
    async def _find_plan(self, notice: str) -> None:
        try:
            self._plan = await asyncio.to_thread(plan_advance, self._engine, self._plan.instance_id)
        except ChatFlowError as error:
            self._refuse(f"{notice} {plain_name(str(error))}")
            return
        self._show_plan()
        self._ask_again(notice)

    def _ask_again(self, notice: str) -> None:
        self._is_busy = self._is_refused = False
        self._show_notice(notice)
        self._disarm()
        self._set_confirm(enabled=True)
        self.query_one("#confirm").focus()
        self._pause = self.set_timer(_PAUSE_AFTER_CHANGE_SECONDS, self._arm)

    def _refuse(self, notice: str) -> None:
        self._is_busy, self._is_refused = False, True
        self._disarm()
        self._show_notice(notice)
        self._set_confirm(enabled=False)
        self.query_one("#cancel").focus()

    def _arm(self) -> None:
        self._is_armed = True

    def _disarm(self) -> None:
        self._is_armed = False
        if self._pause is not None:
            self._pause.stop()

    def _set_confirm(self, *, enabled: bool) -> None:
        self.query_one("#confirm", Button).disabled = not enabled

    def _show_notice(self, notice: str) -> None:
        label = self.query_one("#notice", Label)
        label.update(notice)
        label.add_class("-shown")
        # On a small screen the answers must stay in sight.
        self.call_after_refresh(self.query_one("#buttons").scroll_visible, animate=False)

    def _show_plan(self) -> None:
        plan = self._plan
        self.query_one("#instance", Label).update(f"{plain_name(plan.feature_id)} · {plain_name(plan.instance_id)}")
        self.query_one("#ends", Label).update(f"✓ ends    {plain_name(plan.ends)}")
        begins = "nothing: the instance is completed" if plan.begins is None else plain_name(plan.begins)
        self.query_one("#begins", Label).update(f"● begins  {begins}")


def _read_all(texts: list[str]) -> list[dict[str, Any] | None]:
    return [read_mapping(text, name) for text, name in zip(texts, _FIELDS.values(), strict=True)]
