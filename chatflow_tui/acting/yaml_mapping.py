"""Keys and values as YAML: what a reader types, what it was read as, and values written out for editing."""

from __future__ import annotations

import json
from typing import Any

import yaml

from chatflow_core import InvalidValueError
from chatflow_core.bounded_yaml import load_yaml
from chatflow_tui.texts.plain_text import plain_text

# The reading is a check for the reader, not a view: its end does not matter.
_MOST_SHOWN = 400


def read_mapping(text: str, name: str) -> dict[str, Any] | None:
    """Read YAML that must be a mapping; None if the text is blank.

    Raises:
        InvalidValueError: It is not YAML within the bounds, or not a mapping.
    """
    if not text.strip():
        return None
    value = load_yaml(text, name)
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else f"the {type(value).__name__} {value!r}"
        raise InvalidValueError(f"{name}: expected keys and values such as 'summary: done', got {kind}")
    return value


def show_mapping(value: dict[str, Any], most: int = _MOST_SHOWN) -> str:
    """Show in a line what keys and values are, not yet made harmless; what is too long ends in ``…``."""
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def write_mapping(value: dict[str, Any]) -> str:
    """Write keys and values as YAML that `read_mapping` reads as the very same.

    It is harmless to show: where anything in it is not, all that is not ASCII is written as escapes.
    """
    text: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    if plain_text(text) != text:
        text = yaml.safe_dump(value, allow_unicode=False, sort_keys=False)
    return text
