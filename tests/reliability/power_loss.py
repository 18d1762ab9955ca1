"""The power goes at any moment: what was acknowledged is there, whatever the file system makes of the rest.

The calls of a program that uses a durable store are recorded. For every moment, every state in which the file system
may be then is built and opened.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from chatflow_core import WorkflowEngine
from tests.reliability.disk_model import Disk, build
from tests.reliability.figures import Figures
from tests.reliability.os_shim import CHANGING, Call, Hook, OsShim, die, was_killed, watching
from tests.reliability.steps import (
    FEATURE,
    SCHEMA,
    attempts,
    check_readable,
    check_writable,
    intact_tokens,
    open_engine,
    state_of,
)

# The calls that give files and directories their names.
_NAMING = ("mkdir", "replace", "link")


@dataclass
class Promises:
    """What was acknowledged so far."""

    tokens: dict[str, set[str]] = field(default_factory=dict)
    texts: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def copy(self) -> Promises:
        """As of now."""
        return Promises(
            {key: set(value) for key, value in self.tokens.items()}, {key: list(v) for key, v in self.texts.items()}
        )

    def check(self, base: Path) -> None:
        """Every one is kept."""
        engine = open_engine(base)
        found = check_readable(base)
        for instance_id, tokens in self.tokens.items():
            assert instance_id in found, f"the record of {instance_id} is gone"
            assert tokens <= state_of(engine, instance_id).meta.keys(), "an acknowledged step is gone"
            assert instance_id in engine.state_store.list_instances_by_feature(FEATURE), "the index misses an instance"
        for (instance_id, phase), recorded in self.texts.items():
            present = intact_tokens(attempts(engine, instance_id, phase))
            assert [token for token in present if token in recorded] == recorded, f"texts are gone: {present}"


class Program:
    """What the recorded program does, and what was acknowledged after which call."""

    def __init__(self, engine: WorkflowEngine, calls: list[Call], promises: Promises, name: str = "a") -> None:
        self._engine = engine
        self._calls = calls
        self._numbers = (f"{name}{number}" for number in count())
        self._started: list[str] = []
        self.promises = promises
        self.acknowledged: list[tuple[int, Promises]] = [(0, promises.copy())]

    def start(self) -> None:
        """Start an instance."""
        token = next(self._numbers)
        instance_id = self._engine.start_workflow_instance(SCHEMA, {}, FEATURE, {token: 1})
        self._started.append(instance_id)
        self.promises.tokens[instance_id] = {token}
        self._acknowledge()

    def change(self, step: Callable[..., Any], *arguments: object) -> None:
        """Make a transition of the first instance."""
        token = next(self._numbers)
        step(self._started[0], *arguments, meta={token: 1})
        self.promises.tokens[self._started[0]].add(token)
        self._acknowledge()

    def record(self) -> None:
        """Record another attempt in it."""
        token = next(self._numbers)
        state = state_of(self._engine, self._started[0])
        self._engine.record_task(state.instance_id, f"prompt {token}", f"response {token}")
        self.promises.texts.setdefault((state.instance_id, state.current_phase), []).append(token)
        self._acknowledge()

    def _acknowledge(self) -> None:
        self.acknowledged.append((len(self._calls), self.promises.copy()))

    def run(self) -> None:
        """Do a bit of everything."""
        self.start()
        self.record()
        self.start()
        self.change(self._engine.trigger_next_step)
        self.record()
        self.record()
        self.change(self._engine.fail_current_phase, "reason")
        self.change(self._engine.retry_phase)
        self.change(self._engine.trigger_next_step)
        self.change(self._engine.trigger_next_step)

    def promised_by(self, number: int) -> Promises:
        """What had been acknowledged when that many calls were made."""
        return [promises for made, promises in self.acknowledged if made <= number][-1]


class PowerBench:
    """Builds the states and opens them."""

    def __init__(self, directory: Path, figures: Figures, chance: random.Random) -> None:
        self._directory = directory
        self._numbers = count()
        self._figures = figures
        self._chance = chance

    def one_program(self, *, most: int) -> None:
        """Cut the power at every call of a program that nobody disturbs; at that many of them at most."""
        base, program, calls = self._record(self._place() / ".chatflow")
        moments = [call.number + 1 for call in calls if call.name in CHANGING - {"close"}]
        for moment in sorted(self._chance.sample(moments, min(most, len(moments)))):
            disk = Disk(base)
            disk.apply(calls[:moment])
            self._check(disk, program.promised_by(moment))

    def after_a_kill(self, *, most: int) -> None:
        """Kill a program at a call; another one goes on, and after its last acknowledgement the power goes."""
        _, _, calls = self._record(self._place() / ".chatflow")
        # A directory is asked for again and again, and made once.
        moments = range(len({(call.path, call.target) for call in calls if call.name in _NAMING}))
        for moment in sorted(self._chance.sample(moments, min(most, len(moments)))):
            base = self._place() / ".chatflow"
            killed = self._killed(base, moment)
            disk = Disk(base)
            disk.apply(killed)
            promises = Promises()
            with OsShim(base.parent, watching) as shim:
                program = Program(open_engine(base), shim.calls, promises, "b")
                for instance_id in sorted(path.stem for path in base.glob("instances/*.json")):
                    program._started.append(instance_id)
                    promises.tokens[instance_id] = set()
                program.start()
                program.record()
            disk.apply(shim.calls)
            self._check(disk, promises)

    def _place(self) -> Path:
        place = self._directory / str(next(self._numbers))
        place.mkdir()
        return place

    def _record(self, base: Path, hook: Hook = watching) -> tuple[Path, Program, list[Call]]:
        with OsShim(base.parent, hook) as shim:
            program = Program(open_engine(base), shim.calls, Promises())
            program.run()
        return base, program, shim.calls

    def _killed(self, base: Path, moment: int) -> list[Call]:
        """Run the program until it is killed at the naming call of that number; give the calls it made."""
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            named = count()

            def telling(call: Call, make: Callable[..., Any]) -> Any:
                os.write(writing, f"{call!r}\n".encode())
                result = make()
                if call.name in _NAMING and next(named) == moment:
                    die()
                return result

            try:
                self._record(base, telling)
            finally:
                os._exit(0)
        os.close(writing)
        with open(reading, encoding="utf-8") as told:  # noqa: PTH123 - a descriptor
            calls = [eval(line, {"Call": Call}) for line in told]  # noqa: S307 - our own child wrote it
        assert was_killed(child)
        return calls

    def _check(self, disk: Disk, promises: Promises) -> None:
        for state in disk.states(self._chance):
            base = self._directory / str(next(self._numbers)) / ".chatflow"
            build(state, base.parent)
            try:
                promises.check(base)
                if base.exists():
                    check_writable(base)
                    promises.check(base)
            except AssertionError as problem:
                listing = {path: content and len(content) for path, (_, content) in state.items()}
                raise AssertionError(f"{problem}\nthe disk had {listing}") from problem
            self._figures["disk states built"] += 1
            shutil.rmtree(base.parent)


def run(directory: Path, figures: Figures, chance: random.Random) -> None:
    """Build all states of one program, and those after some kills; the long part's."""
    bench = PowerBench(directory, figures, chance)
    bench.one_program(most=40)
    bench.after_a_kill(most=10)
