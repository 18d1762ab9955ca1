"""What things cost, counted in calls to the system: unlike times, counts are the same on every machine.

Whoever makes a call more than is written here should know, and say, what for.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from chatflow_core import Catalog, FileStateStore, WorkflowEngine
from tests.files import SCHEMA, age
from tests.listening import Told
from tests.reliability.os_shim import Call, OsShim, watching
from tests.waiting import wait_until_sync


@pytest.fixture
def aged(base: Path, engine: WorkflowEngine) -> WorkflowEngine:
    """An engine on a store of one feature of twenty instances, written long enough ago for stamps to be trusted."""
    for _ in range(20):
        engine.trigger_next_step(engine.start_workflow_instance(SCHEMA, {}, "feat"))
    age(base)
    return WorkflowEngine(state_store=FileStateStore(base, create=False))


def calls(base: Path, act: Callable[[], object]) -> list[Call]:
    """The calls on the store that something makes. Those on the lock and the way to it are filelock's business."""
    with OsShim(base, watching) as shim:
        act()
    return [call for call in shim.calls if call.path != str(base) and not call.path.startswith(str(base / ".locks"))]


def counted(made: list[Call]) -> dict[str, int]:
    return dict(Counter(call.name for call in made))


def some_id(engine: WorkflowEngine) -> str:
    return engine.list_instances()[7].instance_id


@pytest.mark.parametrize("durable", [True, False])
def test_a_step_reads_the_record_once_and_writes_it_once(aged: WorkflowEngine, base: Path, durable: bool) -> None:
    engine = WorkflowEngine(state_store=FileStateStore(base, durable=durable))
    first, instance_id = (summary.instance_id for summary in aged.list_instances()[:2])
    engine.trigger_next_step(first)  # the first step also looks for what dead writers left, and reads the index

    made = calls(base, lambda: engine.trigger_next_step(instance_id))

    kinds = Counter((call.name, Path(call.path).suffix) for call in made)
    assert kinds["open", ".json"] == 1
    assert kinds["open", ".tmp"] == 1
    assert kinds["open", ".link"] == 0
    assert kinds["replace", ".tmp"] == 1
    assert [Path(call.path).suffix for call in made if call.name == "fsync"] == ([".tmp", ""] if durable else [])
    # Looked at: ChatCoder's state beside it, the directory of records, the index, and the mode of the replaced file.
    assert sum(call.name in ("lstat", "stat") for call in made) == 4
    assert len(made) == (16 if durable else 12)


def test_an_unchanged_state_is_looked_at_once_and_never_opened(aged: WorkflowEngine, base: Path) -> None:
    instance_id = some_id(aged)
    aged.get_workflow_instance_status(instance_id)

    assert counted(calls(base, lambda: aged.get_workflow_instance_status(instance_id))) == {"lstat": 1}


def test_an_unchanged_feature_is_looked_at_instance_by_instance(aged: WorkflowEngine, base: Path) -> None:
    aged.get_feature_status("feat")

    assert counted(calls(base, lambda: aged.get_feature_status("feat"))) == {"lstat": 1 + 20}


def test_a_listing_opens_each_record_once_and_nothing_twice(aged: WorkflowEngine, base: Path) -> None:
    reader = WorkflowEngine(state_store=FileStateStore(base, create=False))

    assert counted(calls(base, reader.list_instances)) == {"scandir": 1, "open": 20, "read": 20, "close": 20}
    assert counted(calls(base, reader.list_instances)) == {"scandir": 1}


def test_a_change_has_one_record_read_whatever_the_store_has(aged: WorkflowEngine, base: Path) -> None:
    instance_id = some_id(aged)
    told = Told()
    catalog = Catalog(FileStateStore(base, create=False), told)
    catalog.start()
    try:
        wait_until_sync(lambda: told.is_loaded and told.changes[-1].mode == "live")
        path = base / "instances" / f"{instance_id}.json"
        other = path.with_suffix(".other")
        other.write_bytes(path.read_bytes().replace(b'"running"', b'"paused"'))
        os.utime(other, ns=(0, time.time_ns() - 60_000_000_000))

        def change() -> None:
            other.replace(path)
            wait_until_sync(lambda: told.instances[instance_id].status == "paused")

        opened = {call.path for call in calls(base, change) if call.name == "open"}
        assert opened <= {str(path)}
    finally:
        catalog.close()
