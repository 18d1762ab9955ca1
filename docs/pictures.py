"""Make the pictures of the documentation from the demo, so that they show what the program shows.

Run it as ``python docs/pictures.py``; it rewrites ``docs/*.svg``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from textual.widgets import Input, TextArea

from chatflow_tui.app import ChatFlowApp
from chatflow_tui.settings.settings import Settings

_HERE = Path(__file__).resolve().parent
_STORE = ".chatflow"

# All of them show the same moment.
_NOW = 1_800_000_000.0

_TO_A_RICH_INSTANCE = (*("j",) * 9, "left_square_bracket")

# Completed, after one phase of it had failed and was retried; its last phase is the one that is shown.
_TO_A_RETRIED_INSTANCE = ("/", *"id:f2ca5c", "enter")
_MARK_ANOTHER = ("/", *"id:f2a752", "enter", "v", "escape")
_TO_THE_RETRIED_PHASE = (*_TO_A_RETRIED_INSTANCE, "left_square_bracket")

# Name of the picture, size in cells, keys pressed before it is taken, and the theme.
_PICTURES = (
    ("dashboard", (120, 38), (*_TO_A_RICH_INSTANCE, "1", "j", "right", "2"), "textual-dark"),
    ("light", (120, 38), (*_TO_A_RICH_INSTANCE, "4"), "textual-light"),
    ("narrow", (60, 24), (*_TO_A_RICH_INSTANCE, "5"), "textual-dark"),
    ("finding", (100, 24), (*_TO_A_RICH_INSTANCE, "5", "z", "#", "/", *"test", "enter"), "textual-dark"),
    ("rendered", (100, 24), (*_TO_A_RETRIED_INSTANCE, *("left_square_bracket",) * 4, "5", "z", "m"), "textual-dark"),
    ("search", (110, 28), ("S", *"retry", "tab", "j"), "textual-dark"),
    (
        "diff",
        (120, 28),
        (*_MARK_ANOTHER, *_TO_A_RETRIED_INSTANCE, *("left_square_bracket",) * 3, "5", "d"),
        "textual-dark",
    ),
    ("history", (120, 34), (*_TO_A_RETRIED_INSTANCE, "H", "H", "H"), "textual-dark"),
    ("details", (100, 30), (*_TO_THE_RETRIED_PHASE, "i"), "textual-dark"),
    ("times", (110, 24), ("t",), "textual-dark"),
    (
        "advance",
        (100, 30),
        (*("j",) * 5, "a", "tab", "tab", *"summary:", "space", *"limits", "space", *"per", "space", *"key"),
        "textual-dark",
    ),
    ("create", (100, 34), ("c",), "textual-dark"),
    ("record", (100, 30), ("j", "p"), "textual-dark"),
)

# Textual makes it of all that is shown: were it kept, a changed word would change every line of the file.
_UNIQUE_PREFIX = re.compile(r"terminal-\d+-")

_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


async def _take(name: str, size: tuple[int, int], keys: tuple[str, ...], theme: str) -> None:
    app = ChatFlowApp(lambda: _STORE, _STORE, clock=lambda: _NOW, settings=Settings(theme=theme))
    async with app.run_test(size=size) as pilot:
        for key in (None, *keys):
            if key is not None:
                await pilot.press(key)
            # Texts are read in a thread: wait until nothing more is under way.
            for _ in range(10):
                await pilot.pause(0.05)
        for field in app.screen.query("Input, TextArea").results(Input | TextArea):
            field.cursor_blink = False
        await pilot.pause()
        svg = app.export_screenshot(title="chatflow-tui")
    # Pictures load nothing from elsewhere: the reader's own monospaced font will do.
    svg = _FONT_FACE.sub("", svg).replace("Fira Code", "ui-monospace, Menlo, Consolas")
    # Some viewers drop the blanks at both ends of a text, and columns go awry.
    svg = svg.replace("<text ", '<text xml:space="preserve" ')
    svg = _UNIQUE_PREFIX.sub("screen-", svg)
    (_HERE / f"{name}.svg").write_text(svg, encoding="utf-8")


def main() -> None:
    """Make all pictures on one demo store."""
    # Times of day are those of the same place everywhere.
    os.environ["TZ"] = "UTC"
    os.environ.pop("NO_COLOR", None)
    time.tzset()
    with tempfile.TemporaryDirectory() as directory:
        store, now = str(Path(directory, _STORE)), str(_NOW)
        command = [sys.executable, "-m", "chatflow_tui.demo", store, "--once", "--seed", "7", "--now", now]
        subprocess.run(command, check=True)  # noqa: S603 - our own interpreter and module
        with contextlib.chdir(directory):
            for picture in _PICTURES:
                asyncio.run(_take(*picture))


if __name__ == "__main__":
    main()
