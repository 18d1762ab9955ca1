"""Every call of every step, refused by the system or the last thing the program did.

A step runs once to see which calls it makes. Then, for each of them, it runs on a fresh copy of the store and that
call fails, or the program is killed right before or after it.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from chatflow_core import ChatFlowError
from tests.reliability.figures import Figures
from tests.reliability.os_shim import CHANGING, Call, Hook, OsShim, failing, failing_from, killing, was_killed, watching
from tests.reliability.steps import (
    BYSTANDER,
    STEPS,
    SUBJECT,
    TRANSITIONS,
    Ids,
    attempts,
    check_readable,
    check_writable,
    intact_tokens,
    open_engine,
    prepare,
    refuses_to_advance_again,
    state_of,
)

MARK = "marked"
IN_PLACE = "The change is in place"
_UNEXPECTED = "unexpected: "


@dataclass(frozen=True, slots=True)
class Trial:
    """One call that goes wrong.

    Attributes:
        label: What goes wrong, in words.
        hook: What makes it go wrong.
        kills: Whether the program dies of it.
    """

    label: str
    hook: Hook
    kills: bool = False


class FaultBench:
    """Runs one step with one fault after another."""

    def __init__(self, directory: Path, step: str, figures: Figures) -> None:
        self._template = directory / "template" / ".chatflow"
        self._runs = directory / "runs"
        self.base = self._runs
        self._numbers = count()
        self._figures = figures
        self.step = step
        self.ids: Ids = prepare(self._template, step)
        self._status_of_bystander = "running" if step == "record_first" else "created"

    def calls(self) -> list[Call]:
        """The calls the step makes when nothing goes wrong."""
        self._fresh()
        with OsShim(self.base, watching) as shim:
            self._run()
        assert self._is_done()
        return shim.calls

    def run(self, trial: Trial) -> None:
        """Run the step with a fault and check everything that must hold."""
        self._fresh()
        try:
            if trial.kills:
                self._run_and_die(trial.hook)
                self._check(None, kills=True)
            else:
                self._check(self._run_and_fail(trial.hook), kills=False)
        except AssertionError as problem:
            raise AssertionError(f"{self.step}, {trial.label}: {problem}") from problem
        self._figures["kills at a call" if trial.kills else "injected faults"] += 1

    def _fresh(self) -> None:
        # Every trial has a path of its own: a process keeps its locks by path.
        shutil.rmtree(self._runs, ignore_errors=True)
        self.base = self._runs / str(next(self._numbers)) / ".chatflow"
        shutil.copytree(self._template, self.base)

    def _run(self) -> None:
        STEPS[self.step](open_engine(self.base), self.ids, MARK)

    def run_under(self, label: str, limit: AbstractContextManager[object]) -> str:
        """Run the step in a process that the system limits, and check everything that must hold when it no longer does.

        Args:
            label: The limit in words.
            limit: Sets the limit.

        Returns:
            What the error said; empty if there was none.
        """
        self._fresh()
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            try:
                with limit:
                    error = self._attempt()
                os.write(writing, (error or "").encode())
            except BaseException as problem:  # noqa: BLE001 - told to the parent
                os.write(writing, f"{_UNEXPECTED}{problem!r}".encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as told:
            error = told.read()
        os.waitpid(child, 0)
        assert not error.startswith(_UNEXPECTED), f"{self.step}, {label}: {error}"
        try:
            self._check(error or None, kills=False)
        except AssertionError as problem:
            raise AssertionError(f"{self.step}, {label}: {problem}") from problem
        self._figures["injected faults"] += 1
        return error

    def _run_and_fail(self, hook: Hook) -> str | None:
        with OsShim(self.base, hook):
            return self._attempt()

    def _attempt(self) -> str | None:
        try:
            self._run()
        except ChatFlowError as error:
            return str(error)
        except Exception as error:
            raise AssertionError(f"not an error of ours: {error!r}") from error
        return None

    def _run_and_die(self, hook: Hook) -> None:
        child = os.fork()
        if not child:
            try:
                self._run_and_fail(hook)
            finally:
                os._exit(0)
        assert was_killed(child)

    def _is_done(self) -> bool:
        """Whether the step is in the files, whole; it must not be there in part."""
        states = check_readable(self.base)
        engine = open_engine(self.base)
        if self.step.startswith("record"):
            instance_id = self.ids[SUBJECT if self.step == "record" else BYSTANDER]
            phase = states[instance_id].current_phase
            tokens = intact_tokens(attempts(engine, instance_id, phase))
            if self.step == "record":
                assert tokens[:2] == ["before", "before too"], f"a former attempt is lost: {tokens}"
                assert len(tokens) <= 3
            return tokens[-1:] == [MARK]
        marked = [state for state in states.values() if MARK in state.meta]
        assert len(marked) <= 1
        assert set(self.ids.values()) <= states.keys()
        return bool(marked)

    def _check(self, error: str | None, *, kills: bool) -> None:
        is_done = self._is_done()
        if error is not None:
            assert str(self.base.parent) in error, f"names no file: {error}"
            assert (IN_PLACE in error or "are recorded" in error) == is_done, f"{is_done=}: {error}"
        elif not kills:
            assert is_done, "no error, and nothing done"
            assert state_of(open_engine(self.base), self.ids[BYSTANDER]).status == self._status_of_bystander
        if self.step == "advance":
            assert refuses_to_advance_again(self.base, self.ids) == is_done
        elif self.step in TRANSITIONS and not is_done:
            self._run()
        check_readable(self.base)
        check_writable(self.base)


def trials(calls: list[Call], *, quick: bool = False) -> Iterator[Trial]:
    """Everything that can go wrong at each of the calls.

    Args:
        calls: The calls.
        quick: Whether to leave out some errors, two of three calls that only read, and the kills that leave the
            same files as others.
    """
    for call in calls:
        where = f"call {call.number}, {call.name} of {os.path.basename(call.path)}"  # noqa: PTH119 - a text
        if quick and call.name not in CHANGING and call.number % 3:
            continue
        kinds = len(call.errors)
        for code in call.errors if not quick else {call.errors[0], call.errors[call.number % kinds]}:
            yield Trial(f"{errno.errorcode[code]} at {where}", failing(call.number, code))
        if call.name == "write":
            yield Trial(f"disk full from {where} on", failing_from(call.number, errno.ENOSPC))
        if not quick:
            yield Trial(f"killed before {where}", killing(call.number, after=False), kills=True)
        if not quick or call.name in CHANGING:
            yield Trial(f"killed after {where}", killing(call.number, after=True), kills=True)


def run(directory: Path, figures: Figures, chance: random.Random) -> None:
    """Run every fault of one step; the long part's."""
    bench = FaultBench(directory, chance.choice(list(STEPS)), figures)
    for trial in trials(bench.calls()):
        bench.run(trial)
