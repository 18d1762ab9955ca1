"""The dialog that advances: it says what will happen, does it once, and only if nothing has changed meanwhile."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Button, TextArea

from chatflow_core import FileStateStore, WorkflowEngine
from chatflow_tui.screens.advance_dialog import AdvanceDialog
from tests.files import held_by_another_process, without_locks
from tests.seed_store import SeedStore
from tests.tui.dashboard_host import SCHEMA, SIZES, SMALL, View, running

PHASES = [phase["name"] for phase in SCHEMA["phases"]]


@pytest.fixture
def instance_id(engine: WorkflowEngine) -> str:
    return engine.start_workflow_instance(SCHEMA, {}, "user-auth")


@asynccontextmanager
async def asked(base: Path, size: tuple[int, int] = SMALL) -> AsyncIterator[tuple[View, AdvanceDialog]]:
    async with running(base, size, count=1) as view:
        yield view, await view.open_dialog()


async def type_into(view: View, field: str, text: str) -> None:
    """Type into one of the dialog's two fields, a key a character."""
    assert view.dialog is not None
    view.dialog.query_one(f"#{field}").focus()
    await view.press(*("enter" if character == "\n" else character for character in text))


async def confirm(view: View) -> None:
    assert view.dialog is not None
    view.dialog.query_one("#confirm").focus()
    await view.press("enter")


@pytest.mark.parametrize("size", SIZES)
async def test_it_says_what_ends_and_begins_and_enter_does_it(
    base: Path, engine: WorkflowEngine, instance_id: str, size: tuple[int, int]
) -> None:
    engine.trigger_next_step(instance_id)
    async with asked(base, size) as (view, _):
        assert view.shows("✓ ends    design")
        assert view.shows("● begins  implement")
        assert view.focused == "confirm"
        confirm_line = next(line for line in view.lines if "Advance" in line and "Cancel" in line)
        assert confirm_line

        await view.press("enter")
        await view.until(lambda: view.dialog is None)
        await view.until(lambda: view.shows("user-auth: design ended") and view.shows("began"))

    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert (state.current_phase, len(state.history)) == ("implement", 3)


async def test_the_last_phase_completes_the_instance(base: Path, engine: WorkflowEngine, instance_id: str) -> None:
    for _ in PHASES[1:]:
        engine.trigger_next_step(instance_id)
    async with asked(base) as (view, _):
        assert view.shows("✓ ends    review")
        assert view.shows("● begins  nothing: the instance is completed")
        await view.press("enter")
        await view.until(lambda: view.shows("review ended, completed"))
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert state.status == "completed"


@pytest.mark.parametrize("way_out", [["escape"], ["tab", "enter"]])
async def test_nothing_is_written_before_it_is_confirmed(base: Path, instance_id: str, way_out: list[str]) -> None:
    before = without_locks(base)
    async with asked(base) as (view, _):
        await view.press(*way_out)
        await view.until(lambda: view.dialog is None)
        assert view.focused == "instances"
    assert without_locks(base) == before


async def test_data_and_meta_are_yaml_and_their_reading_is_shown(
    base: Path, engine: WorkflowEngine, instance_id: str
) -> None:
    async with asked(base) as (view, dialog):
        await type_into(view, "data", "a: no\nb: 1:30\n")
        assert dialog.query_one("#data", TextArea).text == "a: no\nb: 1:30\n"
        await view.until(lambda: view.shows('read as {"a": false, "b": 90}'))
        await type_into(view, "meta", "who: 测试")
        await view.until(lambda: view.shows('read as {"who": "测试"}'))
        await confirm(view)
        await view.until(lambda: view.dialog is None)

    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert state.history[0].trigger_data_snapshot == {"a": False, "b": 90}
    assert state.meta["who"] == "测试"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [1", "not YAML at line"),
        ("- 1", "expected keys and values"),
        ("day: 2026-01-02", "trigger data"),
        ("a: &x 1\nb: *x", "uses an alias"),
    ],
)
async def test_what_cannot_be_read_is_told_at_its_field_and_nothing_is_written(
    base: Path, instance_id: str, text: str, why: str
) -> None:
    before = without_locks(base)
    async with asked(base) as (view, dialog):
        dialog.query_one("#data", TextArea).text = text
        await view.until(lambda: dialog.query_one("#data-reading").has_class("-wrong"))
        assert any(why in line for line in view.panel("data-reading"))

        await confirm(view)
        await view.until(lambda: dialog.query_one("#notice").has_class("-shown"))
        assert any("Nothing was written" in line for line in view.panel("notice"))
        assert view.dialog is dialog

        dialog.query_one("#data", TextArea).text = "a: 1"
        await view.until(lambda: not dialog.query_one("#data-reading").has_class("-wrong"))
        await view.press("escape")
    assert without_locks(base) == before


async def test_many_enters_advance_once(base: Path, engine: WorkflowEngine, instance_id: str) -> None:
    async with asked(base) as (view, _):
        for _ in range(12):
            view.app.simulate_key("enter")
        await view.until(lambda: view.dialog is None)
        await view.until(lambda: "design" in view.row(instance_id))
        await view.press("enter")
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert [entry.phase for entry in state.history] == ["analyse", "design"]


