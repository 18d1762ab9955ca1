"""How keys are called where they are listed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from textual.keys import format_key

_NAMES = {"enter": "enter"}


@runtime_checkable
class NamesKeys(Protocol):
    """A widget or a screen with keys that do now this, now that."""

    def key_word(self, action: str) -> str | None:
        """Say, in a word or two, what an action does now; None if that is what its binding says."""


def key_label(key: str) -> str:
    """Say a key.

    Args:
        key: What Textual calls it, such as ``"left_square_bracket"`` or ``"shift+down"``.
    """
    *modifiers, name = key.split("+")
    return "+".join((*modifiers, _NAMES.get(name) or format_key(name)))


def key_labels(keys: Iterable[str]) -> list[str]:
    """Say the keys of one action, without the full-width forms that Chinese input methods give for the same keys.

    Args:
        keys: What Textual calls them.
    """
    labels = list(dict.fromkeys(map(key_label, keys)))
    return [label for label in labels if not _is_wide(label)] or labels


def _is_wide(label: str) -> bool:
    # Textual shows such a key by a name, `fullwidth_solidus`.
    return "_" in label or (len(label) == 1 and unicodedata.east_asian_width(label) in "WF")
