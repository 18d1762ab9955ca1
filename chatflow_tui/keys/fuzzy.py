"""Finds names of which only some letters were typed. Takes time that grows with a name's length and no faster."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: As much of a name as is looked at, and of what is typed, in characters.
MOST_OF_NAME, MOST_OF_QUERY = 200, 60

_WHOLE, _WORD, _PART, _LETTERS = 1.0, 0.8, 0.6, 0.3


@dataclass(frozen=True, slots=True)
class Match:
    """How well a name has what was typed.

    Attributes:
        score: From just above 0 to 1.
        places: Where in the name the letters stand.
    """

    score: float
    places: tuple[int, ...]


class FuzzyQuery:
    """Words that a name must have, in any order; of each of them the letters in their order."""

    def __init__(self, typed: str) -> None:
        """Take over what was typed; case does not matter."""
        words = typed[:MOST_OF_QUERY].split()
        # Each letter where it comes first: there is one way to match, so nothing is tried twice.
        patterns = [(re.escape(word), "".join(map(_letter, word))) for word in words]
        self._words = [
            (re.compile(whole, re.IGNORECASE), re.compile(letters, re.IGNORECASE)) for whole, letters in patterns
        ]

    def match(self, name: str) -> Match | None:
        """Look at a name; None if it does not match."""
        name = name[:MOST_OF_NAME]
        score, places = 1.0, list[int]()
        for whole, letters in self._words:
            found = letters.match(name)
            if found is None:
                return None
            as_typed = whole.search(name)
            if as_typed is not None:
                start, end = as_typed.span()
                places += range(start, end)
                score = min(score, _quality(name, start, end))
            else:
                spans = [found.start(number) for number in range(1, letters.groups + 1)]
                places += spans
                score = min(score, _LETTERS * letters.groups / (1 + spans[-1] - spans[0]))
        return Match(score, tuple(places))


def _letter(letter: str) -> str:
    escaped = re.escape(letter)
    return f"[^{escaped}]*+({escaped})"


def _quality(name: str, start: int, end: int) -> float:
    if end - start == len(name):
        return _WHOLE
    begins = start == 0 or not name[start - 1].isalnum()
    # Of two that have it, the one with less beside it.
    return (_WORD if begins else _PART) + 0.1 * (end - start) / len(name)
