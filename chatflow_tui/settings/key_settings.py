"""Which key does what, as the user has set it; a key that is wrong or taken is told, and its default used."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from textual.binding import Binding
from textual.keys import Keys, format_key, key_to_character

from chatflow_tui.settings.setting_words import near, nearest, shown

#: The part of the file that sets keys.
KEYS = "keys"

_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_NAMES = frozenset(key.value for key in Keys if not key.value.startswith("<"))

_EXAMPLE = "such as A, f5 or ctrl+a, in quotes"


@dataclass(frozen=True, slots=True)
class Actions:
    """What keys can be set for.

    Attributes:
        keys: The keys of each action as they come, separated by commas, by the action's id.
        words: What each action does, by its id.
        places: The actions that are there at the same time: those of a panel and of the screen around it.
        typing: The actions that are there while the user types, so that no character can be their key.
        taken: What is always done by a key, by the key.
    """

    keys: Mapping[str, str]
    words: Mapping[str, str] = field(default_factory=dict)
    places: Collection[Collection[str]] = ()
    typing: Collection[str] = ()
    taken: Mapping[str, str] = field(default_factory=dict)


def read_keys(value: Any, actions: Actions) -> tuple[dict[str, str], list[str]]:
    """Take over the keys that can be taken.

    Args:
        value: The file's value: keys by the id of their action.
        actions: What there is to set keys for.

    Returns:
        The keys by action, and a line for each mistake.
    """
    if value is None:
        return {}, []
    if not isinstance(value, dict):
        return {}, [f"{KEYS}: expected actions and their keys such as 'instance.advance: \"A\"', got {shown(value)}"]
    wanted, problems = dict[str, str](), list[str]()
    for action, given in value.items():
        if action not in actions.keys:
            problems.append(f"{KEYS}: there is no action {shown(action)}{near(action, actions.keys)}")
            continue
        words = _words(given)
        problem = _problem_of(words, given)
        keys = _normal(words) if problem is None else []
        problem = problem or _never_reached(action, keys, actions)
        if problem is None:
            wanted[action] = ",".join(keys)
        else:
            problems.append(_told(action, problem, actions))
    return _without_clashes(wanted, actions, problems), problems


def _told(action: str, problem: str, actions: Actions) -> str:
    return f"{KEYS}: {action}: {problem}; the default {actions.keys[action]} is used"


def _words(given: Any) -> list[str]:
    """What stands for a key each; a digit may stand without quotes."""
    if isinstance(given, bool) or not isinstance(given, str | int):
        return []
    return [word.strip() for word in str(given).split(",") if word.strip()]


def _normal(words: Iterable[str]) -> list[str]:
    """The names that Textual has for keys, of which a character may stand for itself."""
    return list(dict.fromkeys(each.key for word in words for each in Binding.make_bindings([Binding(word, "")])))


def _problem_of(words: list[str], given: Any) -> str | None:
    if not words:
        # `no`, `~` and `#` are not what they look like.
        return f"expected a key {_EXAMPLE}, got {shown(given)}"
    wrong = next((word for word in words if not _is_key(word)), None)
    if wrong is None:
        return None
    if isinstance(given, int):
        return f"expected a key {_EXAMPLE}; without them this is the number {given}"
    return f"there is no key {shown(wrong)}{_near_key(wrong)}"


def _is_key(key: str) -> bool:
    if len(key) == 1:
        return True
    *modifiers, name = key.split("+")
    if not set(modifiers) <= _MODIFIERS or not name:
        return False
    character = _character(name)
    return name in _NAMES or (character is not None and _normal([character]) == [name])


def _character(key: str) -> str | None:
    """The character that a key types; None if it types none."""
    if key in _NAMES or "+" in key:
        return None
    # Each of the two knows names that the other does not.
    return next((text for text in (key_to_character(key), format_key(key)) if text and len(text) == 1), None)


def _near_key(key: str) -> str:
    *modifiers, name = key.split("+")
    meant = [nearest(word, _MODIFIERS) or word for word in modifiers]
    meant.append(name if _is_key(name) else nearest(name, _NAMES) or name)
    guess = "+".join(meant)
    return f"; did you mean {guess}?" if _is_key(guess) else ""


def _never_reached(action: str, keys: list[str], actions: Actions) -> str | None:
    for key in keys:
        if key in actions.taken and key not in actions.keys[action].split(","):
            return f"{key} is always {actions.taken[key]}"
        if action in actions.typing and _character(key) is not None:
            return f"{key} is typed there and cannot be a key"
    return None


def _without_clashes(wanted: Mapping[str, str], actions: Actions, problems: list[str]) -> dict[str, str]:
    """Drop what takes a key from another action of its place, the later in the file first."""
    taken = dict(wanted)
    while (clash := _clash(taken, actions)) is not None:
        action, key, other = clash
        del taken[action]
        problems.append(_told(action, f"{key} is the key of {other}", actions))
    return taken


def _clash(wanted: Mapping[str, str], actions: Actions) -> tuple[str, str, str] | None:
    for action in reversed(list(wanted)):
        keys = wanted[action].split(",")
        for place in actions.places:
            if action not in place:
                continue
            for other in sorted(set(place) - {action}):
                theirs = set(_normal(wanted.get(other, actions.keys[other]).split(",")))
                # A panel's `/` before the screen's is meant.
                meant = set(_normal(actions.keys[action].split(","))) & set(_normal(actions.keys[other].split(",")))
                both = next((key for key in keys if key in theirs - meant), None)
                if both is not None:
                    return action, both, other
    return None
