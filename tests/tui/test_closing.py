"""Screens close once: keys that come together with the one that closes do not close what lies beneath."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.command import CommandPalette

from chatflow_core import FileStateStore, IWorkflowStateStore, WorkflowEngine
from chatflow_tui.screens.dashboard import Dashboard
from tests.files import held_by_another_process
from tests.tui.dashboard_host import SCHEMA, running


@pytest.mark.parametrize(
    ("opener", "closer"),
    [
        ("Y", "i"),
        ("Y", "enter"),
        ("s", "enter"),
        ("question_mark", "enter"),
        ("question_mark", "escape"),
        ("i", "escape"),
        ("H", "enter"),
        ("t", "escape"),
        ("S", "escape"),
        ("colon", "escape"),
    ],
)
async def test_a_key_pressed_many_times_closes_one_screen(
    base: Path, engine: WorkflowEngine, opener: str, closer: str
) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    async with running(base, count=1) as view:
        before = len(view.app.screen_stack)
        await view.press(opener)
        await view.until(lambda: len(view.app.screen_stack) > before and view.app.screen.is_running)
        await view.pilot.pause()
        for _ in range(4):
            view.app.simulate_key(closer)
        # Whatever the others mean beneath, what they mean it to is still there.
        for _ in range(3):
            await view.pilot.pause()
        assert any(isinstance(screen, Dashboard) for screen in view.app.screen_stack)


def open_patiently(directory: str) -> IWorkflowStateStore:
    return FileStateStore(directory, durable=False, create=False, lock_timeout=60)


async def test_a_dialog_that_is_done_closes_what_was_opened_over_it(base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    async with running(base, count=1, open_store=open_patiently) as view:
        dialog = await view.open_dialog()
        with held_by_another_process(base / ".locks" / f"{instance_id}.lock"):
            dialog.confirm()
            await view.press("ctrl+p")
            await view.until(lambda: isinstance(view.app.screen, CommandPalette))
        await view.until(lambda: isinstance(view.app.screen, Dashboard))
        await view.until(lambda: "design" in view.row(instance_id))


async def test_the_palette_opens_over_a_dialog_that_came_over_the_palette(base: Path, engine: WorkflowEngine) -> None:
    may_read = threading.Event()
    may_read.set()

    class SlowStore(FileStateStore):
        def read_only_reason(self, instance_id: str) -> str | None:
            assert may_read.wait(30)
            return super().read_only_reason(instance_id)

    engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    async with running(base, count=1, open_store=lambda directory: SlowStore(directory, create=False)) as view:
        may_read.clear()
        await view.press("a", "ctrl+p")
        await view.until(lambda: isinstance(view.app.screen, CommandPalette))
        may_read.set()
        await view.until(lambda: view.dialog is not None)
        await view.press("ctrl+p")
        await view.until(lambda: isinstance(view.app.screen, CommandPalette))
