"""The dialog that ends a phase as failed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.app import ComposeResult
from textual.widgets import Label, TextArea

from chatflow_core import InvalidValueError
from chatflow_tui.acting.steps import Done, StepPlan, as_planned, plan_fail
from chatflow_tui.screens.step_dialog import StepDialog


class FailDialog(StepDialog):
    """Asks why the phase fails; without a reason nothing is written."""

    HEADING = "Fail"
    VERB = "Fail the phase"

    DEFAULT_CSS = """
    FailDialog {
        & #reason-name { color: $text-muted; }
        & TextArea { height: 6; border: tall $border-blurred; padding: 0 1; }
        & TextArea:focus { border: tall $border; }
    }
    """

    def compose_fields(self) -> ComposeResult:
        """Place the field for the reason."""
        yield Label("reason (required; kept as it is typed)", id="reason-name", markup=False)
        yield TextArea(id="reason", soft_wrap=True, show_line_numbers=False)

    def focus_first(self) -> None:
        """Begin with the reason."""
        self.set_focus(self.query_one("#reason"))

    def find_plan(self) -> StepPlan:
        """Find out which phase would fail."""
        return plan_fail(self._engine, self._plan.instance_id)

    def prepare(self) -> Callable[[], Done]:
        """Take the reason.

        Raises:
            InvalidValueError: There is none.
        """
        reason = self.query_one("#reason", TextArea).text.strip()
        if not reason:
            self.set_focus(self.query_one("#reason"))
            raise InvalidValueError("a reason is required")
        return partial(self._fail, self._plan, reason)

    def _fail(self, plan: StepPlan, reason: str) -> Done:
        with as_planned(self._engine, plan):
            self._engine.fail_current_phase(plan.instance_id, reason, expected_phase=plan.phase)
        return Done(plan.instance_id, f"{plan.feature_id}: {plan.phase} failed")
