"""The real app on a store in a temporary directory, and what tests do with it and see of it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widget import Widget

from chatflow_core import FileStateStore, IWorkflowStateStore, Subscription
from chatflow_core.store import ChangeCallback
from chatflow_tui.app import ChatFlowApp
from chatflow_tui.screens.dashboard import Dashboard
from chatflow_tui.screens.step_dialog import StepDialog
from chatflow_tui.settings.view_memory import ViewMemory
from chatflow_tui.widgets.instance_table import InstanceTable
from chatflow_tui.widgets.text_view import TextView
from chatflow_tui.widgets.timeline import Timeline
from tests.waiting import wait_until

SIZES = [(80, 24), (120, 40)]

#: The least that shows all panels: a screen takes time to paint by its cells, and so do the tests.
SMALL = (100, 30)

#: Four phases in ChatCoder's own keys.
SCHEMA: dict[str, Any] = {
    "name": "code_generation",
    "phases": [{"name": name, "task": name} for name in ("analyse", "design", "implement", "review")],
}


class PollingStore(FileStateStore):
    """A store on a file system that tells of no events."""

    def subscribe(self, callback: ChangeCallback, *, polling: bool = True) -> Subscription:
        return super().subscribe(callback, polling=polling)


def open_quickly(directory: str) -> IWorkflowStateStore:
    """Open a store that does not wait for the disk, and not long for a lock."""
    return FileStateStore(directory, durable=False, create=False, lock_timeout=0.3)


class View:
    """A running app as its user has it: keys in, lines of text out."""

    def __init__(self, app: ChatFlowApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something on the screen; patiently, as the machine may have other work."""
        next_look = 0.0

        def look() -> object:
            # Reading the whole screen takes as long as painting it: most of the time is left to the app.
            nonlocal next_look
            began = time.monotonic()
            if began < next_look:
                return False
            found = condition()
            ended = time.monotonic()
            next_look = ended + 3 * (ended - began)
            return found

        await wait_until(self.pilot, look, timeout=30)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    @property
    def dashboard(self) -> Dashboard:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, Dashboard))

    @property
    def dialog(self) -> StepDialog | None:
        screen = self.app.screen
        return screen if isinstance(screen, StepDialog) else None

    @property
    def instances(self) -> InstanceTable:
        return self.dashboard.panels.instances

    @property
    def timeline(self) -> Timeline:
        return self.dashboard.panels.timeline

    @property
    def prompt(self) -> TextView:
        return self.dashboard.panels.texts.prompt.view

    @property
    def response(self) -> TextView:
        return self.dashboard.panels.texts.response.view

    @property
    def focused(self) -> str | None:
        """Id of the widget that has the focus, or of the panel it is in."""
        focused = self.app.focused
        return None if focused is None else next((node.id for node in focused.ancestors_with_self if node.id), None)

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, line by line."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def status_line(self) -> str:
        return self.dashboard.status_bar.line

    def shows(self, words: str) -> bool:
        return words in self.text

    def panel(self, widget: Widget | str) -> list[str]:
        """The lines of a widget, its border included; none if it is not on the screen."""
        if isinstance(widget, str):
            widget = self.app.screen.query_one(f"#{widget}")
        region = widget.region
        strips = self.app.screen._compositor.render_strips()[region.y : region.bottom]
        return [strip.crop(region.x, region.right).text for strip in strips]

    def row(self, instance_id: str) -> str:
        """The line of an instance in the table; empty if it is out of sight."""
        keys = self.instances.visible_keys
        if instance_id not in keys:
            return ""
        return self.instances.render_line(keys.index(instance_id) + InstanceTable.HEADER_LINES).text.rstrip()

    async def select(self, instance_id: str) -> None:
        """Put the cursor on an instance and wait until its texts were read."""
        assert self.instances.move_cursor(instance_id)
        await self.until(lambda: f"· {instance_id}" in str(self.timeline.border_title))

    async def open_dialog(self, key: str = "a") -> StepDialog:
        """Press a key that writes, the one that advances unless told, and wait until the dialog takes an answer."""
        await self.press(key)
        await self.until(lambda: self.dialog is not None and self.dialog.is_armed)
        assert self.dialog is not None
        return self.dialog


@asynccontextmanager
async def running(
    find: Path | Callable[[], str | None],
    size: tuple[int, int] = SMALL,
    *,
    count: int | None = None,
    read_only: bool = False,
    open_store: Callable[[str], IWorkflowStateStore] = open_quickly,
    clock: Callable[[], float] = time.time,
    memory: ViewMemory | None = None,
) -> AsyncIterator[View]:
    """Run the app.

    Args:
        find: The store's directory, or what looks for it.
        size: Of the terminal, in cells.
        count: How many instances to wait for before going on; None does not wait.
        read_only: As the command's option.
        open_store: Opens the store.
        clock: Tells the time.
        memory: Keeps how the store is looked at.
    """
    look = find if callable(find) else lambda: str(find)
    app = ChatFlowApp(look, "the project", read_only=read_only, open_store=open_store, clock=clock, memory=memory)
    async with app.run_test(size=size, notifications=True) as pilot:
        view = View(app, pilot)
        if count is not None:
            await view.until(lambda: any(isinstance(screen, Dashboard) for screen in app.screen_stack))
            await view.until(lambda: view.instances.row_count == count and "loading" not in view.status_line)
            if count:
                # The instance under the cursor was read: from here on only what the test does changes anything.
                await view.until(lambda: view.timeline.border_title not in (None, "3 Timeline"))
        yield view
        # As a run of the program does, before it takes its screens away.
        app.workers.cancel_all()
