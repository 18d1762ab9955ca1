"""The line that says, loudly, that what is on the screen is not what is."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class FrozenBanner(Static):
    """Shown while the view is frozen."""

    DEFAULT_CSS = """
    FrozenBanner {
        display: none;
        height: 1;
        width: 1fr;
        text-align: center;
        color: $text;
        background: $warning-muted;
        text-style: bold;
        &.-frozen { display: block; }
        &:ansi { color: $text-warning; background: $background; text-style: bold reverse; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Make a hidden banner."""
        super().__init__(id=id)

    def show(self, waiting: int | None) -> None:
        """Say how many changes wait.

        Args:
            waiting: Their number; None if the view is not frozen.
        """
        self.set_class(waiting is not None, "-frozen")
        if waiting is not None:
            plural = "" if waiting == 1 else "s"
            changes = f"{waiting:,} change{plural} waiting" if waiting else "nothing has changed"
            self.update(Content(f"FROZEN · {changes} · f goes on"))
