"""How fast the `chatflow` command answers: ``python -m tests.benchmarks.command``.

The reference is an interpreter that does nothing: what is over it is the command's own. That is printed, too, and held
against the aim: listing 1,000 instances within 120 ms of it. Both find their bytecode, as what pip installed does, even
where the environment forbids to write it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import chatflow_core
from tests.benchmarks.measure import Comparison, Stopwatch, interleave, surroundings, table
from tests.benchmarks.stores import temporary_directory, write_store

_NOTHING = "python -c pass"
_AIM_SECONDS = 0.120
_SCRIPT = "import sys; from chatflow_core.commands.main import main; sys.exit(main())"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table and the time over the reference and, if asked, write JSON.

    Args:
        arguments: Those of the command line; None for `sys.argv`.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.command", description=__doc__)
    parser.add_argument("--size", type=int, default=1_000, help="instances of the store")
    parser.add_argument("--runs", type=int, default=15, help="counted runs of each case")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything that was measured")
    options = parser.parse_args(arguments)
    with temporary_directory() as directory:
        write_store(directory / "store", options.size)
        latest = next((directory / "store" / "instances").glob("*.json")).stem
        commands: dict[str, tuple[str, ...]] = {
            f"chatflow ls, {options.size:,} instances": ("ls",),
            f"chatflow ls --json, {options.size:,} instances": ("ls", "--json"),
            "chatflow show": ("show", latest),
            "chatflow next --dry-run": ("next", latest, "--dry-run"),
            "chatflow --version": ("--version",),
        }
        place = ("-C", str(directory / "store"))
        bytecode = str(directory / "bytecode")
        cases = {
            what: partial(_run, bytecode, "-c", _SCRIPT, *([] if words[0] == "--version" else place), *words)
            for what, words in commands.items()
        }
        taken = interleave({_NOTHING: partial(_run, bytecode, "-c", "pass"), **cases}, options.runs)
    nothing = taken.pop(_NOTHING)
    found = [Comparison(what, _NOTHING, ours, nothing) for what, ours in taken.items()]
    print(table(found))
    over = statistics.median(one - other for one, other in zip(found[0].ours, nothing, strict=True))
    verdict = "met" if over <= _AIM_SECONDS else "MISSED"
    print(f"\n{found[0].what}: {over * 1e3:.0f} ms over {_NOTHING}; aim: {_AIM_SECONDS * 1e3:.0f} ms, {verdict}")
    if options.json is not None:
        document = {
            **surroundings(),
            "seconds_over_reference": over,
            "comparisons": [comparison.to_json() for comparison in found],
        }
        options.json.write_text(json.dumps(document, indent=2) + "\n")


def _run(bytecode: str, *arguments: str) -> float:
    package = str(Path(chatflow_core.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": package, "PYTHONPYCACHEPREFIX": bytecode}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    watch = Stopwatch()
    with watch.running():
        # A finished instance cannot be advanced: that takes as long.
        subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)
    return watch.seconds


if __name__ == "__main__":
    main()
