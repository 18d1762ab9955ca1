"""What is pasted into the terminal is one text, whatever it holds.

Textual's parser takes what follows an escape character in a paste for keys, and so a pasted text
could quit the program, or advance an instance; it also looks at every character by itself, which
takes seconds for some megabytes. This one takes out what lies between the two marks of a paste
before the other sees it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.message import Message

# What may be a key of its own, escape or alt and a bracket, is not kept waiting for the rest of a mark, and
# nothing is for longer than this.
_A_KEY = 2
_SECONDS_HELD = 0.1


class PasteParser(XTermParser):
    """Reads what the terminal sends; a paste becomes one event, and nothing in it a key."""

    def __init__(self, debug: bool = False) -> None:
        """Begin outside of a paste."""
        super().__init__(debug)
        self._pasted: list[str] | None = None
        self._held = ""
        self._held_since = 0.0

    def feed(self, data: str) -> Iterable[Message]:
        """Read a piece of what the terminal sends.

        Args:
            data: The piece; empty at the end.

        Yields:
            What it means.
        """
        if not data:
            yield from super().feed(data)
            return
        rest, self._held = self._held + data, ""
        while rest:
            if self._pasted is None:
                before, mark, rest = rest.partition(BRACKETED_PASTE_START)
                if mark:
                    self._pasted = []
                else:
                    least = 1 if len(before) > _A_KEY else _A_KEY + 1
                    before = self._hold(before, BRACKETED_PASTE_START, least)
                if before:
                    yield from super().feed(before)
            else:
                before, mark, rest = rest.partition(BRACKETED_PASTE_END)
                if not mark:
                    self._pasted.append(self._hold(before, BRACKETED_PASTE_END, 1))
                    continue
                text = "".join((*self._pasted, before)).replace("\0", "")
                self._pasted = None
                if text:
                    yield events.Paste(text)

    def tick(self) -> Iterable[Message]:
        """Give up waiting for what does not come.

        Yields:
            What that means.
        """
        if self._held and self._pasted is None and time.monotonic() - self._held_since > _SECONDS_HELD:
            held, self._held = self._held, ""
            yield from super().feed(held)
        yield from super().tick()

    def _hold(self, data: str, mark: str, least: int) -> str:
        """Keep back what may be the beginning of a mark that goes on in the next piece; give the rest."""
        for length in range(len(mark) - 1, least - 1, -1):
            if data.endswith(mark[:length]):
                self._held, self._held_since = data[-length:], time.monotonic()
                return data[:-length]
        return data


def read_pastes_whole() -> None:
    """Have the drivers read the terminal with `PasteParser`; Textual offers no other way to choose a parser."""
    # Each platform has one of them, and no other can be imported there.
    try:
        from textual.drivers import linux_driver as driver  # noqa: PLC0415
    except ImportError:
        from textual.drivers import win32 as driver  # type: ignore[no-redef]  # noqa: PLC0415
    vars(driver)["XTermParser"] = PasteParser
