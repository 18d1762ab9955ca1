"""A store of ChatCoder v1.1: read, shown, and never written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chatflow_core import (
    CorruptStateError,
    FileStateStore,
    ReadOnlyRecordError,
    WorkflowEngine,
    build_timeline,
)
from tests.files import tree

SAMPLE = Path(__file__).parent.parent / "data" / "chatcoder_v1_1"
FRESH, RUNNING, DONE = "wfi_4d2971ce02fb", "wfi_116ca9160c88", "wfi_abf21c8ae41c"
PHASES = ["analyze", "design", "code", "test", "review", "summary"]


@pytest.fixture
def store_dir(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "workflow_instances"))


@pytest.fixture
def chatcoder(store_dir: Path) -> WorkflowEngine:
    return WorkflowEngine(state_store=FileStateStore(store_dir, create=False))


def test_its_instances_are_listed_with_their_states(chatcoder: WorkflowEngine) -> None:
    found = {
        s.instance_id: (s.feature_id, s.workflow_name, s.status, s.current_phase) for s in chatcoder.list_instances()
    }
    assert found == {
        FRESH: ("feat_0", "default", "created", "analyze"),
        RUNNING: ("feat_1", "default", "running", "test"),
        DONE: ("feat_0", "default", "completed", "summary"),
    }
    assert all("ChatCoder v1.1" in str(summary.read_only) for summary in chatcoder.list_instances())


def test_its_features_are_counted_without_an_index_of_ours(chatcoder: WorkflowEngine) -> None:
    status = chatcoder.get_feature_status("feat_0")
    assert (status["total_instances"], status["completed_count"], status["created_count"]) == (2, 1, 1)
    assert status["status"] == "in_progress"
    assert [feature.feature_id for feature in chatcoder.list_features()] == ["feat_0", "feat_1"]


def test_its_states_have_their_variables_and_history(chatcoder: WorkflowEngine) -> None:
    state = chatcoder.get_workflow_instance_status(RUNNING)
    assert state is not None
    assert state.variables == {"user_request": "需求1", "summary": "done code"}
    assert state.meta == {"automation_level": 60}
    assert [(entry.phase, entry.status) for entry in state.history] == [
        ("analyze", "completed"),
        ("design", "completed"),
        ("code", "completed"),
        ("test", "running"),
    ]
    assert state.history[2].trigger_data_snapshot == {"summary": "done code"}
    assert state.history[3].ended_at is None


def test_its_timelines_tell_every_phase_with_times_that_do_not_run_backwards(chatcoder: WorkflowEngine) -> None:
    for instance_id, opened in ((FRESH, 0), (RUNNING, 4), (DONE, 6)):
        state = chatcoder.get_workflow_instance_status(instance_id)
        assert state is not None
        timeline = [row for row in build_timeline(state) if row.runs]
        assert [row.phase for row in timeline] == PHASES[:opened]
        for row in timeline:
            (run,) = row.runs
            assert run.ended_at is None or run.ended_at >= run.started_at
        is_open = [row.phase for row in timeline if row.runs[0].ended_at is None]
        assert is_open == (["test"] if instance_id == RUNNING else [])


def test_summaries_count_the_phases_that_are_done(chatcoder: WorkflowEngine) -> None:
    assert {s.instance_id: s.phases_done for s in chatcoder.list_instances()} == {FRESH: 0, RUNNING: 3, DONE: 6}


def test_its_texts_are_shown_with_the_verdict_of_its_records(chatcoder: WorkflowEngine, store_dir: Path) -> None:
    assert chatcoder.state_store.phases_with_texts(RUNNING) == ["analyze", "code", "design"]
    assert chatcoder.state_store.phases_with_texts(FRESH) == []
    sample = store_dir / "instances" / RUNNING / "artifacts" / "design"
    artifacts = chatcoder.load_artifacts(RUNNING, "design")
    assert artifacts.prompt == (sample / "design.prompt.md").read_text()
    assert artifacts.ai_response == (sample / "design.ai_response.md").read_text()
    assert (artifacts.verdict, artifacts.attempts, artifacts.problem) == ("intact", 1, None)
    assert artifacts.record is not None
    assert artifacts.record.status == "success"
    (sample / "design.prompt.md").write_text("edited")
    assert chatcoder.load_artifacts(RUNNING, "design").verdict == "changed"


WRITES: list[Callable[[WorkflowEngine, str], object]] = [
    lambda engine, i: engine.trigger_next_step(i, {"n": 1}),
    lambda engine, i: engine.trigger_next_step(i, dry_run=True),
    lambda engine, i: engine.fail_current_phase(i, "no"),
    lambda engine, i: engine.retry_phase(i),
    lambda engine, i: engine.record_task(i, "p", "r"),
    lambda engine, i: engine.state_store.save_task_artifacts("feat_0", i, "design", {}, "p", "r"),
    lambda engine, i: engine.state_store.save_state(i, engine.state_store.load_state(i) or {}),
]


@pytest.mark.parametrize("instance_id", [FRESH, RUNNING, DONE])
@pytest.mark.parametrize("write", WRITES)
def test_every_write_is_refused_and_not_one_byte_of_the_tree_changes(
    chatcoder: WorkflowEngine, store_dir: Path, write: Callable[[WorkflowEngine, str], object], instance_id: str
) -> None:
    before = tree(store_dir)
    with pytest.raises(ReadOnlyRecordError, match="ChatCoder"):
        write(chatcoder, instance_id)
    assert tree(store_dir) == before


def test_a_short_record_without_its_full_state_is_shown_and_not_written(
    chatcoder: WorkflowEngine, store_dir: Path
) -> None:
    shutil.rmtree(store_dir / "instances" / RUNNING)
    before = tree(store_dir)
    state = chatcoder.get_workflow_instance_status(RUNNING)
    assert state is not None
    assert (state.status, state.current_phase, state.history) == ("running", "test", [])
    with pytest.raises(ReadOnlyRecordError):
        chatcoder.trigger_next_step(RUNNING)
    with pytest.raises(ReadOnlyRecordError):
        chatcoder.state_store.save_task_artifacts("feat_1", RUNNING, "design", {}, "p", "r")
    assert tree(store_dir) == before


@pytest.mark.parametrize("content", ["", "{", "[]", '{"history": 5}', '{"instance_id": "wfi_other"}'])
def test_a_broken_full_state_is_unreadable_and_says_which_file(
    chatcoder: WorkflowEngine, store_dir: Path, content: str
) -> None:
    assert len(chatcoder.list_instances()) == 3
    (store_dir / "instances" / RUNNING / "full_state.json").write_text(content)
    with pytest.raises(CorruptStateError, match=r"full_state\.json"):
        chatcoder.get_workflow_instance_status(RUNNING)
    statuses = {summary.instance_id: summary.status for summary in chatcoder.list_instances()}
    assert statuses == {FRESH: "created", RUNNING: "unreadable", DONE: "completed"}


def test_a_full_state_that_is_a_link_out_of_the_store_is_not_followed(
    chatcoder: WorkflowEngine, store_dir: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    (store_dir / "instances" / RUNNING).rename(outside)
    (store_dir / "instances" / RUNNING).symlink_to(outside)
    with pytest.raises(CorruptStateError, match="symbolic link"):
        chatcoder.get_workflow_instance_status(RUNNING)


def test_our_own_instances_live_beside_it(chatcoder: WorkflowEngine, store_dir: Path) -> None:
    before = {name: found for name, found in tree(store_dir).items() if "wfi_" in name}
    instance_id = chatcoder.start_workflow_instance("default", {}, "feat_0")
    assert chatcoder.trigger_next_step(instance_id).current_phase == "design"
    assert chatcoder.get_feature_status("feat_0")["total_instances"] == 3
    assert {name: found for name, found in tree(store_dir).items() if name in before} == before
