"""The dialog that advances an instance: what ends, what begins, and the result to hand over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from chatflow_core import WorkflowEngine
from chatflow_tui.acting.steps import Done, StepPlan, as_planned, plan_advance
from chatflow_tui.instance.last_data import last_data
from chatflow_tui.keys.key_groups import hidden
from chatflow_tui.screens.step_dialog import StepDialog
from chatflow_tui.widgets.yaml_field import YamlField


class AdvanceDialog(StepDialog):
    """Asks whether to advance, with trigger data and meta; offers the data last given for the phase."""

    HEADING = "Advance"
    VERB = "Advance"

    # Reached outside of the text areas; a button stands for each as well.
    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("u", "use_last", "Use last", "data.use-last", "take over the data last given for the phase"),
        hidden("ctrl+o", "edit", "Edit", "data.edit", "write the data in $EDITOR"),
    ]

    DEFAULT_CSS = """
    AdvanceDialog #data { height: 5; }
    """

    def __init__(self, engine: WorkflowEngine, plan: StepPlan, instances: Sequence[str] = ()) -> None:
        """Make the dialog.

        Args:
            engine: The engine to advance with.
            plan: What would be done.
            instances: Where to look for data to offer: ids of instances of the workflow, the last changed first.
        """
        super().__init__(engine, plan)
        self._instances = instances
        self._offered_for: str | None = None

    def compose_fields(self) -> ComposeResult:
        """Place the fields for trigger data and meta."""
        yield YamlField("trigger data", id="data", with_ways=True)
        yield YamlField("meta", id="meta")

    def show_plan(self) -> None:
        """Show the plan, and look for data to offer for its phase."""
        super().show_plan()
        if self._offered_for != self._plan.phase:
            self._offered_for = self._plan.phase
            self.query_one("#data-field", YamlField).withdraw()
            self._offer_last()

    def find_plan(self) -> StepPlan:
        """Find out what would end and begin."""
        return plan_advance(self._engine, self._plan.instance_id)

    def prepare(self) -> Callable[[], Done]:
        """Take trigger data and meta."""
        plan = self._plan
        data, meta = (field.reader() for field in self.query(YamlField))

        def advance() -> Done:
            values = data(), meta()
            with as_planned(self._engine, plan):
                state = self._engine.trigger_next_step(plan.instance_id, *values, expected_phase=plan.phase)
            began = "completed" if state.status == "completed" else f"{state.current_phase} began"
            return Done(plan.instance_id, f"{plan.feature_id}: {plan.phase} ended, {began}")

        return advance

    @work(exclusive=True, group="offer")
    async def _offer_last(self) -> None:
        last = await asyncio.to_thread(last_data, self._engine, self._instances, self._plan.phase)
        if last is not None:
            self.query_one("#data-field", YamlField).offer(last.data, "use last (u)")

    def action_use_last(self) -> None:
        """Fill in the data last given, if it is offered."""
        self.query_one("#data-field", YamlField).take_offer()

    def action_edit(self) -> None:
        """Edit the trigger data in the reader's editor."""
        self.query_one("#data-field", YamlField).action_edit()
