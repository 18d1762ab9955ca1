"""The dialog that opens a failed phase again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chatflow_tui.acting.steps import Done, StepPlan, as_planned, plan_retry
from chatflow_tui.screens.step_dialog import StepDialog


class RetryDialog(StepDialog):
    """Asks whether to retry."""

    HEADING = "Retry"
    VERB = "Retry"

    def find_plan(self) -> StepPlan:
        """Find out which phase would open again."""
        return plan_retry(self._engine, self._plan.instance_id)

    def prepare(self) -> Callable[[], Done]:
        """Give the retrying; there is nothing to hand over."""
        return partial(self._retry, self._plan)

    def _retry(self, plan: StepPlan) -> Done:
        with as_planned(self._engine, plan):
            self._engine.retry_phase(plan.instance_id, expected_phase=plan.phase)
        return Done(plan.instance_id, f"{plan.feature_id}: {plan.phase} began again")
