"""In a terminal that is too small nothing is pressed unseen, and everything is there again when there is room."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from textual.geometry import Size

from chatflow_core import WorkflowEngine
from chatflow_tui.terminal.too_small import LEAST, TooSmallNotice, is_too_small
from tests.tui.dashboard_host import SCHEMA, View, running


@given(st.integers(1, 300), st.integers(1, 100))
def test_the_notice_fills_a_terminal_of_any_size_and_says_how_large_it_is(width: int, height: int) -> None:
    size = Size(width, height)
    notice = TooSmallNotice(size)
    console = Console(width=width, height=height)
    lines = [segment.text for segment in console.render(notice) if not segment.control]

    assert [cell_len(line) for line in lines] == [width] * height
    if is_too_small(size) and width >= len(f"{width}×{height}, needs 60×20") and height >= 2:
        assert any(f"{width}×{height}, needs {LEAST.width}×{LEAST.height}" in line for line in lines)


def as_seen(view: View) -> tuple[object, ...]:
    panels = view.dashboard.panels
    return (
        view.instances.cursor_key,
        view.instances.visible_keys,
        view.focused,
        view.response.scroll_offset,
        panels.is_zoomed,
        [type(screen) for screen in view.app.screen_stack],
    )


@pytest.mark.parametrize("small", [(59, 40), (1, 1)])
async def test_nothing_happens_unseen_and_all_comes_back(
    base: Path, engine: WorkflowEngine, small: tuple[int, int]
) -> None:
    ids = [engine.start_workflow_instance(SCHEMA, {}, f"feature-{number}") for number in range(30)]
    engine.record_task(ids[10], prompt="p", ai_response="\n".join(map(str, range(200))))
    engine.record_task(ids[20], prompt="p")  # the first row, which the cursor would follow
    async with running(base, count=30) as view:
        await view.select(ids[10])
        await view.until(lambda: "199" in view.dashboard.panels.texts.response.text)
        await view.press("5", "space", "space")
        await view.until(lambda: view.response.scroll_offset.y > 0)
        before = as_seen(view)

        await view.pilot.resize_terminal(*small)
        await view.until(lambda: view.app.is_too_small)
        await view.press("a", "j", "1", "z", "q", "escape")
        engine.trigger_next_step(ids[3])
        await view.until(lambda: "design" in view.status_line)  # it is followed all the same
        assert view.app.size == (100, 30)
        await view.pilot.resize_terminal(100, 30)
        await view.until(lambda: not view.app.is_too_small)
        assert as_seen(view) == before

        dialog = await view.open_dialog()
        await view.pilot.resize_terminal(*small)
        await view.press("escape", "enter")
        await view.pilot.resize_terminal(80, 24)
        await view.until(lambda: view.app.screen.size == (80, 24))
        assert view.app.screen is dialog
        await view.press("escape")
        await view.until(lambda: view.dialog is None)
        await view.pilot.resize_terminal(*small)
        await view.press("ctrl+q")
    assert view.app.return_code == 0


async def test_one_that_starts_too_small_is_laid_out_when_there_is_room(base: Path, engine: WorkflowEngine) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    async with running(base, (20, 5)) as view:
        await view.until(lambda: view.app.is_too_small and len(view.app.screen_stack) == 2)
        await view.pilot.resize_terminal(60, 20)
        await view.until(lambda: view.shows("user-auth") and view.app.screen.size == (60, 20))
        assert "● live" in view.status_line
