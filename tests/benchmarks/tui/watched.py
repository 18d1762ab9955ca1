"""A program in a terminal, as the benchmarks watch it: what it writes, when, and at what cost.

Nothing is made of the bytes: a terminal that is emulated in Python would take the processor that is measured.
"""

from __future__ import annotations

import os
import select
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pexpect

from tests.e2e.terminal import terminal

_PATIENCE_SECONDS = 120.0

# Nothing more is written for so long: the program has done what it was about.
_SETTLED_SECONDS = 0.15

# Whoever takes more of a second than this has something to do.
_BUSY_SHARE = 0.1

#: Stands before the row under the cursor, wherever that is painted.
CURSOR = "▌"


class Watched:
    """A running program."""

    def __init__(self, process: pexpect.spawn, began: float) -> None:
        self.process = process
        self._began: float | None = began
        self._written = bytearray()
        self._forgotten = 0  # so much of what was written is not looked at any more

    def send(self, keys: str) -> None:
        """Press keys."""
        self.process.send(keys)

    def wait_for(self, *marks: str) -> float:
        """Wait until all marks were written, and forget what was.

        Args:
            marks: What to wait for.

        Returns:
            Seconds from the call, or from the start of the program if nothing was waited for before.
        """
        began, self._began = self._began or time.perf_counter(), None
        wanted = [mark.encode() for mark in marks]
        while any(self._written.find(mark, self._forgotten) < 0 for mark in wanted):
            assert self._read(_PATIENCE_SECONDS), f"{marks} did not appear"
            # A screen that shows ages writes every second.
            assert time.perf_counter() - began < _PATIENCE_SECONDS, f"{marks} did not appear"
        taken = time.perf_counter() - began
        self._forget()
        return taken

    def settle(self) -> None:
        """Wait until nothing more is written, and forget what was."""
        while self._read(_SETTLED_SECONDS):
            pass
        self._forget()

    def rest(self) -> None:
        """Wait until the program has done what it does after its start, such as learning how long phases take."""
        former, now = -1.0, self.cpu_seconds
        while now - former > _BUSY_SHARE:
            self.skip(1.0)
            former, now = now, self.cpu_seconds

    def skip(self, seconds: float) -> None:
        """Read for so long, and forget it."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)
        self._forget()

    def time_key(self, key: str, *marks: str) -> float:
        """Press a key, and give the seconds until its answer was written."""
        self._forget()
        began = time.perf_counter()
        self.send(key)
        self.wait_for(*marks)
        return time.perf_counter() - began

    def has_written(self, mark: str) -> bool:
        """Tell whether the program has ever written something."""
        return mark.encode() in self._written

    @property
    def cpu_seconds(self) -> float:
        """What all threads of the program have used of the processor."""
        taken = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
                taken += int((task / "schedstat").read_text().split()[0])
        return taken / 1e9

    @property
    def megabytes(self) -> float:
        """What the program has in memory and shares with nobody."""
        for line in Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Private_Dirty:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no memory is told of")

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.process.child_fd], [], [], seconds)
        if not ready:
            return False
        self._written += os.read(self.process.child_fd, 1 << 16)
        return True

    def _forget(self) -> None:
        self._forgotten = len(self._written)


@contextmanager
def watched(home: Path, *arguments: Path, module: str = "chatflow_tui") -> Iterator[Watched]:
    """Run a module of Python in a terminal of 120 by 40 cells.

    Args:
        home: Where it keeps what it keeps for its user: as of one who knows the first keys. Its bytecode, too, as what
            pip installed has: an environment that forbids writing it would have ours compiled at every start.
        arguments: Those of the module.
        module: The module.
    """
    state = home / "state"
    shutil.rmtree(state, ignore_errors=True)  # how a store was looked at before
    (state / "chatflow").mkdir(parents=True, exist_ok=True)
    (state / "chatflow" / "first-hint-was-read").touch()
    homes = {"XDG_STATE_HOME": str(state), "XDG_CACHE_HOME": str(home / "cache")}
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(home / "bytecode")}
    began = time.perf_counter()
    with terminal(*arguments, module=module, env={**homes, **bytecode}) as shown:
        yield Watched(shown.process, began)


@contextmanager
def nothing_kept(home: Path) -> Iterator[None]:
    """Hide the summaries that the program keeps of stores from one start to the next.

    Args:
        home: See `watched`.
    """
    cache, aside = home / "cache", home / "cache aside"
    if cache.exists():
        cache.rename(aside)
    try:
        yield
    finally:
        shutil.rmtree(cache, ignore_errors=True)
        if aside.exists():
            aside.rename(cache)
