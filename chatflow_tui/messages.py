"""What the threads tell the screens."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual.message import Message

from chatflow_core.catalog import CatalogChange
from chatflow_tui.instance.details import Details


class CatalogChanged(Message):
    """Instances or features changed, or the state of the watch did. Each one counts, so none replaces another."""

    def __init__(self, change: CatalogChange) -> None:
        """Carry a change of the catalog."""
        super().__init__()
        self.change = change


@runtime_checkable
class TakesChanges(Protocol):
    """A screen upon the dashboard that has to know what changes beneath it."""

    def take_change(self, change: CatalogChange) -> None:
        """Hear of a change of the catalog."""


class DetailsLoaded(Message):
    """The selected instance, phase and texts were read."""

    def __init__(self, details: Details) -> None:
        """Carry what was read."""
        super().__init__()
        self.details = details

    def can_replace(self, message: Message) -> bool:
        """Only what was read last is worth showing."""
        return isinstance(message, DetailsLoaded)
