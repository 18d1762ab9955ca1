"""Where a few typed characters occur in a text.

Pure. Places are offsets in characters, as everywhere a text is mentioned by position.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

#: Hits that are kept. A reader steps through a few; a letter in 50 MB occurs millions of times.
MOST_HITS = 100_000

# One call into C holds back every other thread until it returns, so a large text is searched in
# pieces; between two of them a search that nobody waits for any more ends.
_PIECE = 1_000_000


@dataclass(frozen=True, slots=True)
class Hits:
    """Where a pattern occurs.

    Attributes:
        pattern: What was looked for, literally.
        starts: Offsets of the hits, in order, not overlapping.
        is_cut: Whether there may be more than the ones kept.
    """

    pattern: str
    starts: array[int] = field(default_factory=lambda: array("Q"))
    is_cut: bool = False

    def __len__(self) -> int:
        """Number of hits kept."""
        return len(self.starts)

    def span(self, index: int) -> tuple[int, int]:
        """Start and end of a hit."""
        return self.starts[index], self.starts[index] + len(self.pattern)

    def at_or_after(self, offset: int) -> int:
        """Index of the first hit that starts there or later; their number if there is none."""
        return bisect_left(self.starts, offset)

    def touching(self, start: int, end: int) -> range:
        """Indexes of the hits that have a character in a stretch of the text."""
        first = bisect_left(self.starts, start - len(self.pattern) + 1)
        return range(first, bisect_left(self.starts, end, first))


def is_exact(pattern: str) -> bool:
    """Whether upper and lower case differ for a pattern: only if it has an upper-case letter."""
    return any(character.isupper() for character in pattern)


def find_hits(text: str, pattern: str, most: int = MOST_HITS, is_stale: Callable[[], bool] = lambda: False) -> Hits:
    """Find a pattern in a text.

    Args:
        text: The text.
        pattern: Literal characters; see `is_exact` for upper and lower case. Nothing finds nothing.
        most: Number of hits after which to stop.
        is_stale: Asked now and then in a large text; true ends the search with what was found.

    Returns:
        The hits, as `str.find` would give them one after another.
    """
    starts = array("Q")
    length = len(pattern)
    if not length:
        return Hits(pattern)
    find_in = _finder(text, pattern)
    place = 0
    while place + length <= len(text):
        if is_stale():
            return Hits(pattern, starts, is_cut=True)
        # The piece ends where the last hit that begins in it would end.
        following = place + _PIECE
        find = find_in(place, min(len(text), following + length - 1))
        while (start := find(place)) >= 0:
            if len(starts) == most:
                return Hits(pattern, starts, is_cut=True)
            starts.append(start)
            place = start + length
        place = max(place, following)
    return Hits(pattern, starts)


#: Given the ends of a piece of a text: a function that finds the next hit from a place on, or -1.
_Finder = Callable[[int, int], Callable[[int], int]]


def _finder(text: str, pattern: str) -> _Finder:
    if is_exact(pattern) or all(len(_forms(character)) == 1 for character in pattern):
        return lambda _start, end: lambda place: text.find(pattern, place, end)
    if text.isascii() and pattern.isascii():
        # Three times as fast as a pattern of both cases.
        return lambda start, end: _find_lowered(text, pattern, start, end)
    search = re.compile("".join(f"[{re.escape(_forms(character))}]" for character in pattern)).search

    def find_in(_start: int, end: int) -> Callable[[int], int]:
        def find(place: int) -> int:
            match = search(text, place, end)
            return match.start() if match else -1

        return find

    return find_in


def _find_lowered(text: str, pattern: str, start: int, end: int) -> Callable[[int], int]:
    lowered = text[start:end].lower()

    def find(place: int) -> int:
        found = lowered.find(pattern, place - start)
        return found + start if found >= 0 else -1

    return find


def _forms(character: str) -> str:
    """A character in its cases, each of one character: "ß" has no upper case here."""
    cases = {character, character.lower(), character.upper()}
    return "".join(sorted(case for case in cases if len(case) == 1))
