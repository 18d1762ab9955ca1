"""The least a Textual application can be: what the first paint of ours is compared with."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static

#: What is on its screen.
READY = "nothing to see"


class EmptyApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Static(READY)


if __name__ == "__main__":
    EmptyApp().run()
