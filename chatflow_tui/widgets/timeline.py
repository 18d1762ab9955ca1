"""The phases of one instance on a common axis of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from chatflow_core.statistics import SLOW_FACTOR
from chatflow_core.timeline import PhaseTimeline
from chatflow_tui.cells import duration, fit
from chatflow_tui.plain_text import plain_name
from chatflow_tui.status_style import status_style
from chatflow_tui.time_axis import Axis, axis_of, draw, span_of, total_time
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell

_DURATION_WIDTH = 7
_LEAST_TITLE_WIDTH, _MOST_TITLE_WIDTH = 6, 32
_LEAST_BAR_WIDTH = 6

# What is usual shows beside the duration in a timeline at least so wide.
_LEAST_WIDTH_WITH_USUAL = 52
_SLOW_MARK = "↑"


class Timeline(LineList[PhaseTimeline]):
    """A row for each phase: its status, its name, when its runs were, how long they took together.

    Beside that stands how long one run usually takes, where that is known, and
    a mark if a run of this instance took much longer.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Make an empty timeline.

        Args:
            id: The widget's id.
            classes: Its style classes.
        """
        super().__init__(id=id, classes=classes)
        self._instance: str | None = None
        self._now = 0.0
        self._axis = Axis(0.0, 0.0)
        self._title_width = 0
        self._times_width = 0
        self._usual: Mapping[str, float] = {}
        self._painted_durations: dict[str, str] = {}

    def show(self, phases: tuple[PhaseTimeline, ...], key: str | None, now: float) -> None:
        """Show an instance.

        The cursor stays on its phase if it is the same instance as before;
        for another one it goes to the current phase.

        Args:
            phases: The instance's phases; their names are the keys of the rows.
            key: Which instance it is; None for none.
            now: The time in Unix seconds.
        """
        is_same, self._instance = key == self._instance, key
        former_layout = self._layout_now()
        self._now = now
        self._axis = axis_of(phases, now)
        self._title_width = max((cell_len(plain_name(phase.title)) for phase in phases), default=0)
        most_runs = max((len(phase.runs) for phase in phases), default=0)
        self._times_width = len(f"×{most_runs}") + 1 if most_runs > 1 else 0
        self.set_rows((phase.phase, phase) for phase in phases)
        current = next((phase.phase for phase in phases if phase.is_current), None)
        if not is_same and phases:
            self.move_cursor(current if current is not None else phases[0].phase)
        if self._layout_now() != former_layout:
            self.refresh()

    def show_usual(self, usual: Mapping[str, float]) -> None:
        """Say how long the phases of this instance's workflow usually take.

        Args:
            usual: The seconds by phase; phases of which it is not known are left out.
        """
        if usual != self._usual:
            self._usual = dict(usual)
            self.refresh()

    def tick(self, now: float) -> None:
        """Let time pass: repaint the open phase's line; all lines when its run outgrows the axis.

        Args:
            now: The time in Unix seconds.
        """
        self._now = now
        open_keys = [key for key in self._order if any(run.ended_at is None for run in self._rows[key].runs)]
        if not open_keys:
            return
        if self._axis.is_outgrown(now, self.line_width):
            self._axis = axis_of(self._rows.values(), now)
            self.refresh()
        else:
            self.refresh_rows(
                key for key in open_keys if self._painted_durations.get(key) != self._duration(self._rows[key])
            )

    def render_row(self, key: str, row: PhaseTimeline, width: int) -> Sequence[Cell]:
        """Render one phase."""
        style = status_style(row.status)
        time_text = self._painted_durations[key] = self._duration(row)
        usual_width = _DURATION_WIDTH + 3 if self._usual and width >= _LEAST_WIDTH_WITH_USUAL else 0
        right_width = self._times_width + _DURATION_WIDTH + 1 + usual_width
        title_width = min(self._title_width, _MOST_TITLE_WIDTH, max(_LEAST_TITLE_WIDTH, width // 3))
        bar_width = width - 2 - title_width - 1 - right_width - 1
        if bar_width < _LEAST_BAR_WIDTH:
            title_width, bar_width = max(0, width - 2 - 1 - right_width - 1), 0
        title_class = "line-list--strong" if row.is_current else "" if row.runs else "line-list--dim"
        cells: list[Cell] = [
            (f"{style.glyph} ", style.component_class),
            (fit(plain_name(row.title), title_width), title_class),
            (" ", ""),
        ]
        for status, characters in draw(row.runs, self._axis, bar_width):
            cells.append((characters, "line-list--track" if status is None else status_style(status).component_class))
        times = f"×{len(row.runs)}" if len(row.runs) > 1 else ""
        cells.append((fit(times, self._times_width, right=True), "line-list--dim"))
        is_slow = self._is_slow(row)
        cells.append((_SLOW_MARK if is_slow else " ", "status--unreadable"))
        cells.append((fit(time_text, _DURATION_WIDTH, right=True) + " ", "status--unreadable" if is_slow else ""))
        if usual_width:
            usual = self._usual.get(key)
            usual_text = "" if usual is None else f"~{duration(usual)}"
            cells.append((" " + fit(usual_text, usual_width - 2, right=True) + " ", "line-list--dim"))
        return cells

    def _is_slow(self, row: PhaseTimeline) -> bool:
        usual = self._usual.get(row.phase)
        if usual is None:
            return False
        return any(end - start > SLOW_FACTOR * usual for start, end in (span_of(run, self._now) for run in row.runs))

    def _duration(self, row: PhaseTimeline) -> str:
        return duration(total_time(row.runs, self._now)) if row.runs else ""

    def _layout_now(self) -> tuple[Axis, int, int]:
        return self._axis, self._title_width, self._times_width
