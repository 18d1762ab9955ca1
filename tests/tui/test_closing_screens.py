"""What comes for a screen before it stands, or while it is taken away, harms nothing and never ends the program."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from textual import events
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from chatflow_core import CatalogChange, WorkflowEngine
from chatflow_tui.acting.recording import plan_record
from chatflow_tui.acting.steps import plan_advance
from chatflow_tui.screens.advance_dialog import AdvanceDialog
from chatflow_tui.screens.diff import DiffScreen
from chatflow_tui.screens.history import HistoryScreen
from chatflow_tui.screens.record_dialog import RecordDialog
from chatflow_tui.texts.text_diff import TitledText
from tests.tui.dashboard_host import SCHEMA, View, running
from tests.waiting import wait_beside

Anything = TypeVar("Anything", bound=Screen[Any])


class Lingering(Widget):
    """Takes its time to go: so long is the screen half taken away."""

    DEFAULT_CSS = "Lingering { display: none; }"

    def __init__(self) -> None:
        super().__init__()
        self.may_go = asyncio.Event()

    async def on_unmount(self) -> None:
        await self.may_go.wait()


class ComesSlowly:
    """A screen that is pushed, and stands later."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.may_come = asyncio.Event()

    async def on_compose(self) -> None:
        await self.may_come.wait()


class SlowAdvance(ComesSlowly, AdvanceDialog):
    pass


class SlowRecord(ComesSlowly, RecordDialog):
    pass


class SlowHistory(ComesSlowly, HistoryScreen):
    pass


@pytest.fixture
def instance_id(engine: WorkflowEngine) -> str:
    before, instance_id = (engine.start_workflow_instance(SCHEMA, {}, "user-auth") for _ in range(2))
    engine.trigger_next_step(before, {"summary": "read"})
    engine.trigger_next_step(before, {"summary": "designed"})
    engine.trigger_next_step(instance_id)
    return instance_id


@asynccontextmanager
async def threads_busy() -> AsyncIterator[Callable[[], None]]:
    """What is to be done in a thread waits until the function that this gives is called."""
    may_end, loop = threading.Event(), asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as pool:
        loop.set_default_executor(pool)
        loop.run_in_executor(None, may_end.wait)
        try:
            yield may_end.set
        finally:
            may_end.set()
            loop.set_default_executor(ThreadPoolExecutor())


async def open_on(view: View, screen: Anything) -> Anything:
    view.app.push_screen(screen)
    await wait_beside(lambda: screen.is_current and screen.is_mounted)
    return screen


@asynccontextmanager
async def half_closed(view: View, screen: Screen[Any]) -> AsyncIterator[None]:
    """The screen is being taken away, and all that stood on it is gone; at the end it is gone as well."""
    linger = Lingering()
    await screen.mount(linger)
    screen.dismiss(None)
    try:
        await wait_beside(lambda: list(screen.children) == [linger])
        yield
        await no_work(view, screen)
        assert screen.is_attached
    finally:
        linger.may_go.set()
    await wait_beside(lambda: not screen.is_attached)
    await view.press("question_mark")
    await view.until(lambda: view.shows("/ narrows"))


async def no_work(view: View, screen: Screen[Any]) -> None:
    await wait_beside(lambda: not any(worker.node is screen for worker in view.app.workers))
    assert view.app.crash is None, view.app.crash


def changed(engine: WorkflowEngine, instance_id: str) -> CatalogChange:
    """What the catalog tells after another program has changed the instance and its texts."""
    engine.trigger_next_step(instance_id)
    engine.record_task(instance_id, "prompt")
    summary = engine.state_store.read_summary(instance_id)
    assert summary is not None
    return CatalogChange(changed=(summary,), touched=frozenset([instance_id]))


async def test_a_key_that_comes_with_the_one_that_closes_a_screen_closes_no_other(
    base: Path, engine: WorkflowEngine, instance_id: str
) -> None:
    async with running(base, count=2) as view:
        await view.press("question_mark")
        await view.until(lambda: view.shows("/ narrows"))
        menu = view.app.screen
        for _ in range(3):
            menu.post_message(events.Key("w", "w"))
        await wait_beside(lambda: not menu.is_attached)
        await view.until(lambda: view.shows("2 Instances"))
        assert view.app.screen is view.dashboard


