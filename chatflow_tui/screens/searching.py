"""The part of the dashboard that goes through the hits of a full-text search."""

from __future__ import annotations

from textual import on

from chatflow_tui import screens
from chatflow_tui.instance.details import Selection
from chatflow_tui.lists.instance_filter import InstanceFilter
from chatflow_tui.screens.following import Following
from chatflow_tui.texts.hit_list import HitList
from chatflow_tui.widgets.text_pane import TextPane


class Searching(Following):
    """Searches all texts, and keeps what was found: one hit after the other is opened from it."""

    _hits: HitList | None = None

    def action_search(self) -> None:
        """Search all prompts and responses, and open a hit."""
        # At once, and not in a worker: what is typed next is looked for, and not done.
        self.app.push_screen(screens.SearchScreen(self._engine.state_store, self._newest_first()), self._open_found)

    def _open_found(self, hits: HitList | None) -> None:
        if hits is not None:
            self._open_hit(hits)

    def action_step_hit(self, step: int) -> None:
        """Open the next hit of the last search, or the previous one."""
        if self._hits is None:
            self.notify("No hits to step through: S searches all texts, / finds in a text", markup=False)
        else:
            self._open_hit(self._hits.step(step))

    @on(TextPane.HitsPassed)
    def _leave_text(self, event: TextPane.HitsPassed) -> None:
        if self._hits is not None:
            self._open_hit(self._hits.beyond_text(event.step))

    @on(TextPane.ListedHit)
    def _follow_hit(self, event: TextPane.ListedHit) -> None:
        if self._hits is not None and self._hit_to_show is None:
            self._hits = self._hits.at(event.number - 1)

    def _open_hit(self, hits: HitList) -> None:
        self._hits = self._hit_to_show = hits
        hit = hits.hit
        self._reach(hit.instance_id)
        self._want(Selection(hit.instance_id, hit.phase_name, hit.attempt))
        self.panels.focus_panel(hit.kind)

    def _reach(self, instance_id: str) -> None:
        """Put the cursor on an instance, whatever keeps it from being shown."""
        table = self.panels.instances
        if table.move_cursor(instance_id):
            return
        table.action_sort_again()  # it may only wait to be shown
        if not table.move_cursor(instance_id):
            self.filter_bar.value = ""
            self._set_filter(InstanceFilter(clock=self._clock, patience=self._settings.patience))
            table.move_cursor(instance_id)
