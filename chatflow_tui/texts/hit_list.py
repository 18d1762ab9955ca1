"""The hits of a full-text search, gone through one by one. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatflow_core.search import SearchHit


@dataclass(frozen=True, slots=True)
class HitsInText:
    """Those hits of a list that are in one text; they stand together in it.

    Attributes:
        first: Number of the first of them in the list, from 1.
        lines: Their lines, from 1.
        count: Number of hits in the whole list.
        is_part: Whether there are, or may be, more hits than the list has.
    """

    first: int
    lines: tuple[int, ...]
    count: int
    is_part: bool = False

    def number(self, line: int) -> int:
        """Number in the list of the hit in a line, from 1; of the one before it, if the list has none there."""
        return self.first + max(0, bisect_right(self.lines, line) - 1)

    def words(self, line: int) -> str:
        """Say which hit of the list is in a line, such as ``"list 3/42"``."""
        return f"list {self.number(line):,}/{'first ' if self.is_part else ''}{self.count:,}"


@dataclass(frozen=True, slots=True)
class HitList:
    """What a search has found, and which hit of it is the current one.

    Attributes:
        hits: One hit at least, text by text.
        needle: What was searched for.
        index: The current hit, from 0.
        is_part: Whether there are, or may be, more.
    """

    hits: Sequence[SearchHit]
    needle: str
    index: int = 0
    is_part: bool = False

    @property
    def hit(self) -> SearchHit:
        """The current hit."""
        return self.hits[self.index]

    @property
    def in_text(self) -> HitsInText:
        """Those in the same text as the current hit."""
        first, end = self._bounds()
        return HitsInText(first + 1, tuple(hit.line for hit in self.hits[first:end]), len(self.hits), self.is_part)

    def at(self, index: int) -> HitList:
        """The list at another hit, round and round."""
        return replace(self, index=index % len(self.hits))

    def step(self, step: int) -> HitList:
        """The list some hits further, or back if negative."""
        return self.at(self.index + step)

    def beyond_text(self, step: int) -> HitList:
        """The list at the first hit behind the current text; at the last one before it, if negative."""
        first, end = self._bounds()
        return self.at(end if step > 0 else first - 1)

    def _bounds(self) -> tuple[int, int]:
        text = _text_of(self.hit)
        first, end = self.index, self.index + 1
        while first > 0 and _text_of(self.hits[first - 1]) == text:
            first -= 1
        while end < len(self.hits) and _text_of(self.hits[end]) == text:
            end += 1
        return first, end


def _text_of(hit: SearchHit) -> tuple[str, str, int | None, str]:
    return hit.instance_id, hit.phase_name, hit.attempt, hit.kind
