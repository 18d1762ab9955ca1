"""How long the phases of each workflow take and how often they fail, drawn as bars."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from threading import Event
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from chatflow_core import ChatFlowError, InstanceSummary
from chatflow_core.statistics import MOST_INSTANCES, PhaseStatistics, StatisticsReader
from chatflow_tui.keys.common_keys import HELP, PALETTE
from chatflow_tui.lists.cells import duration, fit, fit_name, short_name
from chatflow_tui.screens.closing import ClosingScreen
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.key_bar import KeyBar
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell

_TIME_WIDTH, _COUNT_WIDTH, _RATE_WIDTH = 8, 7, 7
_LEAST_NAME_WIDTH, _MOST_NAME_WIDTH = 8, 32
_LEAST_BAR_WIDTH = 8

# The part that failed is drawn too on a line at least so wide.
_LEAST_WIDTH_WITH_FAILURES, _FAILURES_WIDTH = 84, 9


class StatisticsList(LineList[PhaseStatistics | str]):
    """A row for each workflow, and below it one for each of its phases."""

    HEADER_LINES = 1

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Make an empty list.

        Args:
            id: The widget's id.
        """
        super().__init__(id=id)
        self._longest: dict[str, float] = {}
        self._name_width = _LEAST_NAME_WIDTH

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer nothing to be opened: there is no more to a row."""
        return action != "choose" and super().check_action(action, parameters)

    def show(self, statistics: Sequence[PhaseStatistics]) -> None:
        """Show what was counted."""
        rows: dict[str, PhaseStatistics | str] = {}
        self._longest = {}
        for number, (name, phases) in enumerate(groupby(statistics, lambda row: row.workflow_name)):
            rows[f"w{number}"] = name
            for at, row in enumerate(phases):
                rows[f"w{number}.{at}"] = row
                self._longest[name] = max(self._longest.get(name, 0.0), row.p90 or 0.0)
        widest = max((cell_len(short_name(row.phase, _MOST_NAME_WIDTH)) for row in statistics), default=0)
        self._name_width = min(max(widest, _LEAST_NAME_WIDTH), _MOST_NAME_WIDTH)
        self.set_rows(rows)
        self.refresh()

    def move_to_workflow(self, workflow_name: str) -> None:
        """Put the cursor on a workflow, if it is there."""
        for key, row in self._rows.items():
            if row == workflow_name:
                self.move_cursor(key)

    def render_header(self, y: int, width: int) -> Sequence[Cell]:  # noqa: ARG002 - there is one line
        """Render the headings."""
        name_width, bar_width = self._widths(width)
        return [
            (fit("  Phase", name_width + 2), ""),
            (fit(" ━ median ─ p90", bar_width), ""),
            (fit("Median", _TIME_WIDTH, right=True), ""),
            (fit("p90", _TIME_WIDTH, right=True), ""),
            (fit("Runs", _COUNT_WIDTH, right=True), ""),
            (fit("Failed", _RATE_WIDTH, right=True), ""),
        ]

    def render_row(self, key: str, row: PhaseStatistics | str, width: int) -> Sequence[Cell]:  # noqa: ARG002
        """Render a workflow, or one of its phases."""
        if isinstance(row, str):
            return [(short_name(row, width) or "(no workflow)", "line-list--strong")]
        name_width, bar_width = self._widths(width)
        median, rest = _bar(row, self._longest[row.workflow_name], bar_width - 2)
        rate = row.failure_rate
        failed, others = _failures_bar(rate, _failures_width(width) - 1)
        return [
            ("  " + fit_name(row.phase, name_width), ""),
            ((" " if bar_width else "") + median, "status--completed"),
            (rest + (" " if bar_width else ""), "line-list--track"),
            (fit("" if row.median is None else duration(row.median), _TIME_WIDTH, right=True), ""),
            (fit("" if row.p90 is None else duration(row.p90), _TIME_WIDTH, right=True), "line-list--dim"),
            (fit(f"{row.completed + row.failed:,}", _COUNT_WIDTH, right=True), "line-list--dim"),
            (fit(_percent(rate), _RATE_WIDTH, right=True), "status--failed" if rate else "line-list--dim"),
            (" " + failed, "status--failed"),
            (others, "line-list--track"),
        ]

    def _widths(self, width: int) -> tuple[int, int]:
        room = width - 2 - 2 * _TIME_WIDTH - _COUNT_WIDTH - _RATE_WIDTH - _failures_width(width)
        if room < _LEAST_NAME_WIDTH + _LEAST_BAR_WIDTH:
            return max(0, room), 0
        name_width = min(self._name_width, room - _LEAST_BAR_WIDTH)
        return name_width, room - name_width


def _failures_width(width: int) -> int:
    return _FAILURES_WIDTH if width >= _LEAST_WIDTH_WITH_FAILURES else 0


def _bar(row: PhaseStatistics, longest: float, width: int) -> tuple[str, str]:
    if width <= 0 or row.median is None or row.p90 is None or longest <= 0:
        return "", " " * max(0, width)
    # Anything that took time at all is seen.
    median = min(width, max(1, round(row.median / longest * width)))
    p90 = min(width, max(median, round(row.p90 / longest * width)))
    return "━" * median, "─" * (p90 - median) + " " * (width - p90)


def _failures_bar(rate: float, width: int) -> tuple[str, str]:
    if width <= 0:
        return "", ""
    # As in `_percent`: neither none nor all by rounding.
    failed = 0 if rate == 0 else width if rate == 1 else min(width - 1, max(1, round(rate * width)))
    return "✗" * failed, "·" * (width - failed)


def _percent(rate: float) -> str:
    # Neither none nor all may be claimed by rounding.
    return "0 %" if rate == 0 else "100 %" if rate == 1 else f"{min(99, max(1, round(rate * 100)))} %"


class WorkflowStatistics(ClosingScreen[None]):
    """Counts in a thread, and shows what it has counted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", id="statistics.close", tooltip="back"),
        HELP,
        PALETTE,
    ]

    DEFAULT_CSS = """
    WorkflowStatistics {
        layout: vertical;
        & > #about { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        & > StatisticsList { height: 1fr; background: $background; }
    }
    """

    class Told(Message):
        """The counting is further, or done."""

        def __init__(self, done: int, *, is_over: bool, problem: str | None = None) -> None:
            """Carry how many instances were read."""
            super().__init__()
            self.done = done
            self.is_over = is_over
            self.problem = problem

        def can_replace(self, message: Message) -> bool:
            """Only how far it is now matters."""
            return isinstance(message, WorkflowStatistics.Told)

    def __init__(
        self, reader: StatisticsReader, summaries: Sequence[InstanceSummary], workflow_name: str | None = None
    ) -> None:
        """Make the screen.

        Args:
            reader: Counts. Nobody else may have it count meanwhile.
            summaries: The instances.
            workflow_name: The workflow to put the cursor on.
        """
        super().__init__()
        self._reader = reader
        self._summaries = summaries
        self._workflow_name = workflow_name
        self._ended = Event()
        self.is_counting = True
        self.rows = StatisticsList(id="statistics")

    def compose(self) -> ComposeResult:
        """Place the list."""
        yield Static(id="about", markup=False)
        yield self.rows
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what was counted before, and count."""
        self._show(self._reader.statistics)
        self._say(f"reading {self._of_all()}…")
        self.rows.focus()
        self.run_worker(self._count, group="statistics", thread=True, exit_on_error=False)

    def on_unmount(self) -> None:
        """End the counting."""
        self._ended.set()

    def _count(self) -> None:
        done, problem = 0, None
        try:
            for done in self._reader.read(self._summaries, self._ended.is_set):
                self.post_message(self.Told(done, is_over=False))
        except (ChatFlowError, NotImplementedError) as error:
            problem = str(error)
        self.post_message(self.Told(done, is_over=True, problem=problem))

    @on(Told)
    def _take(self, event: Told) -> None:
        if not self.is_attached:
            return  # it has just been closed
        if not event.is_over:
            self._say(f"read {event.done:,} of {self._of_all()}…")
            return
        self.is_counting = False
        self._show(self._reader.statistics)
        if event.problem is not None:
            self._say(plain_name(event.problem))
        else:
            self._say(f"completed runs of {self._of_all()}; failed: of all ended; a scale per workflow")

    def _show(self, statistics: Sequence[PhaseStatistics]) -> None:
        self.rows.show(statistics)
        if self._workflow_name is not None and statistics:
            self.rows.move_to_workflow(self._workflow_name)
            self._workflow_name = None

    def _of_all(self) -> str:
        count = len(self._summaries)
        return f"the last changed {MOST_INSTANCES:,} instances" if count > MOST_INSTANCES else f"{count:,} instances"

    def _say(self, words: str) -> None:
        self.query_one("#about", Static).update(Content(words))

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
