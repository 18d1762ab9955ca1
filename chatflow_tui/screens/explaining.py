"""The part of the dashboard that explains: what is recorded of a phase, what happened when, how long things take."""

from __future__ import annotations

from textual import on

from chatflow_core.statistics import PhaseStatistics, StatisticsReader
from chatflow_tui.screens.history import HistoryScreen, Reached
from chatflow_tui.screens.phase_details import Onward, PhaseDetails
from chatflow_tui.screens.searching import Searching
from chatflow_tui.screens.workflow_statistics import WorkflowStatistics
from chatflow_tui.widgets.line_list import LineList


class Explaining(Searching):
    """Opens the details of a phase, the history of an instance, and the times of workflows."""

    @on(LineList.Chosen, "#timeline")
    def action_inspect(self) -> None:
        """Show the runs of the phase with their data and errors."""
        timeline, shown = self.panels.timeline, self._shown
        phase = timeline.get_row(timeline.cursor_key) if timeline.cursor_key is not None else None
        if phase is not None and shown is not None and shown.state is not None:
            state = shown.state
            usual = self._phase_statistics(state.workflow_name, phase.phase)
            details = PhaseDetails(
                phase, self._clock(), meta=state.meta, variables=state.variables, usual=usual, problem=self._lost
            )
            self.app.push_screen(details, self._go_on)

    def _go_on(self, where: Onward | None) -> None:
        if where == "history":
            self.action_history()
        elif where == "texts":
            self.action_read_texts()
        elif where is not None:
            self.panels.focus_panel(where)

    def action_read_texts(self) -> None:
        """Go to the texts of the phase: to the response, unless there is only a prompt."""
        self.panels.focus_panel(self.panels.texts.first_to_read)

    def action_history(self) -> None:
        """Step through the history of the instance."""
        selected = self._selection
        if selected is not None:
            screen = HistoryScreen(
                self._engine,
                selected.instance_id,
                selected.phase,
                statistics=self._phase_statistics,
                clock=self._clock,
            )
            self.app.push_screen(screen, self._read_reached)

    def _read_reached(self, reached: Reached | None) -> None:
        if reached is not None:
            self._reach(reached.selection.instance_id)
            self._want(reached.selection)
            self.panels.focus_panel(reached.kind)

    def action_statistics(self) -> None:
        """Show how long the phases of each workflow take."""
        row = self._row()
        # A reader of its own: the one of the dashboard may be reading in another thread.
        reader = StatisticsReader(self._engine.state_store)
        workflow = row.workflow_name if row is not None else None
        summaries = list(self._catalog.summaries.values())
        self.app.push_screen(WorkflowStatistics(reader, summaries, workflow))

    def _phase_statistics(self, workflow_name: str, phase: str) -> PhaseStatistics | None:
        rows = self._statistics.statistics
        return next((row for row in rows if (row.workflow_name, row.phase) == (workflow_name, phase)), None)
