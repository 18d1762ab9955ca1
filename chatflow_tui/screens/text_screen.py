"""A screen with texts beside each other."""

from __future__ import annotations

from textual import events, work
from textual.actions import SkipAction
from textual.containers import VerticalScroll
from textual.errors import NoWidget
from textual.geometry import Offset
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

from chatflow_tui.terminal.clipboard import copy_text
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.text_canvas import TextCanvas


class TextScreen(Screen[ScreenResultType]):
    """A screen on which what the mouse selects stays in the text it began in.

    As Textual has it, a pointer one cell beyond the frame selects the rest of that text, however
    long, and the other text with it: far more would be copied than anybody sees.
    """

    _selecting_in: Widget | None = None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Note in which text a selection may begin."""
        self._selecting_in = self._text_at(event.screen_x, event.screen_y)

    def on_mouse_up(self) -> None:
        """Note that it has ended."""
        self._selecting_in = None

    def action_copy_text(self) -> None:
        """Copy what the mouse has selected as `y` does: wherever it can go, and say where that was."""
        selected = self.get_selected_text()
        if not selected:
            raise SkipAction
        self._copy_selected(selected)

    @work(exclusive=True, group="copy")
    async def _copy_selected(self, text: str) -> None:
        self.notify(plain_name(await copy_text(self.app, text, "selection")), markup=False)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """The widget at a place, and the place in what it shows, for selecting."""
        text = self._selecting_in
        if text is not None and text.is_attached and (region := text.scrollable_content_region):
            x = min(max(x, region.x), region.right - 1)
            y = min(max(y, region.y), region.bottom - 1)
        return super().get_widget_and_offset_at(x, y)

    def _text_at(self, x: int, y: int) -> Widget | None:
        try:
            widget, _ = self.get_widget_at(x, y)
        except NoWidget:
            return None
        if widget.has_class("-textual-system"):
            return None  # a scroll bar
        # What scrolls is a rendered text, the type of which is imported only where there is one.
        texts = TextCanvas | VerticalScroll
        return next((node for node in widget.ancestors_with_self if isinstance(node, texts)), None)
