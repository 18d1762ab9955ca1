"""All actions of all screens and panels, with their keys: what the user can set keys for."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode

from chatflow_tui import screens
from chatflow_tui.screens.dashboard import Dashboard
from chatflow_tui.screens.diff import DiffScreen
from chatflow_tui.screens.history import HistoryScreen
from chatflow_tui.screens.search import SearchScreen
from chatflow_tui.settings.key_settings import Actions
from chatflow_tui.terminal.stopping import StoppableApp
from chatflow_tui.widgets.diff_view import DiffView
from chatflow_tui.widgets.feature_list import FeatureList
from chatflow_tui.widgets.filter_bar import FilterBar
from chatflow_tui.widgets.find_bar import FindBar
from chatflow_tui.widgets.instance_table import InstanceTable
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.rendered_text import RenderedText
from chatflow_tui.widgets.text_pane import TextPane
from chatflow_tui.widgets.text_view import TextView
from chatflow_tui.widgets.timeline import Timeline

_OURS = "chatflow_tui."

# Whose keys are heard at the same time. Every other class with keys stands for itself.
_TOGETHER: tuple[tuple[type[DOMNode], ...], ...] = (
    (Dashboard, FeatureList),
    (Dashboard, InstanceTable),
    (Dashboard, Timeline),
    (Dashboard, TextPane, TextView),
    (Dashboard, TextPane, RenderedText),
    (HistoryScreen, LineList),
    (HistoryScreen, TextPane, TextView),
    (HistoryScreen, TextPane, RenderedText),
    (DiffScreen, DiffView),
    (Dashboard, StoppableApp),
)

# Where the user types.
_TYPING = (FilterBar, FindBar, SearchScreen)


def known_bindings() -> dict[str, list[Binding]]:
    """Gather the bindings of all screens and panels by their ids, in the order of the screens."""
    bindings: dict[str, list[Binding]] = {}
    for cls in sorted(dict.fromkeys(_ours()), key=_place):
        for binding in _own(cls):
            if binding.id is not None:
                bindings.setdefault(binding.id, []).append(binding)
    return bindings


def known_actions() -> Actions:
    """Gather what keys can be set for, in the order of the screens."""
    own, known = _ours(), known_bindings()
    keys = {name: bindings[0].key for name, bindings in known.items()}
    words = {name: _meaning(bindings) for name, bindings in known.items()}
    groups: list[tuple[type[DOMNode], ...]] = [*_TOGETHER, *((cls,) for cls in own)]
    places = [frozenset(_ids(*group)) for group in groups if _ids(*group)]
    typing = frozenset(name for cls in own if issubclass(cls, _TYPING) for name in _ids(cls))
    taken = {binding.key: binding.description for binding in Binding.make_bindings(App.BINDINGS)}
    return Actions(keys, words, tuple(dict.fromkeys(places)), typing, taken)


def _ours() -> list[type[DOMNode]]:
    for name in screens.__all__:
        getattr(screens, name)  # imports it
    return [cls for cls in _below(DOMNode) if cls.__module__.startswith(_OURS)]


def _meaning(bindings: list[Binding]) -> str:
    return next(binding.tooltip or binding.description for binding in bindings)


def _place(cls: type[DOMNode]) -> tuple[int, str]:
    # What everybody uses first.
    first = (Dashboard, LineList, TextPane, TextView)
    return (first.index(cls) if cls in first else len(first), cls.__name__)


def _below(cls: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for child in cls.__subclasses__():
        yield child
        yield from _below(child)


def _own(cls: type[DOMNode]) -> Iterator[Binding]:
    yield from (binding for binding in cls.__dict__.get("BINDINGS", ()) if isinstance(binding, Binding))


def _ids(*classes: type[DOMNode]) -> list[str]:
    """The ids of all actions that these classes have, their own and those of their ancestors of ours."""
    return [
        binding.id
        for cls in classes
        for ancestor in cls.__mro__
        if issubclass(ancestor, DOMNode) and ancestor.__module__.startswith(_OURS)
        for binding in _own(ancestor)
        if binding.id is not None
    ]
