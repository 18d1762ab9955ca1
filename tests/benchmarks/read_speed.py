"""How fast states, counts and whole stores are read, beside the bare system calls and decoding."""

from __future__ import annotations

import gc
import json
import os
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from chatflow_core import Catalog, CatalogChange, FileStateStore, WorkflowEngine
from tests.benchmarks.measure import Comparison, Stopwatch, interleave
from tests.benchmarks.stores import temporary_directory, write_store

_FEATURE_SIZE = 1_000
_CATALOG_AIM = 1.5


def compare_reads(runs: int, count: int = 1_000) -> list[Comparison]:
    """Compare reads of single records and of a large feature.

    Args:
        runs: How many runs.
        count: How many reads a run has.
    """
    with temporary_directory() as directory:
        write_store(directory, _FEATURE_SIZE)
        paths = sorted((directory / "instances").iterdir())
        # All of them in one feature, too.
        (directory / "features" / "all.link").write_text(",".join(path.stem for path in paths))
        for path in paths:
            document = json.loads(path.read_bytes())
            path.write_text(json.dumps({**document, "feature_id": "all"}, indent=2))
        names = [str(path) for path in paths]
        engine = WorkflowEngine(state_store=FileStateStore(directory, create=False))
        cases = {
            "warm": partial(_read_warm, engine, paths[0].stem, count),
            "warm by hand": partial(_stat_and_look_up, str(paths[0]), count),
            "cold": partial(_read_cold, directory, [path.stem for path in paths]),
            "cold by hand": partial(_read_and_decode, names),
            "feature": partial(_feature_status, engine, 10),
            "feature by hand": partial(_stat_all, names, 10),
        }
        taken = interleave(cases, runs)
    return [
        Comparison("status of an instance, unchanged", "os.stat + dict lookup", taken["warm"], taken["warm by hand"]),
        Comparison("status of an instance, first time", "read + json.loads", taken["cold"], taken["cold by hand"]),
        Comparison(
            f"status of a feature of {_FEATURE_SIZE:,}, unchanged",
            f"{_FEATURE_SIZE:,} os.stat",
            taken["feature"],
            taken["feature by hand"],
        ),
    ]


def compare_loads(sizes: Sequence[int], runs: int) -> list[Comparison]:
    """Compare loading whole stores with the bare loop that reads the same fields.

    Args:
        sizes: How many instances the stores have.
        runs: How many runs.
    """
    found = []
    for size in sizes:
        with temporary_directory() as directory:
            write_store(directory, size)
            cases = {
                "catalog": partial(_load_catalog, directory, size),
                "list": partial(_list_instances, directory, size),
                "by hand": partial(_load_by_hand, directory, size, stat=False),
                "by hand with stat": partial(_load_by_hand, directory, size, stat=True),
            }
            taken = interleave(cases, runs)
        for case, what in (("catalog", "catalog loaded"), ("list", "list_instances, first time")):
            name = "scandir + read + decode"
            found.append(Comparison(f"{what}, {size:,}", name, taken[case], taken["by hand"], aim=_CATALOG_AIM))
        name = "scandir + stat + read + decode"
        found.append(Comparison(f"catalog loaded, {size:,}", name, taken["catalog"], taken["by hand with stat"]))
    return found


def _read_warm(engine: WorkflowEngine, instance_id: str, count: int) -> float:
    watch = Stopwatch()
    with watch.running():
        for _ in range(count):
            engine.get_workflow_instance_status(instance_id)
    return watch.seconds / count


def _stat_and_look_up(path: str, count: int) -> float:
    status = os.stat(path)  # noqa: PTH116 - the bare call is the reference
    kept = {path: ((status.st_mtime_ns, status.st_size, status.st_ino), object())}
    watch = Stopwatch()
    with watch.running():
        for _ in range(count):
            status = os.stat(path)  # noqa: PTH116
            stamp, _state = kept[path]
            assert stamp == (status.st_mtime_ns, status.st_size, status.st_ino)
    return watch.seconds / count


def _read_cold(directory: Path, ids: Sequence[str]) -> float:
    watch = Stopwatch()
    with watch.running():
        for instance_id in ids:
            WorkflowEngine(state_store=FileStateStore(directory, create=False)).get_workflow_instance_status(
                instance_id
            )
    return watch.seconds / len(ids)


def _read_and_decode(paths: Sequence[str]) -> float:
    watch = Stopwatch()
    with watch.running():
        for path in paths:
            with open(path, "rb") as file:  # noqa: PTH123
                json.loads(file.read())
    return watch.seconds / len(paths)


def _feature_status(engine: WorkflowEngine, count: int) -> float:
    watch = Stopwatch()
    with watch.running():
        for _ in range(count):
            assert engine.get_feature_status("all")["total_instances"] == _FEATURE_SIZE
    return watch.seconds / count


def _stat_all(paths: Sequence[str], count: int) -> float:
    watch = Stopwatch()
    with watch.running():
        for _ in range(count):
            for path in paths:
                os.stat(path)  # noqa: PTH116
    return watch.seconds / count


def _load_catalog(directory: Path, size: int) -> float:
    loaded = threading.Event()

    def on_change(change: CatalogChange) -> None:
        if not change.is_loading:
            loaded.set()

    catalog = Catalog(FileStateStore(directory, create=False), on_change)
    watch = Stopwatch()
    with watch.running():
        catalog.start()
        assert loaded.wait(600)
    assert len(catalog.summaries) == size
    catalog.close()
    return watch.seconds


def _list_instances(directory: Path, size: int) -> float:
    engine = WorkflowEngine(state_store=FileStateStore(directory, create=False))
    watch = Stopwatch()
    with watch.running():
        summaries = engine.list_instances()
    assert len(summaries) == size
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


def _load_by_hand(directory: Path, size: int, *, stat: bool) -> float:
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
