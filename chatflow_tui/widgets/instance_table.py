"""The live table of workflow instances."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from chatflow_core.models import UNREADABLE, InstanceSummary
from chatflow_tui.instance.read_only_words import read_only_badge
from chatflow_tui.keys.key_groups import DEEPER, hidden
from chatflow_tui.lists.attention import Patience
from chatflow_tui.lists.cells import age, fit, fit_name, progress_bar
from chatflow_tui.lists.instance_columns import SORTED_BY, column_at, columns, gap, sorted_column
from chatflow_tui.lists.instance_sort import SORT_WORDS, Sort, first_sort
from chatflow_tui.lists.live_order import LiveOrder
from chatflow_tui.lists.status_style import status_style
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell

# How often a filter that depends on the time is asked again: it costs some 100 ms for 100,000 instances.
_ASK_AGAIN_SECONDS = 10.0

# Before the age of an instance that is stalled: nothing else in its row tells it from one that is at work.
_STALLED = "▲"
_AGE_CELLS = 4

# How long a changed row glows, in seconds. `tick` ends it, so it may be up to a second more.
_GLOW = 1.5

_READ_ONLY_BADGE = "⊘"

#: Stands beside the instance that another one is to be compared with, and wherever that is told.
MARK = "◆"


class InstanceTable(LineList[InstanceSummary]):
    """A row for each instance that passes the filter; the latest change first, or sorted by another column.

    With the cursor on the first row (and that row in sight) the list is live:
    sorted at every change, the cursor following the newest. Anywhere else, and
    while something of that instance is read, the order holds, and new
    instances are counted in `held_back` instead.

    Attributes:
        is_read: Whether the reader is at the timeline or a text of the instance under the cursor.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("enter", "choose", "Open", "list.choose", "to the timeline of the instance", DEEPER),
    ]

    HEADER_LINES = 1

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "instance-table--glow",
        "instance-table--glow-at-cursor",
        "instance-table--gone",
        "instance-table--mark",
        "instance-table--news",
    }

    DEFAULT_CSS = """
InstanceTable {
    & > .instance-table--glow { background: $accent 18%; }
    & > .instance-table--glow-at-cursor { text-style: bold underline; }
    & > .instance-table--gone { color: $text-disabled; text-style: strike; }
    & > .instance-table--mark { color: $text-accent; text-style: bold; }
    & > .instance-table--news { color: $text-accent; text-style: bold; }
    &:ansi > .instance-table--glow { background: ansi_default; text-style: bold; }
}
"""

    class HeldBack(Message):
        """The number of instances that wait to be shown has changed."""

        def __init__(self, table: InstanceTable, count: int) -> None:
            """Say how many instances a table holds back."""
            super().__init__()
            self.table = table
            self.count = count

        @property
        def control(self) -> InstanceTable:
            """The table, for ``@on`` selectors."""
            return self.table

        def can_replace(self, message: Message) -> bool:
            """Only the latest number of one table matters."""
            return isinstance(message, InstanceTable.HeldBack) and message.table is self.table

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        patience: Patience = Patience(),  # noqa: B008 - it is frozen
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """Make an empty table.

        Args:
            clock: Tells the time in Unix seconds.
            patience: How long a running instance may stay untouched.
            id: The widget's id.
            classes: Its style classes.
        """
        super().__init__(id=id, classes=classes)
        self._clock = clock
        self._now = clock()
        self._patience = patience
        self._instances = LiveOrder(lambda: clock() - patience.dormant_after)
        self._rows = self._instances.rows
        self._order = self._instances.order
        self._held_back = 0
        self._marked: str | None = None
        self._is_loading = False
        self.is_read = False
        self._glowing: dict[str, float] = {}
        self._painted_ages: dict[str, str] = {}
        self._asked_at = self._now
        self._is_timed = False

    @property
    def sort(self) -> Sort:
        """By what the instances are sorted."""
        return self._instances.sort

    @property
    def instances(self) -> Mapping[str, InstanceSummary]:
        """All instances there are, whether they are shown or not, by id."""
        gone = self._instances.lingering if self._instances.is_lingering_gone else None
        if gone is None:
            return self._rows
        return {key: row for key, row in self._rows.items() if key != gone}

    @property
    def marked(self) -> InstanceSummary | None:
        """The instance that is marked for a comparison; None if none is."""
        return None if self._marked is None else self._rows.get(self._marked)

    @property
    def held_back(self) -> int:
        """How many instances match the filter and wait to be shown."""
        return self._held_back

    @property
    def is_live(self) -> bool:
        """Whether the list is sorted at every change: the cursor is on the first row, in sight, and it is not read."""
        if self.cursor_index > 0 or self.scroll_offset.y != 0:
            return False
        # With no row there is nothing to read; a screen on top is about the row under the cursor.
        return self.cursor_key is None or (not self.is_read and self.screen.is_current)

    # Changes

    def apply(
        self, changed: Iterable[InstanceSummary], removed: Iterable[str] = (), *, is_first_load: bool = False
    ) -> None:
        """Take over changes of the catalog.

        Args:
            changed: Instances that are new or have changed.
            removed: Ids of instances that no longer exist.
            is_first_load: Whether they are part of the first load of the store, and so no news: they neither glow nor
                wait.
        """
        changed, removed = list(changed), list(removed)
        self._now = self._clock()
        if self._marked in removed:
            self.mark(None)
        if self._rows and not is_first_load and self.app.animation_level != "none":
            self._glowing.update((row.instance_id, self._now) for row in changed)
        self._is_loading = is_first_load
        is_live = self.is_live
        self._change(
            lambda: self._instances.apply(
                # What is loaded at first is no news that would have to wait: the row under the cursor holds still.
                changed,
                removed,
                live=is_live or is_first_load,
                pinned=self.cursor_key,
                is_loading=is_first_load,
            ),
            to_top=is_live,
        )

    def set_filter(
        self,
        predicate: Callable[[InstanceSummary], bool] | None,
        *,
        is_timed: bool = False,
        narrows: bool = False,
    ) -> None:
        """Show only matching instances, sorted; the cursor stays on its own if that still matches.

        Args:
            predicate: Says whether to show an instance, and is asked again at every change; None shows all.
            is_timed: Whether it is to be asked again as time passes, too.
            narrows: Whether whatever it lets pass passed the one before.
        """
        self._is_timed = is_timed
        self._change(lambda: self._instances.set_filter(predicate, narrows=narrows))

    def mark(self, key: str | None) -> None:
        """Mark an instance for a comparison, and no other; None marks none."""
        former, self._marked = self._marked, key
        self.refresh_rows(each for each in (former, key) if each is not None)

    def find_from_cursor(self, wanted: Callable[[InstanceSummary], bool], step: int) -> str | None:
        """Find the next instance shown that is wanted, round and round; the one under the cursor does not count.

        Args:
            wanted: Says whether an instance is.
            step: 1 to look downwards, -1 upwards.

        Returns:
            Its id; None if there is none.
        """
        count, start = len(self._order), self.cursor_index
        keys = (self._order[(start + step * distance) % count] for distance in range(1, count))
        return next((key for key in keys if key != self._instances.lingering and wanted(self._rows[key])), None)

    def set_sort(self, sort: Sort) -> None:
        """Sort by something else and show what was held back; at the top it stays at the top."""
        self._change(lambda: self._instances.set_sort(sort), to_top=self.is_live, by_hand=True)
        self.refresh_header()

    def action_sort_again(self) -> None:
        """Sort again and show what was held back; the cursor stays on its instance."""
        self._change(self._instances.sort_again)

    def action_cursor_first(self) -> None:
        """Go to the top, sort, and follow what stands first from now on."""
        self._change(self._instances.sort_again, to_top=True, by_hand=True)

    def tick(self, now: float) -> None:
        """Let time pass: repaint the lines whose age has changed, end the glow of others.

        Args:
            now: The time in Unix seconds.
        """
        self._now = now
        if self._is_timed and not 0 <= now - self._asked_at < _ASK_AGAIN_SECONDS:
            self._asked_at = now
            is_live = self.is_live
            self._change(lambda: self._instances.ask_again(live=is_live, pinned=self.cursor_key), to_top=is_live)
        # A clock set back must not make a row glow for hours.
        faded = [key for key, since in self._glowing.items() if not 0 <= now - since < _GLOW]
        for key in faded:
            del self._glowing[key]
        visible = self.visible_keys
        self._painted_ages = {key: text for key in visible if (text := self._painted_ages.get(key)) is not None}
        self.refresh_rows({key for key in visible if self._painted_ages.get(key) != self._age(key)}.union(faded))

    def cursor_settled(self) -> None:
        """Let an instance go that was shown only because the cursor was on it."""
        if self._instances.lingering not in (None, self.cursor_key):
            self._change(self._instances.release)

    def _change(self, change: Callable[[], None], *, to_top: bool = False, by_hand: bool = False) -> None:
        lingering = self._instances.lingering
        with self.holding_still(to_top=to_top, by_hand=by_hand):
            change()
            self._order = self._instances.order
        self.refresh_rows(key for key in (lingering, self._instances.lingering) if key is not None)
        held_back = 0 if self._is_loading else len(self._instances.held)  # at first nothing is new
        if held_back != self._held_back:
            self._held_back = held_back
            self.refresh_header()
            self.post_message(self.HeldBack(self, self._held_back))

    # Painting

    def row_class(self, key: str) -> str:
        """Let a row glow that changed a moment ago; strike one through that is gone."""
        if self.is_gone(key):
            return "instance-table--gone"
        return "instance-table--glow" if key in self._glowing else ""

    def cursor_class(self) -> str:
        """Let the row under the cursor glow too: in a live list the latest change comes there."""
        return "instance-table--glow-at-cursor" if self.cursor_key in self._glowing else ""

    def render_header(self, y: int, width: int) -> Sequence[Cell]:  # noqa: ARG002 - there is one line
        """Render the headings, the direction of the sort, and how many instances are held back."""
        marked = sorted_column(self.sort.column, width)
        cells: list[Cell] = []
        for column in columns(width):
            title = column.title
            if column.name == marked:
                title = title[: column.width - 1] + self.sort.arrow
            if column.name == "feature":
                # No column shows when an instance was created, and a narrow table leaves others out.
                by = "" if marked else f" {self.sort.arrow}{SORT_WORDS[self.sort.column][0].lower()}"
                cells.extend(self._feature_heading(title + by, column.width))
            else:
                cells.append((fit(title, column.width, right=column.name in ("age", "count")), ""))
            cells.append((" " * gap(column.name), ""))
        return cells

    def _feature_heading(self, title: str, width: int) -> list[Cell]:
        news = f"+{self.held_back} new" if self.held_back else ""
        news = fit(news, min(len(news), width))
        return [(fit(title, width - len(news)), ""), (news, "instance-table--news" if news else "")]

    def on_click(self, event: events.Click) -> None:
        """Sort by the heading under the mouse, the other way round if it is sorted by that already."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y >= self.HEADER_LINES:
            return
        column = column_at(offset.x - 1, self.line_width - 1)  # the first cell is the cursor's
        by = SORTED_BY.get(column.name) if column is not None else None
        if by is not None:
            self.set_sort(self.sort.reversed() if by == self.sort.column else first_sort(by))

    def render_row(self, key: str, row: InstanceSummary, width: int) -> Sequence[Cell]:
        """Render one instance."""
        style = status_style(row.status)
        colour = style.component_class
        age_text = self._painted_ages[key] = self._age(key)
        cells: list[Cell] = []
        for column in columns(width):
            room = column.width
            match column.name:
                case "status":
                    cells.extend(((style.glyph, colour), self._badge(key, row, room - 1)))
                case "word":
                    cells.append((fit(style.word, room), colour))
                case "feature":
                    is_named = row.feature_id != ""
                    name = row.feature_id if is_named else row.instance_id
                    cells.append((fit_name(name, room), "line-list--strong" if is_named else "line-list--dim"))
                case "workflow":
                    cells.append((fit_name(row.workflow_name, room), "line-list--dim"))
                case "phase":
                    phase = row.current_phase
                    if row.status == UNREADABLE:
                        # What was last known of it is still worth something.
                        phase = f"{phase[:room]} ({style.word})" if phase else style.word
                    cells.append((fit_name(phase, room), ""))
                case "bar":
                    done, rest = progress_bar(row.phases_done, row.phases_total, room)
                    cells.append((done, colour))
                    cells.append((rest, "line-list--track"))
                case "count":
                    cells.append((fit(_count(row), room, right=True), "line-list--dim"))
                case "age":
                    is_stalled = age_text.startswith(_STALLED)
                    colour_of_age = "status--unreadable" if is_stalled else "line-list--dim"
                    cells.append((fit(age_text, room, right=True), colour_of_age))
                case "id":
                    cells.append((fit_name(row.instance_id, room), "line-list--dim"))
                case "note":
                    cells.append((fit_name(_note(row), room), "line-list--dim"))
            cells.append((" " * gap(column.name), ""))
        return cells

    def _badge(self, key: str, row: InstanceSummary, room: int) -> Cell:
        if key == self._marked:
            return fit(MARK, room), "instance-table--mark"
        return fit(_READ_ONLY_BADGE if row.read_only else "", room), "line-list--dim"

    def _age(self, key: str) -> str:
        if self.is_gone(key):
            return "gone"
        row = self._rows[key]
        words = age(self._now - row.updated_at)
        is_marked = len(words) < _AGE_CELLS and self._patience.need(row, self._now) == "stalled"
        return f"{_STALLED}{words}" if is_marked else words

    def is_gone(self, key: str) -> bool:
        """Tell whether an instance is shown only because the cursor is on it, and no longer exists."""
        return key == self._instances.lingering and self._instances.is_lingering_gone


def _count(row: InstanceSummary) -> str:
    return f"{row.phases_done}/{row.phases_total}" if row.phases_total is not None else ""


def _note(row: InstanceSummary) -> str:
    return row.problem or row.last_error or (read_only_badge(row.read_only) if row.read_only else "")
