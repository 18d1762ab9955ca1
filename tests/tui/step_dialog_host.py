"""The dialogs that write, each in an app that shows nothing else: a fraction of the time of the whole screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot
from textual.widgets import Button, TextArea

from chatflow_core import CatalogChange, WorkflowEngine
from chatflow_tui.acting.steps import Done
from chatflow_tui.keys.ordered_keys import OrderedKeysApp
from chatflow_tui.screens.step_dialog import StepDialog
from tests.waiting import wait_until

SIZES = [(60, 20), (80, 24), (120, 40)]


class HostApp(OrderedKeysApp):
    """Shows one dialog and keeps what it was dismissed with."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, dialog: StepDialog) -> None:
        super().__init__()
        self.dialog = dialog
        self.done: list[Done | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.done.append)


class Asked:
    """An open dialog as its user has it: keys in, lines of text out."""

    def __init__(self, app: HostApp, pilot: Pilot[None], engine: WorkflowEngine) -> None:
        self.app = app
        self.dialog = app.dialog
        self.pilot = pilot
        self.engine = engine

    async def until(self, condition: Callable[[], object]) -> None:
        await wait_until(self.pilot, condition, timeout=30)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type into what has the focus, a key a character."""
        await self.press(*("enter" if character == "\n" else character for character in text))

    async def fill(self, area: str, text: str) -> None:
        """Put a text into a text area."""
        self.dialog.query_one(f"#{area}", TextArea).text = text
        await self.pilot.pause()

    async def confirm(self) -> None:
        """Press the button that does it, once an answer counts."""
        await self.until(lambda: self.dialog.is_armed)
        self.dialog.query_one("#confirm", Button).focus()
        await self.press("enter")

    async def shown(self, words: str) -> None:
        """Wait until these words are on the screen."""
        await self.until(lambda: words in self.words)

    def tell_changed(self) -> None:
        """Tell the dialog what the catalog would tell after a change by another program."""
        instance_id = self.dialog.plan.instance_id
        summary = self.engine.state_store.read_summary(instance_id)
        if summary is None:
            self.dialog.take_change(CatalogChange(removed=(instance_id,)))
        else:
            self.dialog.take_change(CatalogChange(changed=(summary,)))

    @property
    def can_confirm(self) -> bool:
        return not self.dialog.query_one("#confirm", Button).disabled

    @property
    def done(self) -> Done | None:
        """What was done; the dialog must be closed."""
        assert len(self.app.done) == 1
        return self.app.done[0]

    @property
    def is_closed(self) -> bool:
        return bool(self.app.done)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    @property
    def words(self) -> str:
        """What stands on the screen, wherever a line was wrapped."""
        return " ".join(self.text.replace("│", " ").split())


@asynccontextmanager
async def asking(engine: WorkflowEngine, dialog: StepDialog, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Asked]:
    """Show a dialog and wait until it takes an answer."""
    app = HostApp(dialog)
    async with app.run_test(size=size, notifications=True) as pilot:
        asked = Asked(app, pilot, engine)
        await asked.until(lambda: dialog.is_armed)
        yield asked
        # As a run of the program does, before it takes its screens away.
        app.workers.cancel_all()
