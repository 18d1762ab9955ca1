"""Everything the records say of one phase, as a foldable tree: its runs, their trigger data and errors, the meta."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any, ClassVar, Literal, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from chatflow_core.statistics import PhaseStatistics
from chatflow_core.timeline import PhaseTimeline
from chatflow_tui.instance.data_tree import DataNode, node_of
from chatflow_tui.instance.run_facts import usual_fact
from chatflow_tui.lists.status_style import status_style
from chatflow_tui.screens.closing import Dialog
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.data_view import DataView

#: Where the reader goes on to from the details; ``"texts"`` is whichever text there is to read.
Onward: TypeAlias = Literal["prompt", "response", "texts", "history"]

# Of a phase with thousands of runs the newest are shown; the history shows all.
_MOST_RUNS = 100

# A problem is said in lines that a screen of 80 columns has room for; errors may be megabytes.
_PROBLEM_WIDTH = 72
_MOST_OF_PROBLEM = 500


class PhaseDetails(Dialog[Onward | None]):
    """Shows what is recorded of a phase; dismissed with where to go on to, or None to go back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,i", "leave", "Close", id="details.close", tooltip="close the details of the phase"),
        Binding("4", "go_on('prompt')", "Prompt", id="details.prompt", tooltip="to the prompt of the phase"),
        Binding("5", "go_on('response')", "Response", id="details.response", tooltip="to the response of the phase"),
        Binding(
            "tab",
            "go_on('texts')",
            "Texts",
            id="details.texts",
            tooltip="to the response, or the prompt if there is none",
        ),
        Binding("H", "go_on('history')", "History", id="details.history", tooltip="to the history of the instance"),
    ]

    DEFAULT_CSS = """
    PhaseDetails {
        align: center middle;
        & > Vertical {
            width: 110;
            max-width: 100%;
            height: 90%;
            border: round $primary;
            border-subtitle-color: $text-muted;
            background: $surface;
        }
        & DataView { height: 1fr; background: $surface; }
        & DataView:focus { background-tint: $foreground 0%; }
    }
    """

    def __init__(
        self,
        phase: PhaseTimeline,
        now: float,
        *,
        meta: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        usual: PhaseStatistics | None = None,
        problem: str | None = None,
    ) -> None:
        """Make the screen.

        Args:
            phase: The phase with its runs.
            now: The time in Unix seconds, which is the end of an open run.
            meta: The meta of the instance.
            variables: The variables of the instance.
            usual: The ended runs of the phase in this workflow; None if they are not known.
            problem: Why the instance cannot be read any more, in words; None if it can.
        """
        super().__init__()
        self._phase = phase
        self._now = now
        self._parts = {"meta of the instance": meta, "variables of the instance": variables}
        self._usual = usual
        self._problem = problem
        self.tree_of_data = DataView(id="data")

    def compose(self) -> ComposeResult:
        """Place the tree."""
        style = status_style(self._phase.status)
        with Vertical() as box:
            box.border_title = Content(plain_name(f"{self._phase.title} · {style.glyph} {self._phase.status}"[:200]))
            box.border_subtitle = Content("4 prompt · 5 response · H history · ← → fold · esc closes")
            yield self.tree_of_data

    def on_mount(self) -> None:
        """Fill the tree: the runs are unfolded, the newest first."""
        tree = self.tree_of_data
        for line in wrap(plain_name((self._problem or "")[:_MOST_OF_PROBLEM]), _PROBLEM_WIDTH):
            tree.add(DataNode("", line))
        runs = self._phase.runs
        if not runs:
            tree.add(DataNode("", "this phase has not been opened", is_note=True))
            fact = usual_fact(self._usual)
            if fact is not None:
                tree.add(fact)
        for number in range(len(runs), max(0, len(runs) - _MOST_RUNS), -1):
            tree.add_run(number, runs[number - 1], self._now, self._usual)
        if len(runs) > _MOST_RUNS:
            tree.add(DataNode("", f"… and {len(runs) - _MOST_RUNS:,} runs before: H shows all", is_note=True))
        for name, value in self._parts.items():
            if value:
                tree.add(node_of(name, dict(value)), unfold=name.startswith("meta"))
        tree.root.expand()
        tree.cursor_line = 0
        tree.focus()

    def action_go_on(self, where: Onward) -> None:
        """Leave for the texts of the phase, or the history."""
        self.dismiss(where)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
