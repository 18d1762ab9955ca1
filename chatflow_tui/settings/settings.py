"""What the user may set, and reading it strictly: a mistake is told, and costs only its own setting.

The file is YAML; `MEANINGS` says what there is. Keys are set by the id of
their action, as `chatflow-tui --print-config` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from textwrap import wrap
from typing import Any

from chatflow_tui.lists.attention import Patience
from chatflow_tui.settings.key_settings import KEYS, Actions, read_keys
from chatflow_tui.settings.setting_words import near, shown

_COMMENT_WIDTH = 98


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user has set; everything else is as it comes.

    Attributes:
        theme: Name of a theme of Textual.
        rendered: Whether small texts are shown as rendered Markdown at first.
        bell: Whether the terminal's bell rings when a phase ends or fails while the terminal has no focus.
        animation: Whether anything moves or glows.
        stalled_after_minutes: Minutes without a change after which a running instance needs the reader.
        dormant_after_days: Days after which it does not any more.
        keys: Keys by the id of their action, as Textual calls them, separated by commas.
    """

    theme: str = "textual-dark"
    rendered: bool = False
    bell: bool = False
    animation: bool = True
    stalled_after_minutes: float = 30.0
    dormant_after_days: float = 7.0
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def patience(self) -> Patience:
        """How long a running instance may stay untouched."""
        return Patience(self.stalled_after_minutes * 60, self.dormant_after_days * 86_400)

    def without_animation(self) -> Settings:
        """Give the same settings, but nothing moves or glows."""
        return replace(self, animation=False)


#: What each setting means, in the order of the file.
MEANINGS = {
    "theme": "the colours; one of: {themes}",
    "rendered": "small prompts and responses are shown as rendered Markdown at first (m turns it round)",
    "bell": "the bell rings when a phase ends or fails while the terminal has no focus",
    "animation": "changed rows glow and the cursor blinks; false for slow lines, as --no-animation",
    "stalled_after_minutes": "a running instance nobody touched for so many minutes needs you (e goes there)",
    "dormant_after_days": "after so many days it was put aside and needs nobody any more",
    KEYS: "keys by the id of their action, several with commas; uncomment to change",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What exists to choose from.

    Attributes:
        themes: Names of the themes.
        actions: What keys can be set for.
    """

    themes: Collection[str]
    actions: Actions


class _WrongError(Exception):
    """A value cannot be taken; the message says why."""


def read_settings(document: Any, known: Known) -> tuple[Settings, list[str]]:
    """Take over what can be taken.

    Args:
        document: The file's value; None for an empty file.
        known: What there is to choose from.

    Returns:
        The settings, with the default for whatever was wrong, and a line for
        each mistake, which names the key and the nearest one there is.
    """
    if document is None:
        return Settings(), []
    if not isinstance(document, dict):
        return Settings(), [f"expected keys and values such as 'theme: nord', got {shown(document)}"]
    names = [each.name for each in fields(Settings)]
    readers = _readers(known)
    settings, problems = Settings(), list[str]()
    for key, value in document.items():
        if key not in names:
            problems.append(f"{shown(key)}: there is no such setting{near(key, names)}")
        elif key == KEYS:
            keys, wrong = read_keys(value, known.actions)
            settings = replace(settings, keys=keys)
            problems += wrong
        else:
            try:
                settings = replace(settings, **{key: readers[key](value)})
            except _WrongError as error:
                default = shown(getattr(Settings(), key))
                problems.append(f"{key}: {error}; the default {default} is used")
    if settings.dormant_after_days * 86_400 <= settings.stalled_after_minutes * 60:
        problems.append("dormant_after_days: must be longer than stalled_after_minutes; the defaults of both are used")
        usual = Settings()
        settings = replace(
            settings, stalled_after_minutes=usual.stalled_after_minutes, dormant_after_days=usual.dormant_after_days
        )
    return settings, problems


def print_settings(known: Known, place: str) -> str:
    """Write a file in which every default stands, explained and commented out.

    Args:
        known: What there is to choose from.
        place: Where the file is read from.
    """
    default = Settings()
    lines = [f"# Settings of chatflow-tui, read at its start from {place}", "# Uncomment what you change."]
    for name, meaning in MEANINGS.items():
        words = meaning.format(themes=", ".join(sorted(known.themes)))
        lines += ["", *(f"# {line}" for line in wrap(words, _COMMENT_WIDTH))]
        if name == KEYS:
            lines.append(f"# {KEYS}:")
            lines += [
                f"#   {action}: {_quoted(keys)}  # {known.actions.words.get(action, '')}".removesuffix("  # ")
                for action, keys in known.actions.keys.items()
            ]
        else:
            lines.append(f"# {name}: {shown(getattr(default, name))}")
    return "\n".join(lines) + "\n"


def _readers(known: Known) -> dict[str, Callable[[Any], Any]]:
    def theme(value: Any) -> str:
        if not isinstance(value, str) or value not in known.themes:
            raise _WrongError(f"there is no theme {shown(value)}{near(value, known.themes)}")
        return value

    return {
        "theme": theme,
        "rendered": _flag,
        "bell": _flag,
        "animation": _flag,
        "stalled_after_minutes": _positive,
        "dormant_after_days": _positive,
    }


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _WrongError(f"expected true or false, got {shown(value)}")
    return value


def _positive(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise _WrongError(f"expected a number greater than 0, got {shown(value)}")
    return float(value)


def _quoted(keys: str) -> str:
    return '"' + keys.replace("\\", "\\\\").replace('"', '\\"') + '"'
