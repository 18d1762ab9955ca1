"""The part of the dashboard that writes: what the keys that act on an instance do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from textual import work

from chatflow_core import CatalogChange, WorkflowEngine
from chatflow_tui import screens
from chatflow_tui.acting.creating import CHATCODERS_STORE, EXAMPLE, NO_SCHEMAS, read_choices
from chatflow_tui.acting.steps import Done, StepPlan, obstacle_to, plan_advance, plan_fail, plan_retry, refusal
from chatflow_tui.instance.last_data import where_to_look
from chatflow_tui.instance.read_only_words import read_only_badge
from chatflow_tui.keys.ordered_keys import OPENING
from chatflow_tui.screens.searching import Searching
from chatflow_tui.store_errors import STORE_ERRORS
from chatflow_tui.texts.plain_text import plain_name

if TYPE_CHECKING:
    from chatflow_tui.screens.advance_dialog import AdvanceDialog
    from chatflow_tui.screens.step_dialog import StepDialog

# What a toast has room for, in characters.
_MOST_OF_TOAST = 400

# Long enough to read where a file has to be put.
_ADVICE_SECONDS = 20

_PlanFinder: TypeAlias = Callable[[WorkflowEngine, str], StepPlan]

_READ_ONLY = "chatflow-tui was started with --read-only"

_STEPS = ("advance", "fail", "retry", "record")

# Which steps a status may not allow.
_STATUS_STEPS = {"advance": "advanced", "fail": "failed", "retry": "retried"}

_OF_AN_INSTANCE = (*_STEPS, "compare", "mark", "inspect", "history", "copy", "copy_menu", "open_text", "page_text")


class Steering(Searching):
    """Acts on the instance under the cursor; each act is shown before it is done."""

    _made_id: str | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide the keys for what cannot be written; in their place stand those that say why."""
        if action == "refuse":
            return not self.check_action(str(parameters[0]), ())
        if action == "create":
            return self._can_create()
        return action not in _STEPS or self._can_write()

    def action_advance(self) -> None:
        """Ask whether to end the phase of the instance under the cursor and begin the next."""
        self._step("advance", plan_advance, self._advance_dialog)

    def action_fail(self) -> None:
        """Ask why the phase of the instance under the cursor fails."""
        self._step("fail", plan_fail, lambda plan: screens.FailDialog(self._engine, plan))

    def action_retry(self) -> None:
        """Ask whether to open the failed phase of the instance under the cursor again."""
        self._step("retry", plan_retry, lambda plan: screens.RetryDialog(self._engine, plan))

    def _step(self, action: str, find_plan: _PlanFinder, make_dialog: Callable[[StepPlan], StepDialog]) -> None:
        instance_id = self.panels.instances.cursor_key
        if instance_id is not None:
            self._plan_and_ask(instance_id, action, find_plan, make_dialog)

    @work(exclusive=True, group=f"{OPENING} step")
    async def _plan_and_ask(
        self, instance_id: str, action: str, find_plan: _PlanFinder, make_dialog: Callable[[StepPlan], StepDialog]
    ) -> None:
        """Find out what a step would do, and ask; the toast says what was done, or why it cannot be."""
        try:
            plan = await asyncio.to_thread(find_plan, self._engine, instance_id)
        except STORE_ERRORS as error:
            self._refuse_step(action, f"{self._call(instance_id)}: {refusal(error)}")
            return
        await self._ask(make_dialog(plan))

    async def _ask(self, dialog: StepDialog) -> Done | None:
        """Open a dialog that writes, and tell what was done; give it, or None if nothing was."""
        # Toasts of what was tried before would stand on what is asked, and on the answers.
        self.app.clear_notifications()
        done = await self.app.push_screen_wait(dialog)
        if done is not None:
            self.notify(plain_name(done.words[:_MOST_OF_TOAST]), markup=False)
        return done

    @work(exclusive=True, group=f"{OPENING} step")
    async def action_create(self) -> None:
        """Ask for what a new instance needs, make it, and go to it."""
        try:
            choices = await asyncio.to_thread(read_choices, self._engine.state_store)
        except STORE_ERRORS as error:
            self._refuse_step("create", refusal(error))
            return
        if not choices:
            self._refuse_step("create", f"{NO_SCHEMAS} {self._place}, {EXAMPLE}", _ADVICE_SECONDS)
            return
        row = self._row()
        dialog = screens.CreateDialog(
            self._engine,
            choices,
            self._catalog.features,
            workflow=row.workflow_name if row is not None else None,
            feature_id=self._filter.feature_id or "",
        )
        done = await self._ask(dialog)
        if done is not None:
            self._made_id = done.instance_id
            self._go_to_made()

    def _show_change(self, change: CatalogChange) -> None:
        super()._show_change(change)
        self._go_to_made()

    def _go_to_made(self) -> None:
        """Select the instance that was made here, once the store has told of it."""
        made = self._made_id
        if made is None or made not in self.panels.instances.instances:
            return
        self._made_id = None
        self._reach(made)
        self.panels.focus_panel("instances")

    def action_refuse(self, action: str) -> None:
        """Say why a key that writes does nothing here."""
        row, why = self._row(), self.why_not(action)
        if why is not None:
            is_of_all = self._read_only or row is None or action == "create"
            whose = "" if is_of_all or row is None else f"{self._call(row.instance_id)}: "
            self._refuse_step(action, whose + why)

    def _why_unwritable(self) -> str | None:
        """Say why nothing can be written to the instance under the cursor; None if it can."""
        row = self._row()
        if self._read_only:
            return _READ_ONLY
        if row is None:
            return "no instance is selected" + (" (c makes one)" if self._can_create() else "")
        if self.panels.instances.is_gone(row.instance_id):
            return "gone: its record was removed"
        if row.read_only is not None:
            return read_only_badge(row.read_only)
        return None if row.problem is None else f"unreadable, so it is not written: {row.problem}"

    def why_not(self, action: str) -> str | None:
        """Say why an action cannot be done on what is selected; None if it can, as far as that is known."""
        row = self._row()
        if action == "create":
            return None if self._can_create() else _READ_ONLY if self._read_only else CHATCODERS_STORE
        if action in _STEPS and not self._can_write():
            return self._why_unwritable()
        if row is None:
            return "no instance is selected" if action in _OF_AN_INSTANCE else None
        step = _STATUS_STEPS.get(action)
        if step is not None:
            return obstacle_to(step, row.status, row.current_phase)
        return "no search has found anything yet" if action == "step_hit" and self._hits is None else None

    def _refuse_step(self, action: str, why: str, seconds: float | None = None) -> None:
        words = plain_name(why[:_MOST_OF_TOAST])
        self.notify(words, title=f"Cannot {action}", severity="warning", timeout=seconds, markup=False)

    def _call(self, instance_id: str) -> str:
        row = self.panels.instances.get_row(instance_id)
        return f"{row.feature_id} · {instance_id}" if row is not None and row.feature_id else instance_id

    def _advance_dialog(self, plan: StepPlan) -> AdvanceDialog:
        summaries = self._catalog.summaries
        acted_on = summaries.get(plan.instance_id)
        looked_at = where_to_look(summaries.values(), acted_on.workflow_name) if acted_on is not None else ()
        return screens.AdvanceDialog(self._engine, plan, looked_at)
