"""The part of the dashboard that takes things elsewhere: to the clipboard, to other programs, to files."""

from __future__ import annotations

import asyncio

from textual import work

from chatflow_core import TaskArtifacts
from chatflow_core.harmless_text import plain_lines
from chatflow_core.models import TextKind
from chatflow_core.whole_instance import read_whole
from chatflow_tui import screens
from chatflow_tui.acting.exporting import default_place
from chatflow_tui.acting.takeable import EXPORT, Takeable, takeables
from chatflow_tui.instance.details import Details, Selection, read_details
from chatflow_tui.keys.ordered_keys import OPENING
from chatflow_tui.screens.at_cursors import AtCursors
from chatflow_tui.store_errors import STORE_ERRORS
from chatflow_tui.terminal.clipboard import copy_text
from chatflow_tui.terminal.external_programs import page_text, view_text
from chatflow_tui.texts.plain_text import plain_name

# What a toast has room for, in characters.
_MOST_OF_NAME, _MOST_OF_TOAST = 40, 400


class Taking(AtCursors):
    """Copies, opens and exports what is shown."""

    @work(exclusive=True, group="copy")
    async def action_copy(self) -> None:
        """Copy what is selected, else the text in focus, else the prompt of the phase that is due."""
        pane = self.panels.text_pane
        if pane is None:
            await self._copy_prompt()
        elif pane.selected_text:
            await self._copy(pane.selected_text, "selection")
        else:
            kind: TextKind = "prompt" if pane.id == "prompt" else "response"
            await self._copy_text_of(self.panels.texts.artifacts, kind)

    async def _copy_prompt(self) -> None:
        """Copy the prompt of the phase under the cursor of the timeline; elsewhere that of the current phase."""
        details = await self.details_at_cursors()
        if details is not None and self.panels.focused_panel != "timeline":
            state = details.state
            if state is not None and (details.phase != state.current_phase or details.selection.attempt is not None):
                selection = Selection(state.instance_id, state.current_phase)
                details = await asyncio.to_thread(read_details, self._engine, selection)
        if details is None:
            self.notify("No instance is selected: nothing was copied", markup=False)
        elif details.artifacts is None:
            self._say_why(details.problem or "")
        else:
            await self._copy_text_of(details.artifacts, "prompt")

    async def _copy_text_of(self, artifacts: TaskArtifacts | None, kind: TextKind) -> None:
        if artifacts is None:
            self.notify("No text is shown: nothing was copied", markup=False)
            return
        text = artifacts.prompt if kind == "prompt" else artifacts.ai_response
        what = f"{kind} of {_short(artifacts.phase_name)}"
        if text is not None:
            await self._copy(await asyncio.to_thread(plain_lines, text), what)
        elif artifacts.problem is not None:
            self._say_why(artifacts.problem)
        else:
            records = "p records one, " if self._can_write() else ""
            self.notify(f"There is no {what} yet: {records}Y copies other things", markup=False)

    def _say_why(self, problem: str) -> None:
        self.notify(plain_name(problem[:_MOST_OF_TOAST]), title="Nothing was copied", severity="error", markup=False)

    async def _copy(self, text: str, what: str) -> None:
        self.notify(plain_name(await copy_text(self.app, text, what)), markup=False)

    @work(exclusive=True, group=f"{OPENING} copies")
    async def action_copy_menu(self) -> None:
        """Choose what to copy, or to export."""
        details = await self.details_at_cursors()
        if details is None:
            self.notify("No instance is selected", markup=False)
            return
        kind = self._kind_to_open(details.artifacts)
        things = await asyncio.to_thread(takeables, self._engine, details, kind)
        phase = "" if details.phase is None else f" · {_short(details.phase)}"
        chosen = await self.app.push_screen_wait(
            screens.CopyMenu(f"{_short(details.selection.instance_id)}{phase}", things)
        )
        if chosen is None:
            return
        if chosen.key == EXPORT:
            await self._export(details)
        else:
            self._take(chosen)

    @work(exclusive=True, group="copy")
    async def _take(self, thing: Takeable) -> None:
        try:
            text = await asyncio.to_thread(thing.make)
        except STORE_ERRORS as error:
            self._tell_error("Nothing was copied", error)
        else:
            await self._copy(text, thing.name)

    async def _export(self, details: Details) -> None:
        state, instance_id = details.state, details.selection.instance_id
        feature_id = "" if state is None else state.feature_id
        dialog = screens.ExportDialog(
            f"{_short(feature_id)} · {_short(instance_id)}",
            default_place(feature_id, instance_id),
            lambda: read_whole(self._engine.state_store, instance_id),
        )
        path = await self.app.push_screen_wait(dialog)
        if path is not None:
            self.notify(f"Wrote {plain_name(path)}", markup=False)

    @work(exclusive=True, group="open")
    async def action_open_text(self) -> None:
        """Open the text in focus in the user's editor: a copy, so that the record stays as it is."""
        await self._open(in_pager=False)

    @work(exclusive=True, group="open")
    async def action_page_text(self) -> None:
        """Open the text in focus in the user's pager."""
        await self._open(in_pager=True)

    async def _open(self, *, in_pager: bool) -> None:
        details = await self.details_at_cursors()
        artifacts = None if details is None else details.artifacts
        kind = self._kind_to_open(artifacts)
        text = None if artifacts is None else artifacts.prompt if kind == "prompt" else artifacts.ai_response
        if text is None:
            self.notify(f"There is no {kind} to open", markup=False)
            return
        try:
            await (page_text if in_pager else view_text)(self.app, text, name=kind)
        except STORE_ERRORS as error:
            self._tell_error("Not opened", error)

    def _kind_to_open(self, artifacts: TaskArtifacts | None) -> TextKind:
        if self.panels.focused_panel == "prompt":
            return "prompt"
        if self.panels.focused_panel == "response" or artifacts is None or artifacts.ai_response is not None:
            return "response"
        return "prompt"


def _short(name: str) -> str:
    return plain_name(name if len(name) <= _MOST_OF_NAME else name[: _MOST_OF_NAME - 1] + "…")
