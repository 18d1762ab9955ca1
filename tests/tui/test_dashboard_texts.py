"""The texts of the dashboard: the room they get, the hits of a search one by one, keys that need a text."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatflow_core import WorkflowEngine
from chatflow_tui.instance.details import Details, Selection
from chatflow_tui.settings.view_memory import ViewMemory
from tests.tui.dashboard_host import SCHEMA, View, running
from tests.tui.test_divided import Host, drag
from tests.waiting import wait_until

LONG = "\n".join(f"line {number}" for number in range(100))


@pytest.fixture
def two(engine: WorkflowEngine) -> list[str]:
    """Two instances, the newer one first; a needle twice in a line of one, and in both texts of the other."""
    older = engine.start_workflow_instance(SCHEMA, {}, "older")
    engine.record_task(older, prompt=f"{LONG}\nneedle and needle\n", ai_response="nothing")
    newer = engine.start_workflow_instance(SCHEMA, {}, "newer")
    engine.record_task(newer, prompt="a needle", ai_response=f"{LONG}\na needle\n{LONG}\na needle")
    return [newer, older]


async def test_where_texts_stand_alone_they_say_whose_they_are(base: Path, two: list[str]) -> None:
    async with running(base, (60, 20), count=2) as view:
        await view.press("j", "5")
        await view.until(lambda: view.lines[0].startswith("╭─ 4 Prompt · analyse · older ─"))
        assert view.panel("response")[0].startswith("╭─ 5 Response · analyse · older ─")


async def test_how_far_one_is_in_a_large_text_is_said_once_it_is_seen(engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "large")
    engine.record_task(instance_id, prompt="p", ai_response="设计\n" * 300_000)
    details = Details(Selection(instance_id), phase="analyse", artifacts=engine.load_artifacts(instance_id, "analyse"))
    app = Host()
    async with app.run_test(size=(100, 20)) as pilot:
        response = app.texts.response
        app.texts.show(details)
        assert response.view.text == ""
        assert str(response.border_subtitle).startswith("✓ intact · 2.1 MB")
        await wait_until(pilot, lambda: str(response.border_subtitle).startswith("0 % · ✓ intact · 2.1 MB"), 30)


async def test_the_room_that_was_given_is_given_again(base: Path, two: list[str], tmp_path: Path) -> None:
    memory = ViewMemory(tmp_path / "state")
    memory.keep_hint_read()
    async with running(base, (100, 30), count=2, memory=memory) as view:
        texts = view.dashboard.panels.texts
        await view.press("4", "greater_than_sign", "greater_than_sign")
        await view.until(lambda: [part.region.width for part in texts.parts] == [70, 30])
        top = texts.region.y
        await drag(view.pilot, (50, top), (50, top - 5))
        await view.until(lambda: texts.region.y == top - 5)
    async with running(base, (100, 30), count=2, memory=memory) as view:
        texts = view.dashboard.panels.texts
        assert [part.region.width for part in texts.parts] == [70, 30]
        assert texts.region.y == top - 5
        await view.press("2")
        # Narrow, they are stacked, and share the height.
        await view.pilot.resize_terminal(80, 24)
        await view.press("less_than_sign")
        await view.until(lambda: view.app._notifications)  # no text is on the screen
        await view.press("5")
        await view.until(lambda: texts.is_divided)
        await view.press("less_than_sign")
        await view.until(lambda: [part.region.size for part in texts.parts] == [(80, 8), (80, 14)])
        await view.press("z")
        await view.until(lambda: texts.response.region.height == 22)
        assert "5 Response · zoomed" in view.lines[0]
    async with running(base, (80, 24), count=2) as view:  # kept nowhere: as at first
        await view.press("5")
        parts = view.dashboard.panels.texts.parts
        await view.until(lambda: [part.region.height for part in parts] == [11, 11])


async def test_n_goes_on_through_all_hits_of_the_last_search(base: Path, two: list[str]) -> None:
    newer, older = two
    async with running(base, (120, 40), count=2) as view:
        await view.press("n")
        await view.until(lambda: view.shows("No hits to step through"))  # nothing was searched for yet
        await view.press("w")
        await view.until(lambda: view.shows("That key is for a text"))
        assert not view.shows("No hits to step through")
        await view.press("S", *"needle")
        await view.until(lambda: view.shows("4 lines found · 2 instances") and not view.shows("searching"))
        await view.press("enter")
        await view.until(lambda: view.shows("1/1 · list 1/4"))
        assert (view.instances.cursor_key, view.focused) == (newer, "prompt")
        for words in ("1/2 · list 2/4", "2/2 · list 3/4"):
            await view.press("n")
            await until_at(view, newer, words)
            assert view.focused == "response"
        assert not view.shows("list 1/4")  # what the other text was searched for is over
        for words in ("1/2 · list 4/4", "2/2 · list 4/4"):
            await view.press("n")
            await until_at(view, older, words)
            assert view.focused == "prompt"
        await view.press("n")
        await until_at(view, newer, "1/1 · list 1/4")
        await view.press("N")
        await until_at(view, older, "1/2 · list 4/4")
        # Once it is over here, the list goes on from where the reader was.
        await view.press("escape", "2", "N")
        await until_at(view, newer, "2/2 · list 3/4")
        assert view.focused == "response"


async def until_at(view: View, instance_id: str, words: str) -> None:
    await view.until(lambda: view.instances.cursor_key == instance_id and view.shows(words))
