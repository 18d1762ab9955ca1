"""The fastest plain way to read of a store what the screen shows: no checks, no order, no collector."""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path

import msgspec


class _Entry(msgspec.Struct, gc=False):
    phase: str
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


_decoder = msgspec.json.Decoder(_Header)


def load_by_hand(instances: Path, size: int) -> float:
    """Read all records.

    Args:
        instances: Where they are.
        size: How many there are.

    Returns:
        The seconds it took.
    """
    found: dict[str, _Header] = {}
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    with os.scandir(instances) as entries:
        for entry in entries:
            descriptor = os.open(entry.path, os.O_RDONLY)
            try:
                header = _decoder.decode(os.read(descriptor, 64 * 1024))
            finally:
                os.close(descriptor)
            found[header.instance_id] = header
    taken = time.perf_counter() - began
    gc.enable()
    assert len(found) == size
    return taken
