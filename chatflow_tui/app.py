"""The Textual application: wires the engine to the screens. Thin."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import events, work
from textual._styles_cache import StylesCache
from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, Provider
from textual.filter import LineFilter
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Input

from chatflow_tui import screens
from chatflow_tui.collecting import Collecting
from chatflow_tui.keys.ordered_keys import OrderedKeysApp
from chatflow_tui.screens.opening import OpeningScreen
from chatflow_tui.settings.settings import Settings
from chatflow_tui.terminal.brief_notices import BriefNoticesApp
from chatflow_tui.terminal.pasting import read_pastes_whole
from chatflow_tui.terminal.stopping import StoppableApp
from chatflow_tui.terminal.too_small import LEAST, TooSmallNotice, is_too_small
from chatflow_tui.texts.plain_text import ControlFilter

if TYPE_CHECKING:
    from chatflow_core import IWorkflowStateStore
    from chatflow_tui.keys.key_choices import KeyChoice
    from chatflow_tui.screens.dashboard import Dashboard
    from chatflow_tui.settings.store_view import StoreView
    from chatflow_tui.settings.view_memory import ViewMemory

_SECONDS_BETWEEN_COLLECTIONS = 1.0

# Heard in a terminal that is too small as well.
_QUIT_KEY = "ctrl+q"

# One for ever: Textual keeps every line it has painted beside the filter that it went through, so that a new filter for
# each paint would have it keep them all several times.
_BACKSTOP = ControlFilter()


def _commands() -> type[Provider]:
    from chatflow_tui.keys.palette import Commands  # noqa: PLC0415 - only when it is opened

    return Commands


def _open_files(directory: str) -> IWorkflowStateStore:
    from chatflow_core import FileStateStore  # noqa: PLC0415 - see `ChatFlowApp._prepare`

    return FileStateStore(directory, create=False)


class ChatFlowApp(BriefNoticesApp, StoppableApp, OrderedKeysApp):
    """Shows the store that a directory belongs to, or waits for one.

    Attributes:
        crash: The error that ended it; None if none did.
        ended_by: The signal that ended it; None if none did.
    """

    CSS_PATH = "app.tcss"
    TITLE = "ChatFlow"
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_commands}

    def __init__(
        self,
        find: Callable[[], str | None],
        place: str,
        *,
        read_only: bool = False,
        open_store: Callable[[str], IWorkflowStateStore] = _open_files,
        clock: Callable[[], float] = time.time,
        settings: Settings | None = None,
        mistakes: Sequence[str] = (),
        memory: ViewMemory | None = None,
        is_demo: bool = False,
    ) -> None:
        """Make the application.

        Args:
            find: Gives the directory of the store, None while there is none. Blocks; called in a thread.
            place: Where the store is looked for, for the reader.
            read_only: Whether to offer nothing that writes.
            open_store: Opens the store of a directory. Blocks; called in a thread.
            clock: Tells the time in Unix seconds.
            settings: What the user has set; None for nothing.
            mistakes: What is wrong in the user's settings, a line each; shown at the start.
            memory: Keeps how the store is looked at; None for not at all.
            is_demo: Whether the user may be new here, so that the first keys are told, whoever was told them before.
        """
        super().__init__()
        read_pastes_whole()
        self.crash: BaseException | None = None
        self.ended_by: signal.Signals | None = None
        self._find = find
        self._place = place
        self._read_only = read_only
        self._open_store = open_store
        self._clock = clock
        self._settings = settings or Settings()
        self._mistakes = list(mistakes)
        self._memory = memory
        self._is_demo = is_demo
        self._small_size: Size | None = None
        self._dashboard: Dashboard | None = None

    def get_default_screen(self) -> Screen[None]:
        """Give what is painted first."""
        return OpeningScreen(self._place)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Let no control character of any text reach the terminal, whatever a widget forgot."""
        return [*super().get_line_filters(), _BACKSTOP]

    def pop_screen(self) -> AwaitComplete:
        """Close the screen on top, and have Textual forget how it was painted."""
        # What is being read for it has nothing to be shown on any more. Textual ends that only when all that stands on
        # the screen is gone, and what came in between found nothing of it.
        for node in self.screen.walk_children(with_self=True):
            self.workers.cancel_node(node)
        popped = super().pop_screen()
        # It remembers colours together with the widgets' caches of painted lines, of a thousand widgets that are gone:
        # in a day of opening and closing dialogs these were hundreds of megabytes.
        StylesCache.get_inner_outer.cache_clear()
        # Every text area watches the theme until it changes, which it hardly ever does.
        watchers = getattr(self, "__watchers", {}).get("theme", [])
        watchers[:] = [watcher for watcher in watchers if watcher[0].is_attached]
        return popped

    def on_mount(self) -> None:
        """Take over the settings."""
        self.theme = self._settings.theme
        if self._settings.keys:
            from chatflow_tui.keys.actions import known_actions  # noqa: PLC0415 - it imports all screens

            # All of them: Textual puts the keys it was given last, out of the order in which they are offered.
            self.set_keymap({**known_actions().keys, **self._settings.keys})
        if not self._settings.animation:
            self.animation_level = "none"

    def on_ready(self) -> None:
        """Open the store: not before something is painted, which what is imported and read for it would hold up."""
        self._open()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Let no cursor blink where nothing is to move."""
        if isinstance(event.widget, Input) and self.animation_level == "none":
            event.widget.cursor_blink = False

    @work
    async def _open(self) -> None:
        store = await asyncio.to_thread(self._find)
        if store is None:
            store = await self.push_screen_wait(screens.WaitingScreen(self._place, self._find))
        make_dashboard = await asyncio.to_thread(self._prepare, store)
        if not self.is_headless:  # then it is one of many things that the process does
            self.set_interval(_SECONDS_BETWEEN_COLLECTIONS, Collecting().collect_if_worth)
        view, needs_hint = await asyncio.to_thread(self._recall, store)
        self._dashboard = dashboard = make_dashboard()
        if self._memory is not None and view is not None:
            dashboard.restore(view, partial(self._memory.keep, store))
        await self.push_screen(dashboard)
        if needs_hint:
            dashboard.hint.show()
        if self._mistakes:
            await self.push_screen(screens.MistakesDialog(self._mistakes))

    def _prepare(self, store: str) -> Callable[[], Dashboard]:
        """Open the store, and import what shows it: the engine and the panels take as long as Textual did."""
        from chatflow_core import WorkflowEngine  # noqa: PLC0415
        from chatflow_tui.screens.dashboard import Dashboard  # noqa: PLC0415

        engine = WorkflowEngine(state_store=self._open_store(store))
        return partial(Dashboard, engine, store, read_only=self._read_only, clock=self._clock, settings=self._settings)

    def _recall(self, store: str) -> tuple[StoreView | None, bool]:
        if self._memory is None:
            return None, self._is_demo
        return self._memory.recall(store), self._memory.needs_hint()

    def on_first_hint_dismissed(self) -> None:
        """Keep that the user needs no hint any more."""
        if self._memory is not None:
            self.run_worker(asyncio.to_thread(self._memory.keep_hint_read), group="hint")

    def action_command_palette(self) -> None:
        """Ask what to do, or where to go, by name."""
        # Over the opening screen there is nothing to do yet, and the dashboard would cover it.
        if not isinstance(self.screen, CommandPalette | OpeningScreen):
            # Without an id: a dialog may come over it, and another over that.
            self.push_screen(CommandPalette(placeholder="an action, a feature, an instance"))

    def action_help(self) -> None:
        """List what the keys of the screen do, and do what is chosen."""
        if self._dashboard is not None:
            self._dashboard.hint.dismiss()
        self.push_screen(screens.KeyMenu(self.screen), self._run_choice)

    async def _run_choice(self, choice: KeyChoice | None) -> None:
        if choice is not None:
            await choice.run(self)

    # A terminal that is too small: what is there keeps its size and its place, unseen and untouched

    @property
    def is_too_small(self) -> bool:
        """Whether the terminal has no room for the screen, so that its size is shown instead."""
        return self._small_size is not None

    async def on_event(self, event: events.Event) -> None:
        """Keep from the screens the sizes that have no room for them, and keys pressed without seeing them."""
        if isinstance(event, events.Resize):
            await self._resize(event)
        elif self.is_too_small and isinstance(event, events.InputEvent | events.Paste):
            if isinstance(event, events.Key) and event.key == _QUIT_KEY:
                await super().on_event(event)
        else:
            await super().on_event(event)

    async def _resize(self, event: events.Resize) -> None:
        was_small, size = self.is_too_small, event.size
        self._small_size = size if is_too_small(size) else None
        if self._small_size is None:
            await super().on_event(event)
            if was_small:
                self.screen.refresh(layout=True)
        elif self._size is None:
            # Something has to be laid out for the time when there is room.
            room = Size(max(size.width, LEAST.width), max(size.height, LEAST.height))
            await super().on_event(events.Resize(room, room))
        else:
            self._display(self.screen, "")

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if renderable is not None and self._small_size is not None:
            renderable = TooSmallNotice(self._small_size)
        super()._display(screen, renderable)

    # The end

    def end_by(self, number: signal.Signals) -> None:
        """End in order because of a signal; to be called by its handler.

        Raises:
            SystemExit: Nothing is on the screen yet.
        """
        self.ended_by = number
        if self._loop is None:
            raise SystemExit
        self._loop.call_soon_threadsafe(self.exit)

    def _handle_exception(self, error: Exception) -> None:
        self.crash = self.crash or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual's own would print the values of all variables: pieces of prompts and responses.
        self._close_messages_no_wait()
