"""How fast the commands answer, beside an interpreter that does nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import chatflow_core
from tests.benchmarks.measure import Comparison, Stopwatch, interleave
from tests.benchmarks.stores import temporary_directory, write_store

_NOTHING = "python -c pass"
_CHATFLOW = "import sys; from chatflow_core.commands.main import main; sys.exit(main())"
_CHATFLOW_TUI = "import sys; from chatflow_tui.cli import main; sys.exit(main())"
_VERSION_AIM = 1.5
_LISTING_AIM_SECONDS = 0.120
_SIZES = (1_000, 10_000)
_QUICK_SIZES = (20,)


def run(*, quick: bool = False) -> list[Comparison]:
    """Measure.

    Args:
        quick: Whether to be done within a second or two: to see that it works, not how fast.
    """
    runs = 1 if quick else 11
    with temporary_directory() as compiled:
        found = _compare_versions(compiled, runs)
        for size in _QUICK_SIZES if quick else _SIZES:
            found += _compare_commands(size, compiled, runs)
    return found


def _compare_versions(compiled: Path, runs: int) -> list[Comparison]:
    cases = {
        _NOTHING: partial(_run, compiled, "-c", "pass"),
        "chatflow-tui --version": partial(_run, compiled, "-c", _CHATFLOW_TUI, "--version"),
        "chatflow --version": partial(_run, compiled, "-c", _CHATFLOW, "--version"),
    }
    installed = Path(sys.executable).with_name("chatflow-tui")
    if installed.exists():
        # What pip makes imports `re` before it calls the command.
        cases["chatflow-tui --version, as pip installs it"] = partial(_run, compiled, str(installed), "--version")
    taken = interleave(cases, runs)
    nothing = taken.pop(_NOTHING)
    aims = {"chatflow-tui --version": _VERSION_AIM}
    return [Comparison(what, _NOTHING, ours, nothing, aim=aims.get(what)) for what, ours in taken.items()]


def _compare_commands(size: int, compiled: Path, runs: int) -> list[Comparison]:
    with temporary_directory() as directory:
        latest = write_store(directory, size)[-1]
        commands: dict[str, tuple[str, ...]] = {
            "chatflow ls": ("ls",),
            "chatflow show": ("show", latest),
            "chatflow next --dry-run": ("next", latest, "--dry-run"),
        }
        cases = {
            what: partial(_run, compiled, "-c", _CHATFLOW, "-C", str(directory), *words)
            for what, words in commands.items()
        }
        taken = interleave({_NOTHING: partial(_run, compiled, "-c", "pass"), **cases}, runs)
    nothing = taken.pop(_NOTHING)
    found = [Comparison(what, _NOTHING, ours, nothing, size=size) for what, ours in taken.items()]
    over = tuple(one - other for one, other in zip(taken["chatflow ls"], nothing, strict=True))
    aim = (_LISTING_AIM_SECONDS,) * runs
    name = f"{_LISTING_AIM_SECONDS * 1e3:.0f} ms"
    what = f"chatflow ls over {_NOTHING}"
    return [*found, Comparison(what, name, over, aim, aim=1.0 if size <= 1_000 else None, size=size)]


def _run(compiled: Path, *arguments: str) -> float:
    environment = {**os.environ, "PYTHONPATH": str(Path(chatflow_core.__file__).parents[1])}
    # Installing a package compiles it. A clone is compiled in the run that warms up, whatever the surroundings say.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(compiled)
    watch = Stopwatch()
    with watch.running():
        # A finished instance cannot be advanced: that takes as long.
        subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)
    return watch.seconds
