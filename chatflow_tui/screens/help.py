"""The keys, all on one page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.keys import format_key
from textual.screen import ModalScreen
from textual.widgets import Static

from chatflow_core.statistics import SLOW_FACTOR
from chatflow_tui.cells import fit

#: The keys by what they are for, as shown in the help and listed in the README.
KEYS: dict[str, list[tuple[str, str]]] = {
    "Move": [
        ("↑ ↓  j k", "one line"),
        ("space  b", "one page down, up (also page keys)"),
        ("g  G", "first, last line (also home, end)"),
        ("tab  1-5", "next panel; 1 features, 2 instances, … 5 response"),
        ("enter", "deeper: feature → its instances → timeline → details"),
        ("→  l", "feature: show its instances beneath; timeline: to the texts"),
        ("←  h", "feature: hide its instances; instance: back to its feature"),
        ("esc", "back; leaves the zoom; drops the filter"),
        ("z", "the focused panel alone, and back"),
    ],
    "Read": [
        ("[  ]", "previous, next phase"),
        ("{  }", "previous, next attempt at the phase"),
        ("w", "wrap long lines, or not (then ← → scroll)"),
        ("#", "line numbers"),
        ("m", "Markdown rendered, or as it was written"),
        ("<  >", "share of the room: prompt, response (or drag a border)"),
        ("V", "select lines (j k space b g G or shift and arrows, then y)"),
        ("y", "copy the selection, the text in focus, or the prompt"),
        ("Y", "copy code blocks, paths, Python, all of it; export"),
        ("o  O", "open the text in $EDITOR (a copy), in $PAGER"),
    ],
    "Find": [
        ("/", "in a text: find as you type; elsewhere: filter instances"),
        ("n  N", "next, previous hit: in the text, then of the last search"),
        ("S", "search all prompts and responses"),
        ("s", "what instances are sorted by (or click on a heading)"),
        (".", "sort again, with what is new"),
        ("e  E", "next, previous instance that needs you: failed, stalled"),
        ("f", "freeze the view, and catch up"),
    ],
    "Explain": [
        ("i", "details: runs of the phase with data, meta, errors"),
        ("H", "history: what happened, in order, and what was said"),
        ("t", "how long the phases of each workflow take"),
        ("d", "diff: marked instance, attempt before, or phase before"),
        ("v", "mark the instance for a diff with another"),
    ],
    "Act": [
        ("a", "advance the instance: end its phase, begin the next"),
        ("x", "fail the phase of the instance, with a reason"),
        ("r", "retry the phase that failed"),
        ("c", "create an instance from a schema"),
        ("p", "record a response for the current phase, or its prompt"),
    ],
    "Else": [
        ("?", "this page"),
        ("q", "quit"),
    ],
}


# In the place of the keys that write, where nothing is written.
_NO_ACTS = {"Act": [("", "nothing: started with --read-only")]}

#: What the marks in lists and on the timeline mean.
MARKS: dict[str, list[tuple[str, str]]] = {
    "Marks": [
        ("✓ ✗ ● ○ · !", "completed, failed, running, created, not begun, unreadable"),
        ("━╸ ━✗ ━●", "a run of a phase, and how it ended"),
        ("░", "idle: no phase was open"),
        ("↑", f"took over {SLOW_FACTOR:g} times the usual (the median of its workflow)"),
    ],
}


class HelpDialog(ModalScreen[None]):
    """Lists the keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,？", "dismiss", "Close", id="help.close"),
        Binding("j,down", "scroll(1)", "Down", show=False, id="help.down"),
        Binding("k,up", "scroll(-1)", "Up", show=False, id="help.up"),
        Binding("space,pagedown,G,end", "scroll(20)", "Page down", show=False, id="help.page-down"),
        Binding("b,pageup,g,home", "scroll(-20)", "Page up", show=False, id="help.page-up"),
    ]

    DEFAULT_CSS = """
    HelpDialog {
        align: center middle;
        & > VerticalScroll {
            width: 78;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 1 2;
            border: round $primary;
            background: $surface;
        }
    }
    """

    def __init__(self, set_keys: Mapping[str, str] | None = None, *, read_only: bool = False) -> None:
        """Make the page.

        Args:
            set_keys: The keys that the user has set, by the id of their action, separated by commas.
            read_only: Whether the keys that write do nothing.
        """
        super().__init__()
        self._set_keys = set_keys or {}
        self._read_only = read_only

    def compose(self) -> ComposeResult:
        """Place the table."""
        with VerticalScroll(can_focus=False) as box:
            box.border_title = Content("Keys")
            box.border_subtitle = Content("esc closes")
            yield Static(_table(self._set_keys, KEYS | (_NO_ACTS if self._read_only else {}) | MARKS))

    def action_scroll(self, lines: int) -> None:
        """Scroll down, or up if negative."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def _table(set_keys: Mapping[str, str], known: Mapping[str, list[tuple[str, str]]]) -> Content:
    yours = [("  ".join(map(format_key, keys.split(","))), action) for action, keys in set_keys.items()]
    groups = {"Set in config.yaml, in place of those below": yours, **known} if yours else known
    width = max(cell_len(keys) for group in groups.values() for keys, _ in group) + 3
    lines: list[Content] = []
    for group, rows in groups.items():
        if lines:
            lines.append(Content(""))
        lines.append(Content.styled(group, "bold $text-primary"))
        lines.extend(
            Content.assemble(("  " + fit(keys, width), "bold"), (meaning, "$foreground")) for keys, meaning in rows
        )
    return Content("\n").join(lines)
