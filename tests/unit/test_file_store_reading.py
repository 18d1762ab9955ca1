"""Reading is tolerant, honest, and leaves no trace."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatflow_core import (
    CorruptStateError,
    FileStateStore,
    InvalidTransitionError,
    ReadOnlyRecordError,
    SchemaError,
    WorkflowEngine,
)
from tests.files import SCHEMA, held_by_another_process, tree, without_locks
from tests.seed_store import SeedStore

READS: list[Callable[[WorkflowEngine, str], object]] = [
    lambda engine, instance_id: engine.get_workflow_instance_status(instance_id),
    lambda engine, instance_id: engine.trigger_next_step(instance_id, dry_run=True),
    lambda engine, instance_id: engine.load_artifacts(instance_id, "design"),
    lambda engine, instance_id: engine.get_feature_status("feat"),
    lambda engine, instance_id: engine.list_instances(),
    lambda engine, instance_id: engine.list_features(),
    lambda engine, instance_id: engine.state_store.load_state(instance_id),
    lambda engine, instance_id: engine.state_store.list_instances_by_feature("feat"),
    lambda engine, instance_id: engine.state_store.phases_with_texts(instance_id),
    lambda engine, instance_id: engine.state_store.load_schema("flow"),
    lambda engine, instance_id: engine.state_store.list_schemas(),
    lambda engine, instance_id: engine.state_store.change_hint(),
]


@pytest.mark.parametrize("read", READS)
def test_reading_takes_no_lock_and_leaves_every_byte(base: Path, read: Callable[[WorkflowEngine, str], object]) -> None:
    instance_id = WorkflowEngine(state_store=FileStateStore(base, durable=False)).start_workflow_instance(
        SCHEMA, {}, "feat"
    )
    engine = WorkflowEngine(state_store=FileStateStore(base, create=False, lock_timeout=0.0))
    before = tree(base)
    with (
        held_by_another_process(base / ".locks" / f"{instance_id}.lock"),
        held_by_another_process(base / ".locks" / "features.lock"),
    ):
        read(engine, instance_id)
    after = tree(base)
    after.pop(".locks/features.lock")
    before.pop(".locks/features.lock")
    assert {name: entry[3] for name, entry in after.items()} == {name: entry[3] for name, entry in before.items()}
    assert without_locks(base) == {name: entry for name, entry in before.items() if not name.startswith(".locks")}


@pytest.mark.parametrize("read", READS)
def test_reading_a_store_that_is_not_there_makes_nothing(
    tmp_path: Path, read: Callable[[WorkflowEngine, str], object]
) -> None:
    engine = WorkflowEngine(state_store=FileStateStore(tmp_path / "none", create=False))
    try:
        read(engine, "wfi_1")
    except ValueError as error:
        assert "wfi_1" in str(error)  # noqa: PT017 - only some reads look for the instance
    assert list(tmp_path.iterdir()) == []


def _break(record: Path, how: str) -> None:
    text = record.read_text()
    changed = {
        "nan": text.replace('"variables": {}', '"variables": {"x": NaN}'),
        "infinite": text.replace('"variables": {}', '"variables": {"x": 1e999}'),
        "surrogate": text.replace('"variables": {}', '"variables": {"x": "\\ud800"}'),
        "bom": "\ufeff" + text,
    }[how]
    assert changed != text
    record.write_text(changed, encoding="utf-8")


@pytest.mark.parametrize("how", ["nan", "infinite", "surrogate", "bom"])
def test_json_out_of_the_standard_shows_with_the_reason_and_is_not_written(
    engine: WorkflowEngine, base: Path, how: str
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    _break(base / "instances" / f"{instance_id}.json", how)
    before = without_locks(base)
    state = engine.get_workflow_instance_status(instance_id)
    (summary,) = engine.list_instances()
    assert state is not None
    assert (state.status, summary.status, summary.feature_id) == ("created", "created", "feat")
    assert summary.read_only == engine.state_store.read_only_reason(instance_id)
    assert "JSON" in str(summary.read_only)
    uses: list[Any] = [engine.trigger_next_step, engine.retry_phase, lambda i: engine.fail_current_phase(i, "no")]
    for use in uses:
        with pytest.raises(ReadOnlyRecordError, match="JSON"):
            use(instance_id)
    assert without_locks(base) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b'{"instance_id": ', r"not JSON.* 16 bytes"),
        (b"[1]", "object"),
        (b'"x"', "object"),
        (b"null", "object"),
        (b'{"instance_id": "wfi_1", "workflow_name": "w"}', "missing required field"),
        (b'{"a": \xff}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_broken_file_is_an_entry_unreadable_with_its_reason(
    engine: WorkflowEngine, base: Path, content: bytes, words: str
) -> None:
    good = engine.start_workflow_instance(SCHEMA, {}, "feat")
    (base / "instances" / "wfi_1.json").write_bytes(content)
    with pytest.raises(CorruptStateError, match=words):
        engine.get_workflow_instance_status("wfi_1")
    found = {summary.instance_id: summary for summary in engine.list_instances()}
    assert found[good].problem is None
    assert found["wfi_1"].status == "unreadable"
    assert found["wfi_1"].updated_at > 0
    with pytest.raises(CorruptStateError) as caught:
        engine.trigger_next_step("wfi_1")
    assert found["wfi_1"].problem == caught.value.reason


def test_a_wrong_value_is_named_by_its_path(engine: WorkflowEngine, base: Path, seed: SeedStore) -> None:
    state = seed.start("wfi_1")
    entry = {"phase": "a", "task": "t", "started_at": "yesterday"}
    (base / "instances" / "wfi_1.json").write_text(json.dumps({**state, "history": [entry]}))
    with pytest.raises(CorruptStateError, match=r"history\[0\]\.started_at|\$\.history\[\.\.\.\]\.started_at"):
        engine.get_workflow_instance_status("wfi_1")


@pytest.mark.parametrize("kind", ["fifo", "directory"])
def test_what_is_named_like_a_record_and_is_none_does_not_block(engine: WorkflowEngine, base: Path, kind: str) -> None:
    good = engine.start_workflow_instance(SCHEMA, {}, "feat")
    odd = base / "instances" / "wfi_odd.json"
    if kind == "fifo":
        os.mkfifo(odd)
    else:
        odd.mkdir()
    with pytest.raises(CorruptStateError, match="not a regular file"):
        engine.get_workflow_instance_status("wfi_odd")
    found = {summary.instance_id: summary.status for summary in engine.list_instances()}
    assert found == {good: "created", "wfi_odd": "unreadable"}


def test_an_instances_directory_that_becomes_a_file_reads_as_no_instances(engine: WorkflowEngine, base: Path) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    assert engine.get_workflow_instance_status(instance_id) is not None
    (base / "instances").rename(base / "away")
    (base / "instances").write_text("")
    assert engine.get_workflow_instance_status(instance_id) is None
    assert engine.list_instances() == []


def test_a_store_written_by_the_original_program_reads_fully(seed: SeedStore, base: Path) -> None:
    seed.start("wfi_new")
    seed.start("wfi_run")
    seed.trigger("wfi_run", {"n": 1})
    seed.start("wfi_done")
    seed.trigger("wfi_done", {"n": 1})
    seed.trigger("wfi_done", {"n": 2})
    engine = WorkflowEngine(state_store=FileStateStore(base, create=False))
    assert {s.instance_id: (s.status, s.current_phase) for s in engine.list_instances()} == {
        "wfi_new": ("created", "phase1"),
        "wfi_run": ("running", "phase2"),
        "wfi_done": ("completed", "phase2"),
    }
    assert engine.get_feature_status("feat_seed")["total_instances"] == 3
    state = engine.get_workflow_instance_status("wfi_run")
    assert state is not None
    assert (state.workflow_schema, state.history[0].trigger_data_snapshot) == (None, {"n": 1})


def test_a_lagging_record_of_the_original_is_put_right_by_our_first_write(
    engine: WorkflowEngine, seed: SeedStore, base: Path
) -> None:
    (base / "schemas").mkdir()
    (base / "schemas" / "seed_flow.yaml").write_text("phases: [{name: phase1}, {name: phase2}]")
    seed.start("wfi_1")
    updated_at = seed.trigger("wfi_1", {"n": 1})["updated_at"]
    state = engine.trigger_next_step("wfi_1", {"n": 2})
    first, second = state.history
    assert (first.phase, first.ended_at, first.status) == ("phase1", updated_at, "completed")
    assert first.trigger_data_snapshot == {"n": 1}
    assert (second.phase, second.started_at, second.status) == ("phase2", updated_at, "completed")
    assert second.trigger_data_snapshot == {"n": 2}
    assert state.status == "completed"
    assert "workflow_schema" not in seed.load("wfi_1")


def test_a_running_record_without_an_open_entry_is_accepted(
    engine: WorkflowEngine, seed: SeedStore, base: Path
) -> None:
    (base / "schemas").mkdir()
    (base / "schemas" / "seed_flow.yaml").write_text("phases: [{name: phase1}, {name: phase2}]")
    state = seed.start("wfi_1")
    seed.save({**state, "status": "running"})
    (entry, _) = engine.trigger_next_step("wfi_1", {"n": 1}).history
    assert (entry.phase, entry.started_at, entry.trigger_data_snapshot) == ("phase1", state["updated_at"], {"n": 1})


def test_a_record_without_a_definition_is_not_advanced_without_one_but_can_fail(
    engine: WorkflowEngine, seed: SeedStore, base: Path
) -> None:
    seed.start("wfi_1")
    before = without_locks(base)
    with pytest.raises(SchemaError, match=r"'seed_flow'.*schemas/"):
        engine.trigger_next_step("wfi_1")
    assert without_locks(base) == before
    assert engine.fail_current_phase("wfi_1", "stop").status == "failed"


def test_an_unknown_status_shows_and_is_not_advanced(engine: WorkflowEngine, seed: SeedStore, base: Path) -> None:
    seed.save({**seed.start("wfi_1"), "status": "paused"})
    before = without_locks(base)
    assert engine.list_instances()[0].status == "paused"
    (base / "schemas").mkdir()
    (base / "schemas" / "seed_flow.yaml").write_text("phases: [{name: phase1}, {name: phase2}]")
    with pytest.raises(InvalidTransitionError, match="paused"):
        engine.trigger_next_step("wfi_1")
    assert {name: found for name, found in without_locks(base).items() if "schemas" not in name} == before


def test_a_cached_read_is_as_new_as_the_file(engine: WorkflowEngine, base: Path) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    other = WorkflowEngine(state_store=FileStateStore(base, durable=False))
    for phase in ("requirement_analysis", "design", "implementation"):
        state = engine.get_workflow_instance_status(instance_id)
        assert state is not None
        assert state.current_phase == phase
        other.trigger_next_step(instance_id)
    (base / "instances" / f"{instance_id}.json").unlink()
    assert engine.get_workflow_instance_status(instance_id) is None


@pytest.mark.parametrize(
    ("tick_ns", "looked_at_ns"),
    [(10_000_000_007, 10_090_000_000), (10_000_000_000, 11_900_000_000)],
    ids=["ticks of milliseconds", "ticks of seconds"],
)
def test_a_change_within_one_tick_of_the_file_systems_clock_is_seen(
    engine: WorkflowEngine,
    seed: SeedStore,
    base: Path,
    monkeypatch: pytest.MonkeyPatch,
    tick_ns: int,
    looked_at_ns: int,
) -> None:
    state = seed.start("wfi_1")
    record = seed.record("wfi_1")
    # All these changes are stamped alike, and are too new for the stamp to be trusted.
    monkeypatch.setattr(time, "time_ns", lambda: looked_at_ns)
    stamps = set()
    for phase in ("phase1", "phase2", "phase3"):
        record.write_text(json.dumps({**state, "current_phase": phase}))
        os.utime(record, ns=(tick_ns, tick_ns))
        stamps.add((record.stat().st_mtime_ns, record.stat().st_size, record.stat().st_ino))
        read = engine.get_workflow_instance_status("wfi_1")
        assert read is not None
        assert [read.current_phase, engine.list_instances()[0].current_phase] == [phase, phase]
    assert len(stamps) == 1
