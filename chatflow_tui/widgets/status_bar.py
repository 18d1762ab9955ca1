"""One line at the bottom: what is watched and how, how many instances there are, what happened last."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content, Span
from textual.visual import VisualType
from textual.widget import Widget

from chatflow_core.catalog import CatalogChange
from chatflow_core.models import UNREADABLE
from chatflow_tui.lists.cells import age, fit
from chatflow_tui.lists.status_style import STATUS_CLASSES, STATUS_CSS, status_style
from chatflow_tui.texts.plain_text import plain_name

# The order in which counts are shown; any other status follows.
_STATUSES = ("running", "failed", "completed", "created", UNREADABLE)

_SEPARATOR = "  "


class StatusBar(Widget):
    """Shows the state of the watch, counts by status, and the last change with its age."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "status-bar--live",
        "status-bar--warning",
        "status-bar--dim",
        *STATUS_CLASSES,
    }

    DEFAULT_CSS = (
        """
StatusBar {
    height: 1;
    padding: 0 1;
    background: $panel;
    color: $foreground;
    & > .status-bar--live { color: $text-success; text-style: bold; }
    & > .status-bar--warning { color: $text-warning; text-style: bold; }
    & > .status-bar--dim { color: $text-muted; }
"""
        + STATUS_CSS
        + "}"
    )

    def __init__(self, place: str, *, read_only: bool, id: str | None = None) -> None:  # noqa: A002
        """Make a status bar.

        Args:
            place: What is watched, for the reader.
            read_only: Whether nothing can be written from this screen.
            id: The widget's id.
        """
        super().__init__(id=id)
        self._place = plain_name(place)
        self._read_only = read_only
        self._health = CatalogChange(is_loading=True)
        self._is_frozen = False
        self._needs = 0
        self._last_change = ""
        self._last_change_at = 0.0
        self._now = 0.0
        self._painted = Content("")

    @property
    def line(self) -> str:
        """What the line says, as far as there is room."""
        return self._line().plain

    @property
    def health(self) -> CatalogChange:
        """What was told last of how changes are noticed, and whether the store can be read."""
        return self._health

    @property
    def last_change_at(self) -> float:
        """When the last change shown happened, in Unix seconds; 0.0 before there is one."""
        return self._last_change_at

    def show_health(self, change: CatalogChange) -> None:
        """Take over how changes are noticed, whether the store can be read, and what is in it."""
        self._health = change
        self._repaint()

    def show_frozen(self, *, is_frozen: bool) -> None:
        """Take over whether the lists and texts above hold still; the counts go on."""
        self._is_frozen = is_frozen
        self._repaint()

    def show_needs(self, count: int) -> None:
        """Take over how many instances need the reader."""
        self._needs = count
        self._repaint()

    def show_last_change(self, words: str, at: float) -> None:
        """Take over what happened last.

        Args:
            words: What, in one line.
            at: When, in Unix seconds.
        """
        self._last_change, self._last_change_at = plain_name(words), at
        self._repaint()

    def tick(self, now: float) -> None:
        """Let time pass; `now` is in Unix seconds."""
        self._now = now
        self._repaint()

    def _repaint(self) -> None:
        # A line that says the same is not painted again: this is called every second.
        line = self._line()
        if line != self._painted:
            self.refresh()

    def render(self) -> VisualType:
        """Render the line."""
        self._painted = self._line()
        return self._painted

    def _line(self) -> Content:
        width, problem = self.content_size.width, self._health.problem
        if problem is not None:
            # What was known is in the lists; nothing but the reason is sure now, and it comes last in an error.
            told = self._health_parts()
            room = width - sum(cell_len(text) for text, _ in told) - len(_SEPARATOR)
            return _content([*told, (_SEPARATOR + _end_of(plain_name(problem), room), "status-bar--warning")], self)
        left = [*self._health_parts(), *self._count_parts()]
        right = self._change_parts(width - sum(cell_len(text) for text, _ in left) - len(_SEPARATOR))
        place: list[tuple[str, str]] = []
        used = sum(cell_len(text) for text, _ in (*left, *right))
        room = width - used - 2 * len(_SEPARATOR)
        if room >= 12:
            place = [(_SEPARATOR + _end_of(self._place, room), "status-bar--dim")]
        filler = width - sum(cell_len(text) for text, _ in (*left, *place, *right))
        return _content([*left, *place, (" " * max(0, filler), ""), *right], self)

    def _health_parts(self) -> list[tuple[str, str]]:
        health = self._health
        parts: list[tuple[str, str]] = []
        if health.problem is not None:
            parts.append(("! store unreadable", "status-bar--warning"))
        elif self._is_frozen:
            parts.append(("◌ frozen", "status-bar--warning"))
        elif health.mode == "live":
            parts.append(("● live", "status-bar--live"))
        elif health.mode == "polling":
            parts.append((f"◌ polling ({plain_name(health.reason or '')})", "status-bar--warning"))
        elif not health.is_loading:
            parts.append(("◌ waiting for the store", "status-bar--warning"))
        if health.is_loading:
            parts.append(((_SEPARATOR if parts else "") + "loading…", "status-bar--dim"))
        if self._read_only:
            parts.append((_SEPARATOR + "read-only", "status-bar--warning"))
        return parts

    def _count_parts(self) -> list[tuple[str, str]]:
        counts = self._health.counts
        total = sum(counts.values())
        parts = [(f"{_SEPARATOR}{total:,} {'instance' if total == 1 else 'instances'}", "")]
        for status in (*_STATUSES, *sorted(counts.keys() - set(_STATUSES))):
            if counts.get(status):
                style = status_style(status)
                parts.append((f" {style.glyph}{counts[status]:,}", style.component_class))
        if self._needs:
            verb = "needs" if self._needs == 1 else "need"
            parts.append((f"{_SEPARATOR}▲ {self._needs:,} {verb} you", "status-bar--warning"))
        return parts

    def _change_parts(self, room: int) -> list[tuple[str, str]]:
        if not self._last_change or room < 12:
            return []
        when = age(self._now - self._last_change_at)
        ago = f" {when}" if when == "now" else f" {when} ago"
        words = self._last_change
        least = room - len(ago)
        return [(fit(words, min(least, cell_len(words))), ""), (ago, "status-bar--dim")]


def _end_of(text: str, width: int) -> str:
    """Cut a text at its beginning: the end of a path, and of an error, tells more."""
    if cell_len(text) <= width:
        return text
    end = text[-width:] if width > 0 else ""
    while end and cell_len(end) >= width:
        end = end[1:]
    return f"…{end}"


def _content(parts: list[tuple[str, str]], bar: StatusBar) -> Content:
    text, spans = "", []
    for part, style in parts:
        if style:
            spans.append(Span(len(text), len(text) + len(part), bar.get_visual_style(style)))
        text += part
    return Content(text, spans)
