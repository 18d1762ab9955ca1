"""The runs of an instance in the order of its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from chatflow_core.timeline import HistoryStep
from chatflow_tui.instance.time_axis import IDLE, time_of_day, total_time
from chatflow_tui.lists.cells import duration, fit, fit_name, short_name
from chatflow_tui.lists.status_style import status_style
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell

_LEAST_TITLE_WIDTH, _MOST_TITLE_WIDTH = 8, 28
_TIME_WIDTH, _DATE_WIDTH = 8, 11
_DURATION_WIDTH = 8
_IDLE_WIDTH = 13

# Less is a program's own pause.
_LEAST_IDLE = 1.0


class HistoryList(LineList[HistoryStep]):
    """A row for each run: what it was, when, how long, how long nothing went on before it, and why it failed."""

    HEADER_LINES = 1

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "To its texts", id="history.choose", tooltip="to the texts of this run")
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Make an empty list.

        Args:
            id: The widget's id.
            classes: Its style classes.
        """
        super().__init__(id=id, classes=classes)
        self._now = 0.0
        self._number_width = self._title_width = self._run_width = self._idle_width = 0
        self._time_width = _TIME_WIDTH

    def show(self, steps: Sequence[HistoryStep], now: float) -> None:
        """Show the steps of an instance, the oldest first.

        Args:
            steps: The steps.
            now: The time in Unix seconds.
        """
        self._now = now
        former = self._widths
        self._number_width = max(3, len(f"{len(steps)}"))
        titles = {step.title for step in steps}
        widest = max((cell_len(short_name(title, _MOST_TITLE_WIDTH)) for title in titles), default=0)
        self._title_width = min(max(_LEAST_TITLE_WIDTH, widest), _MOST_TITLE_WIDTH)
        most_runs = max((step.run_number for step in steps), default=1)
        self._run_width = 1 + len(f"×{most_runs}") if most_runs > 1 else 0
        # Without a wait there is more room for what went wrong.
        self._idle_width = _IDLE_WIDTH if any(step.idle >= _LEAST_IDLE for step in steps) else 0
        self.set_rows((str(step.number), step) for step in steps)
        is_long_ago = any(len(time_of_day(step.run.started_at, now)) > _TIME_WIDTH for step in steps[:1])
        self._time_width = _DATE_WIDTH if is_long_ago else _TIME_WIDTH
        if former != self._widths:
            self.refresh()

    @property
    def _widths(self) -> tuple[int, ...]:
        return self._number_width, self._title_width, self._run_width, self._time_width, self._idle_width

    @property
    def step(self) -> HistoryStep | None:
        """The step under the cursor."""
        return None if self.cursor_key is None else self.get_row(self.cursor_key)

    @property
    def last_step(self) -> HistoryStep | None:
        """The newest step."""
        return self._rows[self._order[-1]] if self._order else None

    def tick(self, now: float) -> None:
        """Let time pass: repaint the open run, which can only be the last.

        Args:
            now: The time in Unix seconds.
        """
        self._now = now
        last = self.last_step
        if last is not None and last.run.ended_at is None:
            self.refresh_rows([str(last.number)])

    def render_header(self, y: int, width: int) -> Sequence[Cell]:  # noqa: ARG002 - there is one line
        """Render the headings."""
        idle_width, error_width = self._last_widths(width)
        return [
            (fit("#", self._number_width, right=True), ""),
            (fit("   Phase", 3 + self._title_width + self._run_width), ""),
            (fit("Started", 1 + self._time_width, right=True), ""),
            (fit("Took", 1 + _DURATION_WIDTH, right=True) + "  ", ""),
            (fit("Idle before", idle_width), ""),
            (fit("Error", error_width), ""),
        ]

    def render_row(self, key: str, row: HistoryStep, width: int) -> Sequence[Cell]:  # noqa: ARG002
        """Render one run."""
        idle_width, error_width = self._last_widths(width)
        style = status_style(row.run.status)
        run_text = f"×{row.run_number}" if row.run_number > 1 else ""
        idle_text = f"{IDLE} {duration(row.idle)}" if row.idle >= _LEAST_IDLE else ""
        return [
            (fit(str(row.number), self._number_width, right=True), "line-list--dim"),
            (f" {style.glyph} ", style.component_class),
            (fit_name(row.title, self._title_width), ""),
            (fit(run_text, self._run_width, right=True), "line-list--dim"),
            (" " + fit(time_of_day(row.run.started_at, self._now), self._time_width, right=True), "line-list--dim"),
            (" " + fit(duration(total_time([row.run], self._now)), _DURATION_WIDTH, right=True) + "  ", ""),
            (fit(idle_text, idle_width), "status--unreadable"),
            (fit_name(row.run.error or "", error_width), "status--failed"),
        ]

    def _last_widths(self, width: int) -> tuple[int, int]:
        used = self._number_width + 3 + self._title_width + self._run_width + self._time_width + _DURATION_WIDTH + 4
        room = max(0, width - used)
        idle_width = min(self._idle_width, room)
        return idle_width, room - idle_width
