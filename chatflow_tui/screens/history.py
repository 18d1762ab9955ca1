"""What happened in an instance, run by run, and what was said then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content

from chatflow_core import CatalogChange, WorkflowEngine
from chatflow_core.models import TextKind
from chatflow_core.statistics import PhaseStatistics
from chatflow_core.timeline import HistoryStep
from chatflow_tui.instance.data_tree import node_of
from chatflow_tui.instance.details import Selection
from chatflow_tui.instance.history import History, StepTexts, read_history, read_texts
from chatflow_tui.keys.common_keys import HELP, PALETTE
from chatflow_tui.keys.key_groups import hidden
from chatflow_tui.screens.closing import ClosingScreen
from chatflow_tui.store_errors import STORE_ERRORS
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.data_view import DataView
from chatflow_tui.widgets.history_list import HistoryList
from chatflow_tui.widgets.key_bar import KeyBar
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.step_texts import StepTextPanes

# Ids of the parts in the order of tab. The numbers are those the same things have on the dashboard.
_PARTS = ("history", "data", "said-prompt", "said-response")
_TITLES = {"history": "3 History", "data": "i Data"}

_TICK_SECONDS = 1.0

# As much of a problem as a border has room for.
_MOST_OF_PROBLEM = 300


@dataclass(frozen=True, slots=True)
class Reached:
    """Where the reader goes on to.

    Attributes:
        selection: The texts.
        kind: Which of the two.
    """

    selection: Selection
    kind: TextKind


class HistoryScreen(ClosingScreen[Reached | None]):
    """Shows the history of one instance while it goes on; dismissed with the texts to read, or None to go back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("H", "step(-1)", "Older", id="history.older", tooltip="the run before (before the oldest: the newest)"),
        Binding("tab", "next_part(1)", "Next part", id="history.next-part", tooltip="next part of this screen"),
        hidden("shift+tab", "next_part(-1)", "Previous part", "history.previous-part", "previous part of this screen"),
        hidden("left_square_bracket,【,［", "step(-1)", "Older", "history.previous", "the run before"),
        hidden("right_square_bracket,】,］", "step(1)", "Newer", "history.next", "the run after"),
        Binding("z", "zoom", "Zoom", id="history.zoom", tooltip="this part alone, and back"),
        hidden("3", "part('history')", "History", "history.list", "to the runs"),
        Binding("i", "part('data')", "Data", id="history.data", tooltip="to the data of the run"),
        Binding("4", "part('said-prompt')", show=False, id="history.prompt", tooltip="to the prompt"),
        Binding("5", "part('said-response')", show=False, id="history.response", tooltip="to the response"),
        Binding("escape", "back", "Back", id="history.back", tooltip="back, by one step"),
        hidden("q", "dismiss", "Close", "history.close", "back to the dashboard"),
        HELP,
        PALETTE,
    ]

    AUTO_FOCUS = "#history"

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal")]  # noqa: RUF012 - as Textual declares it

    DEFAULT_CSS = """
    HistoryScreen {
        layout: vertical;
        & #happened { height: 45%; layout: horizontal; }
        & #history { width: 5fr; height: 1fr; }
        & #data { width: 4fr; height: 1fr; }

        &.-narrow #data, &.-narrow TextPane { display: none; }
        &.-narrow.-with-data #data { display: block; width: 1fr; }
        &.-narrow.-with-data #history { width: 1fr; }
        &.-narrow.-with-data #happened { height: 1fr; layout: vertical; }
        &.-narrow.-with-data #said { display: none; }
        &.-narrow.-with-said-prompt #said-prompt { display: block; }
        &.-narrow.-with-said-response #said-response { display: block; }

        &.-alone #happened, &.-alone #said, &.-alone .panel { display: none; }
        &.-alone #happened.-shown { display: block; height: 1fr; }
        &.-alone #said.-shown, &.-alone .panel.-shown { display: block; }
    }
    """

    def __init__(
        self,
        engine: WorkflowEngine,
        instance_id: str,
        phase: str | None = None,
        *,
        statistics: Callable[[str, str], PhaseStatistics | None] = lambda _workflow, _phase: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make the screen.

        Args:
            engine: The engine to read with.
            instance_id: The instance.
            phase: The phase on whose newest run to put the cursor; None for the newest run of all.
            statistics: Gives the ended runs of a phase in a workflow, if they are known.
            clock: Tells the time in Unix seconds.
        """
        super().__init__()
        self._engine = engine
        self._instance_id = instance_id
        self._phase = phase
        self._statistics = statistics
        self._clock = clock
        self._history: History | None = None
        self._problem: str | None = None
        self._shown: tuple[HistoryStep, object, object] | None = None
        # What is to be read: the history again, the texts of the step under the cursor again.
        self._is_stale, self._are_texts_stale, self._is_reading = True, True, False
        self.steps = HistoryList(id="history", classes="panel")
        self.tree_of_data = DataView(id="data", classes="panel")
        self.said = StepTextPanes(id="said")

    def compose(self) -> ComposeResult:
        """Place what happened above what was said."""
        with Container(id="happened"):
            yield self.steps
            yield self.tree_of_data
        yield self.said
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the history."""
        for part, title in _TITLES.items():
            self.query_one(f"#{part}").border_title = Content(title)
        self.add_class("-with-said-response")
        self.set_interval(_TICK_SECONDS, lambda: self.steps.tick(self._clock()))
        self._read()

    @property
    def texts(self) -> StepTexts | None:
        """What was read for the step under the cursor; None while it is not known."""
        step, shown = self.steps.step, self.said.shown
        return shown if step is not None and shown is not None and shown.number == step.number else None

    # What the store tells

    def take_change(self, change: CatalogChange) -> None:
        """Read again if the instance has changed."""
        if self._instance_id in change.touched | {row.instance_id for row in change.changed} | set(change.removed):
            self._is_stale = self._are_texts_stale = True
            if self.is_mounted:
                self._read()

    def _read(self) -> None:
        if not self._is_reading:
            self._is_reading = True
            self._read_all()

    @work(group="history")
    async def _read_all(self) -> None:
        """Read until nothing more is wanted."""
        try:
            while self._is_stale or self._are_texts_stale:
                if self._is_stale:
                    self._is_stale = False
                    await self._read_history()
                else:
                    self._are_texts_stale = False
                    await self._read_texts()
        finally:
            self._is_reading = False

    async def _read_history(self) -> None:
        problem = None
        try:
            history = await asyncio.to_thread(read_history, self._engine, self._instance_id)
        except STORE_ERRORS as error:
            history, problem = None, plain_name(str(error)[:_MOST_OF_PROBLEM])
        if history is None:
            # What was read before stays: the reader is in it.
            self._problem = (
                problem or "This instance is gone: its record was removed. What stands here was read before."
            )
            self.steps.border_subtitle = Content(self._problem)
            return
        is_first, self._history = self._history is None, history
        self.steps.show(history.steps, self._clock())
        if is_first and history.steps:
            newest = next((step for step in reversed(history.steps) if step.phase == self._phase), history.steps[-1])
            self.steps.move_cursor(str(newest.number))
        self._title()

    async def _read_texts(self) -> None:
        step, history = self.steps.step, self._history
        if step is None or history is None:
            self.said.show(StepTexts(0, None, self._problem) if self._problem else None)
            return
        texts = await asyncio.to_thread(read_texts, self._engine, self._instance_id, history.steps, step)
        if self.steps.step is not None and self.steps.step.number == texts.number:
            self.said.show(texts)

    # What is shown

    def _title(self) -> None:
        history = self._history
        if history is None:
            return
        at = self.steps.cursor_index + 1
        runs = f"{at:,}/{len(history.steps):,} runs" if history.steps else "nothing has happened yet"
        self.steps.border_title = Content(f"{_TITLES['history']} · {plain_name(self._instance_id)} · {runs}")
        self.steps.border_subtitle = Content("")

    @on(LineList.CursorMoved, "#history")
    def _show_step(self) -> None:
        self._title()
        self._show_data()
        self._are_texts_stale = True
        self._read()

    def _show_data(self) -> None:
        step, history, tree = self.steps.step, self._history, self.tree_of_data
        if step is None or history is None or (shown := (step, history.meta, history.variables)) == self._shown:
            return
        # What is added to the run that the reader looks at does not move them.
        line = tree.cursor_line if self._shown is not None and self._shown[0].number == step.number else 0
        self._shown = shown
        tree.clear()
        usual = self._statistics(history.workflow_name, step.phase)
        tree.add_run(step.run_number, step.run, self._clock(), usual, step.idle)
        for name, value in (("meta of the instance", history.meta), ("variables of the instance", history.variables)):
            if value:
                tree.add(node_of(name, value), unfold=value is history.meta)
        tree.root.expand()
        tree.cursor_line = line
        tree.border_title = Content(f"{_TITLES['data']} · {plain_name(step.title)} · run {step.run_number}")

    # The keys

    def action_step(self, steps: int) -> None:
        """Go to an older run, or a newer one; before the oldest comes the newest again."""
        count = self.steps.row_count
        if count:
            self.steps.action_cursor_by((self.steps.cursor_index + steps) % count - self.steps.cursor_index)

    @property
    def _part(self) -> str:
        ids = [node.id for node in self.focused.ancestors_with_self] if self.focused is not None else []
        return next((part for part in _PARTS if part in ids), _PARTS[0])

    def action_part(self, part: str) -> None:
        """Show a part, if it was hidden, and give it the focus."""
        if part != _PARTS[0]:
            self.remove_class(*(f"-with-{each}" for each in _PARTS), update=False)
            self.add_class(f"-with-{part}")
        self.query_one(f"#{part}").focus(scroll_visible=False)

    def action_next_part(self, step: int) -> None:
        """Go to the next part, or the previous one."""
        self.action_part(_PARTS[(_PARTS.index(self._part) + step) % len(_PARTS)])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:  # noqa: ARG002 - see `_part`
        """Note which part is shown if one is shown alone."""
        part = self._part
        for each in (*_PARTS, "happened", "said"):
            # None, while the screen is being closed: the focus then wanders over what is left.
            for widget in self.query(f"#{each}"):
                widget.set_class(each == part or bool(widget.query(f"#{part}")), "-shown")

    def action_zoom(self) -> None:
        """Show the part in focus alone, or all of them again."""
        self.toggle_class("-alone")

    def action_back(self) -> None:
        """Go back one step: out of the zoom, to the list, to where the reader came from."""
        if self.has_class("-alone"):
            self.remove_class("-alone")
        elif self._part != _PARTS[0]:
            self.action_part(_PARTS[0])
        else:
            self.dismiss(None)

    @on(LineList.Chosen, "#history")
    def _choose(self) -> None:
        """Go to the texts of this run on the dashboard."""
        step, texts = self.steps.step, self.texts
        if step is None:
            return
        artifacts = texts.artifacts if texts is not None else None
        attempt = artifacts.attempt if artifacts is not None and artifacts.attempt != artifacts.attempts else None
        has_only_prompt = artifacts is not None and artifacts.ai_response is None
        kind: TextKind = "prompt" if has_only_prompt else "response"
        self.dismiss(Reached(Selection(self._instance_id, step.phase, attempt), kind))
