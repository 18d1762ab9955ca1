"""When Python looks for objects that only refer to each other any more, and takes their memory back.

Closed screens are such objects, and so is what Textual makes for the styles of
the parts of a widget each time these change, which is whenever the focus moves.
Left to Python's own measure, minutes of keys were tens of megabytes.
"""

from __future__ import annotations

import gc

# At the start, what is made stays: modules, widgets, rows. Walking them again and again is an eighth of the start.
_OBJECTS_AT_START = 50_000

# Afterwards: so many objects more than before, and the young ones are walked, which takes 3 ms; every third time those
# that outlived one walk; every second time of these all, once they have grown by a quarter.
_OBJECTS, _WALKS_OF_YOUNG, _WALKS_OF_OLDER = 5_000, 2, 1


def collect_seldom() -> None:
    """Look seldom, while the program starts."""
    gc.set_threshold(_OBJECTS_AT_START)


def collect_often() -> None:
    """Look often, and never again at what is there by now; for a process that is nothing but the program.

    To be called when all is imported: it stays for ever, and is five times as much as all the screens show. To walk it
    would keep the screen waiting for 50 ms.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS, _WALKS_OF_YOUNG, _WALKS_OF_OLDER)
