"""The dashboard: what the keys that move, find and explain do.

`Following` shows, `Steering` writes, `Taking` copies.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on, work
from textual.binding import BindingType

from chatflow_core.models import TextKind
from chatflow_core.search import SearchHit
from chatflow_core.statistics import StatisticsReader
from chatflow_tui.comparing import Comparison, read_pair
from chatflow_tui.details import Selection
from chatflow_tui.frozen_changes import FrozenChanges
from chatflow_tui.instance_filter import InstanceFilter
from chatflow_tui.instance_sort import Sort
from chatflow_tui.plain_text import plain_name
from chatflow_tui.screens.dashboard_keys import KEYS_OF_DASHBOARD
from chatflow_tui.screens.diff import DiffScreen
from chatflow_tui.screens.help import HelpDialog
from chatflow_tui.screens.phase_details import PhaseDetails
from chatflow_tui.screens.search import SearchScreen
from chatflow_tui.screens.sort_menu import SortMenu
from chatflow_tui.screens.steering import Steering
from chatflow_tui.screens.taking import Taking
from chatflow_tui.screens.workflow_statistics import WorkflowStatistics
from chatflow_tui.store_errors import STORE_ERRORS
from chatflow_tui.widgets.line_list import LineList


class Dashboard(Steering, Taking):
    """Shows one store live and lets the user advance its instances."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS_OF_DASHBOARD

    _marked_id: str | None = None

    # Going deeper and back

    @on(LineList.Chosen, "#features")
    def _choose_feature(self, event: LineList.Chosen) -> None:
        self._set_filter(self._filter.of_feature(event.key or None))
        self.panels.focus_panel("instances")

    @on(LineList.Chosen, "#instances")
    def _choose_instance(self) -> None:
        self.panels.focus_panel("timeline")

    @on(LineList.Chosen, "#timeline")
    def _choose_phase(self) -> None:
        self.panels.focus_panel(self.panels.texts.first_to_read)

    def action_back(self) -> None:
        """Go back one step: out of the zoom, to the panel before, to all instances."""
        if self.panels.is_zoomed:
            self.panels.toggle_zoom()
        elif self.panels.focused_panel in ("prompt", "response"):
            self.panels.focus_panel("timeline")
        elif self.panels.focused_panel in ("timeline", "features"):
            self.panels.focus_panel("instances")
        elif self._filter.words.strip():
            self.filter_bar.value = ""
            self._set_filter(self._filter.with_words(""))
        elif self._filter.feature_id is not None:
            self._set_filter(self._filter.of_feature(None))

    def action_panel(self, panel: str) -> None:
        """Go to a panel."""
        self.panels.focus_panel(panel)

    def action_next_panel(self, step: int) -> None:
        """Go to the next panel, or the previous one."""
        self.panels.focus_next(step)

    def action_zoom(self) -> None:
        """Give the whole screen to the focused panel, or take it back."""
        self.panels.toggle_zoom()

    def action_share(self, step: int) -> None:
        """Give the prompt more of the width beside the response, or less."""
        self.panels.texts.share(step)

    def action_step_phase(self, step: int) -> None:
        """Show the next phase, or the previous one."""
        self.panels.timeline.action_cursor_by(step)

    def action_step_attempt(self, step: int) -> None:
        """Show the next attempt at this phase, or the previous one."""
        shown, attempts = self.panels.texts.attempt
        selected = self._selection
        if selected is not None and selected.phase is not None and 1 <= shown + step <= attempts:
            number = shown + step
            self._want(Selection(selected.instance_id, selected.phase, None if number == attempts else number))

    # Finding

    def action_filter(self) -> None:
        """Type what instances must have."""
        self.filter_bar.open()

    def action_sort_again(self) -> None:
        """Sort the instances again, new ones included."""
        self.panels.instances.action_sort_again()

    def action_sort(self) -> None:
        """Choose what the instances are sorted by."""
        self.app.push_screen(SortMenu(self.panels.instances.sort), self._sort_by)

    def _sort_by(self, sort: Sort | None) -> None:
        if sort is not None:
            self.panels.instances.set_sort(sort)

    @work(exclusive=True, group="search")
    async def action_search(self) -> None:
        """Search all prompts and responses, and open a hit."""
        screen = SearchScreen(self._engine.state_store, self._newest_first())
        hit = await self.app.push_screen_wait(screen)
        if hit is not None:
            self._open_hit(hit, screen.needle)

    def _open_hit(self, hit: SearchHit, needle: str) -> None:
        if not self.panels.instances.move_cursor(hit.instance_id):
            self.filter_bar.value = ""
            self._set_filter(InstanceFilter(clock=self._clock))
            self.panels.instances.move_cursor(hit.instance_id)
        self._hit_to_show = (hit, needle)
        self._want(Selection(hit.instance_id, hit.phase_name, hit.attempt))
        self.panels.focus_panel(hit.kind)

    def action_freeze(self) -> None:
        """Hold the view still while the store goes on, or catch up with it."""
        if self._frozen is None:
            self._frozen = FrozenChanges()
            self.banner.show(0)
            return
        frozen, self._frozen = self._frozen, None
        self.banner.show(None)
        change = frozen.release()
        if change is not None:
            self._show_change(change)
        self._tick()

    # Explaining

    def action_inspect(self) -> None:
        """Show the runs of the phase with their data and errors."""
        timeline, shown = self.panels.timeline, self._shown
        phase = timeline.get_row(timeline.cursor_key) if timeline.cursor_key is not None else None
        if phase is not None and shown is not None and shown.state is not None:
            state = shown.state
            usual = self._usual().get(phase.phase)
            self.app.push_screen(
                PhaseDetails(phase, self._clock(), meta=state.meta, variables=state.variables, usual=usual)
            )

    def action_statistics(self) -> None:
        """Show how long the phases of each workflow take."""
        row = self._row()
        # A reader of its own: the one of the dashboard may be reading in another thread.
        reader = StatisticsReader(self._engine.state_store)
        workflow = row.workflow_name if row is not None else None
        self.app.push_screen(WorkflowStatistics(reader, self._newest_first(), workflow))

    def action_mark(self) -> None:
        """Mark the instance, to compare another one with it."""
        key = self.panels.instances.cursor_key
        self._marked_id = None if self._marked_id == key else key
        if self._marked_id is None:
            self.notify("No instance is marked any more", markup=False)
        else:
            marked = plain_name(self._marked_id)
            self.notify(f"Marked {marked}: d on another instance compares the same phase of both", markup=False)

    @work(exclusive=True, group="compare")
    async def action_compare(self) -> None:
        """Compare with the marked instance, the attempt before, or the phase before."""
        shown = self._shown
        if shown is None or shown.artifacts is None:
            return
        kind: TextKind = "prompt" if self.panels.focused_panel == "prompt" else "response"
        wanted = Comparison(shown.artifacts, shown.timeline, kind, self._marked_id)
        try:
            pair = await asyncio.to_thread(read_pair, self._engine, wanted)
        except STORE_ERRORS as error:
            self._tell_error("Not compared", error)
            return
        if pair is None:
            self.notify("Nothing to compare with: mark another instance with v, or choose a phase with texts")
        else:
            await self.app.push_screen(DiffScreen(*pair))

    # Else

    def action_help(self) -> None:
        """List the keys."""
        self.app.push_screen(HelpDialog())
