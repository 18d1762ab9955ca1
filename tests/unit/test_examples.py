"""The programs in docs/examples do what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import chatflow_core
from chatflow_core import WorkflowEngine

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SCHEMA = {"name": "code_generation", "phases": [{"name": "implement"}, {"name": "review"}, {"name": "test"}]}


def run(base: Path, *words: str, code: int = 0) -> str:
    """Run an example beside a store; `chatflow` is the command under test."""
    root = Path(chatflow_core.__file__).parents[1]
    programs = base.parent / "bin"
    programs.mkdir(exist_ok=True)
    command = programs / "chatflow"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m chatflow_core "$@"\n')
    command.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        words,
        cwd=base.parent,
        env={**os.environ, "PYTHONPATH": str(root), "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout


def test_the_loop_brings_an_instance_to_its_end(base: Path, engine: WorkflowEngine) -> None:
    told = run(base, sys.executable, str(EXAMPLES / "loop.py"), str(base), "user-auth", "sign-up by e-mail")

    (summary,) = engine.list_instances()
    assert (summary.status, summary.phases_done) == ("completed", 3)
    assert told.splitlines() == [f"{summary.instance_id}: {phase} done" for phase in ("analyse", "implement", "review")]
    artifacts = engine.load_artifacts(summary.instance_id, "implement")
    assert artifacts.verdict == "intact"
    assert "sign-up by e-mail" in (artifacts.prompt or "")


def test_the_loop_goes_on_where_it_was_interrupted(base: Path, engine: WorkflowEngine) -> None:
    phases = [{"name": "analyse"}, {"name": "implement"}]
    instance_id = engine.start_workflow_instance({"name": "w", "phases": phases}, {"request": "r"}, "user-auth")
    engine.trigger_next_step(instance_id)
    engine.fail_current_phase(instance_id, "interrupted")

    run(base, sys.executable, str(EXAMPLES / "loop.py"), str(base), "user-auth", "sign-up by e-mail")

    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert [entry.status for entry in state.history] == ["completed", "failed", "completed"]


def test_the_hook_advances_on_green_and_fails_on_red(base: Path, engine: WorkflowEngine) -> None:
    hook = str(EXAMPLES / "advance_on_green.sh")
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")

    # In another phase the tests say nothing about the instance.
    run(base, "sh", hook, "user-auth", "true")
    assert engine.list_instances()[0].current_phase == "implement"

    engine.trigger_next_step(instance_id)
    engine.trigger_next_step(instance_id)
    run(base, "sh", hook, "user-auth", "sh", "-c", "echo 1 failed; exit 7", code=7)
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert (state.status, state.history[-1].error) == ("failed", "1 failed")

    engine.retry_phase(instance_id)
    assert "214 passed" in run(base, "sh", hook, "user-auth", "echo", "214 passed")
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert state.status == "completed"
    assert state.history[-1].trigger_data_snapshot == {"exit_code": 0, "command": "echo 214 passed"}


def test_the_reviewer_judges_what_comes_to_review(base: Path, engine: WorkflowEngine) -> None:
    reviewer = (sys.executable, str(EXAMPLES / "reviewer.py"), str(base), "--once")
    for response, status in (("x = 1  # TODO", "failed"), ("x = 1", "running")):
        instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
        engine.record_task(instance_id, "write", response)
        engine.trigger_next_step(instance_id)

        assert run(base, *reviewer).startswith(instance_id)

        state = engine.get_workflow_instance_status(instance_id)
        assert state is not None
        assert state.status == status
        assert engine.load_artifacts(instance_id, "review").verdict == "intact"
