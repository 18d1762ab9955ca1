"""The part of the dashboard that knows what its cursors stand on."""

from __future__ import annotations

import asyncio

from chatflow_tui.instance.details import Details, Selection, read_details
from chatflow_tui.screens.following import Following


class AtCursors(Following):
    """Acts on what the cursors stand on: a key may come before what it is for has been read, and shown."""

    async def details_at_cursors(self) -> Details | None:
        """What is shown; read if the cursor has moved on and it has not arrived yet. None: nothing is selected."""
        selected = self.selected_by_cursors()
        if selected is None:
            return None
        return self.shown_at_cursors() or await asyncio.to_thread(read_details, self._engine, selected)

    def shown_at_cursors(self) -> Details | None:
        """What is shown, if it is what the cursors stand on."""
        selected, shown = self.selected_by_cursors(), self._shown
        if (
            selected is not None
            and shown is not None
            and shown.selection.instance_id == selected.instance_id
            and shown.selection.attempt == selected.attempt
            and selected.phase in (None, shown.phase)
        ):
            return shown
        return None

    def selected_by_cursors(self) -> Selection | None:
        """What the cursors stand on: a key may come before the message that tells of the last move."""
        key, selected, shown = self.panels.instances.cursor_key, self._selection, self._shown
        if key is None:
            return None
        if selected is None or selected.instance_id != key:
            return Selection(key)
        phase = self.panels.timeline.cursor_key
        is_shown = shown is not None and shown.selection.instance_id == key
        if is_shown and phase is not None and phase != selected.phase:
            return Selection(key, phase)
        return selected
