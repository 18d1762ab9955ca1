from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from chatflow_core import (
    FileStateStore,
    InstanceNotFoundError,
    InvalidValueError,
    LockTimeoutError,
    TaskArtifacts,
    WorkflowEngine,
)
from chatflow_core.models import Verdict
from tests.files import SCHEMA, held_by_another_process, tree, without_locks
from tests.seed_store import SeedStore

PHASE = "design"


@pytest.fixture
def instance_id(engine: WorkflowEngine) -> str:
    return engine.start_workflow_instance(SCHEMA, {}, "feat")


@pytest.fixture
def tasks(base: Path, instance_id: str) -> Path:
    return base / "instances" / instance_id / "tasks"


def texts(artifacts: TaskArtifacts) -> tuple[str | None, str | None, int, int, str]:
    return (artifacts.prompt, artifacts.ai_response, artifacts.attempt, artifacts.attempts, artifacts.verdict)


def test_nothing_recorded_is_no_attempt_and_no_file(engine: WorkflowEngine, instance_id: str, tasks: Path) -> None:
    assert texts(engine.load_artifacts(instance_id, PHASE)) == (None, None, 0, 0, "not recorded")
    assert not tasks.exists()


def test_a_response_given_later_completes_the_attempt(engine: WorkflowEngine, instance_id: str) -> None:
    first = engine.record_task(instance_id, prompt="提示", phase_name=PHASE)
    assert (first.status, first.ended_at, first.response_checksum) == ("running", None, "")
    assert texts(engine.load_artifacts(instance_id, PHASE)) == ("提示", None, 1, 1, "intact")
    second = engine.record_task(instance_id, ai_response="回答", phase_name=PHASE)
    assert (second.status, second.started_at) == ("completed", first.started_at)
    assert second.ended_at is not None
    assert second.ended_at >= second.started_at
    assert second.prompt_checksum == hashlib.sha256("提示".encode()).hexdigest()
    assert second.response_checksum == hashlib.sha256("回答".encode()).hexdigest()
    assert texts(engine.load_artifacts(instance_id, PHASE)) == ("提示", "回答", 1, 1, "intact")


@pytest.mark.parametrize(
    ("prompt", "response", "shown"),
    [
        ("p", None, ("p", None)),  # the very same text again is another attempt too
        (None, "r2", (None, "r2")),
        ("p2", "r2", ("p2", "r2")),
    ],
)
def test_giving_a_text_that_is_there_opens_a_new_attempt(
    engine: WorkflowEngine, instance_id: str, prompt: str | None, response: str | None, shown: tuple[str, str]
) -> None:
    engine.record_task(instance_id, "p", "r", PHASE)
    engine.record_task(instance_id, prompt, response, PHASE)
    assert texts(engine.load_artifacts(instance_id, PHASE)) == (*shown, 2, 2, "intact")
    assert texts(engine.load_artifacts(instance_id, PHASE, 1)) == ("p", "r", 1, 2, "intact")
    assert texts(engine.load_artifacts(instance_id, PHASE, 2)) == (*shown, 2, 2, "intact")


def test_every_former_attempt_stays_with_its_record(engine: WorkflowEngine, instance_id: str) -> None:
    for number in range(1, 13):
        engine.record_task(instance_id, f"p{number}", f"r{number}", PHASE, status=f"s{number}")
    for number in range(1, 13):
        artifacts = engine.load_artifacts(instance_id, PHASE, number)
        assert texts(artifacts) == (f"p{number}", f"r{number}", number, 12, "intact")
        assert artifacts.record is not None
        assert artifacts.record.status == f"s{number}"
    assert engine.load_artifacts(instance_id, PHASE, 13).prompt is None
    assert engine.load_artifacts(instance_id, PHASE, 0).prompt is None


def test_the_current_phase_is_the_default_and_the_instance_runs_from_then_on(
    engine: WorkflowEngine, instance_id: str
) -> None:
    record = engine.record_task(instance_id, "p")
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert record.phase_name == state.current_phase == "requirement_analysis"
    assert (state.status, state.history[0].started_at) == ("running", state.created_at)
    before = state
    engine.record_task(instance_id, None, "r")
    assert engine.get_workflow_instance_status(instance_id) == before


