"""`log`, `record`, `search`, `export`: texts come out as they are stored, and go in as they are given."""

from __future__ import annotations

import stat
from pathlib import Path

from chatflow_core import WorkflowEngine
from tests.command_runs import Command
from tests.files import PHASES, SCHEMA, tree

PROMPT = b"# Do it\r\n\x1b[31mred\t\xe4\xb8\xad\r\n"
RESPONSE = b"# Done\n\n```python\nx = 1\n```\n\n- ~~~~\n  y\n  ~~~~\n"


def test_texts_are_recorded_and_written_byte_for_byte(
    chatflow: Command, base: Path, engine: WorkflowEngine, tmp_path: Path
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f")
    (tmp_path / "prompt.md").write_bytes(PROMPT)
    assert chatflow("record", instance_id, "--prompt", str(tmp_path / "prompt.md")).code == 0
    run = chatflow("record", instance_id, "--response", "-", "--json", stdin=RESPONSE)
    assert (run.json["phase_name"], run.json["status"]) == (PHASES[0], "completed")

    assert chatflow.raw("log", instance_id, "--prompt")[1] == PROMPT
    assert chatflow.raw("log", instance_id, PHASES[0], "--response")[1] == RESPONSE
    assert chatflow("log", instance_id, "--code", "1").out == "x = 1\n"
    assert chatflow("log", instance_id, "--code", "2").out == "y\n"
    assert chatflow("log", instance_id, "--code", "1", "--json").json == {
        "language": "python",
        "text": "x = 1\n",
        "line": 3,
    }
    assert chatflow("log", instance_id, "--code", "3").code == 3
    assert chatflow("log", instance_id, "--prompt", "--code", "1").code == 3
    document = chatflow("log", instance_id, "--json").json
    assert (document["prompt"], document["verdict"]) == (PROMPT.decode(), "intact")
    assert "␛[31mred" in chatflow("log", instance_id, terminal=True).out

    # Byte for byte even if another program wrote what is not UTF-8; and that it did is said.
    file = base / "instances" / instance_id / "tasks" / f"{PHASES[0]}.ai_response.md"
    file.write_bytes(b"\xff\xfe torn \xe4\xb8")
    code, out, err = chatflow.raw("log", instance_id, "--response")
    assert (code, out) == (0, b"\xff\xfe torn \xe4\xb8")
    assert b"not UTF-8" in err
    assert b"not those that were recorded" in err


def test_log_without_a_phase_takes_the_last_that_has_texts(chatflow: Command, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f")
    assert chatflow("log", instance_id).code == 3
    engine.record_task(instance_id, "first", "one")
    engine.record_task(instance_id, "again")
    engine.trigger_next_step(instance_id)
    engine.record_task(instance_id, "p", "later", PHASES[2])

    assert chatflow("log", instance_id, "--prompt").out == "again"
    assert chatflow("log", instance_id, PHASES[0], "--attempt", "1", "--response").out == "one"
    both = chatflow("log", instance_id, PHASES[2]).out
    assert both == "--- prompt of implementation ---\np\n--- response of implementation ---\nlater\n"
    assert "attempt 1 of 2" in chatflow("log", instance_id, PHASES[0], "--attempt", "1").out
    missing = chatflow("log", instance_id, "nonsense")
    assert missing.code == 3
    assert PHASES[0] in missing.err
    assert chatflow("log", instance_id, PHASES[0], "--attempt", "9").code == 3
    assert chatflow("log", instance_id, "--response").code == 3


def test_recording_says_what_it_needs(chatflow: Command, base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f")
    before = tree(base / "instances")
    assert chatflow("record", instance_id).code == 2
    assert chatflow("record", instance_id, "--prompt", "-", "--response", "-").code == 2
    assert chatflow("record", instance_id, "--prompt", "none.md").code == 1
    assert chatflow("record", instance_id, "--prompt", "-", stdin=b"\xff").code == 1
    assert chatflow("record", instance_id, "--prompt", "-", stdin=b"").code == 2
    assert tree(base / "instances") == before


def test_search_writes_hits_like_grep(chatflow: Command, engine: WorkflowEngine) -> None:
    one = engine.start_workflow_instance(SCHEMA, {}, "f")
    engine.record_task(one, "find the Needle\nhere", "no")
    other = engine.start_workflow_instance(SCHEMA, {}, "g")
    engine.record_task(other, "p", "a\nneedle\x1b[m 针")
    engine.record_task(other, "p2", "b")

    run = chatflow("search", "needle")
    assert (run.code, run.out) == (0, f"{one}:{PHASES[0]}:prompt:1: find the Needle\n")
    former = chatflow("search", "needle", "--former", "--feature", "g")
    assert former.out == f"{other}:{PHASES[0]}#1:response:2: needle␛[m 针\n"
    (hit,) = chatflow("search", "Needle", "--json").json_lines
    assert (hit["instance_id"], hit["kind"], hit["line"], hit["column"]) == (one, "prompt", 1, 9)
    assert chatflow("search", "nowhere").code == 3
    assert chatflow("search", " ").code == 2


def test_export_writes_everything_and_overwrites_nothing(
    chatflow: Command, engine: WorkflowEngine, tmp_path: Path
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f")
    engine.record_task(instance_id, "first prompt", "first answer")
    engine.record_task(instance_id, "second prompt")
    document = chatflow("export", instance_id).out
    assert [text for text in ("first prompt", "first answer", "second prompt") if text not in document] == []

    file = tmp_path / "out.md"
    assert chatflow("export", instance_id, "-o", str(file)).code == 0
    assert file.read_text() == document
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("mine")
    assert chatflow("export", instance_id, "-o", str(file)).code == 1
    assert file.read_text() == "mine"
    assert chatflow("export", instance_id, "-o", str(file), "--force").code == 0
    assert file.read_text() == document


def test_texts_that_no_record_names_are_those_of_their_phase(
    chatflow: Command, engine: WorkflowEngine, base: Path
) -> None:
    instance_id = engine.start_workflow_instance({"name": "w", "phases": [{"name": "Code Review"}]}, {}, "f")
    tasks = base / "instances" / instance_id / "tasks"
    tasks.mkdir(parents=True)
    (tasks / "code_review.prompt.md").write_text("the prompt")
    document = chatflow("export", instance_id).out
    assert (document.count("the prompt"), "not a phase" in document) == (1, False)
    assert chatflow("log", instance_id, "--json").json["phase_name"] == "Code Review"
    assert [one["phase_name"] for one in chatflow("show", instance_id, "--json").json["texts"]] == ["Code Review"]
