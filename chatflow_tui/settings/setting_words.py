"""How values and names of settings stand in messages."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from chatflow_tui.texts.plain_text import plain_name

_MOST_SHOWN = 40


def nearest(word: Any, known: Collection[str]) -> str | None:
    """Find the known word that was meant most likely; None if none is near."""
    return next(iter(get_close_matches(str(word), known, n=1)), None)


def near(word: Any, known: Collection[str]) -> str:
    """Ask whether the nearest known word was meant; ``""`` if none is near."""
    meant = nearest(word, known)
    return "" if meant is None else f"; did you mean {meant}?"


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
