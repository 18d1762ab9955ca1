"""Keys that come together, as over a slow line, mean what they would mean one by one."""

from __future__ import annotations

from pathlib import Path

from chatflow_core import WorkflowEngine
from tests.e2e.terminal import terminal
from tests.seed_store import SeedStore


def test_what_follows_a_key_that_moves_the_focus_goes_where_the_focus_went(base: Path, seed: SeedStore) -> None:
    for number in range(6):
        seed.start(f"wfi_{number:012x}", f"feature-{number}")
    with terminal(base) as shown:
        shown.wait_for("● live")
        shown.wait_for("feature-0")
        shown.send("/feature-3")  # `f` alone would freeze the view, `a` ask to advance, `e` and `r` act as well
        shown.wait_for("/feature-3 · 1 shown")
        shown.send("\r")
        shown.wait_for("3 Timeline · wfi_000000000003")
        shown.send("1jj\r")
        shown.wait_for("2 Instances · feature-1 · /feature-3 · 0 shown")
        assert "FROZEN" not in shown.text
        shown.send("\x1b")
        shown.wait_for("3 Timeline · wfi_000000000001")
        shown.send("p")
        shown.wait_for("─ Record ─")
        shown.send("f/none/cek\r")  # `c`, `e` and `k` are keys of the dialog
        shown.wait_for("Nothing was read: /none/cek: there is no such file")


def test_what_follows_the_enter_that_ends_typing_is_not_typed(base: Path, engine: WorkflowEngine) -> None:
    schema = {"name": "w", "phases": [{"name": "analyse"}]}
    for number in range(3):
        instance_id = engine.start_workflow_instance(schema, {}, f"feature-{number}")
        engine.record_task(instance_id, prompt="a word\n" * 3, ai_response="an answer")
    with terminal(base) as shown:
        shown.wait_for("● live")
        shown.wait_for("feature-0")
        shown.send("/feature-2\r/feature\rj\r")
        shown.wait_for("/feature · 3 shown")
        shown.wait_for("4 Prompt · analyse · feature-1")
        shown.send("4/word\rn")
        shown.wait_for("2/3")
        shown.send("/answer\r/word\rnnN5")
        shown.wait_for("2/3")
        assert "/feature · 3 shown" in shown.text


def test_what_follows_the_tab_to_the_hits_of_a_search_is_not_typed(base: Path, engine: WorkflowEngine) -> None:
    schema = {"name": "w", "phases": [{"name": "analyse"}]}
    instance_id = engine.start_workflow_instance(schema, {}, "feature")
    engine.record_task(instance_id, prompt="a word\n" * 3)
    with terminal(base) as shown:
        shown.wait_for("● live")
        shown.wait_for("2 Instances")
        shown.send("S")
        shown.wait_for("search all prompts and responses")
        shown.send("word")
        shown.wait_for("3 lines found")
        shown.send("\tjj\r")
        shown.wait_for("3/3")


def test_what_follows_the_key_that_opens_the_search_is_looked_for(base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance({"name": "w", "phases": [{"name": "analyse"}]}, {}, "feature")
    engine.record_task(instance_id, prompt="a record of words")
    with terminal(base) as shown:
        shown.wait_for("● live")
        shown.wait_for("feature")
        shown.send("Srecord")  # `r`, `e`, `c`, `o` and `d` are keys of the dashboard
        shown.wait_for("1 line found")
        assert "record" in shown.lines[0] + shown.lines[1]


def test_what_follows_a_key_that_opens_a_dialog_goes_there(base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance({"name": "w", "phases": [{"name": "analyse"}]}, {}, "feature")
    with terminal(base) as shown:
        shown.wait_for("● live")
        shown.wait_for("feature")
        shown.send("xquite wrong")  # `q` alone would end the program
        shown.wait_for("─ Fail ─")
        shown.wait_for("quite wrong")
        shown.send("\x13")
        shown.wait_for("feature: analyse failed")
        shown.send("Yi")  # `i` would tell about the phase
        shown.wait_for("Copied")
        shown.send("rq")  # `q` is no key of the dialog
        shown.wait_for("─ Retry ─")
        shown.send("\r")
        shown.wait_for("analyse began again")
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert state.history[0].error == "quite wrong"


def test_what_follows_the_enter_that_opens_details_goes_there(base: Path, engine: WorkflowEngine) -> None:
    engine.start_workflow_instance({"name": "w", "phases": [{"name": "analyse"}]}, {}, "feature")
    with terminal(base) as shown:
        shown.wait_for("● live")
        shown.wait_for("feature")
        shown.send("3\rq")  # `q` closes the details; in the timeline it would end the program
        shown.send("2")
        shown.send("x")
        shown.wait_for("─ Fail ─")
