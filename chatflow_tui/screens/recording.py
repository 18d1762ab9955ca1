"""The part of the dashboard that records texts: the answer of an AI in a browser comes in here."""

from __future__ import annotations

import asyncio

from textual import work

from chatflow_tui import screens
from chatflow_tui.acting.recording import plan_record
from chatflow_tui.acting.steps import plan_advance, refusal
from chatflow_tui.keys.ordered_keys import OPENING
from chatflow_tui.screens.steering import Steering
from chatflow_tui.store_errors import STORE_ERRORS
from chatflow_tui.texts.plain_text import plain_name

# What a notice has room for, in characters.
_MOST_OF_NOTICE = 200


class Recording(Steering):
    """Records a text for the current phase of the instance under the cursor, then offers to advance."""

    @work(exclusive=True, group=f"{OPENING} step")
    async def action_record(self) -> None:
        """Ask for a response to record, or a prompt; then whether to advance."""
        instance_id = self.panels.instances.cursor_key
        if instance_id is None:
            return
        try:
            plan = await asyncio.to_thread(plan_record, self._engine, instance_id)
        except STORE_ERRORS as error:
            self._refuse_step("record", f"{self._call(instance_id)}: {refusal(error)}")
            return
        dialog = screens.RecordDialog(self._engine, plan)
        done = await self._ask(dialog)
        if done is not None and dialog.kind == "response":
            await self._offer_advance(instance_id, plan.target, done.words)

    async def _offer_advance(self, instance_id: str, phase: str, recorded: str) -> None:
        """Ask whether to end the phase that has its response now; nothing is offered that cannot be done."""
        try:
            plan = await asyncio.to_thread(plan_advance, self._engine, instance_id)
        except STORE_ERRORS:
            return  # completed, failed, or moved on: the toast has said what was done
        if plan.phase == phase:
            dialog = self._advance_dialog(plan)
            dialog.first_notice = plain_name(recorded[:_MOST_OF_NOTICE])
            await self._ask(dialog)
