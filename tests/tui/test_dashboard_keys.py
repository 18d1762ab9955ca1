"""Every key and the mouse, at every width."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from textual.widget import Widget

from chatflow_core import WorkflowEngine
from chatflow_tui.lists.feature_tree import instance_key
from chatflow_tui.screens.phase_details import PhaseDetails
from chatflow_tui.widgets.panels import PANELS
from chatflow_tui.widgets.text_view import TextView
from tests.seed_store import SeedStore
from tests.tui.dashboard_host import SCHEMA, SIZES, SMALL, View, running

LONG = "\n".join(f"prompt line {number}" for number in range(200))


@pytest.fixture
def filled(base: Path, engine: WorkflowEngine, seed: SeedStore) -> str:
    """Sixty instances of the seed's kind, and one with texts in two phases, two attempts in the second."""
    for number in range(60):
        seed.start(f"wfi_{number:012x}", f"feature-{number % 5}")
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    engine.record_task(instance_id, prompt=LONG, ai_response="the analysis")
    engine.trigger_next_step(instance_id)
    engine.record_task(instance_id, prompt="the first question", ai_response="the first answer")
    engine.record_task(instance_id, prompt="the second question", ai_response="the second answer")
    return instance_id


def has_size(widget: Widget, width: int, height: int) -> bool:
    return widget.region.size == (width, height)


def is_at(text: TextView, row: int) -> bool:
    return text.first_row == row


