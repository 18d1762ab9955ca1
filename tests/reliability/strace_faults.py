"""The same faults as in `faults`, given by the kernel itself: `strace` tampers with one system call of a running step.

What the shim calls a fault is a Python function that raises. This shows that nothing hangs on that: every system call
is reached, whoever makes it.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.reliability.faults import FaultBench
from tests.reliability.figures import Figures
from tests.reliability.os_shim import was_killed
from tests.reliability.steps import STEPS
from tests.waiting import wait_until_sync

# What a store asks of the system, and the errors that it gives.
_ERRORS = {
    "openat": ("EIO", "EACCES", "EMFILE", "ENOSPC"),
    "read": ("EIO",),
    "write": ("EIO", "ENOSPC", "EDQUOT"),
    "fsync": ("EIO", "ENOSPC"),
    "close": ("EIO",),
    "rename": ("EIO", "EACCES", "ENOSPC"),
    "link": ("EIO", "EPERM", "ENOSPC"),
    "linkat": ("EIO", "EPERM", "ENOSPC"),
    "mkdir": ("EACCES", "ENOSPC"),
    "unlink": ("EIO",),
    "fchmod": ("EIO",),
    "flock": ("EIO", "ENOLCK"),
    "getdents64": ("EIO",),
}


class StraceBench(FaultBench):
    """Runs one step with one tampered system call after another."""

    def rules(self) -> Iterator[tuple[str, bool]]:
        """Every call that can be tampered with, in strace's words, and whether that kills the program."""
        log = self._runs.parent / "trace"
        self._traced(["-e", f"trace={','.join(_ERRORS)}", "-o", str(log)])
        made = Counter(re.findall(r"^(\w+)\(", log.read_text(), re.MULTILINE))
        made["write"] -= 1  # the step's own answer
        for name, count in sorted(made.items()):
            for number in range(1, count + 1):
                yield f"{name}:signal=KILL:when={number}", True
                for error in _ERRORS[name]:
                    yield f"{name}:error={error}:when={number}", False

    def tamper(self, rule: str, *, kills: bool) -> None:
        """Run the step with a tampered call and check everything that must hold."""
        name = rule.partition(":")[0]
        told = self._traced(["-e", f"trace={name}", "-e", f"inject={rule}", "-o", os.devnull])
        assert told is not None or kills, f"{self.step}, {rule}: died"
        try:
            self._check(told or None, kills=told is None)
        except AssertionError as problem:
            raise AssertionError(f"{self.step}, {rule}: {problem}") from problem
        self._figures["tampered system calls"] += 1

    def _traced(self, options: list[str]) -> str | None:
        """Run the step under strace; give what its error said, None if it was killed."""
        self._fresh()
        reading, writing = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        child = os.fork()
        if not child:
            try:
                signal.sigwait([signal.SIGUSR1])
                error = self._attempt()
                os.write(writing, f"done {error or ''}".encode())
            except BaseException as problem:  # noqa: BLE001 - told to the parent
                os.write(writing, f"done unexpected: {problem!r}".encode())
            finally:
                os._exit(0)
        os.close(writing)
        with subprocess.Popen(["strace", "-qq", "-p", str(child), *options], stderr=subprocess.PIPE) as strace:
            status = Path(f"/proc/{child}/status")
            wait_until_sync(lambda: "TracerPid:\t0\n" not in status.read_text() or strace.poll() is not None)
            os.kill(child, signal.SIGUSR1)
            with os.fdopen(reading) as answer:
                told = answer.read()
            killed = was_killed(child)
        assert killed or told, "the step ended without a word"
        assert "unexpected: " not in told, told
        return None if not told else told.removeprefix("done ")


def can_trace() -> bool:
    """Whether strace is here and may look at other processes."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, check=False).returncode == 0


def run(directory: Path, figures: Figures, chance: random.Random, *, most: int = 150) -> None:
    """Tamper with some calls of one step; the long part's."""
    bench = StraceBench(directory, chance.choice(list(STEPS)), figures)
    rules = list(bench.rules())
    for rule, kills in chance.sample(rules, min(most, len(rules))):
        bench.tamper(rule, kills=kills)
