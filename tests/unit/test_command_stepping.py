"""`start`, `next`, `fail`, `retry`: scripts move instances on, and are told when they must not."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from chatflow_core import FileStateStore, WorkflowEngine, WorkflowInstanceState
from chatflow_core.commands.data_arguments import value_of
from tests.command_runs import Command
from tests.files import PHASES, SCHEMA, names, tree


@pytest.fixture
def workflow(tmp_path: Path) -> str:
    path = tmp_path / "workflow.yaml"
    path.write_text(json.dumps({"phases": SCHEMA["phases"]}))
    return str(path)


def state_of(base: Path, instance_id: str) -> WorkflowInstanceState:
    state = WorkflowEngine(state_store=FileStateStore(base, create=False)).get_workflow_instance_status(instance_id)
    assert state is not None
    return state


def test_starting_makes_the_store_says_so_and_gives_the_id(chatflow: Command, base: Path, workflow: str) -> None:
    run = chatflow("start", workflow, "--feature", "user-auth", "--context", "n=3", "--meta", "by=hook")
    assert run.code == 0
    assert f"Made the store {base}" in run.err
    state = state_of(base, run.out.strip())
    assert (state.feature_id, state.workflow_name) == ("user-auth", "workflow")
    assert (state.variables, state.meta) == ({"n": 3}, {"by": "hook"})
    again = chatflow("start", workflow, "--feature", "user-auth", "--json")
    assert "Made" not in again.err
    assert again.json["status"] == "created"


def test_starting_by_name_and_what_cannot_be_started(chatflow: Command, base: Path, workflow: str) -> None:
    (base / "schemas").mkdir(parents=True)
    (base / "schemas" / "mine.yaml").write_text("phases: [{name: only}]")
    (base / "schemas" / "bad.yaml").write_text("phases: 3")
    assert state_of(base, chatflow("start", "mine", "--feature", "f").out.strip()).current_phase == "only"
    before = tree(base)
    assert chatflow("start", "yours", "--feature", "f").code == 3
    assert chatflow("start", "bad", "--feature", "f").code == 1
    assert chatflow("start", "./none.yaml", "--feature", "f").code == 1
    assert chatflow("start", workflow, "--feature", " ").code == 2
    assert chatflow("start", workflow, "--feature", "f", "--context", "a.yaml", "b=1").code == 2
    assert chatflow("start", workflow, "--feature", "f", "--context", "-", stdin=b"[1]").code == 2
    assert chatflow("start", workflow).code == 2
    assert tree(base) == before


def test_chatcoders_own_store_is_not_started_in(
    chatflow: Command, base: Path, workflow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = base.parent / ".chatcoder" / "workflow_instances"
    (foreign / "instances").mkdir(parents=True)
    run = chatflow("start", workflow, "--feature", "f")
    assert run.code == 1
    assert "ChatCoder" in run.err
    monkeypatch.chdir(foreign)
    assert chatflow("start", workflow, "--feature", "f", "-C", ".").code == 1
    assert names(base.parent) == []


def test_next_ends_the_phase_with_its_data(chatflow: Command, base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f")
    before = tree(base)
    dry = chatflow("next", instance_id, "--dry-run", "--json")
    assert (dry.code, dry.json["current_phase"], dry.json["ended_phase"]) == (0, PHASES[1], PHASES[0])
    assert dry.json["dry_run"] is True
    assert tree(base) == before

    run = chatflow("next", instance_id, "--expect", PHASES[0], "--data", "passed=12", "note=fix #3", "ok=no")
    assert run.out == f"{instance_id} running {PHASES[1]}\n"
    assert 'data read as {"passed": 12, "note": "fix #3", "ok": false}' in run.err
    data = {"passed": 12, "note": "fix #3", "ok": False}
    assert state_of(base, instance_id).history[0].trigger_data_snapshot == data

    before = tree(base)
    late = chatflow("next", instance_id, "--expect", PHASES[0])
    assert (late.code, late.out) == (4, "")
    assert tree(base) == before

    assert chatflow("next", instance_id, "--data", "-", stdin=b"summary: done\n").code == 0
    last = chatflow("next", instance_id, "--json").json
    assert (last["status"], last["ended_phase"], last["dry_run"]) == ("completed", PHASES[2], False)
    assert chatflow("next", instance_id).code == 4
    assert state_of(base, instance_id).history[1].trigger_data_snapshot == {"summary": "done"}


def test_fail_and_retry(chatflow: Command, base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f")
    assert chatflow("fail", instance_id, "x", "--expect", PHASES[1]).code == 4
    assert chatflow("retry", instance_id).code == 4
    run = chatflow("fail", instance_id, "-", "--expect", PHASES[0], stdin="3 个失败\n".encode())
    assert run.out == f"{instance_id} failed {PHASES[0]}\n"
    assert state_of(base, instance_id).history[0].error == "3 个失败"
    assert chatflow("next", instance_id).code == 4
    assert chatflow("retry", instance_id, "--json").json["status"] == "running"


def test_what_cannot_be_read_or_found(chatflow: Command, base: Path, engine: WorkflowEngine) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "f")
    (base / "instances" / "torn.json").write_text("{")
    assert chatflow("next", "torn").code == 5
    assert chatflow("show", "torn").code == 5
    assert chatflow("next", "wfi_nobody").code == 3
    assert chatflow("next", "../../etc/passwd").code == 3
    assert chatflow("nonsense").code == 2
    assert chatflow().code == 2
    help_run = chatflow("next", "--help")
    assert help_run.code == 0
    assert "examples:" in help_run.out


def test_an_instance_may_be_named_in_short(chatflow: Command, base: Path, engine: WorkflowEngine) -> None:
    first, second, third = (engine.start_workflow_instance(SCHEMA, {}, feature) for feature in ("f", "g", "f"))
    # What was started last is the latest, whatever changed since.
    engine.trigger_next_step(first)

    def named(text: str) -> Any:
        run = chatflow("show", text, "--json")
        return run.json["instance"]["instance_id"] if run.code == 0 else run.code

    assert [named(text) for text in (first, first[:-1], first[4:-1], first[4:])] == [first] * 4
    assert [named(text) for text in ("@latest", "@f", "@g")] == [third, third, second]
    assert [named(text) for text in ("@nobody", "zzz", "", "wfi_")] == [3, 3, 3, 2]
    # A whole id is meant even if longer ones begin with it.
    record = json.loads((base / "instances" / f"{first}.json").read_text())
    (base / "instances" / f"{first}0.json").write_text(json.dumps({**record, "instance_id": f"{first}0"}))
    assert named(first) == first
    # A time that is no number is not the latest, nor in the way of it: it is changed last, and so listed first.
    (base / "instances" / f"{first}.json").write_text(json.dumps({**record, "created_at": math.nan}))
    assert [named(text) for text in ("@latest", "@f")] == [third, third]
    assert [one.instance_id for one in engine.list_instances()][-1] == first


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("1.5", 1.5),
        ("true", True),
        ("no", False),
        ("012", 10),
        ("null", None),
        ("", ""),
        ("#3", "#3"),
        ("fix #3", "fix #3"),
        ("see: that", "see: that"),
        ("- x", "- x"),
        ("2026-01-01", "2026-01-01"),
        ("*star", "*star"),
        ("'12'", "12"),
        ('"1.10"', "1.10"),
        ("[1, a]", [1, "a"]),
        ('{"a": {"b": 1}}', {"a": {"b": 1}}),
        ("a\nb", "a\nb"),
        ("--- x", "--- x"),
        ("中文：值", "中文：值"),
    ],
)
def test_the_value_of_a_pair(text: str, value: object) -> None:
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)
