"""The real program, open for long beside programs that write, with somebody at its keys: it must not grow.

What it holds is read from ``/proc``. The first quarter of the time is for warming up. Then:

- Memory: the median of the last quarter is at most 5 % and 8 MiB above the median of the quarter after warming up.
  Medians, because garbage comes and goes; quarters, because a leak of a kilobyte a change is 100 MiB by then.
- Descriptors, threads and watches: the last quarter never needs more than two beyond the most needed before.
- Idle: when nothing writes and no key is pressed any more, 20 s take less than 3 % of one processor.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from heapq import nlargest
from pathlib import Path
from statistics import median
from typing import NamedTuple

from chatflow_core import ChatFlowError, FileStateStore, WorkflowEngine
from tests.e2e.terminal import Terminal, terminal
from tests.reliability.figures import Figures

ESCAPE, _QUIT = "\x1b", "\x11"

#: A dialog takes the answer to what it asks only when that could be read.
_UNTIL_ASKED = 0.6

#: Keys that open something, which escape closes, and keys that move about.
OPENING = tuple("it?:SsdaHY/xcprV")
MOVING = (*"12345jkGg[]{}zzmmww##ff.veEnN<>", "\t", "\x1b[C", "\x1b[D")

_INSTANCES = 40
_WRITERS = 2
_CHANGES_A_SECOND = 20
_PHASES = ("analyse", "design", "build")

_IDLE_SECONDS, _MOST_IDLE = 20.0, 0.03
_MOST_GROWTH, _MOST_GROWTH_KIB = 0.05, 8 * 1024

#: Threads of a pool and watches of the instance in focus come and go.
MOST_MORE = 2


class Held(NamedTuple):
    """What a process holds.

    Attributes:
        memory: Resident, in KiB.
        descriptors: Open files.
        threads: Threads.
        watches: Directories and files that the system tells it of.
    """

    memory: int
    descriptors: int
    threads: int
    watches: int


class Rise(NamedTuple):
    """How much more memory was held after a key than before it.

    Attributes:
        memory: Resident, in KiB.
        seconds: Since the program was open.
        key: The key.
    """

    memory: int
    seconds: int
    key: str


def held_by(process_id: int) -> Held:
    """Read what a process holds."""
    place = Path(f"/proc/{process_id}")
    status = dict(line.split(":\t", 1) for line in (place / "status").read_text().splitlines() if ":\t" in line)
    watches = 0
    for described in (place / "fdinfo").iterdir():
        with suppress(OSError):  # closed since it was listed
            watches += described.read_text().count("inotify wd:")
    descriptors = len(list((place / "fd").iterdir()))
    return Held(int(status["VmRSS"].split()[0]), descriptors, int(status["Threads"]), watches)


def seconds_of_processor(process_id: int) -> float:
    """How long a process has computed."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Load:
    """Programs that start instances, work on them, and remove them: there are always about as many."""

    def __init__(self, base: Path, name: str, chance: random.Random, instances: int = _INSTANCES) -> None:
        self._store = FileStateStore(base, durable=False)
        self._engine = WorkflowEngine(state_store=self._store)
        self._name = name
        self._chance = chance
        self._most = instances
        self._ids: list[str] = []
        for _ in range(instances):
            self._start()

    def step(self) -> None:
        """Change something."""
        instance_id = self._chance.choice(self._ids)
        with suppress(ChatFlowError):
            match self._chance.randrange(6):
                case 0:
                    self._engine.record_task(instance_id, "prompt\n" * self._chance.randrange(1, 200))
                case 1:
                    self._engine.record_task(instance_id, None, "# response\n\n" * self._chance.randrange(1, 200))
                case 2:
                    self._engine.fail_current_phase(instance_id, "reason")
                case 3:
                    self._engine.retry_phase(instance_id)
                case 4:
                    self._engine.trigger_next_step(instance_id, {"summary": "text " * 20})
                case _:
                    self._remove(instance_id)
                    self._start()

    def _start(self) -> None:
        schema = {"name": "flow", "phases": [{"name": name} for name in _PHASES]}
        feature = f"feature {self._chance.randrange(8)}"
        self._ids.append(self._engine.start_workflow_instance(schema, {"by": self._name}, feature))

    def _remove(self, instance_id: str) -> None:
        self._ids.remove(instance_id)
        self._store.layout.record(instance_id).unlink()
        shutil.rmtree(self._store.layout.instance_dir(instance_id), ignore_errors=True)


