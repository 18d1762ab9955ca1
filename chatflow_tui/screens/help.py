"""The keys, all on one page."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

#: The keys by what they are for, as shown in the help and listed in the README.
KEYS: dict[str, list[tuple[str, str]]] = {
    "Move": [
        ("↑ ↓  j k", "one line"),
        ("space  b", "one page down, up (also page keys)"),
        ("g  G", "first, last line (also home, end)"),
        ("tab  1-5", "next panel; 1 features, 2 instances, … 5 response"),
        ("enter", "deeper: feature → its instances → timeline → text"),
        ("esc", "back; leaves the zoom; drops the filter"),
        ("z", "the focused panel alone, and back"),
    ],
    "Read": [
        ("[  ]", "previous, next phase"),
        ("{  }", "previous, next attempt at the phase"),
        ("w", "wrap long lines, or not (then ← → scroll)"),
        ("#", "line numbers"),
        ("m", "Markdown rendered, or as it was written"),
        ("<  >", "share of the width: prompt, response"),
        ("y", "copy the selection, the text in focus, or the id"),
    ],
    "Find": [
        ("/", "in a text: find as you type; elsewhere: filter instances"),
        ("n  N", "next, previous hit"),
        ("S", "search all prompts and responses"),
        ("s", "what instances are sorted by (or click on a heading)"),
        (".", "sort again, with what is new"),
        ("f", "freeze the view, and catch up"),
    ],
    "Explain": [
        ("i", "runs of the phase: data, meta, errors"),
        ("t", "how long the phases of each workflow take"),
        ("d", "diff: marked instance, attempt before, or phase before"),
        ("v", "mark the instance for a diff with another"),
    ],
    "Act": [
        ("a", "advance the instance: end its phase, begin the next"),
    ],
    "Else": [
        ("?", "this page"),
        ("q", "quit"),
    ],
}


class HelpDialog(ModalScreen[None]):
    """Lists the keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,？", "dismiss", "Close", id="dialog.close"),
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

    def compose(self) -> ComposeResult:
        """Place the table."""
        with VerticalScroll(can_focus=False) as box:
            box.border_title = Content("Keys")
            box.border_subtitle = Content("esc closes")
            yield Static(_table())

    def action_scroll(self, lines: int) -> None:
        """Scroll down, or up if negative."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def _table() -> Content:
    width = max(len(keys) for group in KEYS.values() for keys, _ in group) + 3
    lines: list[Content] = []
    for group, rows in KEYS.items():
        if lines:
            lines.append(Content(""))
        lines.append(Content.styled(group, "bold $text-primary"))
        lines.extend(
            Content.assemble(("  " + keys.ljust(width), "bold"), (meaning, "$foreground")) for keys, meaning in rows
        )
    return Content("\n").join(lines)
