"""What a catalog and a scan read, and what they leave alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatflow_core import Catalog, FileStateStore, InstanceSummary, WorkflowEngine
from tests.files import SCHEMA, age
from tests.listening import Told
from tests.waiting import wait_until_sync


@pytest.fixture
def told() -> Told:
    return Told()


def test_only_files_that_changed_are_read_again(
    engine: WorkflowEngine, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [engine.start_workflow_instance(SCHEMA, {}, "feat") for _ in range(30)]
    read: list[str] = []
    real = os.open

    def count(path: Any, *arguments: Any, **options: Any) -> int:
        if str(path).endswith(".json"):
            read.append(Path(path).stem)
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", count)
    age(base)
    reader = FileStateStore(base, create=False)
    list(reader.scan())
    assert sorted(read) == sorted(ids)
    read.clear()
    list(reader.scan())
    assert read == []
    WorkflowEngine(state_store=FileStateStore(base, durable=False)).trigger_next_step(ids[3])
    read.clear()
    list(reader.scan())
    assert read == [ids[3]]


class Counting(FileStateStore):
    """Notes what a catalog asks for."""

    def __init__(self, base_dir: Path) -> None:
        super().__init__(base_dir, create=False)
        self.asked: list[str] = []
        self.scans = 0
        self.failures = 0

    def read_summary(self, instance_id: str) -> InstanceSummary | None:
        self.asked.append(instance_id)
        return super().read_summary(instance_id)

    def scan(self) -> Iterator[list[InstanceSummary]]:
        self.scans += 1
        if self.failures:
            self.failures -= 1
            raise RuntimeError("nobody expected this")
        return super().scan()


def test_only_what_the_watch_names_is_asked_for_again(engine: WorkflowEngine, base: Path, told: Told) -> None:
    ids = [engine.start_workflow_instance(SCHEMA, {}, "feat") for _ in range(30)]
    store = Counting(base)
    catalog = Catalog(store, told)
    catalog.start()
    try:
        wait_until_sync(lambda: told.is_loaded and told.changes[-1].mode == "live" and store.scans >= 1)
        assert store.asked == []
        engine.trigger_next_step(ids[3])
        wait_until_sync(lambda: told.instances[ids[3]].status == "running")
        assert set(store.asked) <= {ids[3]}
    finally:
        catalog.close()


def test_an_unforeseen_error_while_loading_is_logged_and_tried_again(
    engine: WorkflowEngine, base: Path, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    store = Counting(base)
    store.failures = 1
    catalog = Catalog(store, told)
    catalog.start()
    try:
        wait_until_sync(lambda: instance_id in told.instances)
    finally:
        catalog.close()
    assert "nobody expected this" in caplog.text