class Reader:
    """Somebody who opens everything, and closes it again."""

    def __init__(self, shown: Terminal, chance: random.Random) -> None:
        self._shown = shown
        self._chance = chance

    def press(self) -> str:
        """Press a key, or open something and close it; give the key."""
        key: str
        if self._chance.random() < 0.5:
            key = self._chance.choice(MOVING)
            self._shown.send(key)
            self.look(0.1)
        else:
            key = self._chance.choice(OPENING)
            # What is closed at once may still be at work.
            self.open(key, self._chance.choice((0.0, 0.03, 0.1, 0.3)))
        return key

    def open(self, key: str, seconds: float = 0.3) -> None:
        """Open something, look at it and close it; what asks whether it may close is told that it may."""
        self._shown.send(key)
        self.look(seconds)
        for pause in (_UNTIL_ASKED, 0.15):
            self._shown.send(ESCAPE)
            self.look(pause)

    def look(self, seconds: float) -> None:
        """Take what is painted meanwhile."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            assert self._shown.read(left), f"the program ended:\n{self._shown.text}"
        self._shown.raw = b""


def can_look() -> bool:
    """Whether the system tells what a process holds."""
    return Path("/proc/self/fdinfo").is_dir()


def run(directory: Path, figures: Figures, chance: random.Random, *, minutes: float) -> None:
    """Keep the program open for so long, then let it rest."""
    base, state = directory / ".chatflow", directory / "state"
    writers = [_fork_writer(base, f"writer {number} {chance.random()}") for number in range(_WRITERS)]
    try:
        with terminal(base, env=_surroundings(state)) as shown, _told_where(shown, state):
            shown.wait_for("● live")
            reader = Reader(shown, chance)
            taken, rises = _watch(shown, reader, time.monotonic() + minutes * 60)
            _end(writers)
            _check_growth(taken, rises)
            share = _idle_share(shown, reader)
            assert share < _MOST_IDLE, f"idle, it takes {share:.1%} of a processor"
            assert "● live" in shown.text or "◌ frozen" in shown.text, f"it shows the store no longer:\n{shown.text}"
            shown.send(_QUIT)
            assert shown.wait_for_end() == 0
    finally:
        _end(writers)
    figures["looks at what the program holds"] += len(taken)
    before, after = (round(median(held.memory for held in part) / 1024) for part in _early_and_late(taken))
    print(f"soak: {before} MiB, later {after} MiB; at the end {taken[-1]}; idle {share:.2%}", flush=True)


def _surroundings(state: Path) -> dict[str, str]:
    # A key that comes late reaches a dialog that offers the editor: one that ends at once is at hand.
    editors = {"VISUAL": "true", "EDITOR": "true", "PAGER": "true"}
    return {"XDG_STATE_HOME": str(state), "PYTHONFAULTHANDLER": "1", **editors}


@contextmanager
def _told_where(shown: Terminal, state: Path) -> Iterator[None]:
    """Tell where the program crashed, or where it hangs."""
    try:
        yield
    except AssertionError:
        if shown.process.isalive():
            shown.raw = b""
            os.kill(shown.process.pid, signal.SIGABRT)  # has the interpreter tell what each thread is at
            with suppress(AssertionError):
                shown.wait_for_end(10)
            print(shown.raw.decode(errors="replace"), flush=True)
        for log in (state / "chatflow" / "log").glob("crash-*.txt"):
            print(f"{log.name}:\n{log.read_text()}", flush=True)
        raise


def _watch(shown: Terminal, reader: Reader, deadline: float) -> tuple[list[Held], list[Rise]]:
    began = time.monotonic()
    taken: list[Held] = []
    rises: list[Rise] = []
    while time.monotonic() < deadline:
        key = reader.press()
        taken.append(held_by(shown.process.pid))
        more = taken[-1].memory - taken[-2].memory if len(taken) > 1 else 0
        rises.append(Rise(more, round(time.monotonic() - began), key))
    return taken, rises


def _check_growth(taken: list[Held], rises: list[Rise]) -> None:
    early, late = _early_and_late(taken)
    before, after = (median(held.memory for held in part) for part in (early, late))
    allowed = before * (1 + _MOST_GROWTH) + _MOST_GROWTH_KIB
    assert after <= allowed, f"memory grew from {before:,.0f} to {after:,.0f} KiB; most with {nlargest(8, rises)}"
    for name in ("descriptors", "threads", "watches"):
        most, later = (max(getattr(held, name) for held in part) for part in (taken[: -len(late)], late))
        assert later <= most + MOST_MORE, f"{name} grew from {most} to {later}"


def _early_and_late(taken: list[Held]) -> tuple[list[Held], list[Held]]:
    quarter = max(1, len(taken) // 4)
    return taken[quarter : 2 * quarter] or taken, taken[-quarter:]


def _idle_share(shown: Terminal, reader: Reader) -> float:
    reader.open("?")  # out of whatever is open
    reader.look(5.0)
    before, began = seconds_of_processor(shown.process.pid), time.monotonic()
    reader.look(_IDLE_SECONDS)
    return (seconds_of_processor(shown.process.pid) - before) / (time.monotonic() - began)


def _fork_writer(base: Path, name: str) -> int:
    child = os.fork()
    if child:
        return child
    try:
        load = Load(base, name, random.Random(name), _INSTANCES // _WRITERS)
        while os.getppid() != 1:
            load.step()
            time.sleep(random.expovariate(_CHANGES_A_SECOND / _WRITERS))
    finally:
        os._exit(1)


def _end(writers: list[int]) -> None:
    while writers:
        child = writers.pop()
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
