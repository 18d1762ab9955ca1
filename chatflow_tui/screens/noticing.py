"""The part of the dashboard that tells what needs the reader: instances that failed, are unreadable or stalled."""

from __future__ import annotations

from textual import on

from chatflow_core import CatalogChange, InstanceSummary
from chatflow_tui.lists.attention import NeedCount
from chatflow_tui.messages import CatalogChanged
from chatflow_tui.screens.following import Following
from chatflow_tui.terminal.terminal_title import TerminalTitle


class Noticing(Following):
    """Counts what needs the reader, goes there, and rings while they look elsewhere."""

    _needs: NeedCount
    _title: TerminalTitle

    def on_mount(self) -> None:
        """Begin to count."""
        self._needs, self._title = NeedCount(self._settings.patience), TerminalTitle()
        self.set_interval(1.0, self._show_needs)

    async def on_unmount(self) -> None:
        """Leave the terminal's title as it was."""
        self._title.put_back(self.app)

    @on(CatalogChanged)
    def _notice(self, event: CatalogChanged) -> None:
        change = event.change
        if self._settings.bell and not self.app.app_focus and self._has_news(change):
            self.app.bell()
        self._needs.apply(change.changed, change.removed)
        self._show_needs()

    def _show_needs(self) -> None:
        count = self._needs.at(self._clock())
        self.status_bar.show_needs(count)
        self._title.show(self.app, count)

    def _has_news(self, change: CatalogChange) -> bool:
        return not change.is_loading and any(
            _is_news(self._known(summary.instance_id), summary) for summary in change.changed
        )

    def action_next_need(self, step: int) -> None:
        """Go to the next instance that needs the reader, or the previous one, round and round."""
        now, patience, table = self._clock(), self._settings.patience, self.panels.instances
        found = table.find_from_cursor(lambda row: patience.need(row, now) is not None, step)
        if found is not None:
            table.move_cursor(found)
            self.panels.focus_panel("instances")
            return
        count, key = self._needs.at(now), table.cursor_key
        here = None if key is None else table.get_row(key)
        if not count:
            self.notify("No instance needs you: none has failed, none is unreadable or stalled")
        elif here is not None and patience.need(here, now) is not None:
            self.notify("This is the only one that needs you" if count == 1 else "No other one that is shown needs you")
        else:
            self.notify(f"{count:,} need you, but none of those shown: esc drops the filter")


def _is_news(before: InstanceSummary | None, now: InstanceSummary) -> bool:
    """Whether a phase has ended or failed."""
    if before is None:
        return False
    if now.status != before.status and now.status in ("failed", "completed"):
        return True
    return now.current_phase != before.current_phase
