"""Filter, sort, selection and layout of a store come back the next time it is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatflow_core import WorkflowEngine
from chatflow_tui.lists.instance_sort import Sort
from chatflow_tui.settings.store_view import StoreView
from chatflow_tui.settings.view_memory import ViewMemory
from tests.tui.dashboard_host import SCHEMA, running


@pytest.fixture
def ids(engine: WorkflowEngine) -> list[str]:
    """Three instances of two features, each in its second phase."""
    made = [engine.start_workflow_instance(SCHEMA, {}, feature) for feature in ("auth", "auth", "billing")]
    for instance_id in made:
        engine.record_task(instance_id, prompt="analyse this", ai_response="analysed")
        engine.trigger_next_step(instance_id)
    return made


async def test_the_next_time_it_is_as_it_was_left(
    base: Path, ids: list[str], engine: WorkflowEngine, tmp_path: Path
) -> None:
    memory = ViewMemory(tmp_path / "state")
    async with running(base, count=3, memory=memory) as view:
        await view.press("slash", *"auth", "enter")
        await view.until(lambda: view.instances.row_count == 2)
        view.instances.set_sort(Sort("created", descending=False))
        await view.select(ids[1])
        await view.press("3", "k", "z")
        await view.until(lambda: "analyse" in str(view.dashboard.panels.texts.response.border_title))

    kept = memory.recall(str(base))
    assert kept == StoreView(
        panel="timeline",
        is_zoomed=True,
        words="auth",
        sort=Sort("created", descending=False),
        instance_id=ids[1],
        phase="analyse",
    )
    engine.start_workflow_instance(SCHEMA, {}, "auth-too")
    async with running(base, count=3, memory=memory) as view:
        await view.until(lambda: "analyse" in str(view.dashboard.panels.texts.response.border_title))
        assert view.instances.cursor_key == ids[1]
        assert view.timeline.cursor_key == "analyse"
        assert view.focused == "timeline"
        assert view.dashboard.panels.is_zoomed
        assert "/auth" in str(view.instances.border_title)
        assert view.dashboard.filter_bar.value == "auth"
        await view.press("z", "2")
        await view.until(lambda: view.instances.visible_keys[:2] == ids[:2])
        await view.press("escape")  # drops the filter
        await view.until(lambda: view.instances.row_count == 4)
        await view.until(lambda: memory.recall(str(base)).words == "")  # without the end of the program
        await view.select(ids[0])

    # What is gone is not waited for; the current phase is the one that is current then.
    assert memory.recall(str(base)) == StoreView(sort=kept.sort, instance_id=ids[0])
    engine.trigger_next_step(ids[0])
    async with running(base, count=4, memory=memory) as view:
        await view.until(lambda: view.timeline.cursor_key == "implement")
        assert view.instances.cursor_key == ids[0]
    (base / "instances" / f"{ids[0]}.json").unlink()
    async with running(base, count=3, memory=memory) as view:
        await view.until(lambda: view.instances.cursor_key == ids[1])
