"""The lines of the menu of keys: what the keys do, under headings, in as many lines as it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

from rich.cells import cell_len

from chatflow_core.statistics import SLOW_FACTOR
from chatflow_tui.keys.key_choices import KeyChoice

#: What the marks in lists and on the timeline mean.
MARKS: tuple[tuple[str, str], ...] = (
    ("✓ ✗ ● ○ · !", "completed, failed, running, created, not begun, unreadable"),
    ("⊘ ★ ◆", "read only; the latest of a feature; marked for a diff"),
    ("━╸ ━✗ ━●", "a run of a phase, and how it ended"),
    ("░", "idle: no phase was open"),
    ("↑", f"took over {SLOW_FACTOR:g} times the usual (the median of its workflow)"),
    ("▲", "before an age: running, but left alone for long"),
)

_MOST_LABEL = 16

# Before the keys.
_INDENT = 2

# So that every word of a meaning has its place on the narrowest screen.
_LEAST_WORDS = 20


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A line of the menu.

    Attributes:
        kind: A heading, the first line of something that a key does, a further line of it, or what a mark means.
        label: The keys, or the marks.
        words: What stands beside them.
        choice: What the key does; None on headings and marks.
    """

    kind: Literal["heading", "key", "more", "mark"]
    label: str
    words: str
    choice: KeyChoice | None = None

    @property
    def is_refused(self) -> bool:
        """Whether it cannot be done now."""
        return self.choice is not None and self.choice.refusal is not None


def label_width(sections: Mapping[str, Sequence[KeyChoice]]) -> int:
    """Say how many cells the keys take, the gap behind them included."""
    labels = [choice.label for rows in sections.values() for choice in rows] + [mark for mark, _ in MARKS]
    return min(_MOST_LABEL, max(map(cell_len, labels))) + 2


def key_lines(
    sections: Mapping[str, Sequence[KeyChoice]], width: int, narrowed_to: str = ""
) -> Iterator[tuple[str, KeyLine]]:
    """Write the lines.

    Args:
        sections: What the keys do, by headings.
        width: The cells there are for a line.
        narrowed_to: Words that a line must have; empty for all lines.

    Yields:
        Each line with a key of its own, which stays the same at every width.
    """
    room = max(_LEAST_WORDS, width - label_width(sections) - _INDENT)
    wanted = narrowed_to.lower().split()
    for heading, rows in sections.items():
        said = [(choice, _said(choice)) for choice in rows]
        shown = [(choice, words) for choice, words in said if _has(wanted, choice.label, words, heading)]
        if shown:
            yield f"# {heading}", KeyLine("heading", "", heading)
        for choice, words in shown:
            first, *rest = wrap(words, room) or [""]
            key = f"{choice.name} {choice.binding.action}"
            yield key, KeyLine("key", choice.label, first, choice)
            for number, more in enumerate(rest):
                yield f"{key} +{number}", KeyLine("more", "", more, choice)
    marks = [(mark, words) for mark, words in MARKS if _has(wanted, mark, words, "Marks")]
    if marks:
        yield "# Marks", KeyLine("heading", "", "Marks")
    for mark, words in marks:
        first, *rest = wrap(words, room)
        yield f"mark {mark}", KeyLine("mark", mark, first)
        for number, more in enumerate(rest):
            yield f"mark {mark} +{number}", KeyLine("mark", "", more)


def _said(choice: KeyChoice) -> str:
    return choice.meaning if choice.refusal is None else f"{choice.meaning} – {choice.refusal}"


def _has(wanted: Sequence[str], *said: str) -> bool:
    text = " ".join(said).lower()
    return all(word in text for word in wanted)
