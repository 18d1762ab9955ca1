"""A store of ChatCoder v1.1: read, shown, and never written."""

from __future__ import annotations

import json
import os
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
from tests.files import age, tree

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


def progress(engine: WorkflowEngine) -> dict[str, tuple[int, int | None]]:
    return {s.instance_id: (s.phases_done, s.phases_total) for s in engine.list_instances()}


def test_summaries_count_the_phases_that_are_done_of_those_its_definition_has(chatcoder: WorkflowEngine) -> None:
    assert progress(chatcoder) == {FRESH: (0, 6), RUNNING: (3, 6), DONE: (6, 6)}
    assert {(f.phases_done, f.phases_total) for f in chatcoder.list_features()} == {(6, 12), (3, 6)}


def test_the_total_follows_the_definition_as_far_as_that_can_be_true(
    chatcoder: WorkflowEngine, store_dir: Path
) -> None:
    definition = store_dir / "schemas" / "default.yaml"
    text = definition.read_text()

    # One more phase at the end: what is completed cannot have gone through it.
    definition.write_text(text.replace("version", "- name: deploy\nversion"))
    assert progress(chatcoder) == {FRESH: (0, 7), RUNNING: (3, 7), DONE: (6, None)}

    # Without a phase that an instance has gone through it is the definition of something else.
    definition.write_text(text.replace("- name: design\n  task: design\n", ""))
    assert progress(chatcoder) == {FRESH: (0, 5), RUNNING: (3, None), DONE: (6, None)}

    for content in ("phases: [", None):
        definition.write_text(content) if content is not None else definition.unlink()
        assert progress(chatcoder) == {FRESH: (0, None), RUNNING: (3, None), DONE: (6, None)}

    definition.write_text(text)
    assert progress(chatcoder) == {FRESH: (0, 6), RUNNING: (3, 6), DONE: (6, 6)}


def test_a_listing_looks_at_a_definition_once_and_reads_no_record_again(
    chatcoder: WorkflowEngine, store_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(store_dir)
    chatcoder.list_instances()
    opened: list[str] = []
    looked: list[str] = []
    real_open, real_lstat = os.open, os.lstat

    def counting_open(path: str, *rest: int) -> int:
        opened.append(str(path))
        return real_open(path, *rest)

    def counting_lstat(path: str) -> os.stat_result:
        looked.append(str(path))
        return real_lstat(path)

    monkeypatch.setattr(os, "open", counting_open)
    monkeypatch.setattr(os, "lstat", counting_lstat)
    chatcoder.list_instances()
    assert opened == []
    assert sum(path.endswith("default.yaml") for path in looked) == 1


@pytest.mark.parametrize("instance_id", [FRESH, RUNNING, DONE])
@pytest.mark.parametrize("lost", ["history.ndjson", "full_state.json"])
def test_either_of_its_two_histories_tells_the_same(
    chatcoder: WorkflowEngine, store_dir: Path, instance_id: str, lost: str
) -> None:
    whole = chatcoder.get_workflow_instance_status(instance_id)
    (store_dir / "instances" / instance_id / lost).unlink()
    left = chatcoder.get_workflow_instance_status(instance_id)
    assert whole is not None
    assert left is not None
    assert left.history == whole.history
    if lost == "history.ndjson":
        assert left == whole
    told = [(row.phase, row.runs) for row in build_timeline(whole) if row.runs]
    assert [(row.phase, row.runs) for row in build_timeline(left) if row.runs] == told
    summary = next(s for s in chatcoder.list_instances() if s.instance_id == instance_id)
    assert (summary.phases_done, summary.problem) == ({FRESH: 0, RUNNING: 3, DONE: 6}[instance_id], None)


def test_events_of_the_lines_are_used_where_the_full_state_has_none(chatcoder: WorkflowEngine, store_dir: Path) -> None:
    whole = chatcoder.get_workflow_instance_status(DONE)
    full_state = store_dir / "instances" / DONE / "full_state.json"
    document = json.loads(full_state.read_text())
    document["history"] = []
    full_state.write_text(json.dumps(document))
    assert chatcoder.get_workflow_instance_status(DONE) == whole


def test_lines_are_followed_as_they_are_written(chatcoder: WorkflowEngine, store_dir: Path) -> None:
    directory = store_dir / "instances" / RUNNING
    (directory / "full_state.json").unlink()
    age(store_dir)
    assert progress(chatcoder)[RUNNING] == (3, None)
    history = directory / "history.ndjson"
    lines = history.read_text().splitlines(keepends=True)

    # The end of a line that is still being written is not there yet; an event written again counts once.
    ended = json.loads(lines[-1])
    ended["data"] |= {"ended_at": ended["timestamp"] + 1, "status": "completed"}
    history.write_text("".join(lines) + json.dumps(ended) + "\n" + json.dumps(ended)[:30])
    assert progress(chatcoder)[RUNNING] == (4, None)
    state = chatcoder.get_workflow_instance_status(RUNNING)
    assert state is not None
    assert [entry.phase for entry in state.history] == ["analyze", "design", "code", "test"]

    history.write_text(lines[0] + "{broken\n" + lines[1])
    with pytest.raises(CorruptStateError, match=r"history\.ndjson.*line 2"):
        chatcoder.get_workflow_instance_status(RUNNING)


def test_what_a_phase_was_opened_with_is_the_result_of_the_one_before(chatcoder: WorkflowEngine) -> None:
    state = chatcoder.get_workflow_instance_status(RUNNING)
    assert state is not None
    summaries = [(entry.trigger_data_snapshot or {}).get("summary") for entry in state.history]
    assert summaries == [None, "done design", "done code", None]


def test_all_of_its_texts_open(chatcoder: WorkflowEngine) -> None:
    for instance_id, phases in ((RUNNING, PHASES[:3]), (DONE, PHASES), (FRESH, [])):
        assert sorted(chatcoder.state_store.phases_with_texts(instance_id)) == sorted(phases)
        for phase in PHASES:
            artifacts = chatcoder.load_artifacts(instance_id, phase)
            is_there = phase in phases
            assert (artifacts.prompt is not None, artifacts.ai_response is not None) == (is_there, is_there)
            assert (artifacts.attempts, artifacts.problem) == (int(is_there), None)
            assert artifacts.verdict == ("intact" if is_there else "not recorded")


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
