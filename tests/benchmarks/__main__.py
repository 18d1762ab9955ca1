"""All benchmarks: ``python -m tests.benchmarks [engine|catalog|search|command|tui ...]``.

Each part is a module with ``run(*, quick)``, which gives comparisons. Stores lie in the directory for temporary files;
TMPDIR puts them on the file system to be measured. On one in memory the cost of the file system nearly goes, and what
ours costs over the reference stands out.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from tests.benchmarks.measure import Comparison, Stopwatch, growth_table, surroundings, table

PARTS = ("engine", "catalog", "search", "command", "tui")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print what it was measured with and the tables, and write everything as JSON.

    Args:
        arguments: Those of the command line; None for `sys.argv`.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; default: all of them")
    parser.add_argument("--quick", action="store_true", help="small stores and one run: to see that it works")
    parser.add_argument("--cpu", action="store_true", help="count processors' time: steadier where others work, too")
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), metavar="FILE", help="where to write all")
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    Stopwatch.counts_work = options.cpu
    print(" · ".join(surroundings().values()), "· processors' time" if options.cpu else "")
    found: dict[str, list[Comparison]] = {}
    for part in options.parts or PARTS:
        began = time.monotonic()
        # Each imports what it measures, and nothing of the others.
        found[part] = import_module(f"tests.benchmarks.{part}").run(quick=options.quick)
        print(f"{part}: {time.monotonic() - began:.0f} s", file=sys.stderr)
        print(f"\n## {part}\n\n{table(found[part])}")
        if any(comparison.size for comparison in found[part]):
            print(f"\n{growth_table(found[part])}", flush=True)
        _write(options.json, found)  # after each, so that nothing is lost if the next cannot be measured


def _write(file: Path, found: Mapping[str, Sequence[Comparison]]) -> None:
    parts = {part: [one.to_json() for one in comparisons] for part, comparisons in found.items()}
    file.write_text(json.dumps({**surroundings(), "parts": parts}, indent=2) + "\n")


if __name__ == "__main__":
    main()
