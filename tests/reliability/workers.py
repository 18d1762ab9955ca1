"""A program that does a bit of everything on a few instances, as another process, and tells what it did.

It tells through a pipe: one line for each call that returned, with the times of call and return. What was told before
the program is killed was acknowledged.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from chatflow_core import InvalidTransitionError, WorkflowEngine, WorkflowInstanceState
from tests.reliability.steps import FEATURE, SCHEMA, open_engine, state_of
from tests.seed_store import SeedStore


@dataclass(frozen=True, slots=True)
class Deed:
    """A call that returned.

    Attributes:
        kind: What was done; ``"refused"`` for a transition that the state did not allow.
        instance_id: The instance; empty for a listing.
        token: What it left in the record or in the texts.
        invoked: When it was called.
        returned: When it returned.
        version: How many transitions the state it gave has seen: every transition adds a key to `meta`.
        seen: What the state was, or what was listed.
    """

    kind: str
    instance_id: str
    token: str
    invoked: float
    returned: float
    version: int = -1
    seen: tuple[str, ...] = ()


def digest(state: WorkflowInstanceState) -> tuple[str, ...]:
    """What readers must see alike of one version; recording a text may change it without a new version."""
    return (state.status, state.current_phase, str(sum(entry.ended_at is not None for entry in state.history)))


class Worker:
    """Does one thing after another, chosen by a seed."""

    def __init__(self, base: Path, name: str, seed: str, instance_ids: Iterable[str], *, durable: bool) -> None:
        self._engine = open_engine(base, durable=durable)
        self._seed_store = SeedStore(base)
        self._name = name
        self._chance = random.Random(seed)
        self._ids = list(instance_ids)
        self._count = 0

    def step(self, kinds: tuple[str, ...]) -> Deed:
        """Do something."""
        self._count += 1
        token = f"{self._name}.{self._count}"
        kind, instance_id = self._chance.choice(kinds), self._chance.choice(self._ids)
        invoked = time.monotonic()
        version, seen = -1, tuple[str, ...]()
        try:
            if kind == "start":
                instance_id = self._engine.start_workflow_instance(SCHEMA, {}, FEATURE, {token: 1})
                version = 1
            elif kind == "list":
                instance_id = ""
                found = self._engine.list_instances()
                assert all(summary.problem is None for summary in found), found
                seen = tuple(summary.instance_id for summary in found)
            elif kind == "texts":
                seen = self._read_texts(instance_id)
            elif kind == "record":
                self._engine.record_task(instance_id, f"prompt {token}", f"response {token}", "analyse")
            else:
                version, seen = self._transition(kind, instance_id, token)
        except InvalidTransitionError:
            kind = "refused"
        return Deed(kind, instance_id, token, invoked, time.monotonic(), version, seen)

    def _transition(self, kind: str, instance_id: str, token: str) -> tuple[int, tuple[str, ...]]:
        engine: WorkflowEngine = self._engine
        if kind == "seed":
            with self._seed_store.changing(instance_id) as document:
                document["meta"][token] = 1
            return len(document["meta"]), ()
        if kind == "read":
            state = state_of(engine, instance_id)
        elif kind == "advance":
            state = engine.trigger_next_step(instance_id, {"token": token}, {token: 1})
        elif kind == "fail":
            state = engine.fail_current_phase(instance_id, token, {token: 1})
        else:
            state = engine.retry_phase(instance_id, {token: 1})
        return len(state.meta), digest(state)

    def _read_texts(self, instance_id: str) -> tuple[str, ...]:
        found = self._engine.load_artifacts(instance_id, "analyse")
        assert found.problem is None, found.problem
        return (
            found.verdict,
            (found.prompt or "").removeprefix("prompt "),
            (found.ai_response or "").removeprefix("response "),
        )


def fork_worker(worker_of: Worker, kinds: tuple[str, ...], count: int) -> tuple[int, BinaryIO]:
    """Run a worker in a process of its own; give its id and where it tells its deeds."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, os.fdopen(reading, "rb")
    code = 1
    try:
        os.close(reading)
        for _ in range(count):
            line = json.dumps(asdict(worker_of.step(kinds))) + "\n"
            os.write(writing, line.encode())
        code = 0
    except Exception as error:  # noqa: BLE001 - told, and the test fails on it
        os.write(writing, json.dumps({"problem": repr(error)}).encode() + b"\n")
    finally:
        os._exit(code)


def read_deeds(lines: Iterable[bytes]) -> list[Deed]:
    """Read what a worker told; a line that was cut off was not acknowledged."""
    deeds = []
    for line in lines:
        if not line.endswith(b"\n"):
            break
        told = json.loads(line)
        assert "problem" not in told, told["problem"]
        deeds.append(Deed(**{**told, "seen": tuple(told["seen"])}))
    return deeds


def kill(child: int) -> None:
    """Kill a worker and wait for its end."""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
