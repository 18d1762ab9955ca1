"""Make the pictures of the documentation from the demo, so that they show what the program shows.

Run it as ``python docs/pictures.py``; it rewrites ``docs/*.svg``.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from chatflow_tui.app import ChatFlowApp

_HERE = Path(__file__).resolve().parent
_STORE = ".chatflow"

# Name of the picture, size in cells, keys pressed before it is taken.
_PICTURES = (
    ("dashboard", (120, 38), (*("j",) * 9, "left_square_bracket")),
    (
        "advance",
        (100, 30),
        (*("j",) * 5, "a", "tab", "tab", *"summary:", "space", *"limits", "space", *"per", "space", *"key"),
    ),
)

_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


async def _take(name: str, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    app = ChatFlowApp(lambda: _STORE, _STORE)
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
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "chatflow_tui.demo", str(Path(directory, _STORE)), "--once", "--seed", "7"]
        subprocess.run(command, check=True)  # noqa: S603 - our own interpreter and module
        with contextlib.chdir(directory):
            for name, size, keys in _PICTURES:
                asyncio.run(_take(name, size, keys))


if __name__ == "__main__":
    main()
