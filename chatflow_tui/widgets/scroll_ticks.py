"""A scroll bar on which places of the text are ticked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment, Segments
from rich.style import Style
from textual.scrollbar import ScrollBarRender

# They differ in shape, so that the current one is found without colour.
_TICK, _CURRENT = "─", "◆"


class Ticks(NamedTuple):
    """What is ticked on a scroll bar of some height.

    Attributes:
        cells: Numbers of its cells, from the top, that have something to show.
        current: The cell of the current place, if there is one.
        style: The colour of the ticks; of it only the foreground counts.
    """

    cells: frozenset[int] = frozenset()
    current: int | None = None
    style: Style = Style.null()


def ticked_renderer(ticks: Callable[[int], Ticks]) -> type[ScrollBarRender]:
    """Make a class for `ScrollBar.renderer` that draws ticks over a vertical bar.

    Args:
        ticks: Given the height of the bar, what is ticked on it.
    """

    class TickedScrollBarRender(ScrollBarRender):
        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            shown = ticks(options.height or console.height)
            for rendered in super().__rich_console__(console, options):
                if shown.cells and isinstance(rendered, Segments):
                    yield Segments(list(_ticked(rendered.segments, shown)), new_lines=True)
                else:
                    yield rendered

    return TickedScrollBarRender


def _ticked(cells: list[Segment], ticks: Ticks) -> Iterator[Segment]:
    for number, cell in enumerate(cells):
        if number not in ticks.cells or cell.style is None:
            yield cell
            continue
        # Reversed where the bar's handle is, and meta is what makes it work with the mouse.
        ground = cell.style.color if cell.style.reverse else cell.style.bgcolor
        style = Style(color=ticks.style.color, bgcolor=ground, bold=True, meta=cell.style.meta)
        yield Segment((_CURRENT if number == ticks.current else _TICK) * len(cell.text), style)
