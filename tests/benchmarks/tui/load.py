"""What it costs, and how soon keys are answered: while the store is loaded, while it changes, while nothing happens."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.catalog import load_by_hand
from tests.benchmarks.empty_app import READY
from tests.benchmarks.excess import Excess
from tests.benchmarks.measure import Comparison
from tests.benchmarks.tui.made_stores import MadeStore
from tests.benchmarks.tui.startup import EMPTY
from tests.benchmarks.tui.watched import CURSOR, Watched, nothing_kept, watched

# How fast somebody presses keys who holds one down.
_KEY_SECONDS = 0.04

_CHANGES_A_SECOND = 200

# So many times the part of a processor is taken while records change.
_WINDOWS = 5


def measure_loading(home: Path, store: MadeStore, runs: int) -> list[Comparison]:
    """Press keys while a store is loaded that was never opened before, and take the time until all of it is known.

    Args:
        home: See `watched`.
        store: The store.
        runs: How often.
    """
    keys: list[float] = []
    known: list[float] = []
    bare: list[float] = []
    for _ in range(runs):
        bare.append(load_by_hand(store.directory / ".chatflow", store.size, stat=False))
        with nothing_kept(home), watched(home, store.directory) as screen:
            screen.wait_for("looking")
            began = time.perf_counter()
            screen.wait_for(store.latest[0].feature_id)
            total = f"{store.size:,} instances"
            while not (screen.has_written(total) or len(keys) > 10_000):
                keys.append(screen.time_key("jk"[len(keys) % 2], CURSOR))
                screen.skip(_KEY_SECONDS)
            known.append(time.perf_counter() - began)
    bare_loop, size = "scandir + read + decode", store.size
    return [
        Comparison("all known to the screen", bare_loop, tuple(known), tuple(bare), aim=2.0, size=size),
        Excess("a key answered while all are loaded", "", tuple(keys), (), aim=50, share=0.95, size=size),
    ]


def measure_changes(home: Path, store: MadeStore, seconds: float) -> list[Comparison]:
    """Have another program change records two hundred times a second, and press keys meanwhile.

    Args:
        home: See `watched`.
        store: The store.
        seconds: For how long.
    """
    keys: list[float] = []
    with watched(home, store.directory) as screen:
        screen.wait_for(f"{store.size:,} instances")
        screen.rest()
        with _changing(store):
            # The part of a processor without keys, then the keys. At first the cursor is at the top, so that all are
            # sorted at every change, and each instance that comes there is shown; then it is not.
            following = _processor_shares(screen, seconds)
            screen.send("jj")
            screen.skip(1.0)
            reading = _processor_shares(screen, seconds)
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                keys.append(screen.time_key("jk"[len(keys) % 2], CURSOR))
                screen.skip(_KEY_SECONDS)
    what, size = f"at {_CHANGES_A_SECOND} changes a second", store.size
    return [
        Excess(f"processor {what}, the latest followed", "", following, (), aim=15, unit="%", size=size),
        Excess(f"processor {what}, another read", "", reading, (), aim=15, unit="%", size=size),
        Excess(f"a key answered {what}", "", tuple(keys), (), aim=50, share=0.95, size=size),
    ]


def measure_idling(home: Path, store: MadeStore, seconds: float) -> list[Comparison]:
    """Do nothing, beside an empty application that does nothing.

    Args:
        home: See `watched`.
        store: The store.
        seconds: For how long.
    """
    with watched(home, store.directory) as screen, watched(home, module=EMPTY) as empty:
        empty.wait_for(READY)
        screen.wait_for(f"{store.size:,} instances")
        screen.rest()
        before = empty.cpu_seconds
        ours = _processor_share(screen, seconds)
        reference = (empty.cpu_seconds - before) / seconds
    what, empty_name = "processor while nothing happens", "an empty Textual application"
    return [Excess(what, empty_name, (ours,), (reference,), aim=0.3, unit="%", size=store.size)]


def _processor_shares(screen: Watched, seconds: float) -> tuple[float, ...]:
    return tuple(_processor_share(screen, seconds / _WINDOWS) for _ in range(_WINDOWS))


def _processor_share(screen: Watched, seconds: float) -> float:
    before, began = screen.cpu_seconds, time.perf_counter()
    screen.skip(seconds)
    return (screen.cpu_seconds - before) / (time.perf_counter() - began)


@contextmanager
def _changing(store: MadeStore) -> Iterator[None]:
    """Change records from another process."""
    instances = store.directory / ".chatflow" / "instances"
    command = [sys.executable, "-m", "tests.benchmarks.tui.changing", str(instances), str(_CHANGES_A_SECOND)]
    process = subprocess.Popen(command)
    try:
        yield
        assert process.poll() is None, "what changes the records has ended"
    finally:
        process.terminate()
        process.wait()
