"""Memory of the program's own with everything loaded, beside an empty application."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.empty_app import READY
from tests.benchmarks.excess import Excess
from tests.benchmarks.measure import Comparison
from tests.benchmarks.tui.made_stores import MadeStore
from tests.benchmarks.tui.startup import EMPTY
from tests.benchmarks.tui.watched import watched

_AIMS = {10_000: 25.0, 100_000: 200.0}


def measure_memory(home: Path, store: MadeStore, runs: int) -> list[Comparison]:
    """Load a store, and wait until everything is done that is done at first.

    Args:
        home: See `watched`.
        store: The store.
        runs: How often.
    """
    reference, ours = [], []
    for _ in range(runs):
        with watched(home, module=EMPTY) as empty:
            empty.wait_for(READY)
            empty.settle()
            reference.append(empty.megabytes)
        with watched(home, store.directory) as screen:
            screen.wait_for(f"{store.size:,} instances")
            screen.settle()
            ours.append(screen.megabytes)
    aim, empty_name = _AIMS.get(store.size), "an empty Textual application"
    return [Excess("memory", empty_name, tuple(ours), tuple(reference), aim=aim, unit="MB", size=store.size)]
