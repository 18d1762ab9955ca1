"""The line that tells a newcomer the first keys."""

from __future__ import annotations

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from chatflow_tui.keys.key_words import key_labels

# The ids of the bindings, and what is said of their keys.
_TOLD = (
    ("help", "lists the keys"),
    ("list.choose", "goes deeper"),
    ("quit", "quits"),
    ("back", "hides this line"),
)


class FirstHint(Static):
    """Shown until it is not needed any more; it has a line of its own, so it covers nothing."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    FirstHint {
        display: none;
        height: 1;
        width: 1fr;
        padding: 0 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        color: $text-primary;
        background: $primary-muted;
        &:ansi { background: $background; text-style: reverse; }
        &.-open { display: block; }
    }
    """

    class Dismissed(Message):
        """The reader does not need it any more."""

    def __init__(self) -> None:
        """Make a hidden line."""
        super().__init__(markup=False)

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-open")

    def show(self) -> None:
        """Tell the keys as they are now."""
        keys: dict[str, list[str]] = {}
        for key, active in self.screen.active_bindings.items():
            keys.setdefault(active.binding.id or "", []).append(key)
        told = [f"{key_labels(keys[name])[0]} {words}" for name, words in _TOLD if name in keys]
        self.update(Content(" · ".join(told)))
        self.add_class("-open")

    def dismiss(self) -> None:
        """Hide it for good."""
        if self.is_open:
            self.remove_class("-open")
            self.post_message(self.Dismissed())

    def on_click(self, event: Click) -> None:
        """Go."""
        event.stop()
        self.dismiss()
