"""What differs between two texts, by lines.

Pure, and bounded: `difflib` alone takes minutes for texts that are large or repeat themselves. So
lines that occur once in both texts divide them first, and `difflib` looks only at what lies
between; stretches that are still too large are given as wholly changed, and a note says so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from chatflow_tui.texts.plain_text import plain_text
from chatflow_tui.texts.word_diff import paired

#: Of each text, what is compared.
MOST_CHARACTERS, MOST_LINES = 2_000_000, 50_000

#: Lines of one stretch times lines of the other that are compared, for one stretch and for all together.
MOST_IN_STRETCH, MOST_IN_ALL = 250_000, 2_000_000

# As many pairs of lines are looked at to find out which changed line became which.
_MOST_PAIRS = 40_000


class TitledText(NamedTuple):
    """One of two texts to compare.

    Attributes:
        parts: What it is, for example ``("wfi_1", "design", "response", "attempt 1")``; from anywhere. Those of the
            other text stand in the same order.
        text: What it says, from anywhere.
    """

    parts: tuple[str, ...]
    text: str


class Block(NamedTuple):
    """A stretch of lines that is equal on both sides, or not.

    Attributes:
        is_equal: Whether it is.
        left: Its lines in the left text, from 0.
        right: Its lines in the right text.
    """

    is_equal: bool
    left: range
    right: range


@dataclass(frozen=True, slots=True)
class Diff:
    """Two texts compared.

    Attributes:
        left: The left text, harmless, as far as it was compared.
        right: The right text.
        blocks: All lines of both, in order; equal and changed ones take turns.
        pairs: Changed lines of the left text, and the line of the right text that each became.
        notes: What was not, or not wholly, compared, in words.
    """

    left: str
    right: str
    blocks: tuple[Block, ...]
    pairs: dict[int, int]
    notes: tuple[str, ...] = ()

    @property
    def changes(self) -> int:
        """Number of changed stretches."""
        return sum(not block.is_equal for block in self.blocks)

    @property
    def counts(self) -> tuple[int, int]:
        """Lines that only the left text has, and lines that only the right text has."""
        changed = [block for block in self.blocks if not block.is_equal]
        return sum(len(block.left) for block in changed), sum(len(block.right) for block in changed)


def compare(left: str, right: str) -> Diff:
    """Compare two texts.

    Args:
        left: The former text, from anywhere: it is made harmless here.
        right: The latter one.
    """
    notes: list[str] = []
    old, new = (_bounded(text, side, notes) for text, side in ((left, "left"), (right, "right")))
    if old == new and left != right and not notes:
        notes.append("They differ only in characters that are shown alike, such as tabs and line ends.")
    a, b = old.split("\n"), new.split("\n")
    blocks = tuple(_blocks(a, b, notes))
    return Diff(old, new, blocks, _pairs(a, b, blocks), tuple(notes))


def _bounded(raw: str, side: str, notes: list[str]) -> str:
    # Made harmless first, so that both sides are cut at what is seen.
    text = plain_text(raw[: 2 * MOST_CHARACTERS])
    end = min(len(text), MOST_CHARACTERS)
    place = -1
    for _line in range(MOST_LINES):
        place = text.find("\n", place + 1, end)
        if place < 0:
            break
    if place >= 0:
        end = min(end, place)
    if end == len(text) and len(raw) <= 2 * MOST_CHARACTERS:
        return text
    kept = text[:end]
    notes.append(
        f"Of the {side} text only the first {kept.count(chr(10)) + 1:,} lines ({end:,} characters) are compared."
    )
    return kept


def _blocks(a: Sequence[str], b: Sequence[str], notes: list[str]) -> Iterator[Block]:
    """The blocks of two lists of lines, with neighbours of one kind joined."""
    left = right = 0
    equal_from = (0, 0)
    for i, j, size in _matches(a, b, notes):
        if (i, j) != (left, right):
            if equal_from != (left, right):
                yield Block(True, range(equal_from[0], left), range(equal_from[1], right))
            yield Block(False, range(left, i), range(right, j))
            equal_from = (i, j)
        left, right = i + size, j + size
    if equal_from != (left, right):
        yield Block(True, range(equal_from[0], left), range(equal_from[1], right))
    if (left, right) != (len(a), len(b)):
        yield Block(False, range(left, len(a)), range(right, len(b)))


def _matches(a: Sequence[str], b: Sequence[str], notes: list[str]) -> Iterator[tuple[int, int, int]]:
    """Stretches of equal lines: where they start on both sides, and their length."""
    head = _equal_lines(a, b)
    tail = _equal_lines(a[head:][::-1], b[head:][::-1])
    end_a, end_b = len(a) - tail, len(b) - tail
    if head:
        yield 0, 0, head
    left, right, remaining, skipped = head, head, MOST_IN_ALL, 0
    for i, j in [*_anchors(a, b, range(head, end_a), range(head, end_b)), (end_a, end_b)]:
        cost = (i - left) * (j - right)
        if cost > min(MOST_IN_STRETCH, remaining):
            skipped += 1
        elif cost:
            remaining -= cost
            matcher = SequenceMatcher(None, a[left:i], b[right:j], autojunk=False)
            for match in matcher.get_matching_blocks():
                if match.size:
                    yield left + match.a, right + match.b, match.size
        if i < end_a:
            yield i, j, 1
        left, right = i + 1, j + 1
    if skipped:
        stretches = "1 stretch is" if skipped == 1 else f"{skipped:,} stretches are"
        notes.append(f"{stretches} too large to be compared line by line, and shown as wholly changed.")
    if tail:
        yield end_a, end_b, tail


def _equal_lines(a: Sequence[str], b: Sequence[str]) -> int:
    count = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        count += 1
    return count


def _anchors(a: Sequence[str], b: Sequence[str], left: range, right: range) -> list[tuple[int, int]]:
    """The longest run of lines that occur once on either side, and in the same order (patience diff)."""
    once_a, once_b = (
        {lines[number]: number for number in part if lines[number].strip()} for lines, part in ((a, left), (b, right))
    )
    count_a, count_b = Counter(a[left.start : left.stop]), Counter(b[right.start : right.stop])
    common = [
        (number, once_b[line])
        for line, number in once_a.items()
        if line in once_b and count_a[line] == 1 == count_b[line]
    ]
    common.sort()
    ends: list[int] = []  # the least last line (right) of a run of each length
    runs: list[int] = []  # and which of `common` that is
    before: list[int] = []
    for index, (_i, j) in enumerate(common):
        length = bisect_left(ends, j)
        before.append(runs[length - 1] if length else -1)
        ends[length : length + 1] = [j]
        runs[length : length + 1] = [index]
    found = []
    index = runs[-1] if runs else -1
    while index >= 0:
        found.append(common[index])
        index = before[index]
    return found[::-1]


def _pairs(a: Sequence[str], b: Sequence[str], blocks: Sequence[Block]) -> dict[int, int]:
    pairs: dict[int, int] = {}
    remaining = _MOST_PAIRS
    for block in blocks:
        if block.is_equal or not block.left or not block.right:
            continue
        cost = len(block.left) * len(block.right)
        if cost > remaining:
            pairs.update(zip(block.left, block.right, strict=False))
            continue
        remaining -= cost
        old, new = a[block.left.start : block.left.stop], b[block.right.start : block.right.stop]
        pairs.update((block.left.start + i, block.right.start + j) for i, j in paired(old, new))
    return pairs
