"""Benchmarks of the engine: ``python -m tests.benchmarks.engine``.

Stores lie in the directory for temporary files; TMPDIR puts them on the file system to be measured. On one in memory
the cost of the file system nearly goes, and what ours costs over the reference stands out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.measure import Comparison, surroundings, table
from tests.benchmarks.read_speed import compare_loads, compare_reads
from tests.benchmarks.transition_speed import compare_transitions

_PARTS = ("transitions", "reads", "loads")
_FULL_SIZE = 100_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table and, if asked, write JSON.

    Args:
        arguments: Those of the command line; None for `sys.argv`.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=(1_000, 10_000), help="instances of the stores to load")
    parser.add_argument("--full", action="store_true", help=f"also load a store of {_FULL_SIZE:,}")
    parser.add_argument("--runs", type=int, default=9, help="counted runs of each case")
    parser.add_argument("--transitions", type=int, default=140, help="about how many a run has")
    parser.add_argument("--only", choices=_PARTS, action="append", help="only this part; may be given again")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything that was measured")
    options = parser.parse_args(arguments)
    parts = options.only or _PARTS
    sizes = sorted({*options.sizes, *([_FULL_SIZE] if options.full else [])})
    found: list[Comparison] = []
    if "transitions" in parts:
        found += compare_transitions(options.transitions, options.runs)
    if "reads" in parts:
        found += compare_reads(options.runs)
    if "loads" in parts:
        found += compare_loads(sizes, options.runs)
    print(table(found))
    if options.json is not None:
        document = {**surroundings(), "comparisons": [comparison.to_json() for comparison in found]}
        options.json.write_text(json.dumps(document, indent=2) + "\n")


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


if __name__ == "__main__":
    main()
