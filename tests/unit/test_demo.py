from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatflow_core import FileStateStore, InstanceSummary, WorkflowEngine
from chatflow_tui import demo
from chatflow_tui.demo_texts import FEATURES, WORKFLOWS, prompt_for, response_for, schema_for
from tests.waiting import wait_until_sync

NOW = 1_790_000_000.0


def play_once(directory: Path, seed: int = 7) -> WorkflowEngine:
    assert demo.main([str(directory), "--once", "--seed", str(seed), "--now", str(NOW)]) == 0
    return reader(directory)


def reader(directory: Path) -> WorkflowEngine:
    return WorkflowEngine(state_store=FileStateStore(directory, create=False))


def texts_of(engine: WorkflowEngine, instance: InstanceSummary) -> dict[str, str]:
    """Prompts and responses of all attempts, after checking that each is intact."""
    texts: dict[str, str] = {}
    for phase in engine.state_store.phases_with_texts(instance.instance_id):
        attempts = engine.load_artifacts(instance.instance_id, phase).attempts
        for attempt in range(1, attempts + 1):
            artifacts = engine.load_artifacts(instance.instance_id, phase, attempt)
            assert (artifacts.verdict, artifacts.problem) == ("intact", None)
            assert artifacts.prompt
            texts[f"{phase} {attempt} prompt"] = artifacts.prompt
            texts[f"{phase} {attempt} response"] = artifacts.ai_response or ""
    return texts


def contents(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()
    }


def test_the_past_has_everything_there_is_to_see(tmp_path: Path) -> None:
    engine = play_once(tmp_path / "store")
    instances = engine.list_instances()
    texts = {instance.instance_id: texts_of(engine, instance) for instance in instances}
    everything = [text for by_name in texts.values() for text in by_name.values()]

    assert {instance.status for instance in instances} == {"created", "running", "completed", "failed"}
    assert all(instance.problem is None and instance.read_only is None for instance in instances)
    assert {instance.workflow_name for instance in instances} == set(WORKFLOWS)
    assert {feature.feature_id for feature in engine.list_features()} == set(FEATURES)
    assert all(instance.last_error for instance in instances if instance.status == "failed")
    assert any(len(text.encode()) > 190_000 for text in everything)
    assert any("需求" in text for text in everything)
    for needed in ("```python", "```diff", "```sql", "```json", "\n|---", "\n- [ ] ", "\n1. "):
        assert any(needed in text for text in everything), needed
    assert any("implement 2 response" in by_name for by_name in texts.values()), "a phase was tried again"
    assert any(text == "" for text in everything), "a prompt waits for its response"
    assert all(0 <= NOW - instance.updated_at < 8 * 3600 for instance in instances)


def test_every_record_of_the_past_is_in_order(tmp_path: Path) -> None:
    engine = play_once(tmp_path / "store")
    for instance in engine.list_instances():
        state = engine.get_workflow_instance_status(instance.instance_id)
        assert state is not None
        times = [moment for entry in state.history for moment in (entry.started_at, entry.ended_at or NOW)]
        assert times == sorted(times)
        assert state.created_at <= state.updated_at <= NOW
        phases = schema_for(state.workflow_name, FEATURES[state.feature_id].language).phase_names
        assert [entry.phase for entry in state.history if entry.status == "completed"] == phases[: instance.phases_done]
        assert all(entry.trigger_data_snapshot for entry in state.history if entry.status == "completed")


