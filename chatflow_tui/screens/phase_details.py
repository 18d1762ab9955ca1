"""Everything the records say of one phase, as a foldable tree: its runs, their trigger data and errors, the meta."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from chatflow_core.timeline import PhaseRun, PhaseTimeline
from chatflow_tui.cells import duration
from chatflow_tui.data_tree import DataNode, members_of, node_of
from chatflow_tui.plain_text import plain_name
from chatflow_tui.status_style import status_style
from chatflow_tui.time_axis import span_of


class DataTree(Tree[DataNode]):
    """A tree whose branches are made when they are unfolded; the keys of lists work in it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, id="tree.down"),
        Binding("k", "cursor_up", "Up", show=False, id="tree.up"),
        Binding("right,l", "unfold", "Unfold", show=False, id="tree.unfold"),
        Binding("left,h", "fold", "Fold", show=False, id="tree.fold"),
        Binding("g,home", "scroll_home", "First", show=False, id="tree.first"),
        Binding("G,end", "scroll_end", "Last", show=False, id="tree.last"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Make an empty tree.

        Args:
            id: The widget's id.
        """
        super().__init__(Text(""), id=id)
        self.show_root = False
        self.guide_depth = 2

    def add(self, parent: TreeNode[DataNode], node: DataNode, *, unfold: bool = False) -> TreeNode[DataNode]:
        """Add a line below another."""
        label = Text()
        if node.name:
            label.append(node.name, "bold")
            label.append("  ")
        label.append(node.text, "dim" if node.is_note else "")
        added = parent.add(label, node, allow_expand=node.value is not None)
        if unfold and node.value is not None:
            added.expand()
        return added

    @on(Tree.NodeExpanded)
    def _fill(self, event: Tree.NodeExpanded[DataNode]) -> None:
        node = event.node
        if node.data is not None and node.data.value is not None and not node.children:
            for member in members_of(node.data.value):
                self.add(node, member)

    def action_unfold(self) -> None:
        """Unfold the line under the cursor, or go to its first member."""
        node = self.cursor_node
        if node is not None and node.allow_expand and not node.is_expanded:
            node.expand()
        elif node is not None and node.children:
            self.move_cursor(node.children[0])

    def action_fold(self) -> None:
        """Fold the line under the cursor, or go to the one it belongs to."""
        node = self.cursor_node
        if node is not None and node.is_expanded and node.allow_expand:
            node.collapse()
        elif node is not None and node.parent is not None and node.parent is not self.root:
            self.move_cursor(node.parent)


class PhaseDetails(ModalScreen[None]):
    """Shows what is recorded of a phase."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,i", "leave", "Close", id="dialog.close"),
    ]

    DEFAULT_CSS = """
    PhaseDetails {
        align: center middle;
        & > Vertical {
            width: 110;
            max-width: 100%;
            height: 90%;
            border: round $primary;
            background: $surface;
        }
        & DataTree { height: 1fr; padding: 0 1; background: $surface; }
    }
    """

    def __init__(
        self,
        phase: PhaseTimeline,
        now: float,
        *,
        meta: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        usual: float | None = None,
    ) -> None:
        """Make the screen.

        Args:
            phase: The phase with its runs.
            now: The time in Unix seconds, which is the end of an open run.
            meta: The meta of the instance.
            variables: The variables of the instance.
            usual: How long a run of the phase usually takes, in seconds; None if that is not known.
        """
        super().__init__()
        self._phase = phase
        self._now = now
        self._parts = {"meta of the instance": meta, "variables of the instance": variables}
        self._usual = usual
        self.tree_of_data = DataTree(id="data")

    def compose(self) -> ComposeResult:
        """Place the tree."""
        with Vertical() as box:
            box.border_title = Content(plain_name(f"{self._phase.title} · {self._phase.status}"[:200]))
            box.border_subtitle = Content("← → fold · esc closes")
            yield self.tree_of_data

    def on_mount(self) -> None:
        """Fill the tree: the runs are unfolded, the newest first."""
        tree = self.tree_of_data
        runs = self._phase.runs
        if not runs:
            tree.add(tree.root, DataNode("", "this phase has not been opened", is_note=True))
        for number in range(len(runs), 0, -1):
            self._add_run(number, runs[number - 1])
        if self._usual is not None:
            tree.add(tree.root, DataNode("usual duration", f"{duration(self._usual)} (median of this workflow)"))
        for name, value in self._parts.items():
            if value:
                tree.add(tree.root, node_of(name, dict(value)))
        tree.root.expand()
        tree.cursor_line = 0
        tree.focus()

    def _add_run(self, number: int, run: PhaseRun) -> None:
        tree = self.tree_of_data
        start, end = span_of(run, self._now)
        style = status_style(run.status)
        words = f"{style.glyph} {style.word}, {duration(end - start)}"
        node = tree.root.add(Text.assemble((f"run {number}", "bold"), f"  {words}"), expand=True)
        tree.add(node, DataNode("started", _moment(run.started_at)))
        tree.add(node, DataNode("ended", "still open" if run.ended_at is None else _moment(run.ended_at)))
        if run.error is not None:
            tree.add(node, node_of("error", run.error), unfold=True)
        if run.trigger_data:
            tree.add(node, node_of("trigger data", run.trigger_data), unfold=True)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)


def _moment(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "?"
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(" ", "seconds")
    except (OverflowError, OSError, ValueError):
        return "?"