async def test_enters_typed_ahead_do_not_confirm(base: Path, engine: WorkflowEngine, instance_id: str) -> None:
    before = without_locks(base)
    async with running(base, count=1) as view:
        # On the dashboard `a` opens the dialog only after a look at the store: these come before its first paint.
        view.app.simulate_key("a")
        view.app.simulate_key("enter")
        view.app.simulate_key("enter")
        await view.until(lambda: view.dialog is not None and view.dialog.is_armed)
        assert without_locks(base) == before


async def test_pressing_the_key_many_times_opens_one_dialog(base: Path, instance_id: str) -> None:
    async with running(base, count=1) as view:
        for _ in range(6):
            view.app.simulate_key("a")
        await view.until(lambda: view.dialog is not None and view.dialog.is_armed)
        assert sum(isinstance(screen, AdvanceDialog) for screen in view.app.screen_stack) == 1
        await view.press("escape")
        await view.until(lambda: view.dialog is None)


async def test_a_change_while_it_is_open_is_told_and_asked_about_again(
    base: Path, engine: WorkflowEngine, instance_id: str
) -> None:
    async with asked(base) as (view, dialog):
        engine.trigger_next_step(instance_id, {"by": "another program"})
        await view.until(lambda: view.shows("Changed by another program meanwhile: now design"))
        # A stray enter, on its way when the dialog changed, is not a decision.
        view.app.simulate_key("enter")
        await view.until(lambda: dialog.is_armed)
        assert view.dialog is dialog
        assert view.shows("✓ ends    design")
        assert view.shows("● begins  implement")
        state = engine.get_workflow_instance_status(instance_id)
        assert state is not None
        assert state.current_phase == "design"

        await view.press("enter")
        await view.until(lambda: view.dialog is None)
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert state.current_phase == "implement"


async def test_typed_data_survives_a_change(base: Path, engine: WorkflowEngine, instance_id: str) -> None:
    async with asked(base) as (view, dialog):
        await type_into(view, "data", "note: mine")
        engine.trigger_next_step(instance_id)
        await view.until(lambda: view.shows("Changed by another program meanwhile"))
        assert dialog.query_one("#data", TextArea).text == "note: mine"


async def test_a_conflict_names_the_phase_and_changes_nothing(
    base: Path, engine: WorkflowEngine, instance_id: str
) -> None:
    async with running(base, count=1) as view:
        dialog = await view.open_dialog()
        # The lock keeps the dialog's advance waiting until the other program has moved the instance.
        with FileStateStore(base, durable=False).lock(instance_id):
            await view.press("enter")
            await view.until(lambda: dialog.query_one("#confirm", Button).disabled)
            path = base / "instances" / f"{instance_id}.json"
            moved = json.loads(path.read_bytes())
            moved["current_phase"] = "review"
            path.write_text(json.dumps(moved))
        await view.until(lambda: view.shows("analyse: moved to review by another program meanwhile."))
        assert view.dialog is dialog
        assert json.loads(path.read_bytes()) == moved


async def test_a_locked_instance_is_said_and_the_screen_lives_on(base: Path, instance_id: str, seed: SeedStore) -> None:
    before = without_locks(base)
    async with asked(base) as (view, dialog):
        with held_by_another_process(base / ".locks" / f"{instance_id}.lock"):
            await view.press("enter")
            await view.until(lambda: view.shows("Locked by another program for 0.3 s. Nothing was changed; try again."))
            assert view.dialog is dialog
        assert without_locks(base) == before
        await view.until(lambda: dialog.is_armed)
        await view.press("enter")
        await view.until(lambda: view.dialog is None)
        await view.until(lambda: "design" in view.row(instance_id))


async def test_the_screen_follows_the_store_while_the_dialog_waits(
    base: Path, instance_id: str, seed: SeedStore
) -> None:
    async with asked(base) as (view, _):
        with held_by_another_process(base / ".locks" / f"{instance_id}.lock"):
            await view.press("enter")
            seed.start("wfi_other", "another-feature")
            await view.until(lambda: view.instances.get_row("wfi_other") is not None)


async def test_becoming_failed_or_removed_while_open_disables_it_and_recovering_asks_again(
    base: Path, engine: WorkflowEngine, instance_id: str
) -> None:
    async with asked(base) as (view, dialog):
        engine.fail_current_phase(instance_id, "no tests")
        await view.until(lambda: dialog.query_one("#confirm", Button).disabled)
        await view.until(lambda: any("failed" in line for line in view.panel("notice")))
        engine.retry_phase(instance_id)
        await view.until(lambda: dialog.is_armed)
        assert not dialog.query_one("#confirm", Button).disabled

        (base / "instances" / f"{instance_id}.json").unlink()
        await view.until(lambda: view.shows("This instance is gone"))
        assert dialog.query_one("#confirm", Button).disabled
        await view.press("escape")
        await view.until(lambda: view.dialog is None)
    assert not (base / "instances" / f"{instance_id}.json").exists()
