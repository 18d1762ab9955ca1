"""Whoever comes for the first time is told the first keys, until they know them."""

from __future__ import annotations

from pathlib import Path

from chatflow_core import WorkflowEngine
from chatflow_tui.settings.view_memory import ViewMemory
from tests.tui.dashboard_host import SCHEMA, running

WORDS = "? lists the keys · enter goes deeper · q quits"


async def test_it_is_shown_until_the_keys_were_listed_and_never_again(
    base: Path, engine: WorkflowEngine, tmp_path: Path
) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    memory = ViewMemory(tmp_path / "state")
    async with running(base, count=1, memory=memory) as view:
        await view.until(lambda: view.shows(WORDS))
        panels, hint = view.dashboard.panels.region, view.dashboard.hint.region
        assert hint.height == 1
        assert panels.bottom <= hint.y
    async with running(base, (80, 24), count=1, memory=memory) as view:
        await view.until(lambda: view.shows(WORDS))
        await view.press("question_mark", "escape")
        await view.until(lambda: not view.shows(WORDS))
        await view.until(lambda: not memory.needs_hint())
    async with running(base, count=1, memory=memory) as view:
        assert not view.dashboard.hint.is_open


async def test_escape_hides_it_for_good_and_is_no_key_lost(base: Path, engine: WorkflowEngine, tmp_path: Path) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    memory = ViewMemory(tmp_path / "state")
    async with running(base, count=1, memory=memory) as view:
        await view.press("3")
        await view.until(lambda: view.focused == "timeline" and view.shows("esc hides this line"))
        await view.press("escape")
        assert view.focused == "instances"
        await view.until(lambda: not view.shows(WORDS) and not memory.needs_hint())
