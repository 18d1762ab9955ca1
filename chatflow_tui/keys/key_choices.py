"""What can be done on a screen now, with which keys, and what cannot be done and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from chatflow_tui.keys.key_groups import ENDS, KEY_GROUPS, LINES, PAGES
from chatflow_tui.keys.key_words import key_labels

#: Keys that everybody tries anyway.
_MOVES = (LINES, PAGES, ENDS)

# The ids of the keys that are for a panel, whoever has bound them, or what these ids begin with.
_ABOUT = {
    "features": ("features", "instances"),
    "instances": ("instances", "instance", "phase.record", "phase.inspect"),
    "timeline": ("timeline", "phase", "attempt", "instance"),
    "prompt": ("text", "texts", "attempt"),
    "response": ("text", "texts", "attempt"),
}

_REFUSALS = {
    "need_text": "only in a text (4, 5)",
    "tell_rendered": "only in a text as it was written (m)",
}

_PLACE = {name: place for place, name in enumerate(name for names in KEY_GROUPS.values() for name in names)}


@runtime_checkable
class TellsWhyNot(Protocol):
    """A screen that knows why something cannot be done now."""

    def why_not(self, action: str) -> str | None:
        """Say why an action cannot be done now; None if it can."""


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """Something that a key does.

    Attributes:
        binding: What it is, without its keys.
        node: Whose key it is.
        keys: All of its keys, as Textual calls them.
        is_of_panel: Whether it is a key of what has the focus, and not of the screen around it.
        refusal: Why it cannot be done now; None if it can.
    """

    binding: Binding
    node: DOMNode
    keys: tuple[str, ...]
    is_of_panel: bool
    refusal: str | None = None

    @property
    def name(self) -> str:
        """The id of the binding."""
        return self.binding.id or ""

    @property
    def label(self) -> str:
        """The keys, for the reader."""
        return " ".join(key_labels(self.keys))

    @property
    def meaning(self) -> str:
        """What it does, in a line."""
        return self.binding.tooltip or self.binding.description

    @property
    def is_move(self) -> bool:
        """Whether it only goes up and down."""
        return self.binding.group in _MOVES

    async def run(self, app: App[Any]) -> None:
        """Do it."""
        if self.node.is_attached:
            await app.run_action(self.binding.action, self.node)


def key_choices(screen: Screen[Any]) -> list[KeyChoice]:
    """List what the keys of a screen and of what has the focus do; those of Textual itself are left out.

    Args:
        screen: The screen.
    """
    keys: dict[tuple[str, str], list[str]] = {}
    found: dict[tuple[str, str], tuple[DOMNode, Binding]] = {}
    for key, (node, binding, _, _) in screen.active_bindings.items():
        if binding.id is not None:
            keys.setdefault((binding.id, binding.action), []).append(key)
            found.setdefault((binding.id, binding.action), (node, binding))
    return [
        KeyChoice(binding, node, tuple(keys[which]), node not in (screen, screen.app), why_not(screen, binding.action))
        for which, (node, binding) in found.items()
    ]


def why_not(screen: Screen[Any], bound: str) -> str | None:
    """Say why what a key is bound to cannot be done now; None if it can."""
    name, _, argument = bound.partition("(")
    action = name.rpartition(".")[2]
    if action == "refuse":
        action = argument.strip("')")  # it stands for what is hidden
    known = screen.why_not(action) if isinstance(screen, TellsWhyNot) else None
    return known or _REFUSALS.get(action)


def panel_of(screen: Screen[Any]) -> str:
    """Name the panel that has the focus, as its id does; empty if the screen has none."""
    nodes = screen.focused.ancestors_with_self if screen.focused is not None else ()
    named = next((node.id for node in nodes if node.id and node.has_class("panel")), "")
    return named.removeprefix("said-")


def is_for(panel: str, name: str) -> bool:
    """Tell whether a key is for a panel, whoever has bound it.

    Args:
        panel: The panel, as `panel_of` names it.
        name: The id of the binding.
    """
    about = _ABOUT.get(panel, ())
    return name in about or name.partition(".")[0] in about


def key_sections(choices: Iterable[KeyChoice], panel: str) -> dict[str, list[KeyChoice]]:
    """Sort what the keys do: first what is for the panel, then the rest by what it is for, at last what cannot be done.

    Args:
        choices: What the keys do.
        panel: The panel that has the focus, as `panel_of` names it.
    """
    first, here, last = panel.capitalize() or "Here", "This screen", "Not now"
    sections: dict[str, list[KeyChoice]] = {name: [] for name in (first, here, *KEY_GROUPS, last)}
    groups = {name: group for group, names in KEY_GROUPS.items() for name in names}
    for choice in sorted(choices, key=lambda choice: (choice.name != "list.choose", _PLACE.get(choice.name, -1))):
        if choice.refusal is not None:
            sections[last].append(choice)
        elif choice.is_move:
            sections["Move"].append(choice)
        elif choice.is_of_panel or is_for(panel, choice.name):
            sections[first].append(choice)
        else:
            sections[groups.get(choice.name, here)].append(choice)
    return {name: rows for name, rows in sections.items() if rows}
