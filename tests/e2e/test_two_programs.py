"""The program in a terminal and another one, at the same instances at once: what they leave, and what is shown."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chatflow_core import FileStateStore, WorkflowEngine, WorkflowInstanceState
from tests.e2e.terminal import Terminal, terminal
from tests.waiting import wait_until_sync

PHASES = [f"p{number}" for number in range(8)]
SCHEMA: dict[str, Any] = {"name": "w", "phases": [{"name": name} for name in PHASES]}
COUNT = 3
ACTIONS = 10

SHIFT_TAB = "\x1b[Z"
HEADINGS = {"a": "─ Advance ─", "x": "─ Fail ─", "r": "─ Retry ─", "p": "─ Record ─"}
DONE = {
    "a": "{feature}: {phase} ended",
    "x": "{feature}: {phase} failed",
    "r": "{feature}: {phase} began again",
    "p": "{feature}: response of {phase} recorded",
}
KINDS = {"a": "advance", "x": "fail", "r": "retry", "p": "record response"}
REFUSAL = "▌ Cannot "
REFUSED = ("; r retries it", "the instance is completed", "nothing to retry")

# How long an impatient user waits before pressing enter again.
_IMPATIENCE_SECONDS = 1.0


class Other:
    """The other program."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._asked = 0
        self.done: list[dict[str, str]] = []

    def ask(self) -> None:
        """Have it do something, without waiting until it is done."""
        self.tell("step")
        self._asked += 1

    def collect(self) -> None:
        """Wait until everything it was asked for is done."""
        for _ in range(self._asked):
            self.done.append(json.loads(self.answer()))
        self._asked = 0

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def other_program(base: Path, seed: str, instance_ids: list[str]) -> Iterator[Other]:
    command = [sys.executable, "-m", "tests.e2e.other_program", str(base), seed, *instance_ids]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Other(process)
        assert process.stdin is not None
        process.stdin.close()


