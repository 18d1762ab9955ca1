"""Benchmarks of the screen, in a terminal of its own: ``python -m tests.benchmarks tui``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks.measure import Comparison
from tests.benchmarks.stores import temporary_directory
from tests.benchmarks.tui.latency import measure_latency
from tests.benchmarks.tui.lists import measure_lists
from tests.benchmarks.tui.load import measure_changes, measure_idling, measure_loading
from tests.benchmarks.tui.made_stores import MadeStore, make_store
from tests.benchmarks.tui.memory import measure_memory
from tests.benchmarks.tui.searching import measure_search
from tests.benchmarks.tui.startup import compare_starts
from tests.benchmarks.tui.texts import compare_whole_screen, measure_texts

_Part = Callable[[], list[Comparison]]


def run(*, quick: bool = False) -> list[Comparison]:
    """Measure everything; some ten minutes on two slow cores.

    Args:
        quick: Whether small stores and few runs will do, to see that all of it works.
    """
    sizes = (60, 80, 100) if quick else (1_000, 10_000, 100_000)
    with temporary_directory() as directory:
        home = directory / "home"
        stores = tuple(make_store(directory / str(size), size) for size in sizes)
        return [found for part in _parts(home, directory, stores, quick=quick) for found in part()]


def _parts(home: Path, directory: Path, stores: tuple[MadeStore, ...], *, quick: bool) -> Iterator[_Part]:
    runs, seconds = (1, 0.5) if quick else (5, 10.0)
    middle = stores[1]
    yield partial(compare_starts, home, stores, 1 if quick else 7)
    for store in stores:
        yield partial(measure_loading, home, store, 1 if quick else 5)
        yield partial(measure_memory, home, store, runs)
        yield partial(measure_lists, home, store, runs)
    # Before anything changes: what changed a moment ago shows its age in seconds.
    yield partial(measure_idling, home, middle, 6 * seconds)
    for store in stores:
        yield partial(measure_latency, home, store, 2 if quick else 30)
        yield partial(measure_changes, home, store, seconds)
    for megabytes in (1,) if quick else (1, 50):
        yield partial(measure_texts, home, directory / f"{megabytes} MB", megabytes, runs)
    yield partial(compare_whole_screen, directory / "whole screen", runs)
    yield partial(measure_search, home, directory / "searched", 20 if quick else 1_000, runs)
