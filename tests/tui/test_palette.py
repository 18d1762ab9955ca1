"""The command palette offers what can be done now, and finds instances and features by name."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
from textual.command import CommandPalette
from textual.widgets import Input, OptionList

from chatflow_core import WorkflowEngine
from chatflow_tui.screens.fail_dialog import FailDialog
from tests.tui.dashboard_host import SCHEMA, View, running

HOSTILE = "[@click=app.quit]x[/] [/"


async def find(view: View, typed: str) -> list[str]:
    """Open the palette, type, and give what is offered."""
    await view.press("colon")
    await view.until(lambda: isinstance(view.app.screen, CommandPalette))
    return await retype(view, typed)


async def retype(view: View, typed: str) -> list[str]:
    screen = view.app.screen
    await view.until(lambda: screen.query_one(OptionList).option_count)
    if typed:
        screen.query_one(OptionList).clear_options()
        screen.query_one(Input).value = typed
        await view.until(lambda: screen.query_one(OptionList).option_count)
    return [str(option.prompt) for option in screen.query_one(OptionList).options]


async def test_it_offers_what_can_be_done_and_does_it(base: Path, engine: WorkflowEngine) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    async with running(base, count=1) as view:
        offered = await find(view, "")
        assert any(line.startswith("a ") and "advance the instance" in line for line in offered)
        assert any("theme" in line for line in offered)
        # Nothing has failed, and there is nothing to be done in a text.
        assert not any("retry" in line or "Markdown" in line or "line numbers" in line for line in offered)
        assert (await retype(view, "fail phase"))[0].split()[0] == "x"
        await view.press("enter")
        await view.until(lambda: isinstance(view.app.screen, FailDialog))
        await view.press("escape")


async def test_nothing_that_writes_is_offered_where_nothing_is_written(base: Path, engine: WorkflowEngine) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    async with running(base, count=1, read_only=True) as view:
        offered = await find(view, "")
        assert {line.split()[0] for line in offered}.isdisjoint("axrcp")


async def test_names_are_found_gone_to_and_never_markup(base: Path, engine: WorkflowEngine) -> None:
    wanted, _, hostile = [
        engine.start_workflow_instance(SCHEMA, {}, feature) for feature in ("user-auth", "billing", HOSTILE)
    ]
    async with running(base, count=3) as view:
        await view.press("slash", *"billing", "enter")
        await view.until(lambda: view.instances.row_count == 1)
        offered = await find(view, "usrauth")
        assert offered[0].split()[:2] == ["feature", "user-auth"]
        assert f"user-auth · {wanted}" in offered[1]
        await view.press("down", "enter")
        # The filter that hid it is gone.
        await view.until(lambda: view.instances.cursor_key == wanted and view.focused == "instances")
        offered = await find(view, "click=app")
        assert f"feature    {HOSTILE}" in offered[0]
        assert f"instance   {HOSTILE} · {hostile}" in offered[1]
        await view.press("enter")
        await view.until(lambda: view.instances.row_count == 1 and view.instances.cursor_key == hostile)
        assert view.app.is_running


async def test_it_is_quick_with_a_hundred_thousand_instances(base: Path, engine: WorkflowEngine) -> None:
    """Keys are heard while it looks, and it shows the best only."""
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    async with running(base, count=1) as view:
        row = view.instances.instances[instance_id]

        many = [msgspec.structs.replace(row, instance_id=f"wfi_{number:012x}") for number in range(100_000)]
        view.instances.apply(many, ())
        began = time.process_time()
        offered = await find(view, "wfi_00000001869e")
        assert offered[0].split()[:4] == ["instance", "user-auth", "·", "wfi_00000001869e"]
        assert len(await retype(view, "user")) < 60
        assert time.process_time() - began < 15