class User:
    """Acts in the terminal, and knows what the screen said was done."""

    def __init__(self, shown: Terminal, other: Other, engine: WorkflowEngine, chance: random.Random) -> None:
        self._shown = shown
        self._other = other
        self._engine = engine
        self._chance = chance
        self._count = 0
        self.done: list[dict[str, str]] = []

    def act(self) -> None:
        """Press a key that writes, let the other program do something meanwhile, and go through with it."""
        self._count += 1
        position, token = self._chance.randrange(COUNT), f"user{self._count}"
        # What the row offers, as a user would: it may be another one by the time the key arrives.
        statuses = [found[1] for line in self._shown.lines if (found := re.search(r"│▌? ?([○●✗✓]) +f\d ", line))]
        key = "r" if statuses[position] == "✗" else self._chance.choice("aaaxpp")
        self._shown.send("g" + "j" * position + key)
        heading = HEADINGS[key]
        if not self._is_asked(heading):
            return
        named = self._wait_for(r"│ +(\S+) · (wfi_\w+) ")
        self._type(key, token)
        for _ in range(self._chance.randrange(3)):
            self._other.ask()
        if self._chance.random() < 0.5:
            self._other.collect()
        phase = self._confirm(heading)
        self._other.collect()
        if phase is None:
            return
        said = DONE[key].format(feature=named[1], phase=phase)
        deadline = time.monotonic() + 3
        while said not in self._shown.text and time.monotonic() < deadline:
            self._shown.read()
        if said in self._shown.text:
            self.done.append({"kind": KINDS[key], "instance_id": named[2], "token": token})
        if key == "p":
            # Nobody else is at it by now: whether advancing is offered is certain.
            state = self._engine.get_workflow_instance_status(named[2])
            assert state is not None
            if (state.current_phase, state.status) == (phase, "running"):
                self._shown.wait_for(HEADINGS["a"])
                self._cancel(HEADINGS["a"])

    def _is_asked(self, heading: str) -> bool:
        """Wait for the dialog, or for another toast that says why it cannot be done now."""
        before = self._shown.text.count(REFUSAL)
        deadline = time.monotonic() + 60
        while heading not in self._shown.text:
            toasts = self._shown.text.count(REFUSAL)
            if toasts > before:
                return False
            before = toasts  # former ones go after a while
            assert self._shown.read(), self._shown.text
            assert time.monotonic() < deadline, self._shown.text
        return True

    def _type(self, key: str, token: str) -> None:
        if key == "a":
            # From the button past "Cancel" to the trigger data, and back.
            self._tab("\t", to="Cancel")
            self._tab("\t", off="Cancel")
            self._shown.send(f"token: {token}")
            self._shown.wait_for(f'"token": "{token}"')
            self._tab(SHIFT_TAB, to="Cancel")
            self._tab(SHIFT_TAB, off="Cancel")
        elif key == "p":
            self._shown.send(f"\x1b[200~response {token}\x1b[201~")
            self._shown.wait_for(f"response {token}")
        elif key == "x":
            self._shown.send(token)
            self._shown.wait_for(token)
            self._tab("\t", to="Fail the phase")

    def _tab(self, key: str, *, to: str | None = None, off: str | None = None) -> None:
        """Move the focus and wait until it is there: a key sent too early goes to where the focus was."""
        self._shown.send(key)
        wait_until_sync(lambda: self._shown.read() and self._has_focus(to or off or "") == (off is None), 60)

    def _has_focus(self, button: str) -> bool:
        row = self._shown.line_with(f" {button} ")
        cells = self._shown.screen.buffer[row]
        column = self._shown.lines[row].index(f" {button} ")
        return bool(cells[column + 1].bg != cells[column - 3].bg)

    def _confirm(self, heading: str) -> str | None:
        """Press enter until the dialog has gone; give the phase it acted on, or None if it was refused."""
        phase, pressed_at = None, 0.0
        deadline = time.monotonic() + 60
        while heading in self._shown.text:
            assert time.monotonic() < deadline, self._shown.text
            if any(words in self._shown.text for words in REFUSED):
                self._cancel(heading)
                return None
            acted_on = re.search(r"(?:ends|fails|begins|response of) +(p\d)", self._shown.text)
            phase = acted_on[1] if acted_on is not None else phase
            if time.monotonic() - pressed_at > _IMPATIENCE_SECONDS:
                self._shown.send("\r")
                pressed_at = time.monotonic()
            self._shown.read()
        return phase

    def _wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until what is shown has a pattern: a frame may be painted before what stands in it."""
        deadline = time.monotonic() + 60
        while (found := re.search(pattern, self._shown.text)) is None:
            assert self._shown.read(), self._shown.text
            assert time.monotonic() < deadline, self._shown.text
        return found

    def _cancel(self, heading: str) -> None:
        """Press escape until the dialog has gone: it asks whether what was typed may be dropped."""
        deadline = time.monotonic() + 60
        while heading in self._shown.text:
            assert time.monotonic() < deadline, self._shown.text
            self._shown.send("\x1b")
            patience = time.monotonic() + _IMPATIENCE_SECONDS
            while heading in self._shown.text and time.monotonic() < patience:
                assert self._shown.read(), self._shown.text


def check_history(state: WorkflowInstanceState, done: list[dict[str, str]]) -> None:
    """Check that a history holds every step that was told of, each once, and nothing else; and that it is legal."""
    kinds = Counter(deed["kind"] for deed in done)
    history = state.history
    tokens = [(entry.trigger_data_snapshot or {}).get("token") for entry in history if entry.status == "completed"]
    assert sorted(map(str, tokens)) == sorted(deed["token"] for deed in done if deed["kind"] == "advance")
    reasons = [entry.error for entry in history if entry.status == "failed"]
    assert sorted(map(str, reasons)) == sorted(deed["token"] for deed in done if deed["kind"] == "fail")

    position, moment = 0, state.created_at
    for number, entry in enumerate(history):
        assert entry.phase == PHASES[position], history
        assert entry.started_at >= moment
        if entry.status == "running":
            assert number == len(history) - 1
            assert entry.ended_at is None
            break
        assert entry.ended_at is not None
        assert entry.ended_at >= entry.started_at
        moment = entry.ended_at
        position += entry.status == "completed"
    retries = sum(before.status == "failed" for before in history[:-1])
    assert retries == kinds["retry"]
    last = history[-1].status if history else "created"
    assert state.status == ("completed" if position == len(PHASES) else last)
    assert state.current_phase == PHASES[min(position, len(PHASES) - 1)]


def check_texts(engine: WorkflowEngine, state: WorkflowInstanceState, done: list[dict[str, str]]) -> None:
    """Check that every text that was recorded is there, once, in whatever attempt."""
    deeds = [deed for deed in done if deed["instance_id"] == state.instance_id]
    texts = engine.state_store.iterate_texts(state.instance_id, lambda _: True, former=True)
    # A text that an attempt does not have is an empty file, as other programs write it.
    found = sorted(text.data.decode() for text in texts if text.data)
    kinds = {"record": ("prompt", "response"), "record response": ("response",)}
    assert found == sorted(f"{kind} {deed['token']}" for deed in deeds for kind in kinds.get(deed["kind"], ()))


def wait_for_row(shown: Terminal, state: WorkflowInstanceState) -> None:
    """Wait until the table shows an instance as it is."""
    glyph = {"created": "○", "running": "●", "failed": "✗", "completed": "✓"}[state.status]
    behind = sum(entry.status == "completed" for entry in state.history)
    row = re.compile(rf"│▌? ?{glyph} +{state.feature_id} .* {state.current_phase} .* {behind}/{len(PHASES)} ")
    wait_until_sync(lambda: shown.read() and any(map(row.search, shown.lines)), 60)


# Another order of events with another seed: CHATFLOW_SEED=7 pytest tests/e2e/test_two_programs.py
@pytest.mark.parametrize("seed", [os.environ.get("CHATFLOW_SEED", "1")])
def test_whatever_the_order_nothing_is_lost_nothing_done_twice_and_the_screen_says_so(base: Path, seed: str) -> None:
    engine = WorkflowEngine(state_store=FileStateStore(base, durable=False))
    ids = [engine.start_workflow_instance(SCHEMA, {}, f"f{number}") for number in range(COUNT)]
    with terminal(base) as shown, other_program(base, seed, ids) as other:
        shown.wait_for("● live")
        shown.wait_for("3 Timeline · wfi_")
        user = User(shown, other, engine, random.Random(seed))
        for _ in range(ACTIONS):
            user.act()
        other.collect()

        states = [engine.get_workflow_instance_status(instance_id) for instance_id in ids]
        for state in states:
            assert state is not None
            deeds = [*user.done, *other.done]
            check_history(state, [deed for deed in deeds if deed["instance_id"] == state.instance_id])
            check_texts(engine, state, deeds)
            wait_for_row(shown, state)
        assert user.done
        shown.send("q")
        assert shown.wait_for_end() == 0


def test_a_phase_moved_by_another_program_at_the_last_moment_is_not_advanced_twice(base: Path) -> None:
    engine = WorkflowEngine(state_store=FileStateStore(base, durable=False))
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f0")
    with terminal(base, size=(80, 24)) as shown, other_program(base, "", [instance_id]) as other:
        shown.wait_for(f"3 Timeline · {instance_id}")
        shown.send("a")
        shown.wait_for("● begins  p1")
        other.tell(f"hold {instance_id}")
        assert other.answer() == "held\n"
        # Pressed until it is taken: the dialog takes no answer before its first paint.
        while "Not written yet: waiting" not in shown.text:
            shown.send("\r")
            deadline = time.monotonic() + _IMPATIENCE_SECONDS
            while time.monotonic() < deadline and "Not written yet: waiting" not in shown.text:
                assert shown.read()
        other.tell("move")
        assert other.answer() == "moved\n"
        shown.wait_for("p0: moved to p1 by another program meanwhile.")
        shown.wait_for("✓ ends    p1")
        shown.send("\x1b")
        wait_until_sync(lambda: shown.read() and "─ Advance ─" not in shown.text, 60)
        shown.send("q")
        assert shown.wait_for_end() == 0
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert [entry.trigger_data_snapshot for entry in state.history] == [{"token": "moved"}, None]
