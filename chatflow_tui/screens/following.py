"""The half of the dashboard that shows: what the store tells, and what the reader has selected."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from operator import attrgetter
from typing import Literal

from textual import events, on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget

from chatflow_core import Catalog, CatalogChange, InstanceSummary, WorkflowEngine
from chatflow_tui.acting.creating import only_chatcoder_writes
from chatflow_tui.instance.details import DetailLoader, Details, Selection, last_good
from chatflow_tui.lists.change_words import describe_change, describe_removal
from chatflow_tui.lists.frozen_changes import FrozenChanges
from chatflow_tui.lists.instance_filter import InstanceFilter
from chatflow_tui.lists.panel_titles import instances_title, no_instances_words, timeline_subtitle, timeline_title
from chatflow_tui.messages import CatalogChanged, DetailsLoaded, TakesChanges
from chatflow_tui.screens.pacing import OneByOne, Unhurried
from chatflow_tui.screens.text_screen import TextScreen
from chatflow_tui.settings.settings import Settings
from chatflow_tui.texts.hit_list import HitList
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.filter_bar import FilterBar
from chatflow_tui.widgets.first_hint import FirstHint
from chatflow_tui.widgets.frozen_banner import FrozenBanner
from chatflow_tui.widgets.instance_table import MARK
from chatflow_tui.widgets.key_bar import KeyBar
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.panels import Panels
from chatflow_tui.widgets.status_bar import StatusBar

# Durations and ages are shown in seconds.
_TICK_SECONDS = 1.0

# Rows that change under a cursor that stays at the top bring one instance after the other there. Nobody reads ten a
# second.
_SECONDS_BETWEEN_FOLLOWED = 0.5

# As much of an error as a toast has room for; errors may be megabytes.
_MOST_OF_TOAST = 500


class Following(TextScreen[None]):
    """Shows one store live. Everything comes as messages from threads; nothing here waits for a file."""

    _changes: OneByOne[CatalogChange]

    AUTO_FOCUS = "#instances"

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-narrow"),
        (100, "-normal"),
        (160, "-wide"),
    ]

    def __init__(
        self,
        engine: WorkflowEngine,
        place: str,
        *,
        read_only: bool = False,
        clock: Callable[[], float] = time.time,
        settings: Settings | None = None,
    ) -> None:
        """Make a dashboard.

        Args:
            engine: The engine on the store to show.
            place: What to call the store in the status bar.
            read_only: Whether to offer nothing that writes.
            clock: Tells the time in Unix seconds.
            settings: What the user has set; None for nothing.
        """
        super().__init__()
        self._settings = settings or Settings()
        self._engine = engine
        self._place = place
        self._read_only = read_only
        self._clock = clock
        self._catalog = Catalog(engine.state_store, self._tell)
        self._loader = DetailLoader(engine, lambda details: self.post_message(DetailsLoaded(details)))
        self._was_shown = False
        self._filter = InstanceFilter(clock=clock, patience=self._settings.patience)
        self._selection: Selection | None = None
        self._followed = Unhurried(_SECONDS_BETWEEN_FOLLOWED, self._want_row)
        self._shown: Details | None = None
        # Why the selected instance cannot be read any more, though it could be.
        self._lost: str | None = None
        self._frozen: FrozenChanges | None = None
        self._hit_to_show: HitList | None = None
        self._offered: tuple[bool, bool, str | None] | None = None
        self._status_at_cursor: str | None = None
        self.panels = Panels(clock=clock, patience=self._settings.patience, id="panels")
        self.status_bar = StatusBar(place, read_only=read_only, id="status")
        self.filter_bar = FilterBar(self._leave_filter, id="filter")
        self.banner = FrozenBanner(id="frozen")
        self.hint = FirstHint()
        self.key_bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Place the panels above filter, status and footer."""
        # Before anything stands on the screen: later, all of it would be styled anew.
        self.add_class(self._breakpoint_for(self.app.size.width), update=False)
        yield self.banner
        yield self.panels
        yield self.filter_bar
        yield self.hint
        yield self.status_bar
        yield self.key_bar

    def _breakpoint_for(self, width: int) -> str:
        return max(least for least in self.HORIZONTAL_BREAKPOINTS if width >= least[0])[1]

    def on_mount(self) -> None:
        """Begin to follow the store."""
        self._changes = OneByOne[CatalogChange](lambda change: self.post_message(CatalogChanged(change)))
        for pane in (self.panels.texts.prompt, self.panels.texts.response):
            pane.rendered_at_first = self._settings.rendered
        self._title_instances()
        self._tick()
        self.set_interval(_TICK_SECONDS, self._tick)
        # Only then: it would keep the panels themselves from being painted.
        self._catalog.start()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Spare Textual from styling everything anew, a moment after everything was styled when it was mounted."""
        event.refresh_styles, self._was_shown = self._was_shown, True

    async def on_unmount(self) -> None:
        """End following the store."""
        self._followed.cancel()
        # A file system that hangs must not hang the screen with it.
        await asyncio.to_thread(self._catalog.close)

    def _tell(self, change: CatalogChange) -> None:
        self._changes.put(change)  # from the catalog's thread

    def _tick(self) -> None:
        now = self._clock()
        self.status_bar.tick(now)
        if self._frozen is None:
            self.panels.features.tick(now)
            self.panels.instances.tick(now)
            if self._lost is None:
                self.panels.timeline.tick(now)
            self._explain_timeline()

    # What the store tells

    @on(CatalogChanged)
    def _take_change(self, event: CatalogChanged) -> None:
        change = event.change
        self._show_last_change(change)
        self.status_bar.show_health(change)
        for screen in self.app.screen_stack:
            if isinstance(screen, TakesChanges):
                screen.take_change(change)
        if self._frozen is not None:
            self._frozen.add(change)
            self.banner.show(self._frozen.count)
        else:
            self._show_change(change)
        self._changes.next()

    def _show_change(self, change: CatalogChange) -> None:
        self.panels.instances.apply(change.changed, change.removed, is_first_load=change.is_loading)
        self.panels.features.apply(change.features, change.removed_features, change.changed, change.removed)
        self._title_instances()
        self._refresh_keys()
        selected = self._selection
        if selected is not None:
            ids = {summary.instance_id for summary in change.changed} | change.touched | set(change.removed)
            if selected.instance_id in ids:
                self._want(selected)

    def _show_last_change(self, change: CatalogChange) -> None:
        known = self._known
        if change.changed:
            newest = max(change.changed, key=lambda summary: summary.updated_at)
            before = known(newest.instance_id)
            if change.is_loading and before is None and self.status_bar.last_change_at >= newest.updated_at:
                return
            self.status_bar.show_last_change(describe_change(before, newest), newest.updated_at)
        elif change.removed:
            removed = change.removed[-1]
            words = describe_removal(known(removed), removed, len(change.removed))
            self.status_bar.show_last_change(words, self._clock())

    def _known(self, instance_id: str) -> InstanceSummary | None:
        # While the view is frozen its rows are not what was known last.
        row = self.panels.instances.get_row(instance_id)
        return row if self._frozen is None else self._frozen.known(instance_id, row)

    def _title_instances(self) -> None:
        table, typed = self.panels.instances, self.filter_bar.value
        marked = table.marked
        mark = f"{MARK} {marked.feature_id or marked.instance_id}" if marked is not None else ""
        title = instances_title(Panels.TITLES["instances"], self._filter, typed, table.row_count, mark)
        _say(table, "border_title", title)
        health = self.status_bar.health
        table.say_when_empty(no_instances_words(len(table.instances), health, read_only=self._read_only))

    def _newest_first(self) -> list[InstanceSummary]:
        return sorted(self._catalog.summaries.values(), key=attrgetter("updated_at"), reverse=True)

    def _row(self) -> InstanceSummary | None:
        key = self.panels.instances.cursor_key
        return None if key is None else self.panels.instances.get_row(key)

    # What is selected

    @on(LineList.CursorMoved, "#instances")
    def _select_instance(self, event: LineList.CursorMoved) -> None:
        if event.key != self.panels.instances.cursor_key:
            return  # it has moved on since
        if event.key is None:
            self._selection = self._shown = self._lost = None
            self._catalog.focus(None)
            timeline = self.panels.timeline
            timeline.show((), None, self._clock())
            timeline.border_title, timeline.border_subtitle = Content(Panels.TITLES["timeline"]), Content("")
            self.panels.texts.show(None)
        elif event.by_hand or self.panels.instances.is_read:
            self._followed.act_now()
        else:
            self._followed.ask()
        self._refresh_keys()

    def _want_row(self) -> None:
        key = self.panels.instances.cursor_key
        if key is not None and (self._selection is None or key != self._selection.instance_id):
            self._want(Selection(key))

    def _refresh_keys(self) -> None:
        # All keys are looked up anew: not at every move of the cursor.
        offered = self._can_write(), self._can_create(), self.key_word("compare")
        if self._offered != offered:
            self._offered = offered
            self.refresh_bindings()
        row = self._row()
        status = None if row is None else row.status
        if self._status_at_cursor != status:
            self._status_at_cursor = status
            self.key_bar.refresh()  # which steps are possible

    def key_word(self, action: str) -> str | None:
        """Say whom `d` compares with if one is marked."""
        marked, row = self.panels.instances.marked, self._row()
        is_another = marked is not None and row is not None and row.instance_id != marked.instance_id
        return f"Diff with {MARK}" if action == "compare" and is_another else None

    def _can_write(self) -> bool:
        row = self._row()
        if self._read_only or row is None or row.read_only is not None or row.problem is not None:
            return False
        return not self.panels.instances.is_gone(row.instance_id)

    def _can_create(self) -> bool:
        return not self._read_only and not only_chatcoder_writes(self.panels.instances.instances.values())

    @on(LineList.CursorMoved, "#timeline")
    def _select_phase(self, event: LineList.CursorMoved) -> None:
        selected = self._selection
        if event.key is None or event.key != self.panels.timeline.cursor_key:
            return  # it has moved on since
        if selected is not None and event.key != selected.phase:
            self._want(Selection(selected.instance_id, event.key))

    def _want(self, selection: Selection) -> None:
        self._selection = selection
        if self._loader.want(selection):
            self._load()

    @work(group="details")
    async def _load(self) -> None:
        await self._loader.run()

    @on(DetailsLoaded)
    def _show_details(self, event: DetailsLoaded) -> None:
        details, selected = event.details, self._selection
        if selected is None or details.selection.instance_id != selected.instance_id:
            return  # the reader is elsewhere by now
        # What cannot be read shows no texts to follow; a file's name need not even be an id.
        self._catalog.focus(selected.instance_id if details.problem is None else None)
        former = self._shown
        kept = last_good(former, details)
        self._lost = details.problem if kept is not None else None
        details = kept or details
        if details.phase is not None:
            if selected.phase not in (None, details.phase) or selected.attempt != details.selection.attempt:
                self._want(selected)
                return
            # From now on it is this phase that is read, whatever becomes the current one.
            self._selection = Selection(selected.instance_id, details.phase, selected.attempt)
        if kept is None:
            self._shown = details
        self._title_timeline(details)
        timeline = self.panels.timeline
        timeline.show(details.timeline, selected.instance_id, self._clock())
        is_reread = former is not None and (former.selection.instance_id, former.phase) == (
            selected.instance_id,
            details.phase,
        )
        # Read again for a change, it leaves the cursor alone: the reader may have moved it a moment ago.
        if details.phase is not None and not is_reread:
            timeline.move_cursor(details.phase)
        self._explain_timeline()
        self.panels.texts.show(details)
        self._show_hit(details)

    def _show_hit(self, details: Details) -> None:
        """Go to where a search found something, once its text is there."""
        hits, self._hit_to_show = self._hit_to_show, None
        if hits is not None:
            hit = hits.hit
            if (hit.instance_id, hit.phase_name) == (details.selection.instance_id, details.phase):
                self.panels.texts.find(hits)

    def _title_timeline(self, details: Details) -> None:
        table, instance_id = self.panels.instances, details.selection.instance_id
        title = timeline_title(
            Panels.TITLES["timeline"],
            instance_id,
            table.get_row(instance_id),
            is_gone=table.is_gone(instance_id),
            is_lost=self._lost is not None,
        )
        _say(self.panels.timeline, "border_title", title)
        self._explain_timeline()

    def _explain_timeline(self) -> None:
        """Say below the timeline what its marks mean, and what is wrong with the instance."""
        # Not what the cursor is on: that may be another one by now.
        shown = self._shown
        row = None if shown is None else self.panels.instances.get_row(shown.selection.instance_id)
        words = timeline_subtitle(row, self.panels.timeline.legend, self._lost)
        _say(self.panels.timeline, "border_subtitle", words)

    def _tell_error(self, title: str, error: Exception) -> None:
        self.notify(plain_name(str(error)[:_MOST_OF_TOAST]), title=title, severity="error", markup=False)

    # What is filtered

    @on(FilterBar.Changed)
    def _filter_typed(self, event: FilterBar.Changed) -> None:
        self._set_filter(self._filter.with_words(event.value))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Close the filter line that the reader has left for another panel; its words are kept."""
        self._followed.hurry()
        if event.widget is not self.filter_bar:
            self.filter_bar.close()

    def _leave_filter(self) -> None:
        self._set_filter(self._filter.with_words(self.filter_bar.value))
        self.panels.focus_panel("instances")

    def _set_filter(self, wanted: InstanceFilter) -> None:
        former, self._filter = self._filter, wanted
        self.filter_bar.show_problem(wanted.problem)
        if (wanted.feature_id, wanted.words) != (former.feature_id, former.words):
            self.panels.instances.set_filter(
                None if wanted.is_empty else wanted,
                is_timed=wanted.is_timed,
                # What passed a moment ago may not pass any more where that depends on the time.
                narrows=not former.is_timed and wanted.narrows(former),
            )
        self._title_instances()


def _say(panel: Widget, border: Literal["border_title", "border_subtitle"], words: str) -> None:
    # To set what stands there already would repaint the whole panel.
    content = Content(words)
    if content.markup != getattr(panel, border):
        setattr(panel, border, content)
