"""What holds for every dialog that writes: it says what it will write, writes it once, and tells when it cannot."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual import events
from textual.widgets import TextArea

from chatflow_core import CatalogChange, FileStateStore, WorkflowEngine
from chatflow_tui.acting.creating import read_choices
from chatflow_tui.acting.steps import plan_advance, plan_fail, plan_retry
from chatflow_tui.screens.advance_dialog import AdvanceDialog
from chatflow_tui.screens.create_dialog import CreateDialog
from chatflow_tui.screens.fail_dialog import FailDialog
from chatflow_tui.screens.retry_dialog import RetryDialog
from chatflow_tui.screens.step_dialog import StepDialog
from tests.files import held_by_another_process, without_locks
from tests.reliability.os_shim import Call, OsShim
from tests.tui.step_dialog_host import SIZES, Asked, asking

SCHEMA: dict[str, Any] = {"name": "w", "phases": [{"name": "analyse"}, {"name": "design"}, {"name": "review"}]}

#: What each dialog says it will write, and the state that results: status, phase and number of history entries.
SAID = {
    "advance": ["✓ ends    analyse", "● begins  design"],
    "fail": ["✗ fails   analyse", "○ then    the instance is failed"],
    "retry": ["✗ failed  no tests", "● begins  analyse again, as attempt 2"],
    "create": ["○ makes   w for new-one (a new feature)", "● first   analyse"],
}
RESULT = {
    "advance": ("running", "design", 2),
    "fail": ("failed", "analyse", 1),
    "retry": ("running", "analyse", 2),
    "create": ("created", "analyse", 0),
}
ON_INSTANCES = ["advance", "fail", "retry"]
ALL = [*ON_INSTANCES, "create"]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    base = tmp_path / ".chatflow"
    (base / "schemas").mkdir(parents=True)
    (base / "schemas" / "w.yaml").write_text("phases: [{name: analyse}, {name: design}, {name: review}]")
    return base


@pytest.fixture
def engine(base: Path) -> WorkflowEngine:
    return WorkflowEngine(state_store=FileStateStore(base, durable=False, lock_timeout=0.3))


@pytest.fixture
def instance_id(engine: WorkflowEngine) -> str:
    return engine.start_workflow_instance(SCHEMA, {}, "user-auth")


def open_dialog(engine: WorkflowEngine, instance_id: str, kind: str) -> StepDialog:
    if kind == "create":
        return CreateDialog(engine, read_choices(engine.state_store), {}, feature_id="new-one")
    if kind == "advance":
        return AdvanceDialog(engine, plan_advance(engine, instance_id))
    if kind == "fail":
        return FailDialog(engine, plan_fail(engine, instance_id))
    engine.fail_current_phase(instance_id, "no tests")
    return RetryDialog(engine, plan_retry(engine, instance_id))


async def fill_in(asked: Asked, kind: str) -> None:
    if kind == "fail":
        await asked.fill("reason", "it does not work\nat all")


def outcome(engine: WorkflowEngine, instance_id: str) -> tuple[str, str, int]:
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    return state.status, state.current_phase, len(state.history)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("size", SIZES)
async def test_all_that_matters_is_in_sight_and_cancelling_writes_nothing(
    base: Path, engine: WorkflowEngine, instance_id: str, kind: str, size: tuple[int, int]
) -> None:
    dialog = open_dialog(engine, instance_id, kind)
    before = without_locks(base)
    async with asking(engine, dialog, size) as asked:
        for _ in range(2):
            for words in (*SAID[kind], dialog.VERB, "Cancel", "esc cancels"):
                assert words in asked.text
            if kind != "create":
                assert f"user-auth · {instance_id}" in asked.text
            # A notice of several lines takes its room from the fields.
            dialog.show_notice("what the reader has to know " * 8)
            await asked.shown("what the reader")
            await asked.until(lambda: "Cancel" in asked.text)
        await asked.press("escape")
        assert asked.is_closed
        assert asked.done is None
    assert without_locks(base) == before


@pytest.mark.parametrize("kind", ALL)
async def test_however_often_it_is_confirmed_it_is_done_once(
    engine: WorkflowEngine, instance_id: str, kind: str
) -> None:
    async with asking(engine, open_dialog(engine, instance_id, kind)) as asked:
        await fill_in(asked, kind)
        asked.dialog.query_one("#confirm").focus()
        for _ in range(12):
            asked.app.simulate_key("enter")
        await asked.until(lambda: asked.is_closed)
        done = asked.done
    assert done is not None
    assert outcome(engine, done.instance_id) == RESULT[kind]
    assert (done.instance_id == instance_id) == (kind != "create")
    assert ("new-one" if kind == "create" else "user-auth") in done.words
    assert len(engine.list_instances()) == (2 if kind == "create" else 1)


@pytest.mark.parametrize("kind", ON_INSTANCES)
async def test_a_lock_held_by_another_program_is_said_and_it_can_be_tried_again(
    base: Path, engine: WorkflowEngine, instance_id: str, kind: str
) -> None:
    async with asking(engine, open_dialog(engine, instance_id, kind)) as asked:
        await fill_in(asked, kind)
        before = without_locks(base)
        with held_by_another_process(base / ".locks" / f"{instance_id}.lock"):
            asked.dialog.confirm()
            await asked.press("escape")  # what is being written is not taken back
            await asked.shown("Locked by another program for 0.3 s. Nothing was changed; try again.")
        assert not asked.is_closed
        assert without_locks(base) == before
        await asked.confirm()
        await asked.until(lambda: asked.is_closed)
    assert outcome(engine, instance_id) == RESULT[kind]


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(("code", "words"), [(errno.ENOSPC, "Disk full: "), (errno.EACCES, "No permission: ")])
async def test_what_the_system_refuses_is_said_in_words(
    base: Path, engine: WorkflowEngine, instance_id: str, kind: str, code: int, words: str
) -> None:
    def refuse(call: Call, make: Callable[..., Any]) -> Any:
        if call.name == "open" and call.flags & os.O_CREAT and ".locks" not in call.path:
            raise OSError(code, os.strerror(code))
        return make()

    async with asking(engine, open_dialog(engine, instance_id, kind)) as asked:
        await fill_in(asked, kind)
        before = without_locks(base)
        with OsShim(base, refuse):
            await asked.confirm()
            await asked.shown(words)
            await asked.until(lambda: asked.dialog.is_armed)
        assert without_locks(base) == before
        assert asked.can_confirm
        await asked.confirm()
        await asked.until(lambda: asked.is_closed)


@pytest.mark.parametrize("kind", ON_INSTANCES)
async def test_an_instance_moved_by_another_program_is_not_changed_before_it_is_asked_again(
    base: Path, engine: WorkflowEngine, instance_id: str, kind: str
) -> None:
    async with asking(engine, open_dialog(engine, instance_id, kind)) as asked:
        await fill_in(asked, kind)
        if kind == "retry":
            engine.retry_phase(instance_id)
        engine.trigger_next_step(instance_id, {"by": "another program"})
        before = without_locks(base)
        await asked.confirm()
        await asked.shown("analyse: moved to design by another program meanwhile. Nothing was changed.")
        if kind != "retry":
            await asked.shown("Confirm anew, or cancel.")
        assert without_locks(base) == before
        if kind == "retry":
            await asked.shown("design has not failed, so there is nothing to retry")
            assert not asked.can_confirm
        else:
            await asked.until(lambda: asked.dialog.is_armed)
            assert asked.dialog.plan.phase == "design"
            assert ("✓ ends design" if kind == "advance" else "✗ fails design") in asked.words
            await asked.confirm()
            await asked.until(lambda: asked.is_closed)
            assert outcome(engine, instance_id)[1:] == (("review", 3) if kind == "advance" else ("design", 2))


@pytest.mark.parametrize("kind", ["advance", "fail"])
async def test_an_enter_on_its_way_when_the_dialog_changed_is_no_decision(
    base: Path, engine: WorkflowEngine, instance_id: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow the machine is, what changed has only just been said.
    monkeypatch.setattr("chatflow_tui.screens.step_dialog._PAUSE_AFTER_CHANGE_SECONDS", 3600.0)
    async with asking(engine, open_dialog(engine, instance_id, kind)) as asked:
        await fill_in(asked, kind)
        engine.trigger_next_step(instance_id, {"by": "another program"})
        before = without_locks(base)
        await asked.confirm()
        await asked.shown("Confirm anew, or cancel.")
        for _ in range(3):
            await asked.press("enter")
        assert not asked.is_closed
        assert without_locks(base) == before


@pytest.mark.parametrize("kind", ON_INSTANCES)
async def test_a_phase_that_began_again_meanwhile_is_another_one_than_was_asked_about(
    base: Path, engine: WorkflowEngine, instance_id: str, kind: str
) -> None:
    async with asking(engine, open_dialog(engine, instance_id, kind)) as asked:
        await fill_in(asked, kind)
        # To the same phase and status, by way of others, and nobody has told the dialog yet.
        if kind == "retry":
            engine.retry_phase(instance_id)
            engine.fail_current_phase(instance_id, "again")
        else:
            engine.fail_current_phase(instance_id, "no")
            engine.retry_phase(instance_id)
        before = without_locks(base)
        await asked.confirm()
        await asked.shown("Another program changed the instance meanwhile. Nothing was written. Confirm anew")
        assert without_locks(base) == before
        await asked.confirm()
        await asked.until(lambda: asked.is_closed)


@pytest.mark.parametrize(
    "following", [None, events.Key("f9", None), events.MouseMove(None, 1, 1, 0, 0, 0, False, False, False)]
)
@pytest.mark.parametrize(
    ("kind", "key"), [("retry", "enter"), ("advance", "enter"), ("advance", "ctrl+s"), ("fail", "ctrl+s")]
)
async def test_what_was_pressed_before_the_question_was_painted_is_no_answer(
    base: Path, engine: WorkflowEngine, instance_id: str, kind: str, key: str, following: events.Event | None
) -> None:
    async with asking(engine, open_dialog(engine, instance_id, kind)) as asked:
        await fill_in(asked, kind)
        before = without_locks(base)
        early = events.Key(key, "\r" if key == "enter" else None)
        early.time = asked.dialog.asked_at - 0.05
        asked.app.post_message(early)
        if following is not None:
            asked.app.post_message(following)
        # Whatever would come of it has come before a key that is pressed later has its effect.
        await asked.press("tab", "shift+tab")
        assert not asked.dialog.is_busy
        assert without_locks(base) == before
        await asked.press(key)
        await asked.until(lambda: asked.is_closed)
    assert outcome(engine, instance_id) == RESULT[kind]


@pytest.mark.parametrize("kind", ON_INSTANCES)
async def test_an_answer_holds_if_what_was_told_meanwhile_had_been_asked_about_already(
    engine: WorkflowEngine, instance_id: str, kind: str
) -> None:
    dialog = open_dialog(engine, instance_id, kind)
    async with asking(engine, dialog) as asked:
        await fill_in(asked, kind)
        dialog.query_one("#confirm").focus()
        # As the record was before the one that was asked about: news that comes late.
        stale = engine.state_store.read_summary(instance_id)
        assert stale is not None
        dialog.take_change(CatalogChange(changed=(msgspec.structs.replace(stale, updated_at=stale.updated_at - 1),)))
        await asked.press("enter")
        await asked.until(lambda: asked.is_closed)
    assert outcome(engine, instance_id) == RESULT[kind]


@pytest.mark.parametrize("kind", ON_INSTANCES)
async def test_what_becomes_of_the_instance_under_an_open_dialog_is_told(
    base: Path, engine: WorkflowEngine, instance_id: str, kind: str
) -> None:
    async with asking(engine, open_dialog(engine, instance_id, kind)) as asked:
        # To the same phase and status, by way of others.
        if kind == "retry":
            engine.retry_phase(instance_id)
            engine.fail_current_phase(instance_id, "again")
        else:
            engine.fail_current_phase(instance_id, "no")
            engine.retry_phase(instance_id)
        asked.tell_changed()
        await asked.shown("Changed by another program meanwhile: now analyse")
        await asked.until(lambda: asked.dialog.is_armed)
        if kind == "retry":
            assert "analyse again, as attempt 3" in asked.words
            engine.retry_phase(instance_id)
        else:
            engine.fail_current_phase(instance_id, "again")
        asked.tell_changed()
        await asked.shown("nothing to retry" if kind == "retry" else "analyse has failed")
        assert not asked.can_confirm

        if kind != "retry":
            engine.retry_phase(instance_id)
            asked.tell_changed()
            await asked.until(lambda: asked.dialog.is_armed and asked.can_confirm)
        (base / "instances" / f"{instance_id}.json").unlink()
        asked.tell_changed()
        await asked.shown("This instance is gone")
        assert not asked.can_confirm
        await asked.press("escape")
        assert asked.done is None


async def test_a_phase_fails_only_with_a_reason_and_it_is_kept_as_it_was_typed(
    base: Path, engine: WorkflowEngine, instance_id: str
) -> None:
    async with asking(engine, FailDialog(engine, plan_fail(engine, instance_id))) as asked:
        before = without_locks(base)
        await asked.confirm()
        await asked.shown("Nothing was written: a reason is required")
        assert without_locks(base) == before
        await asked.type("tests: [/red]\nno: \\e[31m")
        await asked.confirm()
        await asked.until(lambda: asked.is_closed)
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert state.history[-1].error == "tests: [/red]\nno: \\e[31m"


@pytest.mark.parametrize(("kind", "area"), [("advance", "data"), ("fail", "reason"), ("create", "context")])
async def test_what_was_typed_is_dropped_only_by_who_was_told_so(
    engine: WorkflowEngine, instance_id: str, kind: str, area: str
) -> None:
    async with asking(engine, open_dialog(engine, instance_id, kind)) as asked:
        await asked.fill(area, "a: 1")
        for _ in range(3):  # one after another, before anybody could have read what comes of the first
            asked.app.simulate_key("escape")
        await asked.shown("Cancel once more to drop what you typed.")
        assert not asked.is_closed
        assert "a: 1" in asked.words
        await asked.fill(area, "b: 2")  # another text is another question
        await asked.press("escape")
        assert not asked.is_closed
        while not asked.is_closed:
            await asked.press("escape")
        assert asked.done is None


@pytest.mark.parametrize("kind", ALL)
async def test_a_key_does_it_from_wherever_something_is_typed_and_once(
    engine: WorkflowEngine, instance_id: str, kind: str
) -> None:
    async with asking(engine, open_dialog(engine, instance_id, kind)) as asked:
        assert "ctrl+s" in asked.words
        await fill_in(asked, kind)
        for area in list(asked.dialog.query(TextArea))[:1]:
            area.focus()
        await asked.pilot.pause()
        for _ in range(4):
            asked.app.simulate_key("ctrl+s")
        await asked.until(lambda: asked.is_closed)
    assert asked.done is not None
    assert outcome(engine, asked.done.instance_id) == RESULT[kind]


async def test_waiting_is_told_before_the_lock_is_given_up(base: Path, instance_id: str) -> None:
    engine = WorkflowEngine(state_store=FileStateStore(base, durable=False, lock_timeout=60))
    async with asking(engine, AdvanceDialog(engine, plan_advance(engine, instance_id))) as asked:
        with held_by_another_process(base / ".locks" / f"{instance_id}.lock"):
            await asked.confirm()
            await asked.shown("Not written yet: waiting")
        await asked.until(lambda: asked.is_closed)
    assert outcome(engine, instance_id) == RESULT["advance"]
