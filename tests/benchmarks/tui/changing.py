"""A program that changes records for ever: ``python -m tests.benchmarks.tui.changing DIRECTORY COUNT-A-SECOND``."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

# As many are changed in turn: most of them are out of sight.
_RECORDS = 1000


def change_for_ever(instances: Path, a_second: int) -> None:
    """Replace one record after the other.

    Args:
        instances: The directory of records.
        a_second: How many a second.
    """
    paths = sorted(str(path) for path in instances.glob("*.json"))[:_RECORDS]
    records = [(path, *_parts(Path(path).read_bytes())) for path in paths]
    due = time.perf_counter()
    number = 0
    while True:
        path, before, after = records[number % len(records)]
        number += 1
        Path(path + ".tmp").write_bytes(before + str(time.time()).encode() + after)
        os.replace(path + ".tmp", path)  # noqa: PTH105
        due += 1 / a_second
        time.sleep(max(0.0, due - time.perf_counter()))


def _parts(record: bytes) -> tuple[bytes, bytes]:
    """What stands before and after the time of the last change."""
    before, key, rest = record.rpartition(b'"updated_at": ')
    return before + key, rest[rest.index(b",") :]


if __name__ == "__main__":
    change_for_ever(Path(sys.argv[1]), int(sys.argv[2]))
