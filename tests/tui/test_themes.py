"""Whatever theme is chosen, the terminal's own colours included, no words have the colour they stand on."""

from __future__ import annotations

from pathlib import Path

from rich.style import Style
from textual.theme import BUILTIN_THEMES

from chatflow_core import WorkflowEngine
from chatflow_tui.settings.view_memory import ViewMemory
from tests.tui.dashboard_host import SCHEMA, View, running


def unseen(view: View) -> list[str]:
    """The words on the screen that nobody can see."""
    return [
        segment.text
        for strip in view.app.screen._compositor.render_strips()
        for segment in strip
        if any(map(str.isalnum, segment.text)) and segment.style is not None and is_unseen(segment.style)
    ]


def is_unseen(style: Style) -> bool:
    # The terminal's own text colour and its own background are both called the default.
    return style.color is not None and style.color == style.bgcolor and not style.color.is_default


async def test_all_words_are_seen_in_every_theme(base: Path, engine: WorkflowEngine, tmp_path: Path) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    engine.fail_current_phase(instance_id, "no network")
    torn = engine.start_workflow_instance(SCHEMA, {}, "billing")
    (base / "instances" / f"{torn}.json").write_text("{")
    engine.start_workflow_instance(SCHEMA, {}, "search")
    # With the first hint, and a frozen view.
    async with running(base, count=3, memory=ViewMemory(tmp_path / "state")) as view:
        await view.press("f", "down")
        await view.until(lambda: view.shows("FROZEN") and view.shows("esc hides this line"))
        for theme in BUILTIN_THEMES:
            view.app.theme = theme
            await view.pilot.pause()
            assert unseen(view) == [], theme
