"""Numbers and names made into text of a fixed width in terminal cells.

Every function here is pure and takes whatever a record may hold: clocks that
were set back, years 1 and 9999, infinities. None of them raises.
"""

from __future__ import annotations

import math

from rich.cells import cell_len, set_cell_size

from chatflow_core.harmless_text import plain_name

_MINUTE, _HOUR, _DAY, _WEEK, _YEAR = 60, 3600, 86_400, 604_800, 31_557_600
_LONGEST = 100_000 * _YEAR

# Terminals disagree about how wide joined and variant characters and emoji with a colour of skin are, so that
# a line with them shifts whatever follows. Without these characters the width of a text is the sum of its
# characters' widths everywhere.
_JOINERS = dict.fromkeys([*map(ord, "\u200d\ufe0e\ufe0f"), *range(0x1F3FB, 0x1F400)])

# A name of ten thousand combining marks is one cell wide: this many characters
# a cell are looked at, and no more are sent to the terminal.
_CHARACTERS_PER_CELL = 8


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Make a text exactly so many cells wide: cut with an ellipsis, or padded with spaces.

    Args:
        text: One line of harmless text (see `chatflow_tui.texts.plain_text`).
        width: Cells to fill; none or fewer give an empty text.
        right: Whether to pad at the left, as for numbers.

    Returns:
        The text, `width` cells wide; a wide character is never halved.
    """
    if width <= 0:
        return ""
    if text.isascii() and len(text) <= width and text.isprintable():
        return text.rjust(width) if right else text.ljust(width)
    longest = width * _CHARACTERS_PER_CELL
    cut = len(text) > longest
    text = without_joiners(text[:longest])
    if cut or cell_len(text) > width:
        text = set_cell_size(text, min(width - 1, cell_len(text))).rstrip() + "…"
    padding = " " * (width - cell_len(text))
    return padding + text if right else text + padding


def fit_name(name: str, width: int) -> str:
    """Make a name from anywhere harmless, and exactly so many cells wide.

    Names may be megabytes and are made harmless at every paint: of a long one, no more than can be seen is looked at.
    """
    return fit(_start_of(name, width), width)


def short_name(name: str, width: int) -> str:
    """Make a name from anywhere harmless, and no wider than so many cells."""
    start = _start_of(name, width)
    return fit(start, min(width, cell_len(start)))


def _start_of(name: str, width: int) -> str:
    # One character more than can be seen, so that it is known to be cut.
    return plain_name(name[: _CHARACTERS_PER_CELL * max(0, width) + 1])


def without_joiners(text: str) -> str:
    """Leave out the characters of which terminals do not agree how wide they make what stands beside them."""
    return text.translate(_JOINERS)


def progress_bar(done: int, total: int | None, width: int) -> tuple[str, str]:
    """Draw how much of something is done.

    A bar is full only when all is done, and not empty as soon as anything is.
    Its two parts differ in shape, so that it reads without colour.

    Args:
        done: How many are done.
        total: How many there are; None, or none at all, draws a bar of unknown length.
        width: Cells of the whole bar.

    Returns:
        The done part and the rest, together `width` cells.
    """
    if total is None or total <= 0 or width <= 0:
        return "", "┄" * width
    halves = 2 * width if done >= total else min(2 * width - 1, max(0, done) * 2 * width // total)
    if done > 0:
        halves = max(1, halves)
    full, half = divmod(halves, 2)
    return "━" * full + "╾" * half, "─" * (width - full - half)


def age(seconds: float) -> str:
    """Say how long ago something was, in four cells at most.

    Args:
        seconds: The time since then; negative if a clock was set back.

    Returns:
        ``"now"``, ``"5s"``, ``"3m"``, ``"2h"``, ``"4d"``, ``"7w"``, ``"3y"``; ``"old"`` beyond 999 years,
        ``"?"`` if it is not a number.
    """
    if not math.isfinite(seconds):
        return "?"
    if seconds < 1:
        return "now"
    for limit, unit, letter in (
        (_MINUTE, 1, "s"),
        (_HOUR, _MINUTE, "m"),
        (_DAY, _HOUR, "h"),
        (_WEEK, _DAY, "d"),
        (2 * _YEAR, _WEEK, "w"),
        (1000 * _YEAR, _YEAR, "y"),
    ):
        if seconds < limit:
            return f"{int(seconds // unit)}{letter}"
    return "old"


def duration(seconds: float) -> str:
    """Say how long something took, in seven cells at most.

    Args:
        seconds: The time it took; a negative one counts as none.

    Returns:
        ``"0.4s"``, ``"12s"``, ``"3m 05s"``, ``"2h 07m"``, ``"3d 4h"``, ``"8y"``; ``"?"`` for what is no number
        or longer than history.
    """
    if not 0 <= seconds < _LONGEST:
        return "0.0s" if seconds < 0 and math.isfinite(seconds) else "?"
    # Rounded down in tenths: 9.97 s must not become "10.0s".
    tenths = math.floor(seconds * 10 + 1e-6)
    whole = tenths // 10
    forms = (
        (10, f"{whole}.{tenths % 10}s"),
        (_MINUTE, f"{whole}s"),
        (_HOUR, f"{whole // _MINUTE}m {whole % _MINUTE:02}s"),
        (_DAY, f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02}m"),
        (100 * _DAY, f"{whole // _DAY}d {whole % _DAY // _HOUR}h"),
        (1000 * _DAY, f"{whole // _DAY}d"),
    )
    return next((form for limit, form in forms if whole < limit), f"{whole // _YEAR}y")
