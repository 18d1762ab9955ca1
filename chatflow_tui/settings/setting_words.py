"""How values and names of settings stand in messages."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from chatflow_tui.texts.plain_text import plain_name

_MOST_SHOWN = 40


def near(word: Any, known: Collection[str]) -> str:
    """Ask whether the nearest known word was meant; ``""`` if none is near."""
    nearest = get_close_matches(str(word), known, n=1)
    return f"; did you mean {nearest[0]}?" if nearest else ""


def shown(value: Any) -> str:
    """Write a value as YAML would have it, in one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    text = plain_name(str(value)[: _MOST_SHOWN + 1])
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"
