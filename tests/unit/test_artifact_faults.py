"""Crashes, file systems without links, and links that lead elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from chatflow_core import CorruptStateError, FileStateStore, TaskArtifacts, WorkflowEngine
from tests.files import SCHEMA, tree

PHASE = "design"


@pytest.fixture
def instance_id(engine: WorkflowEngine) -> str:
    return engine.start_workflow_instance(SCHEMA, {}, "feat")


@pytest.fixture
def tasks(base: Path, instance_id: str) -> Path:
    return base / "instances" / instance_id / "tasks"


def texts(artifacts: TaskArtifacts) -> tuple[str | None, str | None, int, int, str]:
    return (artifacts.prompt, artifacts.ai_response, artifacts.attempt, artifacts.attempts, artifacts.verdict)


def _stop_before(monkeypatch: pytest.MonkeyPatch, call: str, target_name: str) -> None:
    real = getattr(os, call)

    def stop(source: Any, target: Any, **options: Any) -> None:
        if Path(target).name == target_name:
            raise KeyboardInterrupt
        real(source, target, **options)

    monkeypatch.setattr(os, call, stop)


CUTS = [
    ("link", "1.prompt.md"),
    ("link", "1.ai_response.md"),
    ("link", "1.json"),
    ("replace", f"{PHASE}.prompt.md"),
    ("replace", f"{PHASE}.ai_response.md"),
    ("replace", f"{PHASE}.json"),
]


@pytest.mark.parametrize(("call", "target"), CUTS)
def test_a_crash_at_any_point_keeps_the_former_attempt_whole(
    engine: WorkflowEngine, instance_id: str, base: Path, monkeypatch: pytest.MonkeyPatch, call: str, target: str
) -> None:
    engine.record_task(instance_id, "old prompt", "old response", PHASE)
    _stop_before(monkeypatch, call, target)
    with pytest.raises(KeyboardInterrupt):
        engine.record_task(instance_id, "new prompt", "new response", PHASE)
    monkeypatch.undo()
    reader = WorkflowEngine(state_store=FileStateStore(base, create=False))
    current, first = reader.load_artifacts(instance_id, PHASE), reader.load_artifacts(instance_id, PHASE, 1)
    assert texts(first)[:2] == ("old prompt", "old response")
    assert first.verdict == "intact"
    if call == "link" or target == f"{PHASE}.prompt.md":
        # Nothing of the new attempt is there: there is one attempt, and it is the old one.
        assert texts(current) == ("old prompt", "old response", 1, 1, "intact")
    else:
        assert (current.attempts, current.verdict) == (2, "changed")
    writer = WorkflowEngine(state_store=FileStateStore(base, durable=False))
    writer.record_task(instance_id, "new prompt", "new response", PHASE)
    after = reader.load_artifacts(instance_id, PHASE)
    assert texts(after)[:2] == ("new prompt", "new response")
    assert after.verdict == "intact"
    assert texts(reader.load_artifacts(instance_id, PHASE, 1))[:2] == ("old prompt", "old response")
    if call == "link" or target == f"{PHASE}.prompt.md":
        assert after.attempts == 2


def test_without_hard_links_the_former_attempt_is_copied(
    engine: WorkflowEngine, instance_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    engine.record_task(instance_id, "p1", "r1", PHASE)
    engine.record_task(instance_id, "p2", "r2", PHASE)
    assert texts(engine.load_artifacts(instance_id, PHASE, 1)) == ("p1", "r1", 1, 2, "intact")
    assert texts(engine.load_artifacts(instance_id, PHASE)) == ("p2", "r2", 2, 2, "intact")


@pytest.mark.parametrize("place", ["instance", "tasks", "text"])
def test_links_are_not_followed_out_of_the_store(
    engine: WorkflowEngine, instance_id: str, tasks: Path, tmp_path: Path, place: str
) -> None:
    outside = tmp_path / "outside"
    (outside / "tasks").mkdir(parents=True)
    for directory in (outside, outside / "tasks"):
        (directory / f"{PHASE}.prompt.md").write_text("secret")
        (directory / f".{PHASE}.json.1-0a1b2c3d.tmp").write_text("not ours to sweep")
    if place == "instance":
        tasks.parent.symlink_to(outside)
    elif place == "tasks":
        tasks.parent.mkdir()
        tasks.symlink_to(outside)
    else:
        tasks.mkdir(parents=True)
        (tasks / f"{PHASE}.prompt.md").symlink_to(outside / f"{PHASE}.prompt.md")
    before = tree(outside)
    artifacts = engine.load_artifacts(instance_id, PHASE)
    assert artifacts.prompt is None
    assert "symbolic link" in str(artifacts.problem)
    if place != "text":
        assert engine.state_store.phases_with_texts(instance_id) == []
    with pytest.raises(CorruptStateError, match="symbolic link"):
        engine.record_task(instance_id, "p", "r", PHASE)
    assert tree(outside) == before