def test_the_same_seed_and_time_give_the_same_files(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        play_once(tmp_path / name, seed)

    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert contents(tmp_path / "a").keys() != contents(tmp_path / "c").keys()


def test_a_store_that_has_instances_is_given_no_past(tmp_path: Path) -> None:
    engine = play_once(tmp_path / "store")
    count = len(engine.list_instances())

    assert len(play_once(tmp_path / "store", seed=8).list_instances()) == count


@pytest.mark.parametrize("feature", FEATURES)
def test_every_phase_has_its_texts(feature: str) -> None:
    for workflow in WORKFLOWS:
        for phase in schema_for(workflow, FEATURES[feature].language).phase_names:
            prompt = prompt_for(FEATURES[feature], workflow, phase, failed_because="no such table")
            response = response_for(FEATURES[feature], workflow, phase, failed_because="no such table")
            for text in (prompt, response):
                assert "no such table" in text
                assert "${" not in text
                assert text.count("```") % 2 == 0


def test_it_goes_on_for_ever_and_grows_no_more_than_it_should(tmp_path: Path) -> None:
    engine = WorkflowEngine(state_store=FileStateStore(tmp_path, durable=False))
    chatcoder = demo.DemoChatCoder(engine, random.Random(3))
    busy = [chatcoder.step() for _ in range(1200)]
    before = {instance.instance_id: instance.updated_at for instance in engine.list_instances()}
    for _ in range(40):
        chatcoder.step()
    after = engine.list_instances()

    assert busy[0]
    assert not busy[-1]
    assert len(after) == len(before) == 40
    assert {instance.instance_id for instance in after if instance.updated_at > before[instance.instance_id]}
    assert sum(instance.status != "completed" for instance in after) == 3
    for instance in after:
        texts_of(engine, instance)


def test_it_goes_on_when_somebody_at_the_screen_is_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = WorkflowEngine(state_store=FileStateStore(tmp_path, durable=False))
    chatcoder = demo.DemoChatCoder(engine, random.Random(3))
    look = engine.get_workflow_instance_status
    moved = 0

    def look_and_be_overtaken(instance_id: str) -> object:
        nonlocal moved
        state = look(instance_id)
        if state is not None and state.status in {"created", "running"}:
            engine.trigger_next_step(instance_id)
            moved += 1
        return state

    monkeypatch.setattr(engine, "get_workflow_instance_status", look_and_be_overtaken)
    for _ in range(100):
        chatcoder.step()

    assert moved > 10


def test_the_living_demo_goes_on_until_the_context_ends(tmp_path: Path) -> None:
    with demo.start_demo(pace=0.02, seed=5) as playing:
        engine = reader(playing.directory)
        wait_until_sync(lambda: len(engine.list_instances()) >= 15, timeout=30)
        first = {instance.instance_id: instance.updated_at for instance in engine.list_instances()}
        wait_until_sync(lambda: _has_moved(engine, first), timeout=30)
        assert playing.problem is None

    assert playing.process.returncode == 0
    assert not playing.directory.exists()


def test_a_given_directory_stays(tmp_path: Path) -> None:
    with demo.start_demo(tmp_path / "store", seed=5) as playing:
        engine = reader(tmp_path / "store")
        wait_until_sync(lambda: len(engine.list_instances()) >= 15, timeout=30)

    assert playing.directory == tmp_path / "store"
    assert len(reader(tmp_path / "store").list_instances()) >= 15


def test_it_ends_and_cleans_up_when_its_input_closes_however_its_parent_ended(tmp_path: Path) -> None:
    store = tmp_path / "store"
    with child(store, "--pace", "0.02", "--remove") as process:
        wait_until_sync(lambda: len(reader(store).list_instances()) >= 15, timeout=30)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=10) == 0

    assert not store.exists()


def test_what_it_ended_by_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with demo.start_demo(tmp_path / "file" / "store") as playing:
        wait_until_sync(lambda: playing.process.poll() is not None, timeout=30)
        problem = playing.problem

    assert problem is not None
    assert "StorageError" in problem


def test_it_imports_no_screen_and_nothing_of_the_current_directory(tmp_path: Path) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit('the current directory was imported')")
    code = (
        "import sys, os, chatflow_tui.demo\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "with chatflow_tui.demo.start_demo() as playing:\n"
        "    import time\n"
        "    while not any(playing.directory.glob('instances/*.json')):\n"
        "        assert playing.process.poll() is None, playing.problem\n"
        "        time.sleep(0.01)\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('textual', 'rich')])\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert (run.stdout, run.stderr) == ("[]\n", "")


@contextmanager
def child(*arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "chatflow_tui.demo", *map(str, arguments)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _has_moved(engine: WorkflowEngine, first: dict[str, float]) -> bool:
    now = {instance.instance_id: instance.updated_at for instance in engine.list_instances()}
    return len(now) > len(first) and any(now[instance_id] > first[instance_id] for instance_id in first)
