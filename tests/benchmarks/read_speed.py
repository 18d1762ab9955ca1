"""How fast states and counts are read, beside the bare system calls and decoding."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from chatflow_core import FileStateStore, WorkflowEngine
from tests.benchmarks.measure import Comparison, Stopwatch, interleave
from tests.benchmarks.stores import temporary_directory, write_store

_UNCHANGED_AIM = 4.0
_FEATURE_AIM = 2.0


def compare_reads(sizes: Sequence[int], runs: int, count: int) -> list[Comparison]:
    """Compare reads of single records, and of features of some sizes.

    Args:
        sizes: How many instances the features have.
        runs: How many runs.
        count: How many reads of a single record a run has.
    """
    return [found for size in sizes for found in _compare(size, runs, count)]


def _compare(size: int, runs: int, count: int) -> list[Comparison]:
    with temporary_directory() as directory:
        write_store(directory, size, feature_size=size)
        paths = sorted((directory / "instances").iterdir())[:1_000]
        names = [str(path) for path in sorted((directory / "instances").iterdir())]
        engine = WorkflowEngine(state_store=FileStateStore(directory, create=False))
        repeats = max(1, 10_000 // size)
        taken = interleave(
            {
                "warm": partial(_read_warm, engine, paths[0].stem, count),
                "warm by hand": partial(_stat_and_look_up, str(paths[0]), count),
                "cold": partial(_read_cold, directory, [path.stem for path in paths]),
                "cold by hand": partial(_read_and_decode, [str(path) for path in paths]),
                "feature": partial(_feature_status, engine, size, repeats),
                "feature by hand": partial(_stat_all, names, repeats),
            },
            runs,
        )
    return [
        Comparison(
            "status of an instance, unchanged",
            "os.stat + dict lookup",
            taken["warm"],
            taken["warm by hand"],
            aim=_UNCHANGED_AIM,
            size=size,
        ),
        Comparison(
            "status of an instance, first time", "read + json.loads", taken["cold"], taken["cold by hand"], size=size
        ),
        Comparison(
            "status of a feature, unchanged",
            "os.stat of each",
            taken["feature"],
            taken["feature by hand"],
            aim=_FEATURE_AIM,
            size=size,
        ),
    ]


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
    engine = WorkflowEngine(state_store=FileStateStore(directory, create=False))
    watch = Stopwatch()
    with watch.running():
        for instance_id in ids:
            engine.get_workflow_instance_status(instance_id)
    return watch.seconds / len(ids)


def _read_and_decode(paths: Sequence[str]) -> float:
    watch = Stopwatch()
    with watch.running():
        for path in paths:
            with open(path, "rb") as file:  # noqa: PTH123
                json.loads(file.read())
    return watch.seconds / len(paths)


def _feature_status(engine: WorkflowEngine, size: int, count: int) -> float:
    watch = Stopwatch()
    with watch.running():
        for _ in range(count):
            assert engine.get_feature_status("feature-0")["total_instances"] == size
    return watch.seconds / count


def _stat_all(paths: Sequence[str], count: int) -> float:
    watch = Stopwatch()
    with watch.running():
        for _ in range(count):
            for path in paths:
                os.stat(path)  # noqa: PTH116
    return watch.seconds / count
