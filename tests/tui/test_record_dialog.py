"""The dialog that records: from the terminal's paste, the clipboard, a file or an editor; once, and as it said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events, work
from textual.app import App
from textual.content import Content
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot
from textual.widgets import Button, Input, Label, Static

from chatflow_core import FileStateStore, WorkflowEngine
from chatflow_core.catalog import CatalogChange
from chatflow_tui.acting.recording import plan_record
from chatflow_tui.acting.steps import Done
from chatflow_tui.screens.record_dialog import RecordDialog
from tests.files import PHASES, SCHEMA, without_locks
from tests.tui.dashboard_host import SIZES, View, running
from tests.waiting import wait_until

PHASE = "requirement_analysis"


@pytest.fixture
def instance_id(engine: WorkflowEngine) -> str:
    made = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    engine.record_task(made, prompt="# Analyse\n")
    return made


class Host(App[None]):
    """Asks once, and keeps the answer."""

    def __init__(self, engine: WorkflowEngine, instance_id: str) -> None:
        super().__init__()
        self.dialog = RecordDialog(engine, plan_record(engine, instance_id))
        self.done: list[Done | None] = []

    def on_mount(self) -> None:
        self._ask()

    @work
    async def _ask(self) -> None:
        self.done.append(await self.push_screen_wait(self.dialog))


class Asked:
    """The dialog as its reader has it."""

    def __init__(self, app: Host, pilot: Pilot[None]) -> None:
        self.app, self.dialog, self.pilot = app, app.dialog, pilot

    async def until_says(self, *words: str) -> None:
        await wait_until(self.pilot, lambda: all(word in self.text for word in words))

    async def until_notice(self, words: str) -> None:
        notice = self.dialog.query_one("#notice", Label)
        await wait_until(self.pilot, lambda: words in str(notice.visual))

    async def paste(self, text: str) -> None:
        self.app.post_message(events.Paste(text))
        await self.until_says("estimated · pasted")
        await wait_until(self.pilot, lambda: self.dialog.is_armed)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def record(self) -> str:
        await self.press("enter")
        await wait_until(self.pilot, lambda: self.app.done)
        (done,) = self.app.done
        return done.words if done is not None else ""

    @property
    def text(self) -> str:
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())


async def cancel(it: Asked) -> None:
    """Press escape, as a reader does who is asked whether that was meant, until the dialog has gone."""

    while not it.app.done:
        await it.press("escape")
        await wait_until(it.pilot, lambda: it.app.done or "Cancel once more" in it.text)
    assert it.app.done == [None]


def told(view: View) -> str:
    """What toasts have said."""
    return "\n".join(notification.message for notification in view.app._notifications)


@asynccontextmanager
async def asked(engine: WorkflowEngine, instance_id: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Asked]:
    app = Host(engine, instance_id)
    async with app.run_test(size=size) as pilot:
        await wait_until(pilot, lambda: app.dialog.is_armed)
        yield Asked(app, pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_pasted_response_is_shown_and_recorded_as_the_phase_s(
    engine: WorkflowEngine, instance_id: str, size: tuple[int, int]
) -> None:
    async with asked(engine, instance_id, size) as it:
        await it.until_says("user-auth", instance_id, f"● records  the response of {PHASE}, attempt 1")
        await it.paste("# Answer [b]\r\x1b[31mred\r\n\rlast")
        await it.until_says("27 B · 4 lines · ~7 tokens, estimated · pasted", "# Answer [b]", "␛[31mred", "Cancel")
        words = await it.record()

    assert words == f"user-auth: response of {PHASE} recorded (27 B, attempt 1)"
    artifacts = engine.load_artifacts(instance_id, PHASE)
    assert (artifacts.prompt, artifacts.ai_response) == ("# Analyse\n", "# Answer [b]\n\x1b[31mred\n\nlast")
    assert artifacts.verdict == "intact"


async def test_another_response_is_said_to_open_another_attempt(engine: WorkflowEngine, instance_id: str) -> None:
    engine.record_task(instance_id, ai_response="first")
    async with asked(engine, instance_id) as it:
        await it.until_says("attempt 2", "attempt 1 has a response already; it is kept as it is")
        await it.paste("second")
        await it.record()

    former, current = (engine.load_artifacts(instance_id, PHASE, number) for number in (1, 2))
    assert (former.prompt, former.ai_response) == ("# Analyse\n", "first")
    assert (current.prompt, current.ai_response) == (None, "second")


async def test_that_the_instance_is_completed_by_now_is_said(engine: WorkflowEngine, instance_id: str) -> None:
    for _ in PHASES:
        engine.trigger_next_step(instance_id)
    async with asked(engine, instance_id) as it:
        await it.until_says(f"the response of {PHASES[-1]}, attempt 1", "! the instance is completed")


async def test_a_phase_without_a_prompt_takes_one(engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    async with asked(engine, instance_id) as it:
        await it.until_says("● the response", "○ the prompt, which is missing (k)")
        await it.press("k")
        await it.until_says(f"● records  the prompt of {PHASE}, attempt 1")
        await it.paste("# Analyse")
        await it.record()

    assert engine.load_artifacts(instance_id, PHASE).prompt == "# Analyse"


async def test_a_huge_paste_shows_only_its_start_and_is_recorded_whole(
    engine: WorkflowEngine, instance_id: str
) -> None:
    text = "0123456789" * 500_000 + "\nend"
    async with asked(engine, instance_id) as it:
        await it.paste(text)
        await it.until_says("5.0 MB · 2 lines")
        shown = it.dialog.query_one("#preview", Static).visual
        assert isinstance(shown, Content)
        assert len(shown.plain) < 1000
        await it.record()

    assert engine.load_artifacts(instance_id, PHASE).ai_response == text


async def test_nothing_is_written_without_a_text_or_when_cancelled(
    engine: WorkflowEngine, instance_id: str, base: Path
) -> None:
    before = without_locks(base)
    async with asked(engine, instance_id) as it:
        it.app.post_message(events.Paste(" \r"))
        await it.until_says("There is no text pasted")
        it.dialog.query_one("#confirm").focus()
        await it.press("enter")
        await it.until_says("Nothing was written: there is no text yet")
        await it.paste("kept back")
        for _ in range(3):  # one after another, before anybody could have read what comes of the first
            it.app.simulate_key("escape")
        await it.until_says("Cancel once more to drop the text.", "kept back")
        await it.paste("another text is another question")
        await it.until_says("another text")
        await cancel(it)

    assert without_locks(base) == before


async def test_a_file_is_read_or_it_is_said_why_not(engine: WorkflowEngine, instance_id: str, tmp_path: Path) -> None:
    (tmp_path / "answer.md").write_bytes("# 答\r\n".encode())
    (tmp_path / "picture").write_bytes(b"\x89PNG")
    (tmp_path / "link").symlink_to("answer.md")
    async with asked(engine, instance_id) as it:
        await it.press("f")
        field = it.dialog.query_one("#file", Input)
        for name, words in (
            ("", "name a file"),
            ("none", "there is no such file"),
            (".", "it is not a regular file"),
            ("picture", "is not UTF-8 text"),
        ):
            field.value = str(tmp_path / name) if name else ""
            await it.press("enter")
            await it.until_notice(words)
        assert field.has_focus
        field.value = str(tmp_path / "link")
        await it.press("enter")
        await it.until_says("1 line", "# 答")
        assert not field.display
        await wait_until(it.pilot, lambda: it.dialog.is_armed)
        await it.record()

    assert engine.load_artifacts(instance_id, PHASE).ai_response == "# 答\r\n"


async def test_clipboard_and_editor_give_a_text(
    engine: WorkflowEngine, instance_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, script in (("xclip", "printf 'from the clipboard'"), ("ed.sh", 'printf ", edited" >> "$1"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o700)
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    monkeypatch.setenv("EDITOR", str(tmp_path / "ed.sh"))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("DISPLAY", "")
    async with asked(engine, instance_id) as it:
        await it.press("c")
        await it.until_says("No program here reads the clipboard")
        monkeypatch.setenv("DISPLAY", ":0")
        await it.press("c")
        await it.until_says("18 B · 1 line", "from the clipboard")
        await it.press("e")
        await it.until_says("26 B", "from the editor", "from the clipboard, edited")
        await wait_until(it.pilot, lambda: it.dialog.is_armed)
        await it.record()

    assert engine.load_artifacts(instance_id, PHASE).ai_response == "from the clipboard, edited"


async def test_what_others_do_meanwhile_is_said_and_never_written_over(
    engine: WorkflowEngine, store: FileStateStore, instance_id: str
) -> None:
    async with asked(engine, instance_id) as it:
        await it.paste("mine")
        engine.record_task(instance_id, ai_response="theirs")  # nobody has told the dialog yet
        await it.press("enter")
        await it.until_says("Another program recorded a text for this phase meanwhile", "attempt 2")
        engine.trigger_next_step(instance_id)
        summary = store.read_summary(instance_id)
        assert summary is not None
        it.dialog.take_change(CatalogChange(changed=(summary,)))
        await it.until_says("! the instance is in design by now", f"the response of {PHASE}")
        assert it.dialog.query_one("#confirm", Button)
        await wait_until(it.pilot, lambda: it.dialog.is_armed)
        await it.record()

    assert engine.load_artifacts(instance_id, PHASE, 1).ai_response == "theirs"
    assert engine.load_artifacts(instance_id, PHASE).ai_response == "mine"
    assert engine.load_artifacts(instance_id, "design").attempts == 0


async def test_the_loop_on_the_dashboard(base: Path, engine: WorkflowEngine, instance_id: str) -> None:
    async with running(base, count=1) as view:
        view.app.post_message(events.Paste("q\ra\rp"))  # pasted where nothing takes it: no key is pressed
        await view.press("y")
        await view.until(lambda: f"Copied the prompt of {PHASE} (10 B) by OSC 52" in told(view))
        assert view.app.clipboard == "# Analyse\n"
        await view.press("p")
        await view.until(lambda: isinstance(view.app.screen, RecordDialog) and view.app.screen.is_armed)
        dialog = view.app.screen
        assert isinstance(dialog, RecordDialog)
        view.app.post_message(events.Paste("# Answer"))
        await view.until(lambda: view.shows("8 B · 1 line") and dialog.is_armed)
        await view.press("enter")
        await view.until(lambda: view.shows("● begins  design") and view.dialog is not None and view.dialog.is_armed)
        await view.press("enter")
        await view.until(lambda: f"user-auth: {PHASE} ended, design began" in told(view))

    assert engine.load_artifacts(instance_id, PHASE).ai_response == "# Answer"


async def test_a_read_only_screen_records_nothing(base: Path, instance_id: str) -> None:
    async with running(base, count=1, read_only=True) as view:
        await view.press("p")
        await view.until(lambda: "--read-only" in told(view))
        assert not isinstance(view.app.screen, RecordDialog)
