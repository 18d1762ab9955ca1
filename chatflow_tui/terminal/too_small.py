"""What is shown in a terminal that has no room for the screen."""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size

from chatflow_tui.lists.cells import fit

#: The least size of a terminal in which everything can be reached and read.
LEAST = Size(60, 20)

_BOLD = Style(bold=True)


def is_too_small(size: Size) -> bool:
    """Whether a terminal has too little room."""
    return size.width < LEAST.width or size.height < LEAST.height


class TooSmallNotice:
    """Fills a terminal of any size, and says how large it is and has to be."""

    def __init__(self, size: Size) -> None:
        """Make the notice for a terminal's size, in cells."""
        self._size = size

    @property
    def lines(self) -> list[str]:
        """What it says: the more important first, as far as there is room."""
        now = f"{self._size.width}×{self._size.height}"
        least = f"{LEAST.width}×{LEAST.height}"
        lines = ["Too small", f"{now}, needs {least}", "", "ctrl+q quits"]
        if max(map(cell_len, lines)) > self._size.width:
            lines = ["Too small", now, f"of {least}"]
        return lines[: max(1, self._size.height)]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Paint every cell of the terminal, line by line."""
        width, height = self._size
        lines = self.lines
        above = max(0, (height - len(lines)) // 2)
        for y in range(height):
            text = lines[y - above] if 0 <= y - above < len(lines) else ""
            left = max(0, (width - cell_len(text)) // 2)
            yield Control.move_to(0, y).segment
            yield Segment(fit(" " * left + text, width), _BOLD if y == above else None)
