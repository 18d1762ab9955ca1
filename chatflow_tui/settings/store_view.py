"""What the reader has arranged while they looked at a store, and finds again the next time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from chatflow_tui.lists.instance_sort import Sort

#: Bounds of every share: a part that is given less cannot be read, nor taken hold of.
SMALLEST_SHARE, LARGEST_SHARE = 0.1, 0.9

Share: TypeAlias = Annotated[float, Meta(ge=SMALLEST_SHARE, le=LARGEST_SHARE)]

PanelName: TypeAlias = Literal["features", "instances", "timeline", "prompt", "response"]


@dataclass(frozen=True, slots=True)
class StoreView:
    """How one store is looked at.

    Attributes:
        prompt_width: The prompt's share of the width, beside the response.
        prompt_height: The prompt's share of the height, above the response.
        upper_height: The lists' share of the height, above the texts; None: as the width of the screen suggests.
        panel: The panel with the focus.
        is_zoomed: Whether that panel has the whole screen.
        words: The terms that instances are filtered by, as they were typed.
        feature_id: The feature whose instances are shown; None for all.
        sort: What the instances are sorted by.
        instance_id: The instance under the cursor; None if there was none.
        phase: The phase whose texts are shown; None for the current one, whichever that will be.
    """

    prompt_width: Share = 0.5
    prompt_height: Share = 0.5
    upper_height: Share | None = None
    panel: PanelName = "instances"
    is_zoomed: bool = False
    words: str = ""
    feature_id: str | None = None
    sort: Sort = field(default_factory=Sort)
    instance_id: str | None = None
    phase: str | None = None
