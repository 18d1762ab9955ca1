"""When Python looks for objects that only refer to each other any more, and takes their memory back.

Closed screens are such objects, and rendered texts, and what Textual makes for
the styles of the parts of a widget each time these change, which is whenever
the focus moves. Left to Python's own measure, minutes of keys were tens of
megabytes, and it looked while a dialog was being made.
"""

from __future__ import annotations

import gc
import sys

# At the start, what is made stays: modules, widgets, rows. Walking them again and again is an eighth of the start.
_OBJECTS_AT_START = 50_000

# Afterwards the young objects are walked after so many more, which takes 5 ms, and older ones hardly ever by itself.
_OBJECTS, _WALKS_OF_YOUNG, _WALKS_OF_OLDER = 10_000, 10, 10

# Two dialogs, or some four megabytes.
_WORTH_BLOCKS = 50_000


def collect_seldom() -> None:
    """Look seldom, while the program starts."""
    gc.set_threshold(_OBJECTS_AT_START)


class Collecting:
    """Takes memory back between two things that are to be done; for a process that is nothing but the program."""

    def __init__(self) -> None:
        """From here on never look at what is there by now: all that was imported.

        It stays for ever, and is several times as much as all the screens show.
        """
        gc.freeze()
        gc.set_threshold(_OBJECTS, _WALKS_OF_YOUNG, _WALKS_OF_OLDER)
        self._kept = sys.getallocatedblocks()

    def collect_if_worth(self) -> None:
        """Look at all that was made since, if that is enough to matter."""
        if sys.getallocatedblocks() - self._kept > _WORTH_BLOCKS:
            gc.collect()
            self._kept = sys.getallocatedblocks()