def test_a_phase_that_is_not_in_the_schema_is_recorded_and_listed(engine: WorkflowEngine, instance_id: str) -> None:
    engine.record_task(instance_id, "p", "r", "Hot Fix/今")
    engine.record_task(instance_id, "p", "r", PHASE)
    assert engine.state_store.phases_with_texts(instance_id) == ["Hot Fix/今", PHASE]


def test_recording_for_an_instance_that_is_gone_is_refused(
    engine: WorkflowEngine, instance_id: str, base: Path
) -> None:
    (base / "instances" / f"{instance_id}.json").unlink()
    before = without_locks(base)
    with pytest.raises(InstanceNotFoundError):
        engine.record_task(instance_id, "p", "r")
    assert without_locks(base) == before


@pytest.mark.parametrize(("prompt", "response"), [(None, None), ("", ""), (None, "")])
def test_recording_no_text_is_refused(
    engine: WorkflowEngine, instance_id: str, prompt: str | None, response: str | None
) -> None:
    with pytest.raises(InvalidValueError):
        engine.record_task(instance_id, prompt, response)


def test_a_definition_that_broke_meanwhile_does_not_stop_recording_half_way(
    engine: WorkflowEngine, seed: SeedStore, base: Path
) -> None:
    seed.start("wfi_seed")
    seed.trigger("wfi_seed", {})
    (base / "schemas").mkdir()
    (base / "schemas" / "seed_flow.yaml").write_text("phases: [")
    engine.record_task("wfi_seed", "p", "r")
    assert texts(engine.load_artifacts("wfi_seed", "phase2")) == ("p", "r", 1, 1, "intact")


@pytest.mark.parametrize(
    ("suffix", "verdicts"),
    [(".prompt.md", ("changed", "changed", "intact")), (".ai_response.md", ("changed", "intact", "changed"))],
)
def test_texts_that_are_not_the_recorded_ones_are_changed(
    engine: WorkflowEngine, instance_id: str, tasks: Path, suffix: str, verdicts: tuple[Verdict, ...]
) -> None:
    def found() -> tuple[Verdict, ...]:
        artifacts = engine.load_artifacts(instance_id, PHASE)
        return artifacts.verdict, artifacts.prompt_verdict, artifacts.response_verdict

    engine.record_task(instance_id, "p", "r", PHASE)
    assert found() == ("intact",) * 3
    (tasks / f"{PHASE}{suffix}").write_text("other")
    assert found() == verdicts
    (tasks / f"{PHASE}{suffix}").unlink()
    assert found() == verdicts


def test_texts_without_a_record_or_with_empty_checksums_are_not_recorded(
    engine: WorkflowEngine, instance_id: str, seed: SeedStore
) -> None:
    record = seed.save_task(instance_id, PHASE, "p", "r", checksums=False)
    assert texts(engine.load_artifacts(instance_id, PHASE)) == ("p", "r", 1, 1, "not recorded")
    record.unlink()
    assert texts(engine.load_artifacts(instance_id, PHASE)) == ("p", "r", 1, 1, "not recorded")


def test_what_cannot_be_read_is_said_and_the_rest_is_shown(
    engine: WorkflowEngine, instance_id: str, tasks: Path
) -> None:
    engine.record_task(instance_id, "p", "r", PHASE)
    (tasks / f"{PHASE}.json").write_text("{")
    (tasks / f"{PHASE}.ai_response.md").write_bytes(b"r\xff")
    artifacts = engine.load_artifacts(instance_id, PHASE)
    assert (artifacts.prompt, artifacts.ai_response, artifacts.verdict) == ("p", "r\ufffd", "not recorded")
    assert artifacts.problem is not None
    assert "UTF-8 at byte 1" in artifacts.problem
    assert f"{PHASE}.json" in artifacts.problem


@pytest.mark.parametrize("phase", ["Code Review", "a:b", "what?", "x" * 190, "percent%"])
def test_texts_the_original_wrote_under_their_raw_names_are_found_and_kept_as_an_attempt(
    engine: WorkflowEngine, seed: SeedStore, phase: str
) -> None:
    seed.start("wfi_seed", phases=[phase])
    seed.save_task("wfi_seed", phase, "their prompt", "their response")
    assert texts(engine.load_artifacts("wfi_seed", phase)) == ("their prompt", "their response", 1, 1, "intact")
    assert engine.state_store.phases_with_texts("wfi_seed") == [phase]
    engine.record_task("wfi_seed", "ours", "too")
    assert texts(engine.load_artifacts("wfi_seed", phase)) == ("ours", "too", 2, 2, "intact")
    assert texts(engine.load_artifacts("wfi_seed", phase, 1)) == ("their prompt", "their response", 1, 2, "intact")


