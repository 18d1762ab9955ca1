"""What is handed over with an advance: typed, edited elsewhere, or given before; and what it is read as."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.app import App
from textual.widgets import TextArea

from chatflow_core import WorkflowEngine, WorkflowInstanceState
from chatflow_tui.acting.steps import plan_advance
from chatflow_tui.screens.advance_dialog import AdvanceDialog
from tests.files import without_locks
from tests.tui.dashboard_host import SCHEMA
from tests.tui.step_dialog_host import Asked, asking

PHASES = [phase["name"] for phase in SCHEMA["phases"]]


@pytest.fixture
def instance_id(engine: WorkflowEngine) -> str:
    return engine.start_workflow_instance(SCHEMA, {}, "user-auth")


def advancing(engine: WorkflowEngine, instance_id: str, *others: str) -> AdvanceDialog:
    return AdvanceDialog(engine, plan_advance(engine, instance_id), [instance_id, *others])


def state_of(engine: WorkflowEngine, instance_id: str) -> WorkflowInstanceState:
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    return state


def area(asked: Asked, field: str) -> TextArea:
    return asked.dialog.query_one(f"#{field}", TextArea)


async def test_the_last_phase_completes_the_instance(engine: WorkflowEngine, instance_id: str) -> None:
    for _ in PHASES[1:]:
        engine.trigger_next_step(instance_id)
    async with asking(engine, advancing(engine, instance_id)) as asked:
        assert "✓ ends review ● begins nothing: the instance is completed" in asked.words
        await asked.press("enter")
        await asked.until(lambda: asked.is_closed)
        assert asked.done is not None
        assert asked.done.words == "user-auth: review ended, completed"
    assert state_of(engine, instance_id).status == "completed"


async def test_data_and_meta_are_yaml_and_their_reading_is_shown(engine: WorkflowEngine, instance_id: str) -> None:
    async with asking(engine, advancing(engine, instance_id)) as asked:
        area(asked, "data").focus()
        await asked.type("a: no\nb: 1:30\n")
        await asked.shown('read as {"a": false, "b": 90}')
        area(asked, "meta").focus()
        await asked.type("who: 测试")
        await asked.shown('read as {"who": "测试"}')
        await asked.confirm()
        await asked.until(lambda: asked.is_closed)

    state = state_of(engine, instance_id)
    assert state.history[0].trigger_data_snapshot == {"a": False, "b": 90}
    assert state.meta["who"] == "测试"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [1", "not YAML at line"),
        ("- 1", "expected keys and values"),
        ("day: 2026-01-02", "a date is not JSON"),
        ("a: &x 1\nb: *x", "uses an alias"),
    ],
)
async def test_what_cannot_be_read_is_told_at_its_field_and_nothing_is_written(
    base: Path, engine: WorkflowEngine, instance_id: str, text: str, why: str
) -> None:
    before = without_locks(base)
    async with asking(engine, advancing(engine, instance_id)) as asked:
        await asked.fill("data", text)
        await asked.shown(why)
        assert asked.dialog.query_one("#data-reading").has_class("-wrong")
        await asked.confirm()
        await asked.shown("Nothing was written: trigger data")
        await asked.fill("data", "a: 1")
        await asked.shown('read as {"a": 1}')
        assert not asked.dialog.query_one("#data-reading").has_class("-wrong")
        await asked.press("escape")
    assert without_locks(base) == before


async def test_what_was_typed_survives_a_change_and_so_does_the_place_in_it(
    engine: WorkflowEngine, instance_id: str
) -> None:
    async with asking(engine, advancing(engine, instance_id)) as asked:
        area(asked, "data").focus()
        await asked.type("note: ")
        engine.trigger_next_step(instance_id)
        asked.tell_changed()
        await asked.shown("Changed by another program meanwhile: now design")
        await asked.type("mine")
        assert area(asked, "data").text == "note: mine"


async def test_the_data_last_given_for_the_phase_is_offered_and_never_handed_over_by_itself(
    engine: WorkflowEngine, instance_id: str
) -> None:
    given = {"summary": "no: [/b] 测试", "files": ["a.py"], "ok": "yes"}
    other = engine.start_workflow_instance(SCHEMA, {}, "billing")
    engine.trigger_next_step(other, given)
    engine.trigger_next_step(other, {"of": "design"})

    async with asking(engine, advancing(engine, instance_id, other)) as asked:
        await asked.shown("use last (u): {")
        assert area(asked, "data").text == ""
        await asked.confirm()
        await asked.until(lambda: asked.is_closed)
    assert state_of(engine, instance_id).history[0].trigger_data_snapshot is None

    third = engine.start_workflow_instance(SCHEMA, {}, "search")
    async with asking(engine, advancing(engine, third, other, instance_id)) as asked:
        await asked.shown("use last (u)")
        await asked.press("u")
        await asked.shown("read as")
        assert "use last" not in asked.words
        # The offer is that of the phase shown, whatever becomes the current one.
        await asked.fill("data", "")
        engine.trigger_next_step(third)
        asked.tell_changed()
        await asked.shown('use last (u): {"of": "design"}')
        asked.dialog.query_one(".offer").focus()
        await asked.press("enter")
        assert area(asked, "data").text == "of: design\n"
        await asked.press("ctrl+z")
        assert area(asked, "data").text == ""
        await asked.press("escape")
    fourth = engine.start_workflow_instance(SCHEMA, {}, "more")
    async with asking(engine, advancing(engine, fourth, other)) as asked:
        await asked.shown("use last (u)")
        await asked.press("u")
        await asked.confirm()
        await asked.until(lambda: asked.is_closed)
    assert state_of(engine, fourth).history[0].trigger_data_snapshot == given


@contextmanager
def lend_no_terminal(app: App[object]) -> Iterator[None]:
    """Stand in for giving the terminal away: the headless driver has none."""
    yield


@pytest.mark.parametrize("way", ["ctrl+o", "button"])
async def test_the_data_can_be_edited_elsewhere(
    engine: WorkflowEngine, instance_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text("import sys; open(sys.argv[1], 'a').write('more: 1\\n')")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {editor}")
    monkeypatch.setattr(App, "suspend", lend_no_terminal)
    async with asking(engine, advancing(engine, instance_id)) as asked:
        await asked.fill("data", "note: mine\n")
        if way == "ctrl+o":
            await asked.press("ctrl+o")
        else:
            asked.dialog.query_one("#data-field .edit").focus()
            await asked.press("enter")
        await asked.shown('read as {"note": "mine", "more": 1}')
        await asked.confirm()
        await asked.until(lambda: asked.is_closed)
    assert state_of(engine, instance_id).history[0].trigger_data_snapshot == {"note": "mine", "more": 1}


async def test_without_an_editor_it_is_said_how_to_have_one(
    engine: WorkflowEngine, instance_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    async with asking(engine, advancing(engine, instance_id)) as asked:
        await asked.press("ctrl+o")
        await asked.shown("No editor: set VISUAL or EDITOR")
