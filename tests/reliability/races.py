"""Processes and threads on few instances: what they saw must fit one order of events.

Every transition adds a key to `meta`, so the number of keys is the version of an instance, and the transitions of an
instance are ordered by it. The history is linearizable if no version was made twice, and if nobody saw a version older
than one that somebody had already seen or made before he asked, or newer than any that was being made.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterable
from pathlib import Path

from tests.reliability.figures import Figures
from tests.reliability.steps import FEATURE, aged, check_readable, check_writable, open_engine
from tests.reliability.workers import Deed, Worker, fork_worker, read_deeds

_LONG = {"name": "long", "phases": [{"name": "analyse"}, *({"name": f"phase {number}"} for number in range(400))]}
_KINDS = ("start", "advance", "advance", "fail", "retry", "record", "list", "read", "read", "texts")
MAKES = frozenset(["start", "advance", "fail", "retry", "seed"])


def check_linearizable(deeds: Iterable[Deed]) -> None:
    """Check the deeds of all workers against one order."""
    by_instance: dict[str, list[Deed]] = {}
    for deed in deeds:
        if deed.version >= 0:
            by_instance.setdefault(deed.instance_id, []).append(deed)
    for instance_id, found in by_instance.items():
        _check_register(instance_id, found)


def _check_register(instance_id: str, deeds: list[Deed]) -> None:
    made: dict[int, Deed] = {}
    for deed in deeds:
        if deed.kind in MAKES:
            assert deed.version not in made, f"{instance_id}: a change is lost: {deed} and {made[deed.version]}"
            made[deed.version] = deed
    for deed in deeds:
        before = [other.version for other in deeds if other.returned < deed.invoked]
        newest = max(before, default=0)
        assert deed.version >= newest, f"{instance_id}: version {newest} was known before {deed}"
        if deed.kind in MAKES:
            assert deed.version > newest, f"{instance_id}: version {newest} was known before {deed}"
        elif deed.version in made:
            maker = made[deed.version]
            assert maker.invoked <= deed.returned, f"{instance_id}: seen before it was made: {deed}"
            assert not maker.seen or deed.seen == maker.seen, f"{instance_id}: {deed} is not what {maker} made"


def check_listings(deeds: Iterable[Deed]) -> None:
    """Every listing has every instance whose start had returned before."""
    started = [deed for deed in deeds if deed.kind == "start"]
    for deed in deeds:
        if deed.kind == "list":
            expected = {start.instance_id for start in started if start.returned < deed.invoked}
            assert expected <= set(deed.seen), f"a listing misses {expected - set(deed.seen)}"


def check_texts(deeds: Iterable[Deed]) -> None:
    """Nobody saw texts that do not belong together, or older than those of a record that had returned before."""
    recorded = [deed for deed in deeds if deed.kind == "record"]
    for deed in deeds:
        if deed.kind != "texts" or deed.seen[1:] == ("", ""):
            continue
        verdict, prompt, response = deed.seen
        assert verdict != "changed", f"texts that do not belong together were seen: {deed}"
        is_half = verdict == "not recorded" and not response
        assert prompt == response or is_half, f"prompt and response of two attempts: {deed}"
        made = {record.token: record for record in recorded if record.instance_id == deed.instance_id}
        shown = made[prompt]
        between = [
            other.token for other in made.values() if shown.returned < other.invoked and other.returned < deed.invoked
        ]
        assert not between, f"{deed} saw {prompt} although {between} had been recorded since"


class RaceBench:
    """One store that several workers share."""

    def __init__(self, base: Path, figures: Figures, chance: random.Random, *, instances: int = 2) -> None:
        self._base = base
        self._figures = figures
        self._chance = chance
        engine = open_engine(base, durable=False)
        self._ids = [engine.start_workflow_instance(_LONG, {}, FEATURE, {"began": 1}) for _ in range(instances)]
        aged(base, {})  # what is old may be kept in memory: then a change must be noticed

    def run(self, *, processes: int, threads: int, seeds: int, deeds: int) -> list[Deed]:
        """Let processes, threads and programs that follow the original format work at once; check what they saw."""
        kinds = [_KINDS] * processes + [("seed",)] * seeds
        running = [fork_worker(self._worker(f"p{n}"), kind, deeds) for n, kind in enumerate(kinds)]
        done: list[list[Deed]] = [[] for _ in range(threads)]
        problems: list[BaseException] = []

        def work(number: int, worker: Worker) -> None:
            try:
                for _ in range(deeds):
                    done[number].append(worker.step(_KINDS))
            except Exception as error:  # noqa: BLE001 - told below
                problems.append(error)

        workers = [threading.Thread(target=work, args=(n, self._worker(f"t{n}"))) for n in range(threads)]
        for thread in workers:
            thread.start()
        for child, told in running:
            with told:
                done.append(read_deeds(told.readlines()))
            os.waitpid(child, 0)
        for thread in workers:
            thread.join()
        assert not problems, problems
        found = [deed for each in done for deed in each]
        check_linearizable(found)
        check_listings(found)
        check_texts(found)
        states = check_readable(self._base)
        for deed in found:
            assert deed.kind not in MAKES or deed.token in states[deed.instance_id].meta
        check_writable(self._base)
        self._figures["racing calls"] += len(found)
        return found

    def _worker(self, name: str) -> Worker:
        return Worker(self._base, name, f"{name} {self._chance.random()}", self._ids, durable=False)


def run(directory: Path, figures: Figures, chance: random.Random) -> None:
    """Race with all kinds of workers; the long part's."""
    bench = RaceBench(directory / ".chatflow", figures, chance)
    bench.run(processes=chance.choice((2, 3, 4)), threads=chance.choice((0, 2)), seeds=chance.choice((0, 1)), deeds=80)
