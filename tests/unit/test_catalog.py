from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from json import JSONDecodeError
from pathlib import Path
from threading import Event
from threading import enumerate as enumerate_threads

import pytest

from chatflow_core import (
    Catalog,
    CatalogChange,
    ChatFlowError,
    FileStateStore,
    InstanceSummary,
    WorkflowEngine,
)
from chatflow_core.summaries import summarize_features
from tests.files import SCHEMA, tree
from tests.listening import Told
from tests.seed_store import SeedStore
from tests.waiting import wait_until_sync


@pytest.fixture
def told() -> Told:
    return Told()


Open = Callable[..., Catalog]


@pytest.fixture
def follow(base: Path) -> Iterator[Open]:
    """Opens a catalog on the store, which is closed afterwards."""
    opened: list[Catalog] = []

    def start(on_change: Callable[[CatalogChange], None]) -> Catalog:
        catalog = Catalog(FileStateStore(base, create=False), on_change)
        opened.append(catalog)
        catalog.start()
        return catalog

    yield start
    for catalog in opened:
        catalog.close()


def _fresh(base: Path) -> dict[str, InstanceSummary]:
    engine = WorkflowEngine(state_store=FileStateStore(base, create=False))
    return {summary.instance_id: summary for summary in engine.list_instances()}


def _is_fresh(catalog: Catalog, base: Path) -> bool:
    """Whether the catalog equals a scan; of files that became unreadable it may know more."""
    scanned = _fresh(base)
    known = {
        instance_id: scanned[instance_id] if summary.problem == scanned[instance_id].problem is not None else summary
        for instance_id, summary in catalog.summaries.items()
        if instance_id in scanned
    }
    return known == scanned and len(catalog.summaries) == len(scanned)


def test_it_loads_everything_and_then_follows(engine: WorkflowEngine, base: Path, follow: Open, told: Told) -> None:
    first = engine.start_workflow_instance(SCHEMA, {}, "feat")
    catalog = follow(told)
    wait_until_sync(lambda: told.is_loaded and first in told.instances)
    second = engine.start_workflow_instance(SCHEMA, {}, "other")
    engine.trigger_next_step(first)
    wait_until_sync(lambda: second in told.instances and told.instances[first].status == "running")
    assert catalog.summaries == told.instances == _fresh(base)
    assert catalog.features == told.features
    (base / "instances" / f"{second}.json").unlink()
    wait_until_sync(lambda: second not in told.instances)
    wait_until_sync(lambda: list(told.features) == ["feat"])
    assert list(catalog.features) == ["feat"]


def test_a_catalog_makes_nothing_on_disk(base: Path, tmp_path: Path, follow: Open, told: Told) -> None:
    follow(told)
    wait_until_sync(lambda: told.is_loaded)
    assert told.changes[-1].mode == "waiting"
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_appears_later_comes_alive(
    engine: WorkflowEngine, seed: SeedStore, follow: Open, told: Told
) -> None:
    follow(told)
    wait_until_sync(lambda: told.is_loaded)
    seed.start("wfi_1")
    wait_until_sync(lambda: "wfi_1" in told.instances and told.changes[-1].mode == "live")


@pytest.mark.parametrize("seed_of_chance", [1, 2])
def test_after_random_operations_it_equals_a_fresh_scan(
    engine: WorkflowEngine, seed: SeedStore, base: Path, follow: Open, told: Told, seed_of_chance: int
) -> None:
    chance = random.Random(seed_of_chance)
    catalog = follow(told)
    ids: list[str] = []

    def start() -> None:
        ids.append(engine.start_workflow_instance(SCHEMA, {}, chance.choice(["f1", "f2", "f3"])))

    def of_the_original() -> None:
        name = f"wfi_seed{len(ids)}"
        seed.start(name, chance.choice(["f1", "f4"]))
        ids.append(name)

    def advance() -> None:
        engine.trigger_next_step(chance.choice(ids))

    def fail() -> None:
        engine.fail_current_phase(chance.choice(ids), "why")

    def remove() -> None:
        seed.record(chance.choice(ids)).unlink(missing_ok=True)

    def tear() -> None:
        seed.record(chance.choice(ids)).write_text("{torn")

    def move_to_another_feature() -> None:
        with seed.changing(chance.choice(ids)) as state:
            state["feature_id"] = chance.choice(["f1", "f5"])

    operations = [start, start, of_the_original, advance, advance, advance, fail, remove, tear, move_to_another_feature]
    start()
    for step in range(200):
        if step % 40 == 39:
            wait_until_sync(lambda: _is_fresh(catalog, base))
        try:
            chance.choice(operations)()
        except (ChatFlowError, JSONDecodeError, FileNotFoundError):
            continue  # the instance is gone, torn, failed or finished
    wait_until_sync(lambda: _is_fresh(catalog, base))
    catalog.close()
    assert catalog.summaries == told.instances
    assert catalog.features == told.features
    assert told.changes[-1].counts == Counter(summary.status for summary in told.instances.values())
    recounted = {feature.feature_id: feature for feature in summarize_features(catalog.summaries.values())}
    assert recounted == catalog.features


