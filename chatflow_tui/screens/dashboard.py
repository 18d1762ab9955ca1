"""The dashboard: what the keys that move, find and compare do.

`Following` shows, `Steering` writes, `Taking` copies, `Searching` goes to hits, `Explaining` tells more,
`Arranging` gives room, `Noticing` tells what needs the reader, `AtCursors` knows what is selected.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import ClassVar

from textual import on, work
from textual.binding import BindingType

from chatflow_core import FeatureSummary, InstanceSummary
from chatflow_tui import screens
from chatflow_tui.instance.details import Selection
from chatflow_tui.keys.ordered_keys import OPENING
from chatflow_tui.lists.feature_tree import FeatureRow
from chatflow_tui.lists.frozen_changes import FrozenChanges
from chatflow_tui.lists.instance_sort import Sort
from chatflow_tui.screens.arranging import Arranging
from chatflow_tui.screens.dashboard_keys import KEYS_OF_DASHBOARD
from chatflow_tui.screens.explaining import Explaining
from chatflow_tui.screens.noticing import Noticing
from chatflow_tui.screens.recording import Recording
from chatflow_tui.screens.searching import Searching
from chatflow_tui.screens.taking import Taking
from chatflow_tui.store_errors import STORE_ERRORS
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.line_list import LineList


class Dashboard(Noticing, Recording, Taking, Explaining, Searching, Arranging):
    """Shows one store live and lets the user advance its instances."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS_OF_DASHBOARD

    # Going deeper and back

    @on(LineList.Chosen, "#features")
    def _choose_feature(self, event: LineList.Chosen) -> None:
        row = self.panels.features.get_row(event.key)
        if isinstance(row, FeatureRow):
            self.go_to_feature(row.summary.feature_id)
        elif row is not None:
            self._reach(row.instance.instance_id)
            self.panels.focus_panel("timeline")

    @property
    def features(self) -> Collection[FeatureSummary]:
        """All features there are."""
        return self._catalog.features.values()

    @property
    def instances(self) -> Collection[InstanceSummary]:
        """All instances there are, whether they are shown or not."""
        return self.panels.instances.instances.values()

    def go_to_feature(self, feature_id: str) -> None:
        """Show the instances of a feature; of all features if it is empty."""
        self._set_filter(self._filter.of_feature(feature_id or None))
        self.panels.focus_panel("instances")

    def go_to_instance(self, instance_id: str) -> None:
        """Put the cursor on an instance, whatever keeps it from being shown."""
        self._reach(instance_id)
        self.panels.focus_panel("instances")

    @on(LineList.Chosen, "#instances")
    def _choose_instance(self) -> None:
        self.panels.focus_panel("timeline")

    def action_back(self) -> None:
        """Go back one step: out of the zoom, to the panel before, to all instances."""
        self.hint.dismiss()
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
        self.app.push_screen(screens.SortMenu(self.panels.instances.sort), self._sort_by)

    def _sort_by(self, sort: Sort | None) -> None:
        if sort is not None:
            self.panels.instances.set_sort(sort)

    def action_freeze(self) -> None:
        """Hold the view still while the store goes on, or catch up with it."""
        if self._frozen is None:
            self._frozen = FrozenChanges()
            self.banner.show(0)
            self.status_bar.show_frozen(is_frozen=True)
            return
        frozen, self._frozen = self._frozen, None
        self.banner.show(None)
        self.status_bar.show_frozen(is_frozen=False)
        change = frozen.release()
        if change is not None:
            self._show_change(change)
        self._tick()

    # Explaining

    def action_mark(self) -> None:
        """Mark the instance, to compare another one with it."""
        table, row = self.panels.instances, self._row()
        if row is None:
            self.notify("No instance is selected: nothing to mark", markup=False)
            return
        is_new = table.marked is None or table.marked.instance_id != row.instance_id
        table.mark(row.instance_id if is_new else None)
        self._title_instances()
        self._refresh_keys()
        if is_new:
            self.notify("Marked: d on another instance compares both", markup=False)
        else:
            self.notify("No instance is marked any more", markup=False)

    @work(exclusive=True, group=f"{OPENING} diff")
    async def action_compare(self) -> None:
        """Compare with the marked instance, the attempt before, or the phase before."""
        from chatflow_tui.texts.comparing import Comparison, read_pair  # noqa: PLC0415 - as `screens`: not before

        shown, marked = await self.details_at_cursors(), self.panels.instances.marked
        if shown is None or shown.artifacts is None:
            self.notify("No text is shown: nothing to compare", markup=False)
            return
        kind = self._kind_to_open(shown.artifacts)
        feature_id = shown.state.feature_id if shown.state is not None else ""
        wanted = Comparison(shown.artifacts, shown.timeline, kind, feature_id, marked)
        try:
            pair = await asyncio.to_thread(read_pair, self._engine, wanted)
        except STORE_ERRORS as error:
            self._tell_error("Not compared", error)
            return
        if isinstance(pair, str):
            self.notify(plain_name(pair), markup=False)
        else:
            await self.app.push_screen(screens.DiffScreen(*pair))
