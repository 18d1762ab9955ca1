"""The title of the terminal's window or tab: the program's name, and how many instances need the reader.

Only ever a number: names come from files, and a title is an escape sequence.
"""

from __future__ import annotations

from textual.app import App

# XTWINOPS: xterm, kitty, iTerm2, foot, VTE and tmux keep a stack of titles, others pay no heed.
_KEEP, _PUT_BACK = "\x1b[22;2t", "\x1b[23;2t"


class TerminalTitle:
    """Writes the title when it changes, and puts the former one back at the end."""

    def __init__(self) -> None:
        """Write nothing yet."""
        self._shown: int | None = None

    def show(self, app: App[object], count: int) -> None:
        """Say how many instances need the reader."""
        if count == self._shown:
            return
        keep = _KEEP if self._shown is None else ""
        self._shown = count
        _write(app, f"{keep}\x1b]2;ChatFlow{f' ({count})' if count else ''}\x07")

    def put_back(self, app: App[object]) -> None:
        """Leave the title as it was found."""
        if self._shown is not None:
            self._shown = None
            _write(app, _PUT_BACK)


def _write(app: App[object], sequence: str) -> None:
    driver = app._driver
    if driver is not None:
        driver.write(sequence)
