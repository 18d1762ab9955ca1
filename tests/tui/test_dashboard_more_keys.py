"""The keys that explain, compare, arrange and hold still: what each leads to, and the way back."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from chatflow_core import WorkflowEngine
from chatflow_tui.screens.diff import DiffScreen
from chatflow_tui.screens.history import HistoryScreen
from chatflow_tui.screens.phase_details import PhaseDetails
from chatflow_tui.screens.search import SearchScreen
from chatflow_tui.screens.sort_menu import SortMenu
from chatflow_tui.screens.workflow_statistics import WorkflowStatistics
from tests.tui.dashboard_host import SCHEMA, running


@pytest.fixture
def two(base: Path, engine: WorkflowEngine) -> tuple[str, str]:
    """An instance whose second phase was retried, and one that has just begun; the former changed last."""
    other = engine.start_workflow_instance(SCHEMA, {}, "other")
    engine.record_task(other, prompt="the question", ai_response="another analysis")
    retried = engine.start_workflow_instance(SCHEMA, {}, "user-auth", meta={"model": "m-1"})
    engine.record_task(retried, prompt="the question", ai_response="the analysis")
    engine.trigger_next_step(retried, {"summary": "codes expire"})
    engine.record_task(retried, prompt="first try", ai_response="the first design")
    engine.fail_current_phase(retried, "the token is in the URL")
    engine.retry_phase(retried)
    engine.record_task(retried, prompt="second try", ai_response="the second design")
    return retried, other


async def test_keys_that_explain(base: Path, engine: WorkflowEngine, two: tuple[str, str]) -> None:
    async with running(base, (110, 32), count=2) as view:
        # i, from any panel; the details lead on to the texts.
        for panel in ("1", "2"):
            await view.press(panel, "i")
            await view.until(lambda: isinstance(view.app.screen, PhaseDetails))
            await view.until(lambda: view.shows("run 2  ● running") and view.shows("the token is in the URL"))
            assert view.shows("m-1")
            await view.press("4" if panel == "2" else "escape")
            await view.until(lambda: view.app.screen is view.dashboard)
            assert view.focused == {"1": "features", "2": "prompt"}[panel]

        # H steps through the history, and leads to the texts of the run it stands on.
        await view.press("2", "H")
        await view.until(lambda: isinstance(view.app.screen, HistoryScreen) and view.shows("3/3 runs"))
        await view.press("H")
        await view.until(lambda: view.shows("2/3 runs") and view.shows("the first design"))
        engine.trigger_next_step(two[0])
        await view.until(lambda: view.shows("2/4 runs"))
        await view.press("enter")
        await view.until(lambda: view.app.screen is view.dashboard and view.response.text == "the first design")
        assert (view.focused, view.timeline.cursor_key) == ("response", "design")
        await view.press("H", "q")
        await view.until(lambda: view.app.screen is view.dashboard)
        assert view.dashboard.panels.texts.attempt == (1, 2)

        # t shows the workflows, the cursor on the one of the instance.
        await view.press("2", "t")
        await view.until(lambda: isinstance(view.app.screen, WorkflowStatistics) and view.shows("▌code_generation"))
        await view.until(lambda: view.shows("completed runs of 2 instances"))
        await view.press("escape")
        await view.until(lambda: view.app.screen is view.dashboard)


async def test_keys_that_explain_are_about_the_instance_that_a_key_just_before_went_to(
    base: Path, two: tuple[str, str]
) -> None:
    _, other = two
    async with running(base, (110, 32), count=2) as view:
        for key, screen, words in (("i", PhaseDetails, "analyse"), ("H", HistoryScreen, other)):
            await view.press("g")
            await view.until(lambda: view.response.text == "the second design")
            view.app.simulate_key("j")
            view.app.simulate_key(key)
            is_open = partial(lambda screen: isinstance(view.app.screen, screen), screen)
            await view.until(is_open)
            await view.until(partial(view.shows, words))
            await view.press("escape")
            await view.until(lambda: view.app.screen is view.dashboard)


async def test_keys_that_compare_say_why_they_cannot(base: Path, engine: WorkflowEngine, two: tuple[str, str]) -> None:
    _, other = two
    async with running(base, (110, 32), count=2) as view:
        await view.press("j", "v", "k", "d")  # what is marked has not come so far
        await view.until(lambda: view.shows(f"there is no text of other · {other} · design · response"))
        await view.press("j", "v")
        await view.until(lambda: view.response.text == "another analysis")
        await view.press("d")
        await view.until(lambda: view.shows("Nothing before this text to compare it with"))
        await view.press("/", *"nothing", "enter")
        await view.until(lambda: view.shows("No instance matches the filter"))
        await view.press("v")
        await view.until(lambda: view.shows("nothing to mark"))
        await view.press("d")
        await view.until(lambda: view.shows("nothing to compare"))


async def test_keys_that_find_compare_arrange_and_hold_still(
    base: Path, engine: WorkflowEngine, two: tuple[str, str]
) -> None:
    retried, other = two
    async with running(base, (110, 32), count=2) as view:
        # S
        await view.press("S", *"expire")
        await view.until(lambda: isinstance(view.app.screen, SearchScreen))
        await view.press("escape")
        await view.until(lambda: view.app.screen is view.dashboard)
        # s
        await view.press("s")
        await view.until(lambda: isinstance(view.app.screen, SortMenu))
        await view.press("escape")
        await view.until(lambda: view.app.screen is view.dashboard)

        # d: the attempt before; v and d: the marked instance
        await view.press("d")
        await view.until(lambda: isinstance(view.app.screen, DiffScreen) and view.shows("the first design"))
        await view.press("escape")
        await view.until(lambda: view.app.screen is view.dashboard)
        await view.press("v")
        await view.until(lambda: view.shows("2 Instances · ◆ user-auth") and "●◆" in view.row(retried))
        assert not view.shows("d Diff with ◆")  # it is the one under the cursor
        await view.press("j")
        await view.until(lambda: view.response.text == "another analysis")
        await view.until(lambda: view.shows("d Diff with ◆"))
        await view.press("d")
        await view.until(lambda: isinstance(view.app.screen, DiffScreen) and view.shows("the analysis"))
        await view.press("q")
        await view.until(lambda: view.app.screen is view.dashboard)
        await view.press("k", "v")
        await view.until(lambda: view.shows("No instance is marked any more"))
        assert "◆" not in view.text

        # < and >
        panes = view.dashboard.panels.texts
        before = panes.prompt.region.width
        await view.press("4", ">")
        await view.until(lambda: panes.prompt.region.width > before)
        await view.press("<", "<")
        await view.until(lambda: panes.prompt.region.width < before)

        # f holds everything still, and catches up
        await view.press("2", "f")
        engine.trigger_next_step(other)
        await view.until(lambda: view.shows("FROZEN · 1 change waiting"))
        assert "analyse" in view.row(other)
        await view.press("f")
        await view.until(lambda: "design" in view.row(other))

        # e and E go to what needs the reader
        engine.fail_current_phase(other, "no network")
        await view.until(lambda: view.shows("1 needs you"))
        for key in ("e", "E"):
            await view.select(retried)
            await view.press("4", key)
            assert (view.instances.cursor_key, view.focused) == (other, "instances")
