"""What is on the screen before anything is known of the store."""

from __future__ import annotations

import threading
from pathlib import Path

from textual.command import CommandPalette

from chatflow_core import WorkflowEngine
from tests.tui.dashboard_host import SCHEMA, running


async def test_the_first_screen_says_where_the_store_is_looked_for(base: Path, engine: WorkflowEngine) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "auth")
    found = threading.Event()

    def look() -> str:
        assert found.wait(30)
        return str(base)

    async with running(look, count=None) as view:
        await view.until(lambda: "looking the project" in view.text)
        found.set()
        await view.until(lambda: "● live" in view.text and "auth" in view.text)


async def test_what_is_opened_before_the_dashboard_is_not_left_beneath_it(base: Path, engine: WorkflowEngine) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "auth")
    found = threading.Event()

    def look() -> str:
        assert found.wait(30)
        return str(base)

    async with running(look, count=None) as view:
        await view.until(lambda: "looking the project" in view.text)
        await view.press("ctrl+p")
        found.set()
        await view.until(lambda: "● live" in view.text and "auth" in view.text)
        assert not any(isinstance(screen, CommandPalette) for screen in view.app.screen_stack)
        await view.press("ctrl+p")
        await view.until(lambda: isinstance(view.app.screen, CommandPalette))
