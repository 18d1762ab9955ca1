"""A tour of everything the screen shows: the keys to press, and what tells that they have been obeyed.

Whoever adds a screen, a panel or a dialog adds a stop here; `test_hostile_text.py` names the widgets no stop shows.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

from tests.e2e.terminal import Terminal

ENTER, ESCAPE, DOWN = "\r", "\x1b", "\x1b[B"
# Together they empty a text area.
_F7, _BACKSPACE = "\x1b[18~", "\x7f"


_MOST_SECONDS, _MOST_SECONDS_TO_PAINT = 60.0, 1.0


class Stop(NamedTuple):
    """One stop of the tour.

    Attributes:
        keys: What is pressed.
        shows: What the screen says when they have been obeyed.
        hides: What it says no longer.
        echoes: Whether a text of the store is in sight, which then stands there literally.
        clicks: The words to click on, instead of pressing keys.
    """

    keys: str
    shows: str
    hides: str = "\0"
    echoes: bool = True
    clicks: str = ""


def _pasted(text: str) -> str:
    """What a terminal sends when a text is pasted."""
    return f"\x1b[200~{text}\x1b[201~"


_BACK = "2 Instances"

#: From the dashboard and back to it, on the instance that was changed last. An escape is a stop of its own:
#: with a key behind it, it would be taken for that key with alt.
TOUR = (
    Stop("", "in the settings", echoes=False),
    Stop(ESCAPE, _BACK, "in the settings"),
    # Panels, alone and together
    Stop("", "5 Response · "),
    Stop("z", "2 Instances", "1 Features"),
    Stop("Gg", "2 Instances"),
    Stop("3", "3 Timeline", "2 Instances"),
    Stop("gjjk", "3 Timeline"),
    Stop("4", "4 Prompt", "3 Timeline"),
    Stop("w#", "4 Prompt"),
    Stop("1", "1 Features", "4 Prompt"),
    Stop("j" + ENTER, "2 Instances · ", "1 Features"),
    Stop("z", "1 Features"),
    Stop(ESCAPE, _BACK, "2 Instances · "),
    # Reading
    Stop("5", "good.example"),
    Stop("{", "another attempt"),
    Stop("}", "good.example", "another attempt"),
    Stop("z", "5 Response", "4 Prompt"),
    Stop("/", "find in this text"),
    Stop(_pasted("needle"), "1/2"),
    Stop(ENTER, "n N · esc"),
    Stop("n", "2/2"),
    Stop(ESCAPE, "5 Response", "n N · esc"),
    Stop("m", "5 Response", "w Wrap"),
    Stop("g", "good.example", "](http"),
    Stop("", "evil.example/hidden", clicks="good.example"),
    Stop("m", "w Wrap"),
    Stop("z", _BACK),
    Stop("d", "Diff · change"),
    Stop("dc", "unified"),
    Stop(ESCAPE, _BACK),
    # Finding
    Stop("S", "a capital makes case matter", echoes=False),
    Stop(_pasted("needle"), "lines found"),
    Stop(DOWN, "lines found"),
    Stop(ENTER, "n N · esc"),
    Stop(ESCAPE, _BACK, "n N · esc"),
    Stop("2", "/ Filter"),
    Stop("s", "Sort instances"),
    Stop(ESCAPE, _BACK, "Sort instances"),
    Stop("/", "!word"),
    Stop(_pasted("nope:[@click=app.quit]"), "nope"),
    Stop(ESCAPE, "7 instances", "nope"),
    Stop("f", "FROZEN"),
    Stop("f", _BACK, "FROZEN"),
    # Explaining
    Stop("i", "run 2"),
    Stop("G", "esc closes"),
    Stop(ESCAPE, _BACK, "esc closes"),
    Stop("H", "3 History"),
    Stop("k", "run 1"),
    Stop(ESCAPE, "1 Features", "3 History"),
    Stop("t", "completed runs"),
    Stop(ESCAPE, _BACK),
    Stop("v", "Marked"),
    # Acting
    Stop("a", "● begins"),
    Stop("u", "read as"),
    Stop(_pasted("[@click=app.quit]: *x"), "not YAML"),
    Stop(ESCAPE, "Cancel once more to drop what you typed"),
    Stop(_F7 + _BACKSPACE, "use last", "not YAML"),
    Stop(ESCAPE, _BACK, "● begins"),
    Stop("x", "✗ fails"),
    Stop(ESCAPE, _BACK, "✗ fails"),
    Stop("2j", "second"),
    Stop("r", "● begins"),
    Stop(ESCAPE, _BACK, "● begins"),
    Stop("k", "a · "),
    Stop("c", "New instance"),
    Stop("bro", "not YAML"),
    Stop(ESCAPE, _BACK, "New instance"),
    Stop("p", "● records"),
    Stop(ESCAPE, _BACK, "● records"),
    # Taking elsewhere
    Stop("Y", "Python call"),
    Stop("e", "Write the file"),
    Stop(ESCAPE, _BACK, "Write the file"),
    # Else
    Stop("?", "/ narrows", echoes=False),
    Stop(ESCAPE, _BACK, "/ narrows"),
    Stop(":", "an action, a feature", echoes=False),
    Stop(_pasted("status"), "feature "),
    Stop(ESCAPE, _BACK, "▔▔▔▔"),
    Stop(":", "an action, a feature", echoes=False),
    Stop(_pasted("second ·"), "instance "),  # which is in no action
    Stop(ENTER, "second · ", "▔▔▔▔"),
    # What was done, and what cannot be, told in passing
    Stop("r", "● begins"),
    Stop(ENTER, "3 need you", "● begins"),
    Stop("a", "● begins"),
    Stop(ENTER, _BACK, "✓ ends"),
    Stop("2G", _BACK),
    Stop("a", "Cannot advance"),
)


def take(tour: tuple[Stop, ...], programs: Mapping[Terminal, str]) -> None:
    """Make a tour, with several programs at once: each works while the others are looked at.

    Args:
        tour: The stops.
        programs: For each of them, what is to be seen wherever a text of its store is.
    """
    for stop in tour:
        _press(stop.keys, list(programs))
        for shown, literally in programs.items():
            try:
                _wait_for(stop, shown, literally)
            except AssertionError:
                raise AssertionError(f"{stop} and {literally!r} were not shown:\n{shown.text}") from None


def _press(keys: str, programs: list[Terminal]) -> None:
    """Press keys one after the other, each when the one before has been painted: one may move the focus."""
    for key in [keys] if keys.startswith("\x1b") else keys:
        before = [len(shown.raw) for shown in programs]
        for shown in programs:
            shown.send(key)
        for shown, size in zip(programs, before, strict=True):
            # Not every key changes something.
            deadline = time.monotonic() + _MOST_SECONDS_TO_PAINT
            while len(shown.raw) == size and time.monotonic() < deadline:
                shown.read()


def _wait_for(stop: Stop, shown: Terminal, literally: str) -> None:
    deadline, seen = time.monotonic() + _MOST_SECONDS, -1
    while True:
        if len(shown.raw) != seen:  # finding out what is on the screen takes as long as painting it
            seen = len(shown.raw)
            text = shown.text
            if stop.shows in text and stop.hides not in text and (literally in text or not stop.echoes):
                return
        if stop.clicks:
            # Again and again: the first click may come while what is clicked on still moves.
            shown.send(_click(shown, stop.clicks))
            shown.read(1.0)
        assert time.monotonic() < deadline
        shown.read()


def _click(shown: Terminal, words: str) -> str:
    """What a terminal sends for a click on these words; nothing where they are not in sight."""
    line = shown.line_with(words)
    column = shown.lines[line].find(words)
    return "".join(f"\x1b[<0;{column + 2};{line + 1}{end}" for end in "Mm") if column >= 0 else ""
