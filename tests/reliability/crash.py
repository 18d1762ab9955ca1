"""Programs killed at random moments, alone and among others."""

from __future__ import annotations

import random
import select
from collections.abc import Iterable
from pathlib import Path

from tests.reliability.figures import Figures
from tests.reliability.steps import (
    FEATURE,
    attempts,
    check_readable,
    check_writable,
    intact_tokens,
    open_engine,
)
from tests.reliability.workers import Deed, Worker, fork_worker, kill, read_deeds

# A workflow of many phases, so that there is always something to advance.
_LONG = {"name": "long", "phases": [{"name": "analyse"}, *({"name": f"phase {number}"} for number in range(400))]}
_KINDS = ("start", "advance", "advance", "fail", "retry", "record", "record", "list")
_WRITES = ("start", "advance", "fail", "retry")
_INSTANCES = 3

# More than a worker can do before it is killed.
_ENDLESS = 1_000_000


class CrashBench:
    """One store on which programs die."""

    def __init__(self, base: Path, figures: Figures, chance: random.Random) -> None:
        self._base = base
        self._figures = figures
        self._chance = chance
        self._round = 0
        engine = open_engine(base, durable=False)
        self._ids = [engine.start_workflow_instance(_LONG, {}, FEATURE, {"began": 1}) for _ in range(_INSTANCES)]
        self._deeds: list[Deed] = []

    def kill_writers(self, writers: int) -> None:
        """Let writers work, and kill one after the other, each after some deeds and at any moment of the next."""
        self._round += 1
        running = []
        for number in range(writers):
            name = f"r{self._round}w{number}"
            durable = self._chance.random() < 0.3
            worker = Worker(self._base, name, f"{name} {self._chance.random()}", self._ids, durable=durable)
            running.append(fork_worker(worker, _KINDS, _ENDLESS))
        for child, told in running:
            lines = [told.readline() for _ in range(self._chance.randrange(1, 8))]
            # Nothing is waited for: any moment will do, and this makes it another one every time.
            select.select([], [], [], self._chance.random() * 0.002)
            kill(child)
            lines += told.readlines()
            told.close()
            self._deeds += read_deeds(lines)
            self._figures["kills at random"] += 1

    def check(self) -> int:
        """Everything acknowledged is there, everything reads and can be written. Gives how much was acknowledged."""
        states = check_readable(self._base)
        missing = [
            deed for deed in self._deeds if deed.kind in _WRITES and deed.token not in states[deed.instance_id].meta
        ]
        assert not missing, f"acknowledged and gone: {missing}"
        self._check_texts(self._deeds)
        check_writable(self._base)
        self._deeds, count = [], len(self._deeds)
        return count

    def _check_texts(self, deeds: Iterable[Deed]) -> None:
        recorded: dict[str, list[str]] = {}
        for deed in deeds:
            if deed.kind == "record":
                recorded.setdefault(deed.instance_id, []).append(deed.token)
        engine = open_engine(self._base)
        for instance_id, tokens in recorded.items():
            present = intact_tokens(attempts(engine, instance_id, "analyse"))
            assert set(tokens) <= set(present), f"texts acknowledged and gone: {set(tokens) - set(present)}"
            assert len(present) == len(set(present)) or "after" in present, "an attempt is there twice"


def run(directory: Path, figures: Figures, chance: random.Random) -> None:
    """Kill some dozens; the long part's."""
    bench = CrashBench(directory / ".chatflow", figures, chance)
    for _ in range(8):
        bench.kill_writers(chance.choice((1, 1, 2, 4)))
        bench.check()
