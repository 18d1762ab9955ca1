"""A text that tells when it has been painted, so that a key can be an answer to it."""

from __future__ import annotations

from collections.abc import Callable

from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Static


class PaintedStatic(Static):
    """A `Static` that tells when what it says goes to the terminal.

    `call_after_refresh` tells so only once nothing else is left to do: by then a key that answers what has been
    read may have come, and gone.
    """

    _tell: Callable[[], object] | None = None

    def once_painted(self, tell: Callable[[], object]) -> None:
        """Call a function when this is painted next."""
        self._tell = tell

    def render_lines(self, crop: Region) -> list[Strip]:
        """Render the lines, which are painted before the next message is handled."""
        lines = super().render_lines(crop)
        self.tell_painted()
        return lines

    def tell_painted(self) -> None:
        """Tell it, unless that has been done."""
        tell, self._tell = self._tell, None
        if tell is not None:
            tell()
