"""Where the cursor and the view belong after the rows of a list have changed.

Pure: lists of keys and numbers in, numbers out. The rule is that the row under
the cursor stays on its line of the screen; if the cursor is out of sight, the
first row in sight that is still there does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class View(NamedTuple):
    """What a list shows at one moment.

    Attributes:
        top: Position of the first visible row.
        cursor_key: Key of the row under the cursor; None in an empty list.
        cursor_index: Its position; -1 in an empty list.
        keys: The visible keys, from the top.
    """

    top: int
    cursor_key: str | None
    cursor_index: int
    keys: Sequence[str]

    @property
    def cursor_line(self) -> int | None:
        """The line of the screen the cursor is on, from 0; None if it is out of sight."""
        line = self.cursor_index - self.top
        return line if 0 <= line < len(self.keys) else None


def cursor_after(before: View, order: Sequence[str]) -> int:
    """Find the cursor's row again, or the nearest one below it that is left, or above.

    Args:
        before: What was shown before the change.
        order: All keys after it.

    Returns:
        The cursor's new position; -1 if nothing is left.
    """
    if before.cursor_key is None or not order:
        return 0 if order else -1
    index = _position(order, before.cursor_key, before.cursor_index)
    if index is not None:
        return index
    line = before.cursor_line
    if line is not None:
        positions = {key: index for index, key in enumerate(order)}
        for key in (*before.keys[line + 1 :], *reversed(before.keys[:line])):
            if key in positions:
                return positions[key]
    return min(before.cursor_index, len(order) - 1)


def top_after(before: View, order: Sequence[str], cursor_index: int) -> int:
    """Choose the scroll offset that moves the least under the reader's eyes.

    Args:
        before: What was shown before the change.
        order: All keys after it.
        cursor_index: The cursor's position after it.

    Returns:
        Position of the row that belongs on the first line; not yet limited to what can be scrolled to.
    """
    if before.cursor_line is not None:
        return cursor_index - before.cursor_line
    if before.keys and _key_at(order, before.top) != before.keys[0]:
        positions = {key: index for index, key in enumerate(order)}
        for line, key in enumerate(before.keys):
            if key in positions:
                return positions[key] - line
    return before.top


def _position(order: Sequence[str], key: str, likely: int) -> int | None:
    # Mostly nothing moved: looking there first spares a search through 100,000 keys.
    if _key_at(order, likely) == key:
        return likely
    try:
        return order.index(key)
    except ValueError:
        return None


def _key_at(order: Sequence[str], index: int) -> str | None:
    return order[index] if 0 <= index < len(order) else None
