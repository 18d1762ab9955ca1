"""Moving, sorting and filtering in a long list: from the key to the bytes that answer it."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.excess import Excess
from tests.benchmarks.measure import Comparison
from tests.benchmarks.tui.made_stores import MadeStore
from tests.benchmarks.tui.watched import CURSOR, Watched, watched

# The headings of the instances, in a terminal of 120 by 40: line and column of one that sorts, from 1.
_HEADING = (47, 2)

# Between two keys, so that each is answered by itself.
_PAUSE_SECONDS = 0.08

_WORD = "feature-77"


def measure_lists(home: Path, store: MadeStore, runs: int) -> list[Comparison]:
    """Move, sort and filter.

    Args:
        home: See `watched`.
        store: The store.
        runs: How often.
    """
    with watched(home, store.directory) as screen:
        screen.wait_for(f"{store.size:,} instances")
        screen.settle()
        lines, pages = ([_move(screen, key) for _ in range(6 * runs)] for key in "j ")
        screen.send("g")
        sorts = []
        for _ in range(runs):
            for heading in ("Feature▲", "Feature▼"):
                screen.settle()
                sorts.append(screen.time_key(_click(*_HEADING), heading))
        letters: list[float] = []
        for _ in range(runs):
            letters += _filter(screen)
    return [
        Excess(what, "", tuple(taken), (), aim=aim, size=store.size)
        for what, taken, aim in (
            ("cursor down", lines, 16),
            ("page down", pages, 16),
            ("sorted by another column", sorts, 100),
            ("a letter more in the filter", letters, 50),
        )
    ]


def _move(screen: Watched, key: str) -> float:
    screen.skip(_PAUSE_SECONDS)
    return screen.time_key(key, CURSOR)


def _filter(screen: Watched) -> list[float]:
    screen.settle()
    screen.time_key("/", "status:failed")  # what stands in the empty line
    screen.settle()
    taken = [screen.time_key(letter, "shown") for letter in _WORD]
    screen.time_key("\x1b", "2 Instances ")
    return taken


def _click(column: int, line: int) -> str:
    return f"\x1b[<0;{column};{line}M\x1b[<0;{column};{line}m"