async def test_a_dialog_is_closed_by_a_key_that_comes_before_it_stands(
    base: Path, engine: WorkflowEngine, instance_id: str
) -> None:
    async with running(base, count=2) as view:
        dialog = SlowAdvance(engine, plan_advance(engine, instance_id))
        view.app.push_screen(dialog)
        view.app.post_message(events.Key("escape", None))
        view.app.post_message(events.Key("question_mark", "?"))
        for _ in range(50):
            await asyncio.sleep(0)  # the app takes the keys
        dialog.may_come.set()
        await wait_beside(lambda: dialog.is_mounted and not dialog.is_attached)
        await view.until(lambda: view.shows("/ narrows"))


AT_WORK: dict[str, Callable[[WorkflowEngine, str], Screen[Any]]] = {
    "data to offer": lambda engine, instance_id: AdvanceDialog(
        engine, plan_advance(engine, instance_id), [summary.instance_id for summary in engine.list_instances()]
    ),
    "a comparison": lambda _engine, _instance_id: DiffScreen(TitledText(("a",), "one"), TitledText(("b",), "two")),
}


@pytest.mark.parametrize("make", AT_WORK.values(), ids=AT_WORK.keys())
async def test_what_was_read_for_a_screen_comes_while_it_is_taken_away(
    base: Path, engine: WorkflowEngine, instance_id: str, make: Callable[[WorkflowEngine, str], Screen[Any]]
) -> None:
    async with running(base, count=2) as view, threads_busy() as let_threads_go:
        screen = await open_on(view, make(engine, instance_id))
        async with half_closed(view, screen):
            let_threads_go()


@pytest.mark.parametrize("kind", ["plan", "history"])
async def test_what_was_read_again_comes_while_the_screen_is_taken_away(
    base: Path, engine: WorkflowEngine, instance_id: str, kind: str
) -> None:
    async with running(base, count=2) as view:
        screen: AdvanceDialog | HistoryScreen
        if kind == "plan":
            screen = await open_on(view, AdvanceDialog(engine, plan_advance(engine, instance_id)))
        else:
            screen = await open_on(view, HistoryScreen(engine, instance_id))
        await no_work(view, screen)
        async with threads_busy() as let_threads_go:
            screen.take_change(changed(engine, instance_id))
            await wait_beside(lambda: any(worker.group == kind for worker in view.app.workers))
            async with half_closed(view, screen):
                let_threads_go()


async def test_a_file_was_read_while_the_dialog_is_taken_away(
    base: Path, engine: WorkflowEngine, instance_id: str
) -> None:
    async with running(base, count=2) as view:
        dialog = await open_on(view, RecordDialog(engine, plan_record(engine, instance_id)))
        async with threads_busy() as let_threads_go:
            await view.press("f")
            dialog.query_one("#file", Input).value = "nowhere"
            await view.press("enter")
            await wait_beside(lambda: any(worker.group == "take" for worker in view.app.workers))
            async with half_closed(view, dialog):
                let_threads_go()


@pytest.mark.parametrize("kind", ["advance", "record", "history"])
async def test_a_change_that_comes_before_a_screen_stands_is_seen_once_it_does(
    base: Path, engine: WorkflowEngine, instance_id: str, kind: str
) -> None:
    def make() -> SlowAdvance | SlowRecord | SlowHistory:
        if kind == "history":
            return SlowHistory(engine, instance_id)
        if kind == "record":
            return SlowRecord(engine, plan_record(engine, instance_id))
        return SlowAdvance(engine, plan_advance(engine, instance_id))

    async with running(base, count=2) as view:
        screen = make()
        view.app.push_screen(screen)
        try:
            screen.take_change(changed(engine, instance_id))
            # Whatever was begun for it is over.
            await no_work(view, screen)
        finally:
            screen.may_come.set()
        await wait_beside(lambda: screen.is_mounted)
        if isinstance(screen, HistoryScreen):
            await view.until(lambda: "implement" in "".join(view.panel(screen.steps)))
        else:
            await view.until(lambda: "implement" in "".join(view.panel("writes")))
