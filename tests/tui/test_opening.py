"""What is on the screen before anything is known of the store."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.command import CommandPalette

from chatflow_core import WorkflowEngine
from tests.tui.dashboard_host import SCHEMA, View, running


@asynccontextmanager
async def opening(base: Path) -> AsyncIterator[tuple[View, Callable[[], None]]]:
    """The app before it knows where the store is, and what lets it know."""
    found = threading.Event()

    def look() -> str:
        assert found.wait(30)
        return str(base)

    async with running(look, count=None) as view:
        await view.until(lambda: "looking the project" in view.text)
        yield view, found.set


async def test_the_first_screen_says_where_the_store_is_looked_for(base: Path, engine: WorkflowEngine) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "auth")
    async with opening(base) as (view, find):
        find()
        await view.until(lambda: "● live" in view.text and "auth" in view.text)


async def test_what_is_opened_before_the_dashboard_is_not_left_beneath_it(base: Path, engine: WorkflowEngine) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "auth")
    async with opening(base) as (view, find):
        await view.press("ctrl+p")
        find()
        await view.until(lambda: "● live" in view.text and "auth" in view.text)
        assert not any(isinstance(screen, CommandPalette) for screen in view.app.screen_stack)
        await view.press("ctrl+p")
        await view.until(lambda: isinstance(view.app.screen, CommandPalette))


async def test_it_can_be_left_while_the_store_is_looked_for(base: Path) -> None:
    async with opening(base) as (view, find):
        await view.press("q")
        await view.until(lambda: not view.app.is_running)
        find()
