"""Taking things elsewhere: what `y` and the menu of `Y` give, and the file that is written."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.widgets import Input, Label

import chatflow_core
from chatflow_core import FileStateStore, WorkflowEngine
from chatflow_tui.acting.exporting import AlreadyThereError, ExportError, default_place, export
from chatflow_tui.acting.takeable import Takeable, takeables
from chatflow_tui.instance.details import Selection, read_details
from chatflow_tui.screens.copy_menu import CopyMenu
from chatflow_tui.screens.export_dialog import ExportDialog
from tests.files import SCHEMA, names
from tests.tui.dashboard_host import View, running
from tests.waiting import wait_until

PHASE = "requirement_analysis"
PROMPT = "# Analyse\x1b[31m\n\tgo"
RESPONSE = "Do\n```go\n\tx := 1\n```\nthen\n```\n\nrm\x07 -r .\n```\n"


@pytest.fixture
def instance_id(engine: WorkflowEngine) -> str:
    made = engine.start_workflow_instance(SCHEMA, {"user_request": "it's"}, "用户 auth/1")
    engine.record_task(made, prompt="# first", ai_response="first")
    engine.record_task(made, prompt=PROMPT)
    engine.record_task(made, ai_response=RESPONSE)
    engine.trigger_next_step(made, {"summary": "done"})
    return made


def menu(engine: WorkflowEngine, instance_id: str, attempt: int | None = None) -> dict[str, Takeable]:
    shown = read_details(engine, Selection(instance_id, PHASE, attempt))
    return {thing.key: thing for thing in takeables(engine, shown, "response")}


def test_texts_and_code_blocks_are_harmless_and_keep_their_tabs(engine: WorkflowEngine, instance_id: str) -> None:
    things = menu(engine, instance_id)

    assert things["p"].make() == "# Analyse␛[31m\n\tgo"
    assert things["r"].hint == f"of {PHASE}, attempt 2/2 · {len(RESPONSE)} B"
    assert things["1"].make() == "\tx := 1\n"
    assert things["2"].make() == "\nrm␇ -r .\n"
    assert [things[key].hint for key in "12"] == ["go · x := 1", "text · rm\x07 -r ."]
    assert "3" not in things


def test_a_tenth_code_block_has_no_key_but_is_there(engine: WorkflowEngine, instance_id: str) -> None:
    engine.record_task(instance_id, ai_response="```\nx\n```\n" * 11, phase_name=PHASE)
    things = takeables(engine, read_details(engine, Selection(instance_id, PHASE)), "response")

    assert [thing.key for thing in things[-3:]] == ["9", "", ""]
    assert things[-1].name == "code block 11 of the response"


@pytest.mark.parametrize("attempt", [None, 1])
def test_paths_lead_to_the_files(engine: WorkflowEngine, instance_id: str, base: Path, attempt: int | None) -> None:
    things = menu(engine, instance_id, attempt)

    assert things["f"].make() == str(base / "instances" / f"{instance_id}.json")
    text = Path(things["t"].make())
    assert text.read_text() == ("first" if attempt else RESPONSE)
    assert things["t"].hint == str(text.relative_to(base))


def test_the_python_calls_do_what_they_say(engine: WorkflowEngine, instance_id: str) -> None:
    for attempt, key in ((None, "texts"), (1, "texts")):
        found: dict[str, object] = {}
        exec(menu(engine, instance_id, attempt)["c"].make(), found)  # noqa: S102 - it is ours
        assert found[key] == engine.load_artifacts(instance_id, PHASE, attempt)
    exec(menu(engine, instance_id)["a"].make(), {})  # noqa: S102
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert state.current_phase == "implementation"
    with pytest.raises(chatflow_core.PhaseConflictError):
        engine.trigger_next_step(instance_id, expected_phase="design")


def test_the_whole_instance_tells_of_every_attempt(engine: WorkflowEngine, instance_id: str) -> None:
    whole = menu(engine, instance_id)["m"].make()

    for words in ("# Instance", "it's", '"summary": "done"', "# first", "attempt 1 of 2", "# Analyse␛[31m", "x := 1"):
        assert words in whole


def test_what_the_menu_lists_of_a_store_without_files(engine: WorkflowEngine, instance_id: str) -> None:
    class NoFiles(FileStateStore):
        def locate(self, *_: object, **__: object) -> None:  # type: ignore[override]
            return None

    things = menu(WorkflowEngine(state_store=NoFiles(engine.state_store.base_dir)), instance_id)  # type: ignore[attr-defined]
    assert set(things) == set("prmei12")


def test_a_file_is_written_whole_privately_and_never_over_another_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = default_place("用户 auth/../1\x1b", "wfi_1")
    assert place == "./用户-auth-..-1--wfi_1.md"

    path = Path(export("one", place, overwrite=False))
    assert path == tmp_path / place
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(AlreadyThereError, match="is there already"):
        export("two", place, overwrite=False)
    assert path.read_text() == "one"
    path.chmod(0o644)
    export("two", place, overwrite=True)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("two", 0o644)

    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(AlreadyThereError):
        export("three", "link", overwrite=False)
    for wrong, words in (
        (".", "is a directory"),
        ("none/x", "is not a directory"),
        (" ", "Name a file"),
        ("n" * 300, "too long"),
    ):
        with pytest.raises(ExportError, match=words):
            export("three", wrong, overwrite=True)
    assert names(tmp_path) == [path.name]
    assert Path(export("four", default_place("特" * 200, "i" * 200), overwrite=False)).read_text() == "four"


def told(view: View) -> str:
    """What toasts have said."""
    return "\n".join(notification.message for notification in view.app._notifications)


async def test_the_menu_on_the_dashboard(base: Path, instance_id: str, tmp_path: Path) -> None:
    async with running(base, count=1) as view:
        await view.press("y")
        await view.until(lambda: "There is no prompt of design yet: p records one, Y copies" in told(view))
        await view.press("3", "left_square_bracket", "y")
        await view.until(lambda: f"Copied the prompt of {PHASE} (20 B) by OSC 52" in told(view))
        assert view.app.clipboard == "# Analyse␛[31m\n\tgo"

        view.app.clear_notifications()  # they would lie over the menu
        await view.press("Y")
        await view.until(lambda: isinstance(view.app.screen, CopyMenu) and view.shows("code block 2 of the response"))
        assert view.shows("text · rm␇ -r .")
        await view.press("1")
        await view.until(lambda: "Copied the code block 1 of the response (8 B)" in told(view))
        assert view.app.clipboard == "\tx := 1\n"

        await view.press("Y")
        await view.until(lambda: isinstance(view.app.screen, CopyMenu))
        await view.press("e")
        await view.until(lambda: isinstance(view.app.screen, ExportDialog) and view.focused == "place")
        field = view.app.screen.query_one(Input)
        assert field.value == f"./用户-auth-1-{instance_id}.md"
        (tmp_path / "there.md").write_text("mine")
        field.value = str(tmp_path / "there.md")
        notice = view.app.screen.query_one("#notice", Label)
        for _ in range(2):  # once more does not mean yes
            await view.press("enter")
            await view.until(lambda: "is there already. Nothing was written" in str(notice.visual))
        assert (tmp_path / "there.md").read_text() == "mine"
        await view.press("tab")
        while isinstance(view.app.screen, ExportDialog):
            await view.press("enter")
        await view.until(lambda: f"Wrote {tmp_path}/there.md" in told(view))
        await view.until(lambda: f"Wrote {tmp_path}/there.md" in told(view))

    assert PROMPT in (tmp_path / "there.md").read_text()


async def test_a_button_that_writes_over_a_file_has_to_be_read_first(tmp_path: Path) -> None:
    place = tmp_path / "there.md"
    place.write_text("mine")
    app = App[None]()
    async with app.run_test() as pilot:
        dialog = ExportDialog("f · wfi_1", str(place), lambda: "new")
        await app.push_screen(dialog)
        await pilot.press("tab")
        for _ in range(4):  # one after another, before anybody could have read what comes of the first
            app.simulate_key("enter")
        notice = dialog.query_one("#notice", Label)
        await wait_until(pilot, lambda: "is there already. Nothing was written" in str(notice.visual))
        await pilot.pause()
        assert place.read_text() == "mine"
        while dialog.is_attached:
            await pilot.press("enter")
    assert place.read_text() == "new"


async def test_texts_are_opened_elsewhere(
    base: Path, instance_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    for name in ("editor", "pager"):
        (tmp_path / name).write_text(f"#!/bin/sh\ncp \"$1\" '{tmp_path}/seen by {name}'\n")
        (tmp_path / name).chmod(0o700)
    monkeypatch.setenv("VISUAL", str(tmp_path / "editor"))
    monkeypatch.setenv("PAGER", str(tmp_path / "pager"))
    async with running(base, count=1) as view:
        await view.press("o")
        await view.until(lambda: "There is no prompt to open" in told(view))
        await view.press("3", "left_square_bracket", "4")
        await view.until(lambda: view.focused == "prompt")
        await view.press("o", "O")
        await view.until((tmp_path / "seen by pager").exists)
        monkeypatch.delenv("VISUAL")
        monkeypatch.delenv("EDITOR", raising=False)
        await view.press("o")
        await view.until(lambda: "No editor: set VISUAL or EDITOR" in told(view))

    assert (tmp_path / "seen by editor").read_text() == PROMPT
    assert (tmp_path / "seen by pager").read_text() == "# Analyse␛[31m\n    go"
