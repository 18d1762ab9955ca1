"""Plain data as a tree that is folded and unfolded with the keys of lists."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from chatflow_core.statistics import PhaseStatistics
from chatflow_core.timeline import PhaseRun
from chatflow_tui.instance.data_tree import DataNode, members_of
from chatflow_tui.instance.run_facts import run_facts, run_words
from chatflow_tui.keys.key_groups import ENDS, LINES, hidden


class DataView(Tree[DataNode]):
    """A tree whose branches are made when they are unfolded."""

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("j", "cursor_down", "Down", "tree.down", "one line down", LINES),
        hidden("k", "cursor_up", "Up", "tree.up", "one line up", LINES),
        hidden("right,l", "unfold", "Unfold", "tree.unfold", "unfold what is under the cursor"),
        hidden("left,h", "fold", "Fold", "tree.fold", "fold it; go to what it is part of"),
        hidden("g,home", "scroll_home", "First", "tree.first", "to the first line", ENDS),
        hidden("G,end", "scroll_end", "Last", "tree.last", "to the last line", ENDS),
    ]

    DEFAULT_CSS = """
    DataView { padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Make an empty tree.

        Args:
            id: The widget's id.
            classes: Its style classes.
        """
        super().__init__(Text(""), id=id, classes=classes)
        self.show_root = False
        self.guide_depth = 2

    def add(self, node: DataNode, parent: TreeNode[DataNode] | None = None, *, unfold: bool = False) -> None:
        """Add a line, below another or at the end."""
        label = Text()
        if node.name:
            label.append(node.name, "bold")
            label.append("  ")
        label.append(node.text, "dim" if node.is_note else "")
        added = (parent or self.root).add(label, node, allow_expand=node.value is not None)
        if unfold and node.value is not None:
            added.expand()

    def add_run(self, number: int, run: PhaseRun, now: float, usual: PhaseStatistics | None, idle: float = 0.0) -> None:
        """Add what is recorded of a run, unfolded.

        Args:
            number: Which run of its phase it is, from 1.
            run: The run.
            now: The time in Unix seconds, which is the end of an open run.
            usual: The ended runs of this phase in this workflow; None if they are not known.
            idle: Seconds before the run in which no phase was open.
        """
        branch = self.root.add(Text.assemble((f"run {number}", "bold"), f"  {run_words(run, now)}"), expand=True)
        for fact in run_facts(run, now, usual, idle):
            self.add(fact, branch, unfold=True)

    @on(Tree.NodeExpanded)
    def _fill(self, event: Tree.NodeExpanded[DataNode]) -> None:
        node = event.node
        if node.data is not None and node.data.value is not None and not node.children:
            for member in members_of(node.data.value):
                self.add(member, node)

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
