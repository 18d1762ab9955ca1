"""The dashboard: features, instances, the timeline of one of them, its prompts and responses."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer

from chatflow_core import Catalog, CatalogChange, ChatFlowError, WorkflowEngine
from chatflow_tui.advancing import plan_advance
from chatflow_tui.change_words import describe_change, describe_removal
from chatflow_tui.details import DetailLoader, Details, Selection
from chatflow_tui.instance_filter import InstanceFilter
from chatflow_tui.messages import CatalogChanged, DetailsLoaded
from chatflow_tui.plain_text import plain_name
from chatflow_tui.screens.advance_dialog import AdvanceDialog
from chatflow_tui.screens.help import HelpDialog
from chatflow_tui.widgets.filter_bar import FilterBar
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.panels import PANELS, Panels
from chatflow_tui.widgets.status_bar import StatusBar
from chatflow_tui.widgets.text_view import TextView
from chatflow_tui.widgets.texts import byte_size

# Durations and ages are shown in seconds.
_TICK_SECONDS = 1.0


class Dashboard(Screen[None]):
    """Shows one store live and lets the user advance its instances."""

    # Chinese input methods give full-width punctuation for the same keys.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "advance", "Advance", id="instance.advance"),
        Binding("slash,／", "filter", "Filter", key_display="/", id="instances.filter"),
        Binding("z", "zoom", "Zoom", id="panel.zoom"),
        Binding(
            "left_square_bracket,【,［", "step_phase(-1)", "Phase", key_display="[", show=False, id="phase.previous"
        ),
        Binding("right_square_bracket,】,］", "step_phase(1)", "Phase", key_display="]", show=False, id="phase.next"),
        Binding("left_curly_bracket,｛", "step_attempt(-1)", "Attempt", show=False, id="attempt.previous"),
        Binding("right_curly_bracket,｝", "step_attempt(1)", "Attempt", show=False, id="attempt.next"),
        Binding("y", "copy", "Copy", id="text.copy"),
        Binding("full_stop,。,．", "sort_again", "Sort", key_display=".", show=False, id="instances.sort"),
        Binding("question_mark,？", "help", "Help", key_display="?", id="help"),
        Binding("q", "app.quit", "Quit", id="quit"),
        Binding("escape", "back", "Back", show=False, id="back"),
        Binding("tab", "next_panel(1)", "Next panel", show=False, id="panel.next"),
        Binding("shift+tab", "next_panel(-1)", "Previous panel", show=False, id="panel.previous"),
        *(
            Binding(str(number), f"panel('{panel}')", panel.title(), show=False, id=f"panel.{panel}")
            for number, panel in enumerate(PANELS, 1)
        ),
    ]

    AUTO_FOCUS = "#instances"

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-narrow"),
        (100, "-normal"),
        (160, "-wide"),
    ]

    def __init__(self, engine: WorkflowEngine, place: str, *, read_only: bool = False) -> None:
        """Make a dashboard.

        Args:
            engine: The engine on the store to show.
            place: What to call the store in the status bar.
            read_only: Whether to offer nothing that writes.
        """
        super().__init__()
        self._engine = engine
        self._read_only = read_only
        self._catalog = Catalog(engine.state_store, self._tell)
        self._loader = DetailLoader(engine, lambda details: self.post_message(DetailsLoaded(details)))
        self._filter = InstanceFilter()
        self._selection: Selection | None = None
        self._is_planning = False
        self.panels = Panels(id="panels")
        self.status_bar = StatusBar(place, read_only=read_only, id="status")
        self.filter_bar = FilterBar(id="filter")

    def compose(self) -> ComposeResult:
        """Place the panels above filter, status and footer."""
        yield self.panels
        yield self.filter_bar
        yield self.status_bar
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to follow the store."""
        self._tick()
        self.set_interval(_TICK_SECONDS, self._tick)
        self._catalog.start()

    def on_unmount(self) -> None:
        """End following the store."""
        self._catalog.close()

    def _tell(self, change: CatalogChange) -> None:
        self.post_message(CatalogChanged(change))  # from the catalog's thread

    def _tick(self) -> None:
        now = time.time()
        self.panels.instances.tick(now)
        self.panels.timeline.tick(now)
        self.status_bar.tick(now)

    # What the store tells

    @on(CatalogChanged)
    def _take_change(self, event: CatalogChanged) -> None:
        change, table = event.change, self.panels.instances
        self._show_last_change(change)
        table.apply(change.changed, change.removed)
        self.panels.features.apply(change.features, change.removed_features)
        self.status_bar.show_health(change)
        self._title_instances()
        for screen in self.app.screen_stack:
            if isinstance(screen, AdvanceDialog):
                screen.take_change(change)
        selected = self._selection
        if selected is not None:
            ids = {summary.instance_id for summary in change.changed} | change.touched | set(change.removed)
            if selected.instance_id in ids:
                self._want(selected)

    def _show_last_change(self, change: CatalogChange) -> None:
        known = self.panels.instances.get_row
        if change.changed:
            newest = max(change.changed, key=lambda summary: summary.updated_at)
            before = known(newest.instance_id)
            if change.is_loading and before is None and self.status_bar.last_change_at >= newest.updated_at:
                return
            self.status_bar.show_last_change(describe_change(before, newest), newest.updated_at)
        elif change.removed:
            removed = change.removed[-1]
            self.status_bar.show_last_change(describe_removal(known(removed), removed), time.time())

    def _title_instances(self) -> None:
        table, parts = self.panels.instances, [Panels.TITLES["instances"]]
        if self._filter.feature_id is not None:
            parts.append(plain_name(self._filter.feature_id))
        if self._filter.words.strip():
            parts.append("/" + plain_name(self._filter.words.strip()))
        if not self._filter.is_empty:
            parts.append(f"{table.row_count:,} shown")
        table.border_title = Content(" · ".join(parts))

    # What is selected

    @on(LineList.CursorMoved, "#instances")
    def _select_instance(self, event: LineList.CursorMoved) -> None:
        self._catalog.focus(event.key)
        if event.key is None:
            self._selection = None
            self.panels.timeline.show((), None, time.time())
            self.panels.texts.show(None)
        elif self._selection is None or event.key != self._selection.instance_id:
            self._want(Selection(event.key))
        self.refresh_bindings()

    @on(LineList.CursorMoved, "#timeline")
    def _select_phase(self, event: LineList.CursorMoved) -> None:
        selected = self._selection
        if selected is not None and event.key is not None and event.key != selected.phase:
            self._want(Selection(selected.instance_id, event.key))

    def _want(self, selection: Selection) -> None:
        self._selection = selection
        if self._loader.want(selection):
            self.run_worker(self._loader.run(), group="details")

    @on(DetailsLoaded)
    def _show_details(self, event: DetailsLoaded) -> None:
        details, selected = event.details, self._selection
        if selected is None or details.selection.instance_id != selected.instance_id:
            return  # the reader is elsewhere by now
        if details.phase is not None:
            if selected.phase not in (None, details.phase) or selected.attempt != details.selection.attempt:
                self._want(selected)
                return
            # From now on it is this phase that is read, whatever becomes the current one.
            self._selection = Selection(selected.instance_id, details.phase, selected.attempt)
        self._title_timeline(details)
        self.panels.timeline.show(details.timeline, selected.instance_id, time.time())
        self.panels.texts.show(details)

    def _title_timeline(self, details: Details) -> None:
        row = self.panels.instances.get_row(details.selection.instance_id)
        parts = [Panels.TITLES["timeline"], plain_name(details.selection.instance_id)]
        if row is not None and row.workflow_name:
            parts.append(plain_name(row.workflow_name))
        if row is not None and row.read_only:
            parts.append("read-only")
        timeline = self.panels.timeline
        timeline.border_title = Content(" · ".join(parts))
        timeline.border_subtitle = Content(plain_name(row.last_error) if row is not None and row.last_error else "")

    # Going deeper and back

    @on(LineList.Chosen, "#features")
    def _choose_feature(self, event: LineList.Chosen) -> None:
        self._set_filter(InstanceFilter(event.key or None, self._filter.words))
        self.panels.focus_panel("instances")

    @on(LineList.Chosen, "#instances")
    def _choose_instance(self) -> None:
        self.panels.focus_panel("timeline")

    @on(LineList.Chosen, "#timeline")
    def _choose_phase(self) -> None:
        texts = self.panels.texts
        self.panels.focus_panel("response" if texts.response.text or not texts.prompt.text else "prompt")

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
            self._set_filter(InstanceFilter(self._filter.feature_id))
        elif self._filter.feature_id is not None:
            self._set_filter(InstanceFilter())

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
        """Type words that instances must have."""
        self.filter_bar.open()

    def action_sort_again(self) -> None:
        """Sort the instances by their last change, new ones included."""
        self.panels.instances.action_sort_again()

    @on(FilterBar.Changed)
    def _filter_typed(self, event: FilterBar.Changed) -> None:
        self._set_filter(InstanceFilter(self._filter.feature_id, event.value))

    @on(FilterBar.Closed)
    def _filter_closed(self) -> None:
        self.panels.focus_panel("instances")

    def _set_filter(self, wanted: InstanceFilter) -> None:
        if wanted != self._filter:
            self._filter = wanted
            self.panels.instances.set_filter(None if wanted.is_empty else wanted)
        self._title_instances()

    # Doing

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Hide the key for advancing where nothing may be written."""
        return action != "advance" or self._can_write()

    def _can_write(self) -> bool:
        key = self.panels.instances.cursor_key
        row = self.panels.instances.get_row(key) if key is not None else None
        return not self._read_only and row is not None and row.read_only is None

    @work(exclusive=True, group="advance")
    async def action_advance(self) -> None:
        """Ask whether to advance the instance under the cursor, after finding out what that would do."""
        instance_id = self.panels.instances.cursor_key
        if instance_id is None:
            return
        try:
            plan = await asyncio.to_thread(plan_advance, self._engine, instance_id)
        except ChatFlowError as error:
            self.notify(plain_name(str(error)), title="Not advanced", severity="error", markup=False)
            return
        state = await self.app.push_screen_wait(AdvanceDialog(self._engine, plan))
        if state is not None:
            ended = f"{plain_name(plan.ends)} ended"
            began = "completed" if state.status == "completed" else f"{plain_name(state.current_phase)} began"
            self.notify(f"{plain_name(state.feature_id)}: {ended}, {began}", markup=False)

    def action_copy(self) -> None:
        """Copy what is selected, else the text in focus, else the id of the instance."""
        view = self.focused
        if isinstance(view, TextView) and view.text:
            text, what = view.selected_text or view.text, "selection" if view.selected_text else view.id or "text"
        else:
            text, what = self.panels.instances.cursor_key or "", "instance id"
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(f"Copied the {what} ({byte_size(len(text.encode()))}) to the clipboard", markup=False)

    def action_help(self) -> None:
        """List the keys."""
        self.app.push_screen(HelpDialog())
