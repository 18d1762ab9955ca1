"""`ls`, `features`, `schemas`, `show`: what a reader and a script see of a store."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatflow_core import WorkflowEngine
from chatflow_core.commands.tables import age, cell_width, fit, table
from tests.command_runs import Command
from tests.files import SCHEMA, tree

V1_1 = Path(__file__).parents[1] / "data" / "chatcoder_v1_1"
HOSTILE = "\x1b]0;title\x07\x9b31m\u202eevil\nline"


def test_instances_are_listed_the_last_changed_first(chatflow: Command, engine: WorkflowEngine, base: Path) -> None:
    ids = [engine.start_workflow_instance(SCHEMA, {}, feature) for feature in ("user-auth", "用户登录", "search")]
    for number, instance_id in enumerate(ids):
        os.utime(base / "instances" / f"{instance_id}.json", (1e9 + number, 1e9 + number))
    engine.trigger_next_step(ids[0])

    run = chatflow("ls")
    lines = run.out.splitlines()
    assert (run.code, run.err) == (0, "")
    assert [line.split()[0] for line in lines] == ["ID", ids[0], ids[2], ids[1]]
    assert lines[1].split()[1:6] == ["user-auth", "code_generation", "design", "1/3", "running"]
    assert len({cell_width(line[: line.index("code_generation")]) for line in lines[1:]}) == 1, "columns line up"
    assert "\x1b" not in run.out

    rows = chatflow("ls", "--json").json
    assert [row["instance_id"] for row in rows] == [ids[0], ids[2], ids[1]]
    assert rows[2]["feature_id"] == "用户登录"
    assert chatflow("ls", "--ids", "--feature", "用户登录").out == f"{ids[1]}\n"
    assert chatflow("ls", "--ids", "--status", "running").out == f"{ids[0]}\n"
    assert chatflow("ls", "--ids", "-n", "2").out.split() == [ids[0], ids[2]]
    none = chatflow("ls", "--status", "failed", "--json")
    assert (none.code, none.out, none.err) == (0, "[]\n", "")


def test_a_store_that_is_not_there_is_not_found_and_not_made(chatflow: Command, base: Path) -> None:
    for command in ("ls", "features", "schemas", "check"):
        run = chatflow(command)
        assert (run.code, run.out) == (3, "")
        assert str(base.parent) in run.err
    assert not base.exists()


def test_an_unreadable_record_is_listed_and_said(chatflow: Command, engine: WorkflowEngine, base: Path) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    (base / "instances" / "torn.json").write_text('{"instance_id"')
    run = chatflow("ls")
    assert run.code == 0
    assert "torn" in run.out
    assert "unreadable" in run.out
    assert "cannot be read: 1" in run.err


def test_nothing_a_terminal_obeys_reaches_it(chatflow: Command, engine: WorkflowEngine) -> None:
    schema = {"name": HOSTILE, "phases": [{"name": HOSTILE}]}
    instance_id = engine.start_workflow_instance(schema, {"note": HOSTILE}, HOSTILE, {"by": HOSTILE})
    engine.record_task(instance_id, HOSTILE, HOSTILE)
    engine.fail_current_phase(instance_id, HOSTILE)
    for words in (
        ("ls",),
        ("ls", "--json"),
        ("features",),
        ("show", instance_id),
        ("show", instance_id, "--json"),
        ("log", instance_id),
        ("log", instance_id, "--prompt"),
        ("search", "evil"),
        ("export", instance_id),
        ("next", instance_id),
        ("ls", "--feature", HOSTILE),
        ("show", f"@x{HOSTILE}"),
        ("start", HOSTILE, "--feature", "f"),
    ):
        run = chatflow(*words, terminal=True)
        # Its own colours are the only escape sequences.
        plain = run.out.replace("\x1b[", "", run.out.count("\x1b[")).replace("\n", "")
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & {*plain, *run.err}, words
        assert "]0;title\x07" not in run.out


def test_colours_are_for_terminals_that_may_have_them(
    chatflow: Command, engine: WorkflowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1m" in chatflow("ls", terminal=True).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in chatflow("ls", terminal=True).out


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("command", ["ls", "features", "show"])
def test_a_table_fits_the_terminal(
    chatflow: Command, engine: WorkflowEngine, monkeypatch: pytest.MonkeyPatch, command: str, columns: int
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    long_names = {"name": "w" * 40, "phases": [{"name": "p" * 60}, {"name": "评审" * 30}]}
    for feature in ("a" * 90, "很长的功能名称" * 9):
        instance_id = engine.start_workflow_instance(long_names, {}, feature)
        engine.trigger_next_step(instance_id)
    name = ("@latest",) if command == "show" else ()
    out = chatflow(command, *name, terminal=True, columns=columns).out
    lines = out.partition("\n\n")[2].splitlines() if command == "show" else out.splitlines()
    assert all(cell_width(line) <= columns for line in lines)
    assert "STATUS" in lines[0]
    assert len(lines) == 3
    assert all("…" in line for line in lines[1:])


def test_a_status_of_any_length_leaves_the_other_columns_their_room(
    base: Path, chatflow: Command, engine: WorkflowEngine
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    record = base / "instances" / f"{instance_id}.json"
    record.write_text(record.read_text("utf-8").replace('"created"', f'"{"odd " * 100}"'), "utf-8")
    line = chatflow("ls", terminal=True, columns=80).out.splitlines()[1]
    assert cell_width(line) <= 80
    assert "user-auth" in line


def test_tables_align_and_cut_by_cells() -> None:
    assert table(("A", "B"), [("中文", "x"), ("e\u0301", "yy")]) == ["A     B", "中文  x", "e\u0301     yy"]
    assert max(map(len, table(("A", "B"), [("x" * 1_000_000, "y")]))) < 300
    assert fit("中文名", 5) == "中文…"
    assert fit("中文名", 4) == "中…"
    assert [age(0, seconds) for seconds in (0, 59, 60, 7200, 2e5, 1e6, 1e8)] == [
        "0s",
        "59s",
        "1m",
        "2h",
        "2d",
        "1w",
        "3y",
    ]
    assert (age(5, 0), age(float("nan"), 0), age(float("-inf"), 0)) == ("0s", "?", "?")


def test_features_and_schemas(chatflow: Command, engine: WorkflowEngine, base: Path) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    (row,) = chatflow("features", "--json").json
    assert (row["feature_id"], row["latest_instance_id"], row["total_instances"]) == ("user-auth", instance_id, 1)
    assert "user-auth" in chatflow("features").out

    (base / "schemas").mkdir()
    (base / "schemas" / "good.yaml").write_text("phases: [{name: a}, {name: b}]")
    (base / "schemas" / "bad.yaml").write_text("phases: 3")
    assert chatflow("schemas").out.splitlines()[1] == "good  a → b"
    bad, good = chatflow("schemas", "--json").json
    assert good == {"name": "good", "description": None, "phases": ["a", "b"], "problem": None}
    assert "phases" in bad["problem"]


def test_one_instance_is_shown_with_all_but_its_texts(chatflow: Command, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {"request": "注册"}, "user-auth")
    engine.record_task(instance_id, "p", "response")
    engine.fail_current_phase(instance_id, "too slow")

    shown = chatflow("show", instance_id).out
    assert "注册" in shown
    assert "too slow" in shown
    assert "8 B" in shown

    document = chatflow("show", instance_id, "--json").json
    assert document["instance"]["history"][0]["error"] == "too slow"
    assert document["read_only"] is None
    assert [phase["status"] for phase in document["timeline"]] == ["failed", "pending", "pending"]
    (texts,) = document["texts"]
    assert (texts["verdict"], texts["response_size"]) == ("intact", 8)


def test_a_store_of_chatcoder_is_shown_and_never_written(chatflow: Command, base: Path) -> None:
    before = tree(V1_1)
    rows = chatflow("-C", str(V1_1), "ls", "--json").json
    assert rows
    for row in rows:
        instance_id = row["instance_id"]
        assert chatflow("-C", str(V1_1), "show", instance_id, "--json").json["read_only"]
        assert chatflow("-C", str(V1_1), "next", instance_id).code != 0
        assert chatflow("-C", str(V1_1), "export", instance_id).code == 0
    assert chatflow("-C", str(V1_1), "check", "--repair").code == 0
    assert tree(V1_1) == before
