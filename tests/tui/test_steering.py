"""The keys that write, in the whole screen: what they ask, what comes of it, and where they are refused."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from chatflow_core import FileStateStore, WorkflowEngine
from chatflow_tui.screens.step_dialog import StepDialog
from tests.files import held_by_another_process, without_locks
from tests.seed_store import SeedStore
from tests.tui.dashboard_host import SCHEMA, SMALL, View, running


@pytest.fixture
def instance_id(engine: WorkflowEngine) -> str:
    return engine.start_workflow_instance(SCHEMA, {}, "user-auth")


def is_advance_offered(view: View, wanted: bool) -> bool:
    return ("a Advance" in view.lines[-1]) == wanted


async def offered(view: View, *words: str) -> None:
    """Wait until the keys offered at the bottom have these words."""
    await view.until(lambda: all(word in view.lines[-1] for word in words))


async def not_offered(view: View, *words: str) -> None:
    """Wait until the keys offered at the bottom have none of these words."""
    await view.until(lambda: view.lines[-1].strip() and not any(word in view.lines[-1] for word in words))


async def dim(view: View, words: str) -> None:
    """Wait until of the keys offered at the bottom these are shown as not possible now, and no others."""

    def dimmed() -> str:
        segments = view.dashboard.key_bar.render_line(0)
        return " ".join(text for segment in segments if segment.style and segment.style.dim and (text := segment.text))

    await view.until(lambda: dimmed() == words)


async def told(view: View, words: str) -> None:
    """Wait for words in a toast, wherever its lines are wrapped."""

    def toasts() -> str:
        return " ".join(" ".join(line.rpartition("▌")[2].strip("│╯─ ") for line in view.lines if "▌" in line).split())

    await view.until(lambda: words in toasts())


async def confirm(view: View) -> None:
    assert view.dialog is not None
    view.dialog.query_one("#confirm").focus()
    await view.press("enter")
    await view.until(lambda: view.dialog is None)


async def test_fail_retry_and_advance_are_asked_done_and_told(
    base: Path, engine: WorkflowEngine, instance_id: str
) -> None:
    async with running(base, (80, 24), count=1) as view:
        await offered(view, "a Advance", "x Fail", "r Retry", "c New", "? Help", "q Quit")
        await dim(view, "r Retry")
        await view.press("r")
        await told(view, "analyse has not failed, so there is nothing to retry")

        await view.open_dialog("x")
        await view.press(*"slow")
        await confirm(view)
        await view.until(lambda: view.shows("user-auth: analyse failed") and "✗" in view.row(instance_id))
        await dim(view, "a Advance x Fail")

        for key, said, failed in (("a", "Cannot advance", "has failed"), ("x", "Cannot fail", "has failed already")):
            await view.press(key)
            await told(view, f"{said} user-auth · {instance_id}: analyse {failed}; r retries it")
        assert view.dialog is None

        await view.open_dialog("r")
        assert view.shows("✗ failed  slow")
        assert view.shows("● begins  analyse again, as attempt 2")
        await confirm(view)
        await view.until(lambda: view.shows("user-auth: analyse began again") and "●" in view.row(instance_id))
        await dim(view, "r Retry")

        await view.open_dialog("a")
        await confirm(view)
        await told(view, "user-auth: analyse ended, design began")
        await view.until(lambda: "design" in view.row(instance_id))
        assert view.focused == "instances"
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert [(entry.phase, entry.status) for entry in state.history] == [
        ("analyse", "failed"),
        ("analyse", "completed"),
        ("design", "running"),
    ]


async def test_an_instance_is_made_from_a_schema_and_selected_whatever_is_filtered(
    base: Path, engine: WorkflowEngine, instance_id: str
) -> None:
    async with running(base, SMALL, count=1) as view:
        await view.press("c")
        await told(view, "There is no schema to choose from: put one into schemas/<name>.yaml of")
        (base / "schemas").mkdir()
        (base / "schemas" / "w.yaml").write_text("phases: [{name: plan}, {name: build}]")
        await view.press("slash", *"user", "enter")
        await view.open_dialog("c")
        await view.press("tab", *"billing")
        await view.until(lambda: view.shows("○ makes   w for billing (a new feature)"))
        await confirm(view)
        await view.until(lambda: view.shows("billing: wfi_"))
        await view.until(lambda: view.instances.cursor_key not in (None, instance_id))
        made = view.instances.cursor_key
        assert made is not None
        await view.until(lambda: made in str(view.timeline.border_title) and view.shows("plan"))
        assert view.focused == "instances"
    state = engine.get_workflow_instance_status(made)
    assert state is not None
    assert (state.feature_id, state.current_phase, state.variables) == ("billing", "plan", {})


async def test_keys_pressed_ahead_or_many_times_open_one_dialog_and_confirm_nothing(
    base: Path, instance_id: str
) -> None:
    before = without_locks(base)
    async with running(base, count=1) as view:
        # The dialog opens only after a look at the store: the enters come before its first paint.
        for key in ("a", "x", "a", "a", "enter", "enter"):
            view.app.simulate_key(key)
        await view.until(lambda: view.dialog is not None and view.dialog.is_armed)
        assert sum(isinstance(screen, StepDialog) for screen in view.app.screen_stack) == 1
        await view.press("escape")
        await view.until(lambda: view.dialog is None)
    assert without_locks(base) == before


async def test_the_screen_lives_on_under_a_dialog_that_waits_and_a_conflict_is_told(
    base: Path, engine: WorkflowEngine, instance_id: str, seed: SeedStore
) -> None:
    async with running(base, count=1) as view:
        dialog = await view.open_dialog()
        engine.trigger_next_step(instance_id, {"by": "another program"})
        await view.until(lambda: view.shows("Changed by another program meanwhile: now design"))
        await view.until(lambda: dialog.is_armed)

        with held_by_another_process(base / ".locks" / f"{instance_id}.lock"):
            await view.press("enter")
            seed.start("wfi_other", "another-feature")
            await view.until(lambda: view.instances.get_row("wfi_other") is not None)
            await view.until(lambda: view.shows("Locked by another program for 0.3 s. Nothing was changed; try again."))
        await view.until(lambda: dialog.is_armed)

        # The lock keeps the dialog's advance waiting until the other program has moved the instance.
        with FileStateStore(base, durable=False).lock(instance_id):
            dialog.confirm()
            assert dialog.is_busy
            path = base / "instances" / f"{instance_id}.json"
            moved = json.loads(path.read_bytes())
            moved["current_phase"] = "review"
            path.write_text(json.dumps(moved))
        await view.until(lambda: view.shows("design: moved to review by another program meanwhile."))
        assert view.dialog is dialog
        assert json.loads(path.read_bytes()) == moved


async def test_read_only_hides_the_keys_and_says_so_when_they_are_pressed(base: Path, instance_id: str) -> None:
    before = without_locks(base)
    async with running(base, count=1, read_only=True) as view:
        assert "read-only" in view.status_line
        await not_offered(view, "Advance", "Fail", "Retry", "New")
        for key in "axrc":
            await view.press(key)
            await told(view, "chatflow-tui was started with --read-only")
            assert view.dialog is None
            view.app.clear_notifications()
            await view.until(lambda: not view.shows("chatflow-tui was started"))
        # The menu of keys lists them with the reason; choosing one there, or pressing its key, only says it again.
        await view.press("?", "slash", *"begin")
        await view.until(lambda: view.shows("Not now") and view.shows("chatflow-tui was started with --read-only"))
        await view.press("enter")
        await told(view, "Cannot advance chatflow-tui was started")
        assert view.dialog is None
        view.app.clear_notifications()
        await view.until(lambda: not view.shows("Cannot advance"))
        await view.press("?", "a")
        await told(view, "Cannot advance chatflow-tui was started")
        assert view.dialog is None
    assert without_locks(base) == before


async def test_what_cannot_be_written_is_refused_in_words_and_what_can_is_not(
    base: Path, engine: WorkflowEngine, seed: SeedStore, instance_id: str
) -> None:
    state = {**seed.load(instance_id), "instance_id": "wfi_theirs", "feature_id": "theirs"}
    del state["workflow_name"], state["workflow_schema"]
    seed.record("wfi_theirs").write_text(json.dumps(state))
    seed.record("wfi_torn").write_text('{"instance_id": ')
    seed.start("wfi_seed", "no-schema")
    finished = engine.start_workflow_instance(SCHEMA, {}, "finished")
    for _ in SCHEMA["phases"]:
        engine.trigger_next_step(finished)
    before = without_locks(base)
    async with running(base, (120, 40), count=5) as view:
        for key, words, is_offered in (
            ("wfi_theirs", "theirs · wfi_theirs: read only: ChatCoder v1.1", False),
            ("wfi_torn", "wfi_torn: unreadable, so it is not written", False),
            ("wfi_seed", "no-schema · wfi_seed: Cannot advance instance wfi_seed: its record has no", True),
            (finished, f"finished · {finished}: the instance is completed; c makes a new one", True),
        ):
            await view.select(key)
            await view.until(partial(is_advance_offered, view, is_offered))
            await view.press("a")
            await told(view, words)
            assert view.dialog is None
            view.app.clear_notifications()
        await view.select(instance_id)
        await view.open_dialog()
    assert without_locks(base) == before


async def test_nothing_is_offered_on_a_row_whose_record_was_removed(base: Path, instance_id: str) -> None:
    async with running(base, (120, 40), count=1) as view:
        await view.until(partial(is_advance_offered, view, True))
        (base / "instances" / f"{instance_id}.json").unlink()
        await view.until(lambda: "gone" in view.row(instance_id))
        await not_offered(view, "Advance", "Fail", "Retry", "Record")
        await offered(view, "c New")
        for key, action in zip("axrp", ("advance", "fail", "retry", "record"), strict=True):
            await view.press(key)
            await told(view, f"Cannot {action} user-auth · {instance_id}: gone: its record was removed")
            view.app.clear_notifications()


async def test_in_a_store_of_chatcoder_nothing_is_offered_that_only_chatcoder_does(
    base: Path, seed: SeedStore, instance_id: str
) -> None:
    state = seed.load(instance_id)
    del state["workflow_name"], state["workflow_schema"]
    seed.record(instance_id).write_text(json.dumps(state))
    async with running(base, (120, 40), count=1) as view:
        await view.until(lambda: view.shows("read only: ChatCoder"))
        await not_offered(view, "Advance", "Fail", "Retry", "New", "Record")
        await view.press("c")
        await told(view, "Cannot create this is a store of ChatCoder v1.1: only ChatCoder starts instances in it")
        await view.press("question_mark", "slash", *"create")
        await view.until(lambda: view.shows("Not now") and view.shows("only ChatCoder starts"))
