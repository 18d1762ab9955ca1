"""What the user has set is so on the screen, and what is wrong in it is told until it was read."""

from __future__ import annotations

from pathlib import Path

from chatflow_core import WorkflowEngine
from chatflow_tui.app import ChatFlowApp
from chatflow_tui.screens.key_menu import KeyMenu
from chatflow_tui.screens.mistakes import MistakesDialog
from chatflow_tui.settings.settings import Settings
from tests.tui.dashboard_host import SCHEMA, View, open_quickly


async def test_settings_are_applied_and_mistakes_told(base: Path, engine: WorkflowEngine) -> None:
    for feature in ("one", "two"):
        engine.record_task(
            engine.start_workflow_instance(SCHEMA, {}, feature), prompt="# A prompt", ai_response="**So**"
        )
    settings = Settings(
        theme="nord", rendered=True, animation=False, keys={"instance.advance": "A,f5", "list.down": "J"}
    )
    mistakes = ["config.yaml: [/b] rendred: there is no such setting", "config.yaml: thme: likewise"]
    app = ChatFlowApp(lambda: str(base), "here", open_store=open_quickly, settings=settings, mistakes=mistakes)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        view = View(app, pilot)
        await view.until(lambda: isinstance(app.screen, MistakesDialog) and view.shows("2 mistakes"))
        assert view.shows("[/b] rendred: there is no such setting")
        await view.press("escape")
        await view.until(lambda: view.dashboard.panels.texts.prompt.is_rendered)
        assert app.theme == "nord"
        assert view.lines[-1].split()[:2] == ["A", "Advance"]  # in its place, not behind the others

        first = view.instances.cursor_key
        await view.press("j", "a")
        assert (view.instances.cursor_key, view.dialog) == (first, None)
        await view.press("J", "f5")
        await view.until(lambda: view.dialog is not None)
        assert view.instances.cursor_key != first
        await view.press("escape", "question_mark")
        await view.until(lambda: isinstance(app.screen, KeyMenu) and view.shows("A f5 "))
        await view.press("escape", "slash")
        assert not view.dashboard.filter_bar.cursor_blink
