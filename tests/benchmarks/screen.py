"""Benchmarks of the screen, in a terminal of its own: ``python -m tests.benchmarks.screen``."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.empty_app import READY
from tests.benchmarks.measure import Comparison, interleave, table
from tests.benchmarks.stores import temporary_directory, write_store
from tests.e2e.terminal import Terminal, terminal

_PATIENCE_SECONDS = 60.0

# The row that changes is this far down the list, the cursor between it and the top: nothing moves.
_CHANGED_ROW, _CURSOR_ROW = 6, 3


def compare_first_paints(sizes: Sequence[int], runs: int) -> list[Comparison]:
    """Compare starting the program, until its first rows are painted, with starting an empty application.

    Args:
        sizes: How many instances the stores have.
        runs: How many counted runs.
    """
    found = []
    for size in sizes:
        with temporary_directory() as directory:
            write_store(directory / ".chatflow", size)
            latest = _latest(directory / ".chatflow")[0]["feature_id"]
            cases = {
                "first": partial(_first_paint, "chatflow_tui", [directory], b"feature-"),
                "latest": partial(_first_paint, "chatflow_tui", [directory], latest.encode()),
                "empty": partial(_first_paint, "tests.benchmarks.empty_app", [], READY.encode()),
            }
            taken = interleave(cases, runs)
        name = "an empty Textual application"
        found.append(Comparison(f"first rows of {size:,} painted", name, taken["first"], taken["empty"]))
        found.append(Comparison(f"the latest of {size:,} painted", name, taken["latest"], taken["empty"]))
    return found


def measure_latencies(size: int, count: int) -> list[float]:
    """Time from the replacement of a record by another program to the row's new bytes in the terminal, in seconds.

    Args:
        size: How many instances the store has.
        count: How many replacements.
    """
    taken = []
    with temporary_directory() as directory:
        base = directory / ".chatflow"
        write_store(base, size)
        changed = _latest(base)[_CHANGED_ROW]
        path = str(base / "instances" / f"{changed['instance_id']}.json")
        with terminal(directory) as shown:
            shown.wait_for("● live")
            shown.send("j" * _CURSOR_ROW)
            for number in range(count):
                _settle(shown)
                mark = f"mark{number:03}"
                # The original's bare format: no schema, no lock, a temporary file beside the record.
                state = {key: value for key, value in changed.items() if key != "workflow_schema"}
                state |= {"current_phase": mark, "updated_at": changed["updated_at"] + number / 1000}
                with open(path + ".tmp", "w") as file:  # noqa: PTH123
                    json.dump(state, file, indent=2)
                began = time.perf_counter()
                os.replace(path + ".tmp", path)  # noqa: PTH105
                _read_until(shown, mark.encode())
                taken.append(time.perf_counter() - began)
            shown.send("q")
            shown.wait_for_end()
    return taken


def _latest(base: Path) -> list[dict[str, Any]]:
    """The records that come first in the list, in its order."""
    records = [json.loads(path.read_bytes()) for path in (base / "instances").glob("*.json")]
    return sorted(records, key=lambda record: -record["updated_at"])[:20]


def _first_paint(module: str, arguments: Sequence[Path], mark: bytes) -> float:
    began = time.perf_counter()
    with terminal(*arguments, module=module) as shown:
        _read_until(shown, mark)
        return time.perf_counter() - began


def _read_until(shown: Terminal, mark: bytes) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    start = max(0, len(shown.raw) - 100)
    while mark not in shown.raw[start:]:
        assert shown.read(), "the program ended"
        assert time.monotonic() < deadline, f"{mark!r} did not appear"


def _settle(shown: Terminal) -> None:
    """Read until nothing more comes for a moment."""
    before = -1
    while before != len(shown.raw):
        before = len(shown.raw)
        shown.read(0.15)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print two tables.

    Args:
        arguments: Those of the command line; None for `sys.argv`.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.screen", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=(1_000, 10_000), help="instances of the stores")
    parser.add_argument("--runs", type=int, default=5, help="counted starts of each case")
    parser.add_argument("--changes", type=int, default=30, help="replacements to take the time of")
    options = parser.parse_args(arguments)
    print(table(compare_first_paints(options.sizes, options.runs)))
    print()
    print("| replaced by another program until repainted | median | 95 % | most |")
    print("|---------------------------------------------|--------|------|------|")
    for size in options.sizes:
        taken = sorted(measure_latencies(size, options.changes))
        p95 = statistics.quantiles(taken, n=20)[-1]
        cells = (f"{size:,} instances", *(f"{1000 * value:.0f} ms" for value in (statistics.median(taken), p95)))
        print("| " + " | ".join((*cells, f"{1000 * taken[-1]:.0f} ms")) + " |")


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


if __name__ == "__main__":
    main()
