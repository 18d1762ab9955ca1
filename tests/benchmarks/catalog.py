"""How fast whole stores are known, at a thousand, ten thousand and a hundred thousand instances.

The reference is the fastest plain way to the fields a summary is made from: no checks, no order, no collector. It does
not look at the stamps of the files, without which nobody knows which were changed last, or later what has changed; the
time with that is told, too.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from chatflow_core import Catalog, CatalogChange, FileStateStore, WorkflowEngine
from tests.benchmarks.measure import Comparison, Stopwatch, interleave
from tests.benchmarks.stores import temporary_directory, write_store

_SIZES = (1_000, 10_000, 100_000)
_QUICK_SIZES = (20, 60)
_COLD_AIM = 1.2
_ALL_KNOWN_AIM = 2.0
_AGAIN_AIM = 2.0


def run(*, quick: bool = False) -> list[Comparison]:
    """Measure.

    Args:
        quick: Whether to be done within a second or two: to see that it works, not how fast.
    """
    return compare_loads(_QUICK_SIZES, 1) if quick else compare_loads(_SIZES, 7)


def compare_loads(sizes: Sequence[int], runs: int) -> list[Comparison]:
    """Compare loading whole stores with bare loops over their files.

    Args:
        sizes: How many instances the stores have.
        runs: How many runs; of those that take seconds five are enough.
    """
    found = []
    for size in sizes:
        with temporary_directory() as directory:
            write_store(directory, size)
            time.sleep(0.2)  # the stamps of files that are newer are not trusted, so nothing would be kept of them
            summaries_file = directory / "summaries"
            _load_catalog(directory, size, summaries_file)
            engine = WorkflowEngine(state_store=FileStateStore(directory, create=False))
            engine.list_instances()
            taken = interleave(
                {
                    "catalog": partial(_load_catalog, directory, size),
                    "started again": partial(_load_catalog, directory, size, summaries_file),
                    "list": partial(_list_instances, directory, size),
                    "again": partial(_list_instances, directory, size, engine),
                    "bare": partial(load_by_hand, directory, size, stat=False),
                    "bare with stat": partial(load_by_hand, directory, size, stat=True),
                    "stat": partial(_stat_by_hand, directory, size),
                },
                min(runs, 5) if size > 10_000 else runs,
            )
        bare, with_stat, stat = "scandir + read + decode", "scandir + stat + read + decode", "scandir + stat"
        for case, what, reference, name, aim in (
            ("catalog", "catalog, all rows known", "bare", bare, _COLD_AIM if size <= 10_000 else _ALL_KNOWN_AIM),
            ("catalog", "catalog, all rows known", "bare with stat", with_stat, None),
            ("list", "list_instances, first time", "bare", bare, _COLD_AIM),
            ("started again", "catalog, started again, nothing changed", "stat", stat, _AGAIN_AIM),
            ("again", "list_instances, again in the same process", "stat", stat, _AGAIN_AIM),
        ):
            found.append(Comparison(what, name, taken[case], taken[reference], aim=aim, size=size))
    return found


def _load_catalog(directory: Path, size: int, summaries_file: Path | None = None) -> float:
    loaded = threading.Event()

    def on_change(change: CatalogChange) -> None:
        if not change.is_loading:
            loaded.set()

    catalog = Catalog(FileStateStore(directory, create=False, summaries_file=summaries_file), on_change)
    watch = Stopwatch()
    with watch.running():
        catalog.start()
        assert loaded.wait(600)
    assert len(catalog.summaries) == size
    catalog.close()
    return watch.seconds


def _list_instances(directory: Path, size: int, engine: WorkflowEngine | None = None) -> float:
    engine = engine or WorkflowEngine(state_store=FileStateStore(directory, create=False))
    watch = Stopwatch()
    with watch.running():
        summaries = engine.list_instances()
    assert len(summaries) == size
    return watch.seconds


def _stat_by_hand(directory: Path, size: int) -> float:
    found: dict[str, os.stat_result] = {}
    watch = Stopwatch()
    with watch.running():
        gc.disable()
        with os.scandir(directory / "instances") as entries:
            for entry in entries:
                found[entry.name] = entry.stat(follow_symlinks=False)
        gc.enable()
    assert len(found) == size
    return watch.seconds


class _Phase(msgspec.Struct, gc=False):
    name: str


class _Schema(msgspec.Struct, gc=False):
    phases: list[_Phase]


class _Entry(msgspec.Struct, gc=False):
    phase: str
    started_at: float
    ended_at: float | None = None
    status: str = "running"
    error: str | None = None


class _Header(msgspec.Struct, gc=False):
    instance_id: str
    feature_id: str
    workflow_name: str
    current_phase: str
    status: str
    created_at: float
    updated_at: float
    history: list[_Entry]
    workflow_schema: _Schema | None = None


_decoder = msgspec.json.Decoder(_Header)


def load_by_hand(directory: Path, size: int, *, stat: bool) -> float:
    """Read the fields a summary is made from, in the fastest plain way: no checks, no order, no collector.

    With `stat` it also takes what is needed to read the last changed first, and to know later what changed.
    """
    found: dict[str, tuple[os.stat_result | None, _Header]] = {}
    watch = Stopwatch()
    with watch.running():
        gc.disable()
        with os.scandir(directory / "instances") as entries:
            for entry in entries:
                if not entry.name.endswith(".json"):
                    continue
                status = entry.stat(follow_symlinks=False) if stat else None
                descriptor = os.open(entry.path, os.O_RDONLY)
                try:
                    header = _decoder.decode(os.read(descriptor, 64 * 1024))
                finally:
                    os.close(descriptor)
                found[header.instance_id] = (status, header)
        gc.enable()
    assert len(found) == size
    return watch.seconds
