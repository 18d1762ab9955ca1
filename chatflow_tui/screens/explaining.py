"""The part of the dashboard that explains: what is recorded of a phase, what happened when, how long things take."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from textual import on, work

from chatflow_core import InstanceSummary
from chatflow_core.statistics import PhaseStatistics, StatisticsReader, usual_durations
from chatflow_tui import screens
from chatflow_tui.instance.details import Details
from chatflow_tui.keys.ordered_keys import OPENING
from chatflow_tui.messages import CatalogChanged, DetailsLoaded
from chatflow_tui.screens.at_cursors import AtCursors
from chatflow_tui.screens.searching import Searching
from chatflow_tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from chatflow_tui.screens.history import Reached
    from chatflow_tui.screens.phase_details import Onward

# How often it is learnt anew how long phases usually take; only changed instances are read for it.
_LEARN_SECONDS = 60.0

# How long the learning rests after every hundred instances.
_LEARN_PAUSE_SECONDS = 0.05

# When it is learnt again for the first time: a store that has just been begun, as by the demo, fills up meanwhile.
_LEARN_AGAIN_SECONDS = 3.0


class Explaining(Searching, AtCursors):
    """Opens the details of a phase, the history of an instance, and the times of workflows; learns what is usual."""

    _statistics: StatisticsReader
    _ended: Event

    @on(LineList.Chosen, "#timeline")
    def action_inspect(self) -> None:
        """Show the runs of the phase with their data and errors."""
        shown = self.shown_at_cursors()
        if shown is not None:
            self._explain_phase(shown)
        else:
            self._read_and_explain()

    @work(exclusive=True, group=f"{OPENING} phase")
    async def _read_and_explain(self) -> None:
        details = await self.details_at_cursors()
        if details is not None:
            self._explain_phase(details)

    def _explain_phase(self, shown: Details) -> None:
        phase, state = next((row for row in shown.timeline if row.phase == shown.phase), None), shown.state
        if phase is not None and state is not None:
            usual = self._phase_statistics(state.workflow_name, phase.phase)
            # What has only just been read could be read; why another instance cannot be is not its.
            problem = self._lost if shown is self._shown else None
            details = screens.PhaseDetails(
                phase, self._clock(), meta=state.meta, variables=state.variables, usual=usual, problem=problem
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
        selected = self.selected_by_cursors()
        if selected is not None:
            screen = screens.HistoryScreen(
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
        self.app.push_screen(screens.WorkflowStatistics(reader, summaries, workflow))

    # What is usual

    def on_mount(self) -> None:
        """Learn from time to time how long phases usually take."""
        self._statistics, self._ended = StatisticsReader(self._engine.state_store), Event()
        self.set_timer(_LEARN_AGAIN_SECONDS, self._learn)
        self.set_interval(_LEARN_SECONDS, self._learn)

    async def on_unmount(self) -> None:
        """End the learning."""
        self._ended.set()

    @on(CatalogChanged)
    def _learn_once_loaded(self, event: CatalogChanged) -> None:
        # Called before the same change is shown, so that the bar still tells how it was before.
        if self.status_bar.health.is_loading and not event.change.is_loading:
            self._learn()

    @on(DetailsLoaded)
    def _show_usual(self) -> None:
        """Say on the timeline what is usual in the workflow of the instance under the cursor."""
        row = self._row()
        usual = {} if row is None else usual_durations(self._statistics.statistics, row.workflow_name)
        self.panels.timeline.show_usual(usual)

    def _learn(self) -> None:
        """Learn how long phases usually take, in a thread."""
        if not any(worker.group == "statistics" for worker in self.workers):
            read = partial(self._read_statistics, self._catalog.summaries.values())
            # Without a description Textual would write all summaries into one.
            self.run_worker(read, group="statistics", description="reads histories", thread=True, exit_on_error=False)

    def _read_statistics(self, summaries: Iterable[InstanceSummary]) -> None:
        for _ in self._statistics.read(summaries, self._ended.is_set):
            # Reading thousands of histories at a stretch held up repaints for up to a second.
            self._ended.wait(_LEARN_PAUSE_SECONDS)
        if not self._ended.is_set():
            self.app.call_from_thread(self._show_learnt)

    def _show_learnt(self) -> None:
        self._show_usual()
        self._explain_timeline()

    def _phase_statistics(self, workflow_name: str, phase: str) -> PhaseStatistics | None:
        rows = self._statistics.statistics
        return next((row for row in rows if (row.workflow_name, row.phase) == (workflow_name, phase)), None)
