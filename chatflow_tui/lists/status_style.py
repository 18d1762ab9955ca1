"""What a status looks like: a glyph, a word and a colour, in one table.

The glyphs differ in shape, so that a status reads without colour. All are one
cell wide in every terminal; the usual warning sign is not, hence the ``!``.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatflow_core.models import UNREADABLE
from chatflow_core.timeline import PENDING
from chatflow_tui.texts.plain_text import plain_name


@dataclass(frozen=True, slots=True)
class StatusStyle:
    """The look of one status.

    Attributes:
        glyph: One character, one cell wide.
        component_class: The component class that colours it (see `STATUS_CLASSES`).
        word: The status in words, harmless to print.
    """

    glyph: str
    component_class: str
    word: str


_STYLES = {
    status: StatusStyle(glyph, f"status--{status}", status)
    for status, glyph in (
        ("created", "○"),
        ("running", "●"),
        ("completed", "✓"),
        ("failed", "✗"),
        (PENDING, "·"),
        (UNREADABLE, "!"),
    )
}

#: Every component class a status can have.
STATUS_CLASSES = frozenset(style.component_class for style in _STYLES.values()) | {"status--unknown"}

#: Colours for `STATUS_CLASSES`, to be nested in a widget's own rule.
STATUS_CSS = """
    & > .status--created { color: $text-muted; }
    & > .status--running { color: $text-primary; text-style: bold; }
    & > .status--completed { color: $text-success; }
    & > .status--failed { color: $text-error; text-style: bold; }
    & > .status--pending { color: $text-disabled; }
    & > .status--unreadable { color: $text-warning; text-style: bold; }
    & > .status--unknown { color: $text-warning; }
    &:ansi > .status--pending { text-style: dim; }
"""


def status_style(status: str) -> StatusStyle:
    """Look up a status.

    Args:
        status: As in a record; any text.

    Returns:
        Its look; a question mark and the status itself in words for one ChatFlow does not know.
    """
    known = _STYLES.get(status)
    return known or StatusStyle("?", "status--unknown", plain_name(status) or "unknown")
