"""What differs within changed lines, by words; and which changed line became which.

Pure, and bounded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

#: Words of one line times words of the other that are compared; of more, all between is marked.
MOST_IN_LINE = 60_000

#: Words of a line that tell how alike it is to another.
_MOST_WORDS = 200

# Lines that have less in common did not become each other, and marks all over help nobody.
_LEAST_ALIKE = 0.3

# Chinese and Japanese have no spaces between words: each character counts as one.
_WORD = re.compile(
    r"[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]|[^\W\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]+|\s+|[^\w\s]"
)

#: Stretches of a line, as offsets in it.
Stretches = tuple[tuple[int, int], ...]


class WordMarks(NamedTuple):
    """What differs in a pair of lines.

    Attributes:
        left: Stretches that only the left line has.
        right: Stretches that only the right line has.
    """

    left: Stretches = ()
    right: Stretches = ()


def mark_words(left: str, right: str) -> WordMarks:
    """Find the words that differ in a pair of lines.

    Args:
        left: The former line.
        right: The latter one.

    Returns:
        What to mark; nothing if the lines have too little in common.
    """
    a, b = _WORD.findall(left), _WORD.findall(right)
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    old, new = a[head : len(a) - tail], b[head : len(b) - tail]
    if len(old) * len(new) > MOST_IN_LINE:
        codes = [(0, len(old), 0, len(new))]
    else:
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        codes = [(i, k, j, m) for tag, i, k, j, m in matcher.get_opcodes() if tag != "equal"]
    if likeness(a, b) < _LEAST_ALIKE:
        return WordMarks()
    return WordMarks(
        _stretches(a, [(head + i, head + k) for i, k, _, _ in codes]),
        _stretches(b, [(head + j, head + m) for _, _, j, m in codes]),
    )


def likeness(a: Sequence[str], b: Sequence[str]) -> float:
    """How much two lists of words have in common: from 0 for nothing to 1 for all."""
    one, other = (Counter(word for word in words if not word.isspace()) for words in (a, b))
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def paired(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Find which lines of a changed stretch became which.

    Args:
        a: The former lines.
        b: The latter ones.

    Returns:
        Numbers of lines that are alike, in order on both sides.
    """
    words_a, words_b = ([_WORD.findall(line[: 8 * _MOST_WORDS])[:_MOST_WORDS] for line in lines] for lines in (a, b))
    # best[i][j]: the most that lines from i and from j on can have in common.
    best = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    alike = [[likeness(one, other) for other in words_b] for one in words_a]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            together = alike[i][j] + best[i + 1][j + 1] if alike[i][j] >= _LEAST_ALIKE else 0.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    found = []
    i = j = 0
    while i < len(a) and j < len(b):
        if alike[i][j] >= _LEAST_ALIKE and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _stretches(words: Sequence[str], ranges: Sequence[tuple[int, int]]) -> Stretches:
    offsets = [0]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return tuple((offsets[start], offsets[end]) for start, end in ranges if start < end)
