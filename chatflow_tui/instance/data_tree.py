"""Plain JSON data as the lines of a foldable tree, harmless and bounded however large the data are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chatflow_tui.texts.plain_text import plain_name

#: Of one object or list so many members are shown, of one text so many lines, and of one line so many characters.
MOST_MEMBERS = 200
MOST_LINES = 100
MOST_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class DataNode:
    """One line of the tree.

    Attributes:
        name: What it is called; empty for a line of a text. Harmless.
        text: Its value, or what it holds, in words. Harmless.
        value: What it can be unfolded to; None if to nothing.
        is_note: Whether the text is not the value itself but says something of it.
    """

    name: str
    text: str
    value: Any = None
    is_note: bool = False


def node_of(name: str, value: Any) -> DataNode:
    """Make the line of a value.

    Args:
        name: What to call it.
        value: Plain JSON data.
    """
    name = _line(name)
    match value:
        case dict() | list():
            unit = "key" if isinstance(value, dict) else "item"
            count = len(value)
            return DataNode(name, f"{count:,} {unit}{'' if count == 1 else 's'}", value or None, is_note=True)
        case str() if "\n" in value.rstrip("\n") or len(value) > MOST_CHARACTERS:
            return DataNode(name, _line(value.lstrip("\n").partition("\n")[0]), value)
        case str():
            return DataNode(name, _line(value.rstrip("\n")))
        case None:
            return DataNode(name, "null", is_note=True)
        case bool():
            return DataNode(name, "true" if value else "false", is_note=True)
        case _:
            return DataNode(name, _line(str(value)))


def members_of(value: Any) -> Iterator[DataNode]:
    """Give the lines a value unfolds to; a last one says what was left out."""
    if isinstance(value, str):
        yield from _lines_of(value)
        return
    pairs = list(value.items()) if isinstance(value, dict) else [(str(at), each) for at, each in enumerate(value)]
    for name, member in pairs[:MOST_MEMBERS]:
        yield node_of(str(name), member)
    if len(pairs) > MOST_MEMBERS:
        yield DataNode("", f"… and {len(pairs) - MOST_MEMBERS:,} more", is_note=True)


def _lines_of(text: str) -> Iterator[DataNode]:
    shown = 0
    place = 0
    while place < len(text) and shown < MOST_LINES:
        end = text.find("\n", place, place + MOST_CHARACTERS)
        cut = end if end >= 0 else min(len(text), place + MOST_CHARACTERS)
        yield DataNode("", plain_name(text[place:cut]))
        place = cut + (end >= 0)
        shown += 1
    if place < len(text):
        yield DataNode("", f"… and {len(text) - place:,} more characters", is_note=True)


def _line(text: str) -> str:
    cut = text[:MOST_CHARACTERS]
    return plain_name(cut) + ("…" if len(text) > MOST_CHARACTERS else "")
