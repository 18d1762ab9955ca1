"""The five panels of the dashboard: where they stand, and which one has the focus."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.events import DescendantFocus
from textual.widget import Widget

from chatflow_tui.lists.attention import Patience
from chatflow_tui.settings.store_view import StoreView
from chatflow_tui.widgets.divided import Divided
from chatflow_tui.widgets.feature_list import FeatureList
from chatflow_tui.widgets.instance_table import InstanceTable
from chatflow_tui.widgets.text_pane import TextPane
from chatflow_tui.widgets.texts import Texts
from chatflow_tui.widgets.timeline import Timeline

#: Ids of the panels in the order of their numbers, from 1.
PANELS = ("features", "instances", "timeline", "prompt", "response")


class Panels(Divided):
    """Lays the panels out by width, and shows only the focused one where there is no room or it is zoomed.

    The style sheet does the laying out, by the classes ``-at-<panel>`` and ``-zoomed``.
    """

    # The lists are a table, with its heading, above a timeline.
    LEAST_HEIGHTS = (9, 6)

    TITLES: ClassVar[dict[str, str]] = {"features": "1 Features", "instances": "2 Instances", "timeline": "3 Timeline"}

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        patience: Patience = Patience(),  # noqa: B008 - it is frozen
        id: str | None = None,  # noqa: A002
    ) -> None:
        """Make the panels; the instances have the focus.

        Args:
            clock: Tells the time in Unix seconds.
            patience: How long a running instance may stay untouched before it counts as put aside.
            id: The widget's id.
        """
        super().__init__(id=id)
        self.features = FeatureList(lambda: self.instances.instances, clock=clock, id="features", classes="panel")
        self.instances = InstanceTable(clock=clock, patience=patience, id="instances", classes="panel")
        self.timeline = Timeline(id="timeline", classes="panel")
        self.texts = Texts(id="texts")
        self.upper = Container(id="upper")
        self._focused = "instances"
        self.add_class("-at-instances")

    def compose(self) -> ComposeResult:
        """Place the panels."""
        with self.upper:
            yield self.features
            with Container(id="middle"):
                yield self.instances
                yield self.timeline
        yield self.texts

    def on_mount(self) -> None:
        """Title the panels."""
        for panel, title in self.TITLES.items():
            self.query_one(f"#{panel}").border_title = Content(title)
        self.focus_panel("instances")

    @property
    def focused_panel(self) -> str:
        """Id of the panel that has, or last had, the focus."""
        # The mouse gives the focus at once, and tells of it later: the next key may have come together with a click.
        focused = self.screen.focused if self.is_attached else None
        return (None if focused is None else self._panel_of(focused)) or self._focused

    @property
    def text_pane(self) -> TextPane | None:
        """The text with the focus; None if another panel has it."""
        return {"prompt": self.texts.prompt, "response": self.texts.response}.get(self.focused_panel)

    @property
    def is_zoomed(self) -> bool:
        """Whether only the focused panel is shown."""
        return self.has_class("-zoomed")

    @property
    def parts(self) -> tuple[Widget, Widget]:
        """The lists, and the texts below them."""
        return self.upper, self.texts

    def restore(self, view: StoreView) -> None:
        """Give everything the room it had."""
        self.divide(view.upper_height, stacked=True)
        self.texts.divide(view.prompt_width, stacked=False)
        self.texts.divide(view.prompt_height, stacked=True)

    @property
    def arrangement(self) -> StoreView:
        """What has how much room."""
        default, texts = StoreView(), self.texts
        return StoreView(
            prompt_width=texts.share_of_first(stacked=False) or default.prompt_width,
            prompt_height=texts.share_of_first(stacked=True) or default.prompt_height,
            upper_height=self.share_of_first(stacked=True),
        )

    def focus_panel(self, panel: str) -> None:
        """Show a panel, if it was hidden, and give it the focus."""
        self._mark(panel)
        # At once: the next key may have come together with the one that led here.
        self.screen.set_focus(self._focusable(panel), scroll_visible=False)

    def _focusable(self, panel: str) -> Widget:
        found = self.query_one(f"#{panel}", Widget)
        return found.body if isinstance(found, TextPane) else found

    def focus_next(self, step: int) -> None:
        """Give the focus to the panel some numbers further, round and round."""
        self.focus_panel(PANELS[(PANELS.index(self.focused_panel) + step) % len(PANELS)])

    def toggle_zoom(self) -> None:
        """Show only the focused panel, or all of them again."""
        self.toggle_class("-zoomed")
        self.texts.show_zoomed(self.is_zoomed)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Note a panel that the mouse has given the focus to, itself or in it."""
        panel = self._panel_of(event.widget)
        if panel is not None:
            self._mark(panel)

    def _panel_of(self, widget: Widget) -> str | None:
        return next((node.id for node in widget.ancestors_with_self if node.id in PANELS), None)

    def _mark(self, panel: str) -> None:
        if self.has_class(f"-at-{panel}"):
            return
        # Styles are worked out anew for everything inside at every change of classes, so there is one.
        self.remove_class(f"-at-{self._focused}", update=False)
        self._focused = panel
        # Whoever is there must not find another instance under their eyes.
        self.instances.is_read = panel not in ("features", "instances")
        self.add_class(f"-at-{panel}")