@asynccontextmanager
async def opened(base: Path, instance_id: str, size: tuple[int, int] = SMALL) -> AsyncIterator[View]:
    """The app on that store, the cursor on that instance."""
    async with running(base, size, count=61) as view:
        assert view.instances.cursor_key == instance_id
        assert view.timeline.cursor_key == "design"
        yield view


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_arrow_goes_from_a_phase_to_the_text_there_is(
    base: Path, engine: WorkflowEngine, size: tuple[int, int]
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    engine.record_task(instance_id, prompt="a question")
    async with running(base, size, count=1) as view:
        await view.press("3", "right")
        assert view.focused == "prompt"
        engine.record_task(instance_id, ai_response="an answer")
        await view.until(lambda: view.dashboard.panels.texts.first_to_read == "response")
        await view.press("3", "l")
        assert view.focused == "response"


@pytest.mark.parametrize("size", SIZES)
async def test_the_keys_of_a_list_move_its_cursor(base: Path, filled: str, size: tuple[int, int]) -> None:
    async with opened(base, filled, size) as view:
        table, page = view.instances, view.instances.page_height - 1
        for key, expected in [
            ("j", 1),
            ("down", 2),
            ("k", 1),
            ("up", 0),
            ("space", page),
            ("pagedown", min(60, 2 * page)),
            ("b", min(60, 2 * page) - page),
            ("pageup", max(0, min(60, 2 * page) - 2 * page)),
            ("G", 60),
            ("g", 0),
            ("end", 60),
            ("home", 0),
        ]:
            await view.press(key)
            assert table.cursor_index == expected, key
            assert table.cursor_key in table.visible_keys, key


@pytest.mark.parametrize("size", SIZES)
async def test_every_panel_can_be_reached_zoomed_and_left(base: Path, filled: str, size: tuple[int, int]) -> None:
    async with opened(base, filled, size) as view:
        for number, panel in enumerate(PANELS, 1):
            await view.press(str(number))
            widget = view.dashboard.query_one(f"#{panel}")
            assert view.focused == panel
            assert widget.region.width * widget.region.height > 0, panel
            before = widget.region
            await view.press("z")
            await view.until(partial(has_size, widget, size[0], size[1] - 2))
            assert view.focused == panel
            await view.press("escape" if number % 2 else "z")
            await view.until(partial(has_size, widget, before.width, before.height))
            assert widget.region == before
            assert view.focused == panel


async def test_tab_goes_round_the_panels(base: Path, filled: str) -> None:
    async with opened(base, filled) as view:
        seen = []
        for key in ("tab", "tab", "tab", "tab", "tab", "shift+tab"):
            await view.press(key)
            seen.append(view.focused)
        assert seen == ["timeline", "prompt", "response", "features", "instances", "features"]


@pytest.mark.parametrize("size", SIZES)
async def test_enter_goes_deeper_and_escape_back(base: Path, filled: str, size: tuple[int, int]) -> None:
    async with opened(base, filled, size) as view:
        await view.press("1", "G", "enter")
        await view.until(lambda: view.instances.row_count == 1)
        assert view.focused == "instances"
        assert "user-auth · 1 shown" in str(view.instances.border_title)

        await view.press("enter")
        assert (view.focused, view.timeline.cursor_key) == ("timeline", "design")
        await view.press("k")
        await view.until(lambda: view.dashboard.panels.texts.attempt == (1, 1))
        await view.press("enter")
        await view.until(lambda: isinstance(view.app.screen, PhaseDetails) and view.shows("run 1  ✓ completed"))
        await view.press("escape")
        assert view.focused == "timeline"
        await view.press("enter", "tab")
        await view.until(lambda: view.response.text == "the analysis")
        assert view.focused == "response"
        assert any("analyse" in line for line in view.panel(view.focused))

        await view.press("escape")
        assert view.focused == "timeline"
        await view.press("escape")
        assert view.focused == "instances"
        await view.press("escape")
        assert view.instances.row_count == 61
        await view.press("escape")
        assert view.app.is_running


@pytest.mark.parametrize(("back", "on"), [("[", "]"), ("【", "】"), ("［", "］")])
async def test_brackets_step_through_the_phases(base: Path, filled: str, back: str, on: str) -> None:
    async with opened(base, filled, (120, 40)) as view:
        await view.press("5", back)
        await view.until(lambda: view.response.text == "the analysis")
        assert view.focused == "response"
        assert any("5 Response · analyse" in line for line in view.panel("response"))
        await view.press(on)
        await view.until(lambda: view.response.text == "the second answer")
        await view.press(on)
        await view.until(lambda: view.shows("No response has been recorded for this phase."))
        assert view.timeline.cursor_key == "implement"


@pytest.mark.parametrize(("back", "on"), [("{", "}"), ("｛", "｝")])
async def test_braces_step_through_the_attempts(base: Path, filled: str, back: str, on: str) -> None:
    async with opened(base, filled) as view:
        assert any("attempt 2/2" in line for line in view.panel("response"))
        await view.press(back)
        await view.until(lambda: view.response.text == "the first answer")
        assert any("attempt 1/2" in line for line in view.panel("response"))
        await view.press(back)
        await view.press(on)
        await view.until(lambda: view.response.text == "the second answer")
        assert any("attempt 2/2" in line for line in view.panel("response"))


@pytest.mark.parametrize("size", SIZES[:2])
async def test_a_text_is_scrolled_with_the_same_keys(base: Path, filled: str, size: tuple[int, int]) -> None:
    async with opened(base, filled, size) as view:
        await view.press("4", "[")
        await view.until(lambda: view.prompt.text == LONG)
        page = view.prompt.scrollable_content_region.height - 1
        for key, row in [
            ("j", 1),
            ("down", 2),
            ("k", 1),
            ("up", 0),
            ("space", page),
            ("pagedown", 2 * page),
            ("b", page),
            ("pageup", 0),
        ]:
            await view.press(key)
            await view.until(partial(is_at, view.prompt, row))
        await view.press("G")
        await view.until(lambda: view.prompt.at_end)
        assert any("prompt line 199" in line for line in view.panel("prompt"))
        await view.press("g")
        await view.until(lambda: view.prompt.first_row == 0)


async def test_the_filter_works_as_it_is_typed(base: Path, filled: str) -> None:
    async with opened(base, filled) as view:
        await view.press("/", *"e-3")
        await view.until(lambda: view.instances.row_count == 12)
        assert view.focused == "filter"
        await view.press("space", "!", "3")  # leaves out what has a 3 anywhere, ids too
        await view.until(lambda: view.instances.row_count == 0)
        await view.press("backspace", "backspace", "enter")
        await view.until(lambda: (view.focused, view.instances.row_count) == ("instances", 12))
        assert not view.dashboard.filter_bar.display
        assert any("/e-3 · 12 shown" in line for line in view.panel("instances"))

        await view.press("escape")
        assert view.instances.row_count == 61
        await view.press("／", *"us", "escape")
        await view.until(lambda: (view.focused, view.instances.row_count) == ("instances", 61))
        assert view.dashboard.filter_bar.value == ""


async def test_a_filter_line_left_with_tab_or_the_mouse_closes_and_keeps_its_words(base: Path, filled: str) -> None:
    async with opened(base, filled, (120, 40)) as view:
        await view.press("/", *"us", "tab")
        await view.until(lambda: not view.dashboard.filter_bar.display)
        assert view.focused != "filter"
        await view.until(lambda: view.instances.row_count == 1)
        await view.press("/")
        assert view.dashboard.filter_bar.value == "us"
        await view.pilot.click("#timeline", offset=(5, 2))
        assert view.focused == "timeline"
        assert not view.dashboard.filter_bar.display


async def test_y_copies_what_is_in_focus(base: Path, filled: str) -> None:
    async with opened(base, filled) as view:
        await view.press("y")
        await view.until(lambda: view.app.clipboard == "the second question")
        await view.press("5", "y")
        await view.until(lambda: view.app.clipboard == "the second answer")
        await view.pilot.mouse_down("#response", offset=(5, 1))
        await view.pilot.hover("#response", offset=(11, 1))
        await view.pilot.mouse_up("#response", offset=(11, 1))
        await view.press("y")
        await view.until(lambda: view.app.clipboard == "second ")
        await view.until(lambda: view.shows("Copied the selection (7 B) by OSC 52"))


async def test_a_asks_and_q_quits(base: Path, filled: str) -> None:
    async with opened(base, filled) as view:
        await view.press("4")
        await view.open_dialog()
        await view.press("q")
        assert view.dialog is not None
        await view.press("escape")
        await view.until(lambda: view.focused == "prompt")
        await view.press("q")
        await view.until(lambda: not view.app.is_running)


@pytest.mark.parametrize("size", SIZES)
async def test_an_instance_is_chosen_in_the_tree_whatever_hides_it_in_the_table(
    base: Path, filled: str, size: tuple[int, int]
) -> None:
    async with opened(base, filled, size) as view:
        features = view.dashboard.panels.features
        view.dashboard.filter_bar.value = "feature:feature-1"
        await view.until(lambda: filled not in view.instances.visible_keys)
        await view.press("1", "G", "l", "right")
        assert features.cursor_key == instance_key(filled)
        await view.press("enter")
        await view.until(lambda: view.focused == "timeline" and filled in str(view.timeline.border_title))
        assert view.instances.cursor_key == filled
        assert view.dashboard.filter_bar.value == ""

        await view.press("1", "h", "h", "k", "enter")
        assert (view.focused, features.feature) == ("instances", "feature-4")
        assert "feature-4" in str(view.instances.border_title)


async def test_a_filter_that_cannot_be_read_is_shown_as_not_in_force(base: Path, filled: str) -> None:
    async with opened(base, filled, (80, 24)) as view:
        await view.press("/", *"user")
        await view.until(lambda: "/user · " in view.panel("instances")[0])
        await view.press("space", *"zzz:x")
        await view.until(lambda: "/user zzz:x not in force, still /user zzz · " in view.panel("instances")[0])
        assert view.shows("no key zzz: quote it, or status: feature: workflow: phase: id: age: is:")


async def test_the_mouse_moves_the_cursor_and_the_focus(base: Path, filled: str) -> None:
    async with opened(base, filled, (120, 40)) as view:
        third = view.instances.visible_keys[3]
        await view.pilot.click("#instances", offset=(5, 5))  # below the border and the header
        assert view.instances.cursor_key == third
        await view.until(lambda: third in str(view.timeline.border_title))
        await view.pilot.click("#features", offset=(5, 2))
        assert view.focused == "features"
        await view.pilot.click("#prompt", offset=(5, 3))
        assert view.focused == "prompt"
        await view.pilot.click("#instances", offset=(5, 5))
        assert view.focused in ("instances", "timeline")


async def test_the_waiting_screen_can_be_left(tmp_path: Path) -> None:
    async with running(lambda: None, (80, 24)) as view:
        await view.until(lambda: view.shows("chatflow-tui --demo"))
        assert str(tmp_path) not in view.text
        await view.press("q")
        await view.until(lambda: not view.app.is_running)


@pytest.mark.parametrize("size", [(30, 8), (40, 10)])
async def test_a_tiny_terminal_survives_every_key(base: Path, filled: str, size: tuple[int, int]) -> None:
    async with running(base, size, count=61) as view:
        for key in ["j", "z", "1", "3", "4", "5", "z", "?", "escape", "/", "x", "escape", "a", "escape", "G", "enter"]:
            await view.press(key)
        assert view.app.is_running
