"""The modes of a terminal, such as echo, taken and put back. Windows has none, and Textual looks after its console."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

try:
    import termios
except ImportError:  # Windows
    termios = None  # type: ignore[assignment]


def modes_of(number: int) -> list[Any] | None:
    """Take the modes of the terminal behind a file descriptor; None if there are none."""
    if termios is None:
        return None
    try:
        return termios.tcgetattr(number)
    except (OSError, termios.error):
        return None


def put_back(number: int, modes: list[Any] | None, *, drops_input: bool = False) -> None:
    """Put the modes of a terminal back, if it is still there.

    Args:
        number: Its file descriptor.
        modes: What `modes_of` gave.
        drops_input: Whether what was typed and not read yet is forgotten.
    """
    if termios is None or modes is None:
        return
    with suppress(OSError, termios.error):
        termios.tcsetattr(number, termios.TCSAFLUSH if drops_input else termios.TCSANOW, modes)
