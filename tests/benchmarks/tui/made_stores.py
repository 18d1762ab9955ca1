"""Stores for the screen to open, as they would be had they come to be in the ordinary way."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.stores import write_store

_KNOWN_LATEST = 100


@dataclass(frozen=True)
class Latest:
    """One of the instances that changed last."""

    instance_id: str
    feature_id: str
    record: dict[str, Any]


@dataclass(frozen=True)
class MadeStore:
    """A store on disk.

    Attributes:
        directory: The project; the store is its ``.chatflow``.
        size: How many instances it has.
        latest: Those that come first in the list, in its order.
    """

    directory: Path
    size: int
    latest: tuple[Latest, ...]

    def record_path(self, instance_id: str) -> Path:
        """Where a record is."""
        return self.directory / ".chatflow" / "instances" / f"{instance_id}.json"


def make_store(directory: Path, size: int) -> MadeStore:
    """Write a store of so many instances.

    Args:
        directory: The project.
        size: How many.
    """
    base = directory / ".chatflow"
    write_store(base, size)
    times: list[tuple[float, Path]] = []
    for path in (base / "instances").iterdir():
        data = path.read_bytes()
        updated_at = float(data.rpartition(b'"updated_at": ')[2].partition(b",")[0])
        # A record is written when its instance changes: what changed last is the newest file, too.
        os.utime(path, (updated_at, updated_at))
        times.append((updated_at, path))
    times.sort(reverse=True)
    records = [json.loads(path.read_bytes()) for _, path in times[:_KNOWN_LATEST]]
    latest = tuple(Latest(record["instance_id"], record["feature_id"], record) for record in records)
    return MadeStore(directory, size, latest)
