"""Hostile things in the place of texts, locks, the index and definitions; and what may not be read."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from chatflow_core import ChatFlowError
from tests.files import tree
from tests.reliability.hostile import EVIL, THINGS, good_record, in_bounds, look_at_everything
from tests.reliability.limits import forbidden
from tests.reliability.steps import FEATURE, open_engine
from tests.reliability.test_hostile_files import Store

pytestmark = pytest.mark.usefixtures("hasty_readers")

_ENTRY = {"phase": "analyse", "task": "analyse", "started_at": 1.0, "ended_at": None, "status": "running"}

#: Where a thing is put; what is of the hostile instance alone, and what all instances need.
OWN = {
    "its directory": f"instances/{EVIL}",
    "its tasks": f"instances/{EVIL}/tasks",
    "a prompt": f"instances/{EVIL}/tasks/analyse.prompt.md",
    "a response": f"instances/{EVIL}/tasks/analyse.ai_response.md",
    "the record of texts": f"instances/{EVIL}/tasks/analyse.json",
    "a former text": f"instances/{EVIL}/tasks/.attempts/analyse/1.prompt.md",
    "a former record": f"instances/{EVIL}/tasks/.attempts/analyse/1.json",
    "the state of ChatCoder": f"instances/{EVIL}/full_state.json",
    "the history of ChatCoder": f"instances/{EVIL}/history.ndjson",
    "its lock file": f".locks/{EVIL}.lock",
    "a leftover": f"instances/.{EVIL}.json.1-2.tmp",
}
SHARED = {
    "the lock file of features": ".locks/features.lock",
    "an index entry": f"features/{FEATURE}.link",
    "a definition": "schemas/flow.yaml",
}


@pytest.fixture
def hostile(quick_path: Path) -> Store:
    store = Store(quick_path)
    (store.instances / f"{EVIL}.json").write_text(json.dumps(good_record(status="running", history=[_ENTRY])))
    return store


@pytest.mark.parametrize("put", THINGS.values(), ids=THINGS.keys())
@pytest.mark.parametrize("place", OWN.values(), ids=OWN.keys())
def test_something_else_in_a_place_of_one_instance(
    hostile: Store, place: str, put: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_there(hostile.base / place, put, monkeypatch)
    hostile.check()


@pytest.mark.parametrize("put", THINGS.values(), ids=THINGS.keys())
@pytest.mark.parametrize("place", SHARED.values(), ids=SHARED.keys())
def test_something_else_in_a_place_that_all_instances_need(
    hostile: Store, place: str, put: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_there(hostile.base / place, put, monkeypatch)

    def work() -> str | None:
        engine = open_engine(hostile.base, durable=False, lock_timeout=2.0)
        for attempt in (
            lambda: look_at_everything(hostile.base, hostile.good),
            lambda: engine.start_workflow_instance("flow", {}, FEATURE),
            lambda: engine.trigger_next_step(hostile.good[1]),
        ):
            with suppress(ChatFlowError):  # said in words: that is all that is asked
                attempt()
        found = {summary.instance_id: summary.problem for summary in engine.list_instances()}
        return None if all(found[good] is None for good in hostile.good) else f"{found}"

    assert not in_bounds(work)
    assert tree(hostile.outside) == hostile.before


def put_there(path: Path, put: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    monkeypatch.chdir(path.parent)
    put(path)


def test_a_text_that_is_a_link_is_not_followed(hostile: Store) -> None:
    tasks = hostile.instances / EVIL / "tasks"
    tasks.mkdir(parents=True)
    (tasks / "analyse.prompt.md").symlink_to(hostile.outside / "victim.json")
    found = open_engine(hostile.base).load_artifacts(EVIL, "analyse")
    assert found.prompt is None
    assert "analyse.prompt.md" in (found.problem or "")


@pytest.mark.parametrize("name", [f"{EVIL}.json", f"{EVIL}/tasks/analyse.prompt.md", f"{EVIL}/tasks", EVIL])
def test_what_may_not_be_read_is_told_and_the_others_are_shown(hostile: Store, name: str) -> None:
    tasks = hostile.instances / EVIL / "tasks"
    tasks.mkdir(parents=True)
    (tasks / "analyse.prompt.md").write_text("prompt")

    def work() -> str | None:
        with forbidden(hostile, f"instances/{name}", 0):
            engine = open_engine(hostile.base)
            listed = {summary.instance_id: summary.problem for summary in engine.list_instances()}
            try:
                told = engine.load_artifacts(EVIL, "analyse").problem
            except ChatFlowError as error:
                told = str(error)
            if os.strerror(errno.EACCES) not in f"{listed[EVIL]} {told}":
                return f"not told: {listed[EVIL]!r}, {told!r}"
            return look_at_everything(hostile.base, hostile.good)

    assert not in_bounds(work)
    assert (tasks / "analyse.prompt.md").exists()