def test_a_response_completes_a_prompt_the_original_wrote_under_a_raw_name(
    engine: WorkflowEngine, seed: SeedStore
) -> None:
    seed.start("wfi_seed", phases=["a:b"])
    seed.save_task("wfi_seed", "a:b", "their prompt", "")
    engine.record_task("wfi_seed", None, "our response")
    assert texts(engine.load_artifacts("wfi_seed", "a:b")) == ("their prompt", "our response", 1, 1, "intact")


def test_the_stores_own_method_writes_texts_and_record_and_leaves_the_instance_alone(
    store: FileStateStore, base: Path, instance_id: str
) -> None:
    record = base / "instances" / f"{instance_id}.json"
    before = (record.stat().st_ino, record.read_bytes())
    given: dict[str, Any] = {"phase_name": PHASE, "status": "success", "started_at": 1.0, "ended_at": 2.0, "cost": 5}
    store.save_task_artifacts("feat", instance_id, PHASE, given, "p", "r")
    assert (record.stat().st_ino, record.read_bytes()) == before
    artifacts = store.load_artifacts(instance_id, PHASE)
    assert artifacts.record is not None
    assert (artifacts.record.status, artifacts.record.ended_at, artifacts.verdict) == ("success", 2.0, "intact")
    raw = json.loads((base / "instances" / instance_id / "tasks" / f"{PHASE}.json").read_text())
    assert raw["cost"] == 5
    store.save_task_artifacts("feat", instance_id, PHASE, given, "p", "r")
    assert store.load_artifacts(instance_id, PHASE).attempts == 1
    store.save_task_artifacts("feat", instance_id, PHASE, given, "p", "other")
    assert store.load_artifacts(instance_id, PHASE).attempts == 2


def test_a_checksum_of_another_text_is_refused(store: FileStateStore, instance_id: str, base: Path) -> None:
    before = tree(base / "instances")
    with pytest.raises(InvalidValueError, match="prompt_checksum"):
        store.save_task_artifacts("feat", instance_id, PHASE, {"prompt_checksum": "0" * 64}, "p", "r")
    assert tree(base / "instances") == before


def test_keys_of_other_programs_in_a_task_record_survive_the_completion_of_the_attempt(
    engine: WorkflowEngine, store: FileStateStore, instance_id: str, tasks: Path
) -> None:
    store.save_task_artifacts("feat", instance_id, PHASE, {"model": "m", "tokens": 5}, "p", "")
    engine.record_task(instance_id, ai_response="r", phase_name=PHASE)

    record = json.loads((tasks / f"{PHASE}.json").read_text())
    assert (record["model"], record["tokens"]) == ("m", 5)
    assert texts(engine.load_artifacts(instance_id, PHASE)) == ("p", "r", 1, 1, "intact")


def test_a_text_that_changed_stays_marked_so_when_the_attempt_is_completed(
    engine: WorkflowEngine, instance_id: str, tasks: Path
) -> None:
    engine.record_task(instance_id, prompt="p", phase_name=PHASE)
    (tasks / f"{PHASE}.prompt.md").write_text("tampered")
    engine.record_task(instance_id, ai_response="r", phase_name=PHASE)

    assert texts(engine.load_artifacts(instance_id, PHASE)) == ("tampered", "r", 1, 1, "changed")


def test_a_locked_index_after_the_texts_were_written_says_that_they_are_recorded(base: Path, instance_id: str) -> None:
    store = FileStateStore(base, durable=False, lock_timeout=0.2)
    (base / "features" / "feat.link").unlink()
    with (
        held_by_another_process(base / ".locks" / "features.lock"),
        pytest.raises(LockTimeoutError, match=r"texts .* are recorded") as caught,
    ):
        WorkflowEngine(state_store=store).record_task(instance_id, prompt="p")
    assert "Nothing was changed" not in str(caught.value)

    assert store.load_artifacts(instance_id, SCHEMA["phases"][0]["name"]).prompt == "p"
