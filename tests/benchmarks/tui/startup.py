"""How long it takes until something, and the first rows, are on the screen; beside an empty Textual application."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks.empty_app import READY
from tests.benchmarks.excess import Excess
from tests.benchmarks.measure import Comparison, interleave
from tests.benchmarks.tui.made_stores import MadeStore
from tests.benchmarks.tui.watched import nothing_kept, watched

EMPTY = "tests.benchmarks.empty_app"
_NAME = "an empty Textual application"

# What the first page may take longer than an empty application, in milliseconds.
_AIMS = {10_000: 150.0, 100_000: 300.0}


def compare_starts(home: Path, stores: Sequence[MadeStore], runs: int) -> list[Comparison]:
    """Compare starting the program with starting an empty application.

    Args:
        home: See `watched`.
        stores: The stores to open.
        runs: How many counted runs.
    """
    found: list[Comparison] = []
    for store in stores:
        row = store.latest[0].feature_id
        with watched(home, store.directory) as screen:
            # From now on its summaries are kept.
            screen.wait_for(f"{store.size:,} instances")
            screen.settle()
        cases = {
            "first": partial(_time_start, home, store.directory, "looking"),
            "rows": partial(_time_start, home, store.directory, row),
            "new": partial(_time_start_anew, home, store.directory, row),
            "empty": partial(_time_empty, home),
        }
        taken, aim = interleave(cases, runs), _AIMS.get(store.size)
        found += [
            Comparison("first paint", _NAME, taken["first"], taken["empty"], aim=1.3, size=store.size),
            Excess("first rows, store opened before", _NAME, taken["rows"], taken["empty"], aim=aim, size=store.size),
            Excess("first rows, store never opened", _NAME, taken["new"], taken["empty"], aim=aim, size=store.size),
        ]
    return found


def _time_start_anew(home: Path, directory: Path, mark: str) -> float:
    with nothing_kept(home):
        return _time_start(home, directory, mark)


def _time_start(home: Path, directory: Path, mark: str) -> float:
    with watched(home, directory) as screen:
        return screen.wait_for(mark)


def _time_empty(home: Path) -> float:
    with watched(home, module=EMPTY) as screen:
        return screen.wait_for(READY)
