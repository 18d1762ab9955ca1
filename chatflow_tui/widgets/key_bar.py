"""The line of keys at the bottom of a screen.

Textual's own footer is a widget for each key, made anew and laid out whenever
the focus moves: a third of the time until the dashboard is first painted. This
one is a single line, painted again when what it says has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content, Span
from textual.events import Click
from textual.screen import Screen
from textual.visual import VisualType
from textual.widget import Widget

from chatflow_tui.keys.key_choices import is_for, panel_of, why_not
from chatflow_tui.keys.key_words import NamesKeys

# The way out and the way to all other keys are shown however narrow the screen is.
_KEPT = frozenset({"app.help", "app.quit", "quit"})

# Blank cells before each key.
_GAP = 2


@dataclass(frozen=True, slots=True)
class OfferedKey:
    """A key that does something now, or says why not.

    Attributes:
        key: What Textual calls it.
        label: How it is shown.
        description: What it does, in a word.
        action: What it calls; a key is offered once for each action.
        is_enabled: Whether it can be pressed now.
        name: The id of its binding.
        is_of_panel: Whether it is a key of what has the focus, and not of the screen around it.
    """

    key: str
    label: str
    description: str
    action: str
    is_enabled: bool = True
    name: str = ""
    is_of_panel: bool = False

    @property
    def width(self) -> int:
        """Cells it takes, the gap before it included."""
        return _GAP + cell_len(self.label) + 1 + cell_len(self.description)


def fitting(keys: list[OfferedKey], width: int) -> list[OfferedKey]:
    """The keys that there is room for: those for help and leaving, then the others in their order."""
    room = width - sum(key.width for key in keys if key.action in _KEPT)
    shown = []
    is_cut = False
    for key in keys:
        if key.action not in _KEPT:
            room -= key.width
            is_cut = is_cut or room < 0
            if is_cut:
                continue
        shown.append(key)
    return shown


class KeyBar(Widget, can_focus=False):
    """Shows the keys that do something now, dim those that would say why not; a click on one presses it."""

    ALLOW_SELECT = False

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key", "key-bar--disabled"}

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        background: $footer-background;
        color: $footer-description-foreground;
        & > .key-bar--key { color: $footer-key-foreground; text-style: bold; }
        & > .key-bar--disabled { text-style: dim; }
    }
    """

    def __init__(self) -> None:
        """Make an empty line."""
        super().__init__()
        self._keys: list[OfferedKey] = []

    @property
    def keys(self) -> list[OfferedKey]:
        """The keys that are shown."""
        return fitting(self._keys, self.size.width)

    def on_mount(self) -> None:
        """Follow what the keys of the screen are."""
        self.screen.bindings_updated_signal.subscribe(self, self._take_keys)
        self._take_keys(self.screen)

    def _take_keys(self, screen: Screen[object]) -> None:
        if not self.is_attached or screen is not self.screen:
            return
        offered: dict[str, OfferedKey] = {}
        is_typing = screen.focused is not None and screen.focused.check_consume_key("a", "a")
        for node, binding, is_enabled, _ in screen.active_bindings.values():
            label = self.app.get_key_display(binding)
            # Textual does not know of full-width forms that they are typed into a field.
            if binding.show and binding.action not in offered and not (is_typing and len(label) == 1):
                is_of_panel = node not in (screen, self.app)
                word = (node.key_word(binding.action) if isinstance(node, NamesKeys) else None) or binding.description
                offered[binding.action] = OfferedKey(
                    binding.key, label, word, binding.action, is_enabled, binding.id or "", is_of_panel
                )
        panel = panel_of(screen)
        keys = sorted(offered.values(), key=lambda key: not (key.is_of_panel or is_for(panel, key.name)))
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def render(self) -> VisualType:
        """Render the line."""
        text, spans = "", []
        styles = {name: self.get_visual_style(name) for name in self.COMPONENT_CLASSES}
        screen = self.screen
        for key in self.keys:
            start = len(text) + _GAP
            text += f"{' ' * _GAP}{key.label} {key.description}"
            # One that is dim still says why, if it is pressed.
            if key.is_enabled and why_not(screen, key.action) is None:
                spans.append(Span(start, start + len(key.label), styles["key-bar--key"]))
            else:
                spans.append(Span(start, len(text), styles["key-bar--disabled"]))
        return Content(text, spans)

    def on_click(self, event: Click) -> None:
        """Press the key that was clicked."""
        right = 0
        for key in self.keys:
            left, right = right, right + key.width
            if left + _GAP <= event.x < right and key.is_enabled:
                self.app.simulate_key(key.key)
                event.stop()
                return
