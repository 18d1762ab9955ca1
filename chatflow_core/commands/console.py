"""Where the command writes: data to standard output, words to standard error.

What goes to a terminal is made harmless first; what goes to a file or a pipe is what is stored, byte for byte.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import IO, Any, TextIO

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def one_line(text: str) -> str:
    """Make a name harmless to show, on one line."""
    if text.isascii() and text.isprintable():
        return text
    from chatflow_core.harmless_text import plain_name  # noqa: PLC0415 - most names do without its tables

    return plain_name(text)


class Console:
    """Standard output and standard error of one run of the command."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        """Look at where the output goes.

        Args:
            out: Takes the data.
            err: Takes the words.
        """
        self._out = out
        self._err = err
        self.is_terminal = out.isatty()
        self.is_coloured = self.is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    @property
    def width(self) -> int | None:
        """Columns of the terminal; None if the output goes elsewhere and need not fit."""
        if not self.is_terminal:
            return None
        columns = os.environ.get("COLUMNS", "")
        if columns.isascii() and columns.isdecimal() and int(columns) > 0:
            return int(columns)
        try:
            return os.get_terminal_size(self._out.fileno()).columns or None
        except (OSError, ValueError):
            return None

    def line(self, text: str = "") -> None:
        """Write a line of data that is harmless already."""
        self._out.write(f"{text}\n")

    def styled(self, text: str, *styles: str) -> str:
        """Give a text its colours, where there are any."""
        if not self.is_coloured or not text or not any(styles):
            return text
        codes = ";".join(_STYLES[style] for style in styles if style)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def text(self, data: bytes) -> None:
        """Write a text that is stored: harmless to a terminal, as it is to anything else."""
        if self.is_terminal:
            from chatflow_core.harmless_text import plain_lines  # noqa: PLC0415 - only terminals need it

            shown = plain_lines(data.decode(errors="replace"))
            self._out.write(shown if shown.endswith("\n") or not shown else f"{shown}\n")
            return
        self._out.flush()
        binary: IO[bytes] | None = getattr(self._out, "buffer", None)
        if binary is None:
            self._out.write(data.decode(errors="replace"))
        else:
            binary.write(data)
            binary.flush()

    def json(self, value: Any) -> None:
        """Write one JSON document, indented."""
        self.line(_encoder(indent=2)(value))

    def json_lines(self, values: Iterable[Any]) -> None:
        """Write JSON documents, each on a line that is passed on at once."""
        encode = _encoder()
        for value in values:
            self.line(encode(value))
            self._out.flush()

    def json_array(self, values: Iterable[Any]) -> None:
        """Write a JSON array with a line for each of its values."""
        encode = _encoder()
        lines = ",\n".join(f"  {encode(value)}" for value in values)
        self.line(f"[\n{lines}\n]" if lines else "[]")

    def say(self, words: str) -> None:
        """Tell the reader something that is not data."""
        if not (words.isascii() and words.isprintable()):
            from chatflow_core.harmless_text import plain_lines  # noqa: PLC0415 - most messages do without its tables

            words = plain_lines(words)
        self._out.flush()
        self._err.write(f"chatflow: {words}\n")
        self._err.flush()

    def flush(self) -> None:
        """Pass on what was written."""
        self._out.flush()


def standard_console() -> Console:
    """Make the console of this process. It speaks UTF-8 wherever it runs."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
    # A program that was started without a stream has None in its place: what it was asked to do is done all the same.
    return Console(sys.stdout or _nowhere(), sys.stderr or _nowhere())


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - open until the process ends


def _encoder(indent: int | None = None) -> Callable[[Any], str]:
    import json  # noqa: PLC0415 - tables need none of it

    encode = json.JSONEncoder(ensure_ascii=False, indent=indent).encode

    def harmless(value: Any) -> str:
        text = encode(value)
        if text.isascii() and "\x7f" not in text:
            return text
        from chatflow_core.harmless_text import OBEYED  # noqa: PLC0415 - most documents do without its tables

        # What JSON leaves as it is and terminals obey: delete, C1 controls, bidi controls, halves of characters.
        # The newlines of an indented document are its own.
        return OBEYED.sub(lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text)

    return harmless
