"""Which columns the table of instances has room for, and how wide they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from chatflow_tui.lists.instance_sort import SortColumn


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: What it shows: ``"status"``, ``"word"``, ``"feature"``, ``"workflow"``, ``"phase"``, ``"bar"``,
            ``"count"``, ``"age"``, ``"id"`` or ``"note"``.
        title: Its heading.
        width: Its cells, the gap behind it not counted.
    """

    name: str
    title: str
    width: int


@dataclass(frozen=True, slots=True)
class _Wish:
    """From which width of the table on a column shows, its least width, its part of what is left, its most."""

    title: str
    shows_from: int
    least: int
    part: int = 0
    most: int = 0


# In the order they stand in, left to right.
_WISHES = {
    "status": _Wish("", 0, 3),
    "word": _Wish("Status", 104, 11),
    "feature": _Wish("Feature", 0, 4, 5, 36),
    "workflow": _Wish("Workflow", 72, 8, 3, 24),
    "phase": _Wish("Phase", 34, 8, 4, 28),
    "bar": _Wish("Progress", 46, 6, 2, 20),
    "count": _Wish("", 26, 5),
    "age": _Wish("Age", 16, 4),
    "id": _Wish("Instance", 100, 16),
    # Room for the badge of a record that another program keeps.
    "note": _Wish("Note", 124, 25, 7, 10_000),
}


@lru_cache(maxsize=64)
def columns(width: int) -> tuple[Column, ...]:
    """Choose the columns for a table.

    Args:
        width: Cells of a line.

    Returns:
        The columns, left to right; with a gap of one cell behind each (see `gap`) they fill the line.
    """
    wishes = {name: wish for name, wish in _WISHES.items() if max(0, width) >= wish.shows_from}
    widths = {name: wish.least for name, wish in wishes.items()}
    room = max(0, width - sum(widths.values()) - sum(gap(name) for name in wishes))
    while room and (growing := [name for name in wishes if widths[name] < wishes[name].most and wishes[name].part]):
        parts = sum(wishes[name].part for name in growing)
        for name in growing:
            more = min(wishes[name].most - widths[name], max(1, room * wishes[name].part // parts), room)
            widths[name] += more
            room -= more
    widths["note" if "note" in widths else "feature"] += room
    return tuple(Column(name, wish.title, widths[name]) for name, wish in wishes.items())


#: What a click on a heading sorts by; more than one column may show what the list is sorted by.
SORTED_BY: dict[str, SortColumn] = {
    "status": "status",
    "word": "status",
    "feature": "feature",
    "workflow": "workflow",
    "phase": "phase",
    "bar": "progress",
    "count": "progress",
    "age": "updated",
}


def column_at(x: int, width: int) -> Column | None:
    """Find the column a cell of a line belongs to, the gap behind the column included; None outside.

    Args:
        x: The cell, from 0.
        width: Cells of the line.
    """
    end = 0
    for column in columns(width):
        start, end = end, end + column.width + gap(column.name)
        if start <= x < end:
            return column
    return None


def sorted_column(sort_column: SortColumn, width: int) -> str:
    """Name the column whose heading shows the direction of the sort; ``""`` if none of this width can."""
    names = {column.name for column in columns(width)}
    showing = [name for name, by in SORTED_BY.items() if by == sort_column and name in names]
    # The word and the bar have room for an arrow beside a heading, the glyph and the count only if they are alone.
    return next((name for name in ("word", "bar") if name in showing), showing[0] if showing else "")


def gap(name: str) -> int:
    """Tell how many empty cells stand behind a column: two where two texts would meet, else one."""
    return {"status": 0, "word": 0}.get(name, 2 if name in ("age", "id") else 1)
