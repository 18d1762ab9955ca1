"""The part of the dashboard that writes: what the keys that act on an instance do."""

from __future__ import annotations

import asyncio

from textual import work

from chatflow_tui.advancing import plan_advance
from chatflow_tui.plain_text import plain_name
from chatflow_tui.screens.advance_dialog import AdvanceDialog
from chatflow_tui.screens.following import Following
from chatflow_tui.store_errors import STORE_ERRORS

# What a toast has room for, in characters.
_MOST_OF_NAME = 40


class Steering(Following):
    """Acts on the instance under the cursor; each act is shown before it is done."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Hide the key for advancing where nothing may be written."""
        return action != "advance" or self._can_write()

    @work(exclusive=True, group="advance")
    async def action_advance(self) -> None:
        """Ask whether to advance the instance under the cursor, after finding out what that would do."""
        instance_id = self.panels.instances.cursor_key
        if instance_id is None:
            return
        try:
            plan = await asyncio.to_thread(plan_advance, self._engine, instance_id)
        except STORE_ERRORS as error:
            self._tell_error("Not advanced", error)
            return
        dialog = AdvanceDialog(self._engine, plan)
        state = await self.app.push_screen_wait(dialog)
        if state is not None:
            ended = f"{_short(dialog.plan.ends)} ended"
            began = "completed" if state.status == "completed" else f"{_short(state.current_phase)} began"
            self.notify(f"{_short(state.feature_id)}: {ended}, {began}", markup=False)


def _short(name: str) -> str:
    return plain_name(name if len(name) <= _MOST_OF_NAME else name[: _MOST_OF_NAME - 1] + "…")
