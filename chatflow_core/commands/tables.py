"""Tables for readers: columns that line up in terminal cells, Chinese ones too. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence

_GAP = "  "

# A column that has to give way keeps at least this many cells.
_LEAST_WIDTH = 6

# Every row is as wide as the widest: no id is wider, and a record may hold names of megabytes.
_MOST_WIDTH = 200

_UNITS = ((31_557_600, "y"), (604_800, "w"), (86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))

Paint = Callable[[int, str], str]


def cell_width(text: str) -> int:
    """Count the terminal cells of a harmless line: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_width_of, text))


def _width_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int) -> str:
    """Cut a line to so many cells, with an ellipsis; a wide character is never halved."""
    if cell_width(text) <= width:
        return text
    kept = 0
    for index, character in enumerate(text):
        kept += _width_of(character)
        if kept > width - 1:
            return f"{text[:index]}…"
    return text


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int | None = None,
    flexible: Sequence[int] = (),
    spare: Sequence[int] = (),
    paint: Paint | None = None,
) -> list[str]:
    """Line up rows under their headings.

    Args:
        headings: Names of the columns.
        rows: Harmless texts, one a column.
        width: Cells there are; None for any number, and still no cell is endless.
        flexible: Numbers of the columns that are cut if there are too few cells, the widest first.
        spare: Numbers of the columns that are left out, in this order, where cutting is not enough.
        paint: Given a column's number and a cell's text, gives it its colours; -1 stands for headings.

    Returns:
        The lines, headings first.
    """
    columns = list(zip(headings, *rows, strict=True))
    widths = {number: min(_MOST_WIDTH, max(map(cell_width, column))) for number, column in enumerate(columns)}
    if width is not None:
        _leave_out(widths, width, flexible, spare)
        _give_way(widths, width, [number for number in flexible if number in widths])
    aligned = [_aligned(columns[number], cells, number, paint) for number, cells in widths.items()]
    return [_GAP.join(cells).rstrip() for cells in zip(*aligned, strict=True)]


def _aligned(column: Sequence[str], width: int, number: int, paint: Paint | None) -> list[str]:
    cells = []
    for row, text in enumerate(column):
        shown = text if text.isascii() and len(text) <= width else fit(text, width)
        padding = " " * (width - cell_width(shown))
        cells.append((shown if paint is None else paint(number if row else -1, shown)) + padding)
    return cells


def _leave_out(widths: dict[int, int], width: int, flexible: Sequence[int], spare: Sequence[int]) -> None:
    for number in spare:
        least = [min(cells, _LEAST_WIDTH) if one in flexible else cells for one, cells in widths.items()]
        if _cells_of(least) <= width:
            return
        del widths[number]


def _give_way(widths: dict[int, int], width: int, flexible: Sequence[int]) -> None:
    for _ in range(_cells_of(widths.values()) - width):
        column = max(flexible, key=lambda one: widths[one], default=None)
        if column is None or widths[column] <= _LEAST_WIDTH:
            return
        widths[column] -= 1


def _cells_of(widths: Collection[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def age(then: float, now: float) -> str:
    """Say how long ago something was, in one unit, such as ``"3h"``.

    Args:
        then: When it was, in Unix seconds.
        now: What time it is.
    """
    seconds = now - then
    if not 0 <= seconds < 1e12:
        return "0s" if seconds < 0 else "?"
    size, unit = next((unit for unit in _UNITS if seconds >= unit[0]), _UNITS[-1])
    return f"{int(seconds // size)}{unit}"
