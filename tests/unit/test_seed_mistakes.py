"""What the original sketch gets wrong: one test a row of the design's table, named after the row."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

import chatflow_core as chatflow
from chatflow_core import (
    CorruptStateError,
    FileStateStore,
    HistoryEntry,
    InstanceFinishedError,
    InstanceNotFoundError,
    PhaseConflictError,
    SchemaError,
    WorkflowEngine,
)
from tests.files import PHASES, SCHEMA, run_python, tree, without_locks
from tests.seed_store import SeedStore


def test_it_imports_and_importing_has_no_side_effect_on_disk(tmp_path: Path) -> None:
    assert run_python("import chatflow_core as c; print(c.WorkflowEngine.__name__)", tmp_path) == "WorkflowEngine\n"
    assert list(tmp_path.iterdir()) == []


def test_init_after_import_is_not_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(chatflow.__dict__, "engine", WorkflowEngine(tmp_path / "first"))
    engine = chatflow.init(str(tmp_path / "second"))
    engine.start_workflow_instance(SCHEMA, {}, "feat")
    assert chatflow.engine is engine
    assert not (tmp_path / "first").exists()
    assert len(list((tmp_path / "second" / "instances").glob("*.json"))) == 1


def test_the_phases_on_trigger_are_those_of_the_schema_given_at_start(engine: WorkflowEngine, base: Path) -> None:
    (base / "schemas").mkdir()
    definition = base / "schemas" / "flow.yaml"
    definition.write_text("phases: [{name: one}, {name: two}]")
    instance_id = engine.start_workflow_instance("flow", {}, "feat")
    definition.write_text("phases: [{name: one}, {name: other}, {name: more}]")
    assert engine.trigger_next_step(instance_id).current_phase == "two"
    assert engine.trigger_next_step(instance_id).status == "completed"


def test_history_is_not_one_behind(engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    state = engine.trigger_next_step(instance_id, {"n": 1})
    first, second = state.history
    assert (first.phase, first.status, first.trigger_data_snapshot) == (PHASES[0], "completed", {"n": 1})
    assert first.started_at == state.created_at
    assert (second.phase, second.ended_at) == (state.current_phase, None) == (PHASES[1], None)
    engine.trigger_next_step(instance_id, {"n": 2})
    state = engine.trigger_next_step(instance_id, {"n": 3})
    assert state.status == "completed"
    assert [entry.trigger_data_snapshot for entry in state.history] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert all(entry.ended_at is not None for entry in state.history)


def test_triggering_a_finished_instance_is_refused_and_nothing_is_written(engine: WorkflowEngine, base: Path) -> None:
    instance_id = engine.start_workflow_instance({"phases": [{"name": "only"}]}, {}, "feat")
    engine.trigger_next_step(instance_id)
    before = without_locks(base)
    with pytest.raises(InstanceFinishedError):
        engine.trigger_next_step(instance_id, {"again": True})
    assert without_locks(base) == before


def test_history_entries_are_dataclasses_after_a_reload(base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    engine.trigger_next_step(instance_id)
    reloaded = WorkflowEngine(state_store=FileStateStore(base, durable=False))
    state = reloaded.get_workflow_instance_status(instance_id)
    assert state is not None
    assert all(isinstance(entry, HistoryEntry) for entry in state.history)
    assert reloaded.trigger_next_step(instance_id).current_phase == PHASES[2]


def _add_meta_under_one_lock(base: Path, instance_id: str, name: str, count: int) -> None:
    store = FileStateStore(base, durable=False)
    for number in range(count):
        with store.lock(instance_id):
            state = store.load_state(instance_id)
            assert state is not None
            state["meta"][f"{name}{number}"] = True
            store.save_state(instance_id, state)


def test_two_processes_lose_no_update(engine: WorkflowEngine, base: Path) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    context = multiprocessing.get_context("fork")
    writers = [
        context.Process(target=_add_meta_under_one_lock, args=(base, instance_id, name, 40)) for name in ("a", "b")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert state.meta == {f"{name}{number}": True for name in ("a", "b") for number in range(40)}


def test_a_read_sees_another_programs_write_at_once(engine: WorkflowEngine, seed: SeedStore) -> None:
    seed.start("wfi_seen")
    for number in range(50):
        with seed.changing("wfi_seen") as state:
            state["meta"]["n"] = number % 10  # the size of the file stays the same
        found = engine.get_workflow_instance_status("wfi_seen")
        assert found is not None
        assert found.meta == {"n": number % 10}


def test_two_programs_do_not_advance_the_same_phase_twice(engine: WorkflowEngine, base: Path) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    other = WorkflowEngine(state_store=FileStateStore(base, durable=False))
    engine.trigger_next_step(instance_id, expected_phase=PHASES[0])
    before = without_locks(base)
    with pytest.raises(PhaseConflictError, match=PHASES[1]):
        other.trigger_next_step(instance_id, expected_phase=PHASES[0])
    assert without_locks(base) == before


def test_every_write_replaces_and_the_index_comes_before_the_record(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = WorkflowEngine(state_store=FileStateStore(base, durable=True))
    calls: list[str] = []
    replace, fsync = os.replace, os.fsync

    def watch_replace(source: Any, target: Any) -> None:
        assert Path(source).parent == Path(target).parent
        calls.append(Path(target).suffix)
        replace(source, target)

    def watch_fsync(descriptor: int) -> None:
        calls.append("fsync")
        fsync(descriptor)

    monkeypatch.setattr(os, "replace", watch_replace)
    monkeypatch.setattr(os, "fsync", watch_fsync)
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    assert calls == ["fsync", ".link", "fsync", "fsync", ".json", "fsync"]
    calls.clear()
    engine.trigger_next_step(instance_id)
    assert calls == ["fsync", ".json", "fsync"]
    calls.clear()
    engine.record_task(instance_id, "prompt", "response")
    assert [call for call in calls if call != "fsync"] == [".md", ".md", ".json"]


def test_a_corrupt_state_file_is_an_error_with_file_and_position_and_is_not_overwritten(
    engine: WorkflowEngine, base: Path
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    record = base / "instances" / f"{instance_id}.json"
    record.write_text('{"instance_id": "wfi_1", oops')
    for attempt in (engine.get_workflow_instance_status, engine.trigger_next_step, engine.retry_phase):
        with pytest.raises(CorruptStateError, match=r"byte \d+") as caught:
            attempt(instance_id)
        assert caught.value.path == str(record)
    assert record.read_text() == '{"instance_id": "wfi_1", oops'


def test_feature_ids_and_phase_names_cannot_write_outside_the_store(engine: WorkflowEngine, base: Path) -> None:
    outside = base.parent.parent
    before = tree(outside)
    schema = {"phases": [{"name": "../../../evil"}, {"name": "/etc/evil"}]}
    instance_id = engine.start_workflow_instance(schema, {}, "../../evil")
    engine.record_task(instance_id, "p", "r")
    engine.record_task(instance_id, "p", "r", "/etc/evil")
    new = tree(outside).keys() - before.keys()
    assert {name for name in new if not name.startswith("project/.chatflow/")} == set()
    assert engine.get_feature_status("../../evil")["latest_instance_id"] == instance_id
    assert engine.load_artifacts(instance_id, "../../../evil").prompt == "p"


def test_phases_that_would_share_files_are_refused(engine: WorkflowEngine, base: Path) -> None:
    before = tree(base)
    with pytest.raises(SchemaError, match=r"'code_review'.*'Code Review'"):
        engine.start_workflow_instance({"phases": [{"name": "Code Review"}, {"name": "code_review"}]}, {}, "feat")
    assert tree(base) == before


def test_the_latest_instance_is_the_newest_not_the_last_in_the_alphabet(
    engine: WorkflowEngine, seed: SeedStore
) -> None:
    for instance_id in ("wfi_b", "wfi_c", "wfi_a"):
        seed.start(instance_id)
    assert engine.get_feature_status("feat_seed")["latest_instance_id"] == "wfi_a"


def test_a_feature_is_completed_only_if_every_instance_is(engine: WorkflowEngine) -> None:
    schema = {"phases": [{"name": "only"}]}
    done, fresh, broken = (engine.start_workflow_instance(schema, {}, "feat") for _ in range(3))
    engine.trigger_next_step(done)
    engine.fail_current_phase(broken, "no")
    status = engine.get_feature_status("feat")
    counts = {key: status[key] for key in ("total_instances", "created_count", "completed_count", "failed_count")}
    assert counts == {"total_instances": 3, "created_count": 1, "completed_count": 1, "failed_count": 1}
    assert status["status"] == "in_progress"
    engine.retry_phase(broken)
    engine.trigger_next_step(broken)
    assert engine.get_feature_status("feat")["status"] == "in_progress"
    engine.trigger_next_step(fresh)
    assert engine.get_feature_status("feat")["status"] == "completed"


def test_rerunning_a_phase_keeps_its_former_prompt_and_response(engine: WorkflowEngine, base: Path) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    engine.record_task(instance_id, "first prompt", "first response")
    engine.record_task(instance_id, "second prompt", "second response")
    former = base / "instances" / instance_id / "tasks" / ".attempts" / PHASES[0]
    assert (former / "1.prompt.md").read_text() == "first prompt"
    assert (former / "1.ai_response.md").read_text() == "first response"
    assert (former / "1.json").exists()
    assert engine.load_artifacts(instance_id, PHASES[0], 1).verdict == "intact"
    assert engine.load_artifacts(instance_id, PHASES[0]).prompt == "second prompt"


def test_failed_can_be_reached_and_left(engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    assert engine.fail_current_phase(instance_id, "no network").status == "failed"
    assert engine.retry_phase(instance_id).status == "running"
    assert engine.trigger_next_step(instance_id).current_phase == PHASES[1]


@pytest.mark.parametrize("method", ["trigger_next_step", "retry_phase"])
def test_an_unknown_instance_is_a_value_error_of_its_own(engine: WorkflowEngine, method: str) -> None:
    with pytest.raises(InstanceNotFoundError, match="wfi_nobody") as caught:
        getattr(engine, method)("wfi_nobody")
    assert isinstance(caught.value, ValueError)
    assert engine.get_workflow_instance_status("wfi_nobody") is None
