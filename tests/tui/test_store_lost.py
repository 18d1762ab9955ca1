"""A store that becomes unreadable, vanishes and comes back while it is watched: shown as such, then as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatflow_core import WorkflowEngine
from tests.tui.dashboard_host import SCHEMA, View, running


@pytest.fixture
def ids(engine: WorkflowEngine) -> list[str]:
    made = [engine.start_workflow_instance(SCHEMA, {}, f"feature-{number}") for number in range(4)]
    for instance_id in made:
        engine.record_task(instance_id, prompt=f"prompt of {instance_id}", ai_response="answered")
    return made[::-1]


def as_seen(view: View) -> tuple[object, ...]:
    """What the reader has before them, without times."""
    panels = view.dashboard.panels
    return (
        view.instances.cursor_key,
        view.instances.visible_keys,
        view.timeline.cursor_key,
        view.focused,
        panels.texts.prompt.text,
        [line for line in view.panel("features") if "feature-" in line],
    )


async def test_a_store_that_is_lost_is_shown_as_lost_and_comes_back_as_it_was(
    base: Path, ids: list[str], engine: WorkflowEngine
) -> None:
    instances = base / "instances"
    async with running(base, count=4) as view:
        await view.select(ids[2])
        await view.until(lambda: ids[2] in view.dashboard.panels.texts.prompt.text)
        before = as_seen(view)

        # Unreadable: a link to itself, which refuses even a user who may read everything.
        instances.rename(base / "aside")
        instances.symlink_to("instances")
        await view.until(lambda: "store unreadable" in view.status_line)
        assert view.lines[-2].rstrip().endswith("symbolic links"), "the reason is the end of the error"
        instances.unlink()
        (base / "aside").rename(instances)
        await view.until(lambda: view.status_line.startswith("● live") and as_seen(view) == before)

        # Gone, and something else in its place.
        base.rename(base.with_name("elsewhere"))
        await view.until(lambda: "waiting for the store" in view.status_line)
        assert view.instances.cursor_key == ids[2]
        assert "gone" in view.row(ids[2])
        await view.until(lambda: "instances removed" in view.status_line)
        assert view.shows("│ 0 instances  ")
        # With nothing left to hold on to, the list says why it is empty.
        await view.press("slash", *"zzz", "enter")
        await view.until(lambda: view.shows("The store is away"))
        await view.press("escape")
        base.write_text("a file")
        base.unlink()
        base.with_name("elsewhere").rename(base)
        await view.until(lambda: view.status_line.startswith("● live") and as_seen(view) == before)

        engine.trigger_next_step(ids[2])
        await view.until(lambda: "design" in view.row(ids[2]))
