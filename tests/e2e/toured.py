"""The program, noting which widgets it paints; without the backstop that would hide what a widget lets through.

`python -m tests.e2e.toured` is `chatflow-tui`; at its end it writes the names of the classes of all widgets that were
in sight to the file that `TOURED` names.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textual.app import App
from textual.filter import LineFilter
from textual.screen import Screen

import chatflow_tui.app
from chatflow_tui.app import ChatFlowApp
from chatflow_tui.cli import main

PAINTED: set[str] = set()


class TouredApp(ChatFlowApp):
    """Shows what `ChatFlowApp` shows."""

    CSS_PATH = str(Path(chatflow_tui.app.__file__).with_name(ChatFlowApp.CSS_PATH))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Leave out the filter for control characters: every widget must do without it."""
        return App.get_line_filters(self)

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        super()._display(screen, renderable)
        for widget in (screen, *screen._compositor.visible_widgets):
            PAINTED.update(kind.__name__ for kind in type(widget).__mro__ if kind.__module__.startswith("chatflow_tui"))


if __name__ == "__main__":
    chatflow_tui.app.ChatFlowApp = TouredApp  # type: ignore[misc]  # what the command makes
    code = main()
    Path(os.environ["TOURED"]).write_text("\n".join(sorted(PAINTED)))
    sys.exit(code)
