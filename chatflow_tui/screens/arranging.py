"""The part of the dashboard that gives the panels room, and remembers that and how else the store is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import cast

from chatflow_core import CatalogChange
from chatflow_tui.instance.details import Selection
from chatflow_tui.screens.following import Following
from chatflow_tui.settings.store_view import PanelName, StoreView
from chatflow_tui.widgets.filter_bar import FilterBar

# What holds still for so long is kept: not every step of a key that is held down, or of a border that is dragged.
_KEEP_SECONDS = 1.0


class Arranging(Following):
    """Shows the store as the reader wishes, and as they left it the last time."""

    _keep: Callable[[StoreView], None] | None = None
    _kept = _seen = StoreView()
    _to_select: Selection | None = None

    def restore(self, view: StoreView, keep: Callable[[StoreView], None]) -> None:
        """Show everything as it was, and keep how it will be. To be called before the dashboard is on the screen.

        Args:
            view: How the store was looked at the last time.
            keep: Keeps how it is looked at. Blocks; called in a thread.
        """
        self.panels.restore(view)
        self._kept = view
        self._keep = keep

    def on_mount(self) -> None:
        """Filter and sort before there is anything to be filtered, so that nothing jumps."""
        if self._keep is None:
            return
        view = self._kept
        with self.prevent(FilterBar.Changed):
            self.filter_bar.value = view.words
        self._set_filter(self._filter.of_feature(view.feature_id).with_words(view.words))
        self.panels.instances.set_sort(view.sort)
        self.panels.focus_panel(view.panel)
        if view.is_zoomed:
            self.panels.toggle_zoom()
        if view.instance_id is not None:
            self._to_select = Selection(view.instance_id, view.phase)
        self.set_interval(_KEEP_SECONDS, self._keep_what_holds_still)

    async def on_unmount(self) -> None:
        """Keep what was changed just now."""
        if self._keep is not None and self.view != self._kept:
            await asyncio.to_thread(self._keep, self.view)

    @property
    def view(self) -> StoreView:
        """How the store is looked at."""
        selected, shown = self._selection, self._shown
        if selected is None or self._to_select is not None:
            # There is no instance yet, or the store is gone for now.
            selected = Selection(self._kept.instance_id or "", self._kept.phase)
        elif shown is not None and shown.state is not None and shown.state.current_phase == selected.phase:
            selected = Selection(selected.instance_id)
        return replace(
            self.panels.arrangement,
            panel=cast(PanelName, self.panels.focused_panel),
            is_zoomed=self.panels.is_zoomed,
            words=self._filter.words,
            feature_id=self._filter.feature_id,
            sort=self.panels.instances.sort,
            instance_id=selected.instance_id or None,
            phase=selected.phase,
        )

    def _show_change(self, change: CatalogChange) -> None:
        selected, is_empty = self._selection, not any(change.counts.values())
        super()._show_change(change)
        if change.removed and is_empty and selected is not None:
            # The store is gone. When it is back, so is the reader, and not on whatever comes first.
            self._to_select = selected
        wanted, instances = self._to_select, self.panels.instances
        if wanted is None:
            return
        if instances.cursor_index > 0:
            self._to_select = None  # the reader was faster
        elif not is_empty and instances.move_cursor(wanted.instance_id):
            self._to_select = None
            self._want(wanted)
        elif not is_empty and not change.is_loading:
            self._to_select = None  # it is gone, or not among those shown

    def _keep_what_holds_still(self) -> None:
        view, keep = self.view, self._keep
        holds_still, self._seen = view == self._seen, view
        if keep is not None and holds_still and view != self._kept and not self._is_keeping:
            self._kept = view
            self.run_worker(asyncio.to_thread(keep, view), group="view")

    @property
    def _is_keeping(self) -> bool:
        return any(worker.group == "view" for worker in self.workers)

    def action_share(self, step: int) -> None:
        """Give the prompt more of the room that it shares with the response, or less."""
        if self.panels.texts.is_divided:
            self.panels.texts.share(step)
        else:
            self.notify("The prompt and the response share room only while both are on the screen", markup=False)

    def action_need_text(self) -> None:
        """Say that a key is for texts."""
        self.notify("That key is for a text: 4 goes to the prompt, 5 to the response", markup=False)
