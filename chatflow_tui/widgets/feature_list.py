"""The tree of features: how far each is, and beneath those that are opened their instances."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from chatflow_core.models import FeatureSummary, InstanceSummary
from chatflow_tui.keys.key_groups import DEEPER, LEFT, RIGHT, hidden
from chatflow_tui.lists.cells import age, fit
from chatflow_tui.lists.feature_cells import MARKER_WIDTH, feature_cells, instance_cells, roll_up
from chatflow_tui.lists.feature_tree import ALL_FEATURES, FeatureRow, FeatureTree, TreeRow, feature_key
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell

__all__ = ["ALL_FEATURES", "FeatureList"]

# Where there are fewer lines, all of them are needed for the features.
_LEAST_HEIGHT_WITH_FOOTER = 7


class FeatureList(LineList[TreeRow]):
    """All features on the first row, then each by name; the order never depends on what happens in them.

    Two lines at the bottom tell all there is to know about the row under the
    cursor, which has room for a part of it only.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden(
            "enter", "choose", "Open", "list.choose", "feature: to its instances; instance: to its timeline", DEEPER
        ),
        hidden(
            "l,right", "open", "Show instances", "features.open", "show the instances of the feature beneath it", RIGHT
        ),
        hidden(
            "h,left",
            "close",
            "Hide instances",
            "features.close",
            "hide its instances; on one of them: back to the feature",
            LEFT,
        ),
    ]

    def __init__(
        self,
        instances: Callable[[], Mapping[str, InstanceSummary]] = dict,
        *,
        clock: Callable[[], float] = time.time,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """Make a list with the row for all features only.

        Args:
            instances: Gives all instances there are now, by id.
            clock: Tells the time in Unix seconds.
            id: The widget's id.
            classes: Its style classes.
        """
        super().__init__(id=id, classes=classes)
        self._instances = instances
        self._now = clock()
        self._tree = FeatureTree()
        self._rows = self._tree.rows
        self._painted_ages: dict[str, str] = {}
        self._painted_footer: list[Sequence[Cell]] = []

    def on_mount(self) -> None:
        """Show the first row even before there is a feature."""
        self.apply(())

    @property
    def feature(self) -> str | None:
        """The feature under the cursor, or that of the instance there; None for all features."""
        row = self._cursor_row()
        if row is None:
            return None
        return (row.summary.feature_id or None) if isinstance(row, FeatureRow) else row.instance.feature_id

    def apply(
        self,
        features: Iterable[FeatureSummary],
        removed_features: Iterable[str] = (),
        changed: Iterable[InstanceSummary] = (),
        removed: Iterable[str] = (),
    ) -> None:
        """Take over changes of the catalog.

        Args:
            features: Features that are new or have changed.
            removed_features: Features that no longer exist.
            changed: Instances that are new or have changed.
            removed: Ids of instances that no longer exist.
        """
        self._change(lambda: self._tree.apply(features, removed_features, changed, removed, self._instances()))

    def tick(self, now: float) -> None:
        """Let time pass: repaint the lines whose age has changed.

        Args:
            now: The time in Unix seconds.
        """
        self._now = now
        visible = self.visible_keys
        self._painted_ages = {key: text for key in visible if (text := self._painted_ages.get(key)) is not None}
        self.refresh_rows(key for key in visible if self._painted_ages.get(key) != self._age(self._rows[key]))
        self._renew_footer()

    def _change(self, change: Callable[[], None]) -> None:
        with self.holding_still():
            change()
            self._order = self._tree.order
        self._renew_footer()

    # Opening and closing

    def action_open(self) -> None:
        """Show the instances of the feature under the cursor; if they are shown, go to the first of them."""
        row = self._cursor_row()
        if isinstance(row, FeatureRow) and row.summary.feature_id:
            if row.is_open:
                self.action_cursor_by(1)
            else:
                former_count = self.row_count
                self._change(lambda: self._tree.open(row.summary.feature_id, self._instances().values()))
                self._reveal(self.row_count - former_count)

    def _reveal(self, count: int) -> None:
        """Bring some of the rows that came beneath the cursor into sight."""
        lowest = self._cursor_index + min(count, self.page_height // 2)
        top = min(self._cursor_index, max(self.scroll_offset.y, lowest - self.page_height + 1))
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)

    def action_close(self) -> None:
        """Hide the instances of the feature under the cursor; on one of them, go to its feature."""
        row = self._cursor_row()
        if isinstance(row, FeatureRow):
            self._change(lambda: self._tree.close(row.summary.feature_id))
        elif row is not None:
            self.move_cursor(feature_key(row.instance.feature_id))

    def on_click(self, event: events.Click) -> None:
        """Open or close a feature by the marker before it."""
        index = self.index_at(event)
        offset = event.get_content_offset(self)
        if index is None or index >= len(self._order) or offset is None or offset.x > MARKER_WIDTH:
            return
        row = self._rows[self._order[index]]
        if isinstance(row, FeatureRow) and row.summary.feature_id:
            event.prevent_default()  # that click does not choose the feature
            self._go_to(index)
            if row.is_open:
                self.action_close()
            else:
                self.action_open()

    # Painting

    def render_row(self, key: str, row: TreeRow, width: int) -> Sequence[Cell]:
        """Render one feature, or one instance beneath its feature."""
        age_text = self._painted_ages[key] = self._age(row)
        if isinstance(row, FeatureRow):
            return feature_cells(row, age_text, width)
        return instance_cells(row, age_text, width)

    @property
    def footer_lines(self) -> int:
        """Two lines, where there is room."""
        return 2 if self.size.height >= _LEAST_HEIGHT_WITH_FOOTER else 0

    def render_footer(self, y: int, width: int) -> Sequence[Cell]:
        """Tell more of the row under the cursor than it has room for."""
        self._painted_footer = self._footer(width)
        return self._painted_footer[y] if y < len(self._painted_footer) else [(fit("", width), "")]

    def cursor_settled(self) -> None:
        """Tell of the row the cursor is on now."""
        self._renew_footer()

    def _renew_footer(self) -> None:
        if self._footer(self.line_width - 1) != self._painted_footer:
            self.refresh_footer()

    def _footer(self, width: int) -> list[Sequence[Cell]]:
        row = self._cursor_row()
        return [] if row is None else roll_up(row, self._age(row), width)

    def _cursor_row(self) -> TreeRow | None:
        return None if self._cursor_key is None else self._rows[self._cursor_key]

    def _age(self, row: TreeRow) -> str:
        updated_at = row.summary.updated_at if isinstance(row, FeatureRow) else row.instance.updated_at
        # Before anything has happened there is no last activity.
        return age(self._now - updated_at) if updated_at else ""
