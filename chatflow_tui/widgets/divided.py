"""Two parts with a border between them that can be dragged."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from textual import events
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from chatflow_tui.settings.store_view import LARGEST_SHARE, SMALLEST_SHARE

# Finer than any screen has cells: the share of a row or column of them comes out whole again.
_FINEST = 1000


class Divided(Container):
    """Shares its room between two parts, side by side or one above the other as its style says.

    Where they meet, both have a border, and the mouse takes hold of either.

    Attributes:
        LEAST_WIDTHS: Cells that either part keeps beside the other, as far as there are so many. The style sheet holds
            them where the room itself gets less.
        LEAST_HEIGHTS: Lines that either part keeps, one above the other.
    """

    LEAST_WIDTHS: ClassVar[tuple[int, int]] = (20, 20)
    LEAST_HEIGHTS: ClassVar[tuple[int, int]] = (5, 5)

    class Shared(Message):
        """The reader has given the parts other shares; sent once a drag is over."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        """Divide as the style sheet says."""
        super().__init__(id=id)
        self._shares: dict[bool, float | None] = {False: None, True: None}  # by whether they are stacked
        self._applied: tuple[bool, float | None] | None = None
        self._hold: int | None = None  # while it is dragged: cells from the second part's edge to the pointer

    @property
    def parts(self) -> tuple[Widget, Widget]:
        """The first part, left or above, and the second."""
        raise NotImplementedError

    @property
    def is_stacked(self) -> bool:
        """Whether the first part is above the second, and not left of it."""
        layout = self.styles.layout
        return layout is not None and layout.name == "vertical"

    @property
    def is_divided(self) -> bool:
        """Whether both parts are on the screen."""
        return all(part.region for part in self.parts)

    def share_of_first(self, *, stacked: bool) -> float | None:
        """The first part's share of the height, or of the width; None: as the style sheet says."""
        return self._shares[stacked]

    def divide(self, share: float | None, *, stacked: bool) -> None:
        """Give the first part a share of the height (the width, if they are not stacked)."""
        self._shares[stacked] = None if share is None else self._bounded(share, stacked=stacked)
        self._apply()

    def _bounded(self, share: float, *, stacked: bool) -> float:
        """As much of a share as leaves both parts enough to be read."""
        smallest, largest = SMALLEST_SHARE, LARGEST_SHARE
        room = self.content_region.height if stacked else self.content_region.width
        first, second = self.LEAST_HEIGHTS if stacked else self.LEAST_WIDTHS
        if stacked == self.is_stacked and room >= first + second:
            smallest, largest = max(smallest, first / room), min(largest, 1 - second / room)
        return min(largest, max(smallest, share))

    def notify_style_update(self) -> None:
        """Divide anew when the style has stacked the parts, before that is laid out."""
        super().notify_style_update()
        self._apply()

    def _apply(self) -> None:
        stacked = self.is_stacked
        share = self._shares[stacked]
        if self._applied == (stacked, share):
            return
        self._applied = (stacked, share)
        # As whole numbers, so that 40 of 119 cells stay 40.
        whole = None if share is None else Fraction(share).limit_denominator(_FINEST)
        weights = (None, None) if whole is None else (whole.numerator, whole.denominator - whole.numerator)
        for part, weight in zip(self.parts, weights, strict=True):
            size = None if weight is None else f"{weight}fr"
            part.styles.width, part.styles.height = (None, size) if stacked else (size, None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the border."""
        pointer, edge = self._along(event), self._edge
        if event.button == 1 and self.is_divided and edge - 1 <= pointer <= edge:
            self._hold = pointer - edge
            self.capture_mouse()
            event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Move the border with the pointer."""
        if self._hold is not None:
            region = self.content_region
            start, room = (region.y, region.height) if self.is_stacked else (region.x, region.width)
            if room:
                self.divide((self._along(event) - self._hold - start) / room, stacked=self.is_stacked)
            event.stop()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go of the border."""
        if self._hold is not None:
            event.stop()
            self.release_mouse()

    def on_mouse_release(self) -> None:
        """Tell that the border was dragged, however that ended."""
        if self._hold is not None:
            self._hold = None
            self.post_message(self.Shared())

    @property
    def _edge(self) -> int:
        """Where the second part begins."""
        region = self.parts[1].region
        return region.y if self.is_stacked else region.x

    def _along(self, event: events.MouseEvent) -> int:
        return event.screen_y if self.is_stacked else event.screen_x
