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

from chatflow_tui.app import ChatFlowApp
from chatflow_tui.settings import Settings

_HERE = Path(__file__).resolve().parent
_STORE = ".chatflow"

# All of them show the same moment.
_NOW = 1_800_000_000.0

_TO_A_RICH_INSTANCE = (*("j",) * 9, "left_square_bracket")

# Name of the picture, size in cells, keys pressed before it is taken, and the theme.
_PICTURES = (
    ("dashboard", (120, 38), (*_TO_A_RICH_INSTANCE, "1", "j", "right", "2"), "textual-dark"),
    ("light", (120, 38), (*_TO_A_RICH_INSTANCE, "4"), "textual-light"),
    ("narrow", (60, 24), (*_TO_A_RICH_INSTANCE, "5"), "textual-dark"),
    ("finding", (100, 24), (*_TO_A_RICH_INSTANCE, "5", "z", "#", "/", *"the", "enter"), "textual-dark"),
    ("rendered", (100, 24), (*_TO_A_RICH_INSTANCE, "left_square_bracket", "5", "z", "m"), "textual-dark"),
    ("search", (110, 28), ("S", *"retry", "tab", "j"), "textual-dark"),
    ("diff", (120, 28), ("j", "j", "v", *("j",) * 7, *("left_square_bracket",) * 2, "5", "d"), "textual-dark"),
    ("history", (120, 34), (*("j",) * 7, "H"), "textual-dark"),
    ("details", (100, 24), (*_TO_A_RICH_INSTANCE, "i"), "textual-dark"),
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
        svg = app.export_screenshot(title="chatflow-tui")
    # Pictures load nothing from elsewhere: the reader's own monospaced font will do.
    svg = _FONT_FACE.sub("", svg).replace("Fira Code", "ui-monospace, Menlo, Consolas")
    (_HERE / f"{name}.svg").write_text(svg, encoding="utf-8")


def main() -> None:
    """Make all pictures on one demo store."""
    # Times of day are those of the same place everywhere.
    os.environ["TZ"] = "UTC"
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
