"""The phases of one instance on a common axis of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.binding import BindingType

from chatflow_core.statistics import SLOW_FACTOR
from chatflow_core.timeline import PhaseRun, PhaseTimeline
from chatflow_tui.instance.time_axis import IDLE, Axis, Piece, axis_of, draw, labels, span_of, total_time
from chatflow_tui.keys.key_groups import DEEPER, RIGHT, hidden
from chatflow_tui.lists.cells import duration, fit, fit_name, short_name
from chatflow_tui.lists.status_style import status_style
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell

_DURATION_WIDTH = 7
_LEAST_TITLE_WIDTH, _MOST_TITLE_WIDTH = 6, 32
_LEAST_BAR_WIDTH = 6

# What is usual shows beside the duration in a timeline at least so wide.
_LEAST_WIDTH_WITH_USUAL = 52
_SLOW_MARK = "↑"

# Shorter times in which nothing went on are a program's own pauses.
_LEAST_IDLE_TOLD = 1.0


class _Widths(NamedTuple):
    """Cells of each part of a line; the bar and what is usual have none where there is no room."""

    title: int
    bar: int
    usual: int


class _Ended(NamedTuple):
    """How long the ended runs of a phase took together, how long the longest of them; and the run that is open."""

    total: float
    longest: float
    open_run: PhaseRun | None


class Timeline(LineList[PhaseTimeline]):
    """A row for each phase: its status, its name, when its runs were, how long they took together.

    Beside that stands how long one run usually takes, where that is known, and
    a mark if a run of this instance took much longer. The times of the axis
    stand above it.
    """

    HEADER_LINES = 1

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("enter", "choose", "Open", "list.choose", "details of the phase", DEEPER),
        hidden("right,l", "screen.read_texts", "Texts", "timeline.texts", "to the texts of the phase", RIGHT),
    ]

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
        self._painted_span = ""
        # Of the ended runs of each phase, so that a second that passes costs the same however many there are.
        self._ended: dict[str, _Ended] = {}
        self._bars: dict[str, tuple[int, Axis, list[Piece]]] = {}

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
        self._title_width = max((cell_len(short_name(phase.title, _MOST_TITLE_WIDTH)) for phase in phases), default=0)
        most_runs = max((len(phase.runs) for phase in phases), default=0)
        self._times_width = len(f" ×{most_runs} ") if most_runs > 1 else 0
        self._ended = {phase.phase: _ended(phase, now) for phase in phases}
        self._bars.clear()
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
        open_keys = [key for key, ended in self._ended.items() if ended.open_run is not None]
        if not open_keys:
            return
        if self._span() != self._painted_span:
            self.refresh_header()
        if self._axis.is_outgrown(now, self.line_width):
            self._axis = axis_of(self._rows.values(), now)
            self.refresh()
        else:
            self.refresh_rows(
                key for key in open_keys if self._painted_durations.get(key) != self._duration(self._rows[key])
            )

    @property
    def legend(self) -> str:
        """What the marks on the lines say, and how much time they stand for; empty if there are none."""
        parts = []
        if self._axis.idle >= _LEAST_IDLE_TOLD:
            parts.append(f"{IDLE} idle {duration(self._axis.idle)}")
        if any(self._is_slow(row) for row in self._rows.values()):
            parts.append(f"{_SLOW_MARK} slower than usual")
        return " · ".join(parts)

    def render_header(self, y: int, width: int) -> Sequence[Cell]:  # noqa: ARG002 - there is one line
        """Render the times of the axis, and what the columns hold."""
        self._painted_span = self._span()
        if not self._has_runs:
            return []
        widths = self._widths(width)
        span = f"{self._painted_span} in all"
        return [
            (fit(f"  {span if len(span) <= widths.title else self._painted_span}", 2 + widths.title) + " ", ""),
            (labels(self._axis, widths.bar), ""),
            (" " * (self._times_width + 1) + fit("took", _DURATION_WIDTH, right=True) + " ", ""),
            (fit("usual", widths.usual - 1, right=True), ""),
        ]

    def render_row(self, key: str, row: PhaseTimeline, width: int) -> Sequence[Cell]:
        """Render one phase."""
        style = status_style(row.status)
        time_text = self._painted_durations[key] = self._duration(row)
        widths = self._widths(width)
        title_class = "line-list--strong" if row.is_current else "" if row.runs else "line-list--dim"
        cells: list[Cell] = [
            (f"{style.glyph} ", style.component_class),
            (fit_name(row.title, widths.title), title_class),
            (" ", ""),
        ]
        for status, characters in self._bar(row, widths.bar):
            cells.append((characters, "line-list--track" if status is None else status_style(status).component_class))
        times = f"×{len(row.runs)} " if len(row.runs) > 1 else ""
        cells.append((fit(times, self._times_width, right=True), "line-list--dim"))
        is_slow = self._is_slow(row)
        cells.append((_SLOW_MARK if is_slow else " ", "status--unreadable"))
        cells.append((fit(time_text, _DURATION_WIDTH, right=True) + " ", "status--unreadable" if is_slow else ""))
        if widths.usual:
            usual = self._usual.get(key)
            usual_text = "" if usual is None else f"~{duration(usual)}"
            cells.append((" " + fit(usual_text, widths.usual - 2, right=True) + " ", "line-list--dim"))
        return cells

    def _bar(self, row: PhaseTimeline, width: int) -> list[Piece]:
        # Kept: a bar of thousands of runs takes longer than all the rest of its line.
        kept = self._bars.get(row.phase)
        if kept is None or kept[0] != width or kept[1] is not self._axis:
            kept = self._bars[row.phase] = (width, self._axis, draw(row.runs, self._axis, width))
        return kept[2]

    @property
    def _has_runs(self) -> bool:
        return any(row.runs for row in self._rows.values())

    def _span(self) -> str:
        is_open = any(ended.open_run is not None for ended in self._ended.values())
        end = max(self._axis.end, self._now) if is_open else self._axis.end
        return duration(end - self._axis.start)

    def _widths(self, width: int) -> _Widths:
        usual = _DURATION_WIDTH + 3 if self._usual and width >= _LEAST_WIDTH_WITH_USUAL else 0
        right = self._times_width + _DURATION_WIDTH + 1 + usual
        title = min(max(self._title_width, _LEAST_TITLE_WIDTH), _MOST_TITLE_WIDTH, max(_LEAST_TITLE_WIDTH, width // 3))
        bar = width - 2 - title - 1 - right - 1
        if bar < _LEAST_BAR_WIDTH:
            return _Widths(max(0, width - 2 - 1 - right - 1), 0, usual)
        return _Widths(title, bar, usual)

    def _is_slow(self, row: PhaseTimeline) -> bool:
        usual, ended = self._usual.get(row.phase), self._ended[row.phase]
        return usual is not None and max(ended.longest, self._open_time(ended)) > SLOW_FACTOR * usual

    def _duration(self, row: PhaseTimeline) -> str:
        ended = self._ended[row.phase]
        return duration(ended.total + self._open_time(ended)) if row.runs else ""

    def _open_time(self, ended: _Ended) -> float:
        return 0.0 if ended.open_run is None else total_time([ended.open_run], self._now)

    def _layout_now(self) -> tuple[Axis, int, int]:
        return self._axis, self._title_width, self._times_width


def _ended(phase: PhaseTimeline, now: float) -> _Ended:
    times = [end - start for start, end in (span_of(run, now) for run in phase.runs if run.ended_at is not None)]
    open_run = next((run for run in reversed(phase.runs) if run.ended_at is None), None)
    return _Ended(sum(times), max(times, default=0.0), open_run)
