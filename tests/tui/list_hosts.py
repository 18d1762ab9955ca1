"""Small apps that hold one list each and write down what it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from textual.app import App, ComposeResult
from textual.widgets import Input

from chatflow_core.models import InstanceSummary
from chatflow_tui.widgets.instance_table import InstanceTable
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell, LinePane

NOW = 1_800_000_000.0


def screen_lines(pane: LinePane) -> list[str]:
    """The text of every line of a list, without the blanks at its end."""
    return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]


class Names(LineList[str]):
    HEADER_LINES = 1

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[str] = []

    def without(self, keys: Iterable[str]) -> dict[str, str]:
        """The rows but for some."""
        return {key: row for key, row in self._rows.items() if key not in set(keys)}

    def render_row(self, key: str, row: str, width: int) -> Sequence[Cell]:
        self.painted.append(key)
        return [(row, "")]

    def render_header(self, y: int, width: int) -> Sequence[Cell]:
        return [("Name", "")]


class NamesHost(App[None]):
    def __init__(self, count: int = 100) -> None:
        super().__init__()
        self.names = Names()
        self.count = count
        self.moves: list[str | None] = []
        self.choices: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.names
        yield Input(id="elsewhere")

    def on_mount(self) -> None:
        self.names.styles.height = 11  # the header and ten rows
        self.names.set_rows({f"k{number:03}": f"row {number}" for number in range(self.count)})
        self.names.focus()

    def on_line_list_cursor_moved(self, event: LineList.CursorMoved) -> None:
        self.moves.append(event.key)

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        self.choices.append(event.key)


def instance(number: int, *, seconds_ago: float = 100.0, **changes: object) -> InstanceSummary:
    row = InstanceSummary(
        f"wfi_{number:012x}", f"feature {number}", "default", "running", "design", 3, 6, NOW, NOW - seconds_ago
    )
    return msgspec.structs.replace(row, **changes)


class CountingTable(InstanceTable):
    def __init__(self) -> None:
        super().__init__(clock=lambda: self.now)
        self.painted: list[str] = []

    now = NOW

    def render_row(self, key: str, row: InstanceSummary, width: int) -> Sequence[Cell]:
        self.painted.append(key)
        return super().render_row(key, row, width)


class TableHost(App[None]):
    def __init__(self, rows: Sequence[InstanceSummary]) -> None:
        super().__init__()
        self.table = CountingTable()
        self.rows = rows
        self.moves: list[str | None] = []
        self.counts: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.apply(self.rows)
        self.table.focus()

    def on_line_list_cursor_moved(self, event: LineList.CursorMoved) -> None:
        self.moves.append(event.key)

    def on_instance_table_held_back(self, event: InstanceTable.HeldBack) -> None:
        self.counts.append(event.count)


def twenty() -> list[InstanceSummary]:
    """Twenty instances, number 0 the latest."""
    return [instance(number, seconds_ago=100.0 + number) for number in range(20)]


def shown(table: InstanceTable) -> list[int]:
    return [int(key.removeprefix("wfi_"), 16) for key in table.visible_keys]


def cursor_line(names: Names) -> int:
    """The line of the screen that shows the cursor's mark."""
    marked = [y for y, text in enumerate(screen_lines(names)) if text.startswith("▌")]
    assert len(marked) == 1
    return marked[0]