def test_a_focus_set_before_the_catalog_runs_is_not_forgotten(engine: WorkflowEngine, base: Path, told: Told) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    catalog = Catalog(FileStateStore(base, create=False), told)
    catalog.focus(instance_id)
    catalog.start()
    try:
        engine.record_task(instance_id, "p", phase_name="design")
        wait_until_sync(lambda: told.is_loaded and told.changes[-1].mode == "live")
        wait_until_sync(lambda: any(instance_id in change.touched for change in told.changes))
        told.changes.clear()
        engine.record_task(instance_id, None, "r", "design")
        wait_until_sync(lambda: any(instance_id in change.touched for change in told.changes))
    finally:
        catalog.close()


def test_an_unreadable_record_keeps_what_was_last_known_and_says_why(
    engine: WorkflowEngine, base: Path, follow: Open, told: Told
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    engine.trigger_next_step(instance_id)
    catalog = follow(told)
    wait_until_sync(lambda: instance_id in told.instances)
    good = told.instances[instance_id]
    record = base / "instances" / f"{instance_id}.json"
    text = record.read_text()
    record.write_text("{torn")
    wait_until_sync(lambda: told.instances[instance_id].status == "unreadable")
    torn = told.instances[instance_id]
    assert torn.problem is not None
    for name in ("feature_id", "workflow_name", "current_phase", "phases_done", "phases_total", "created_at"):
        assert getattr(torn, name) == getattr(good, name)
    assert catalog.features["feat"].other_count == 1
    record.write_text(text)
    wait_until_sync(lambda: told.instances[instance_id] == good)


def test_an_odd_record_does_not_keep_the_others_from_loading(
    engine: WorkflowEngine, base: Path, follow: Open, told: Told
) -> None:
    good = engine.start_workflow_instance(SCHEMA, {}, "feat")
    text = (base / "instances" / f"{good}.json").read_text()
    odd = text.replace('"code_generation",\n    "phases"', '"code_generation",\n    "n": 1e999,\n    "phases"')
    assert odd != text
    (base / "instances" / "wfi_odd.json").write_text(odd.replace(good, "wfi_odd"))
    follow(told)
    wait_until_sync(lambda: told.is_loaded and {good, "wfi_odd"} <= told.instances.keys())


def test_errors_of_the_listener_are_logged_and_the_catalog_goes_on(
    engine: WorkflowEngine, follow: Open, caplog: pytest.LogCaptureFixture
) -> None:
    seen: set[str] = set()

    def fail(change: CatalogChange) -> None:
        seen.update(summary.instance_id for summary in change.changed)
        raise RuntimeError("the listener broke")

    follow(fail)
    first = engine.start_workflow_instance(SCHEMA, {}, "feat")
    wait_until_sync(lambda: first in seen)
    second = engine.start_workflow_instance(SCHEMA, {}, "feat")
    wait_until_sync(lambda: second in seen)
    assert "the listener broke" in caplog.text


def test_texts_of_the_instance_in_focus_are_told_as_touched(engine: WorkflowEngine, follow: Open, told: Told) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    engine.record_task(instance_id, "p", phase_name="design")
    catalog = follow(told)
    wait_until_sync(lambda: told.is_loaded and told.changes[-1].mode == "live")
    catalog.focus(instance_id)
    wait_until_sync(lambda: any(instance_id in change.touched for change in told.changes))
    told.changes.clear()
    engine.record_task(instance_id, None, "r", "design")
    wait_until_sync(lambda: any(instance_id in change.touched for change in told.changes))


def test_where_anything_may_have_changed_so_may_the_texts_in_focus(
    engine: WorkflowEngine, follow: Open, told: Told
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    catalog = follow(told)
    catalog.focus(instance_id)
    wait_until_sync(lambda: told.is_loaded and any(instance_id in change.touched for change in told.changes))
    for _ in range(3):
        told.changes.clear()
        catalog.rescan()  # as after lost events
        wait_until_sync(lambda: any(instance_id in change.touched for change in told.changes))


def test_nothing_is_told_after_close(engine: WorkflowEngine, base: Path, follow: Open, told: Told) -> None:
    catalog, other = follow(told), Told()
    wait_until_sync(lambda: told.is_loaded)
    catalog.close()
    count = len(told.changes)
    follow(other)
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    wait_until_sync(lambda: instance_id in other.instances)
    assert len(told.changes) == count
    catalog.close()


def test_a_file_system_that_hangs_keeps_nobody_from_closing(base: Path, told: Told) -> None:
    answers = Event()

    class HangingStore(FileStateStore):
        def scan(self) -> Iterator[list[InstanceSummary]]:
            answers.wait()
            yield from super().scan()

    catalog = Catalog(HangingStore(base, create=False), told)
    catalog.start()
    catalog.close()
    assert not answers.is_set()
    answers.set()
    wait_until_sync(lambda: not any(thread.name == "chatflow-catalog" for thread in enumerate_threads()))
    assert told.changes == []


def test_following_leaves_every_byte_as_it_was(engine: WorkflowEngine, base: Path, follow: Open, told: Told) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "feat")
    before = tree(base)
    catalog = follow(told)
    wait_until_sync(lambda: told.is_loaded)
    catalog.rescan()
    catalog.close()
    assert tree(base) == before
