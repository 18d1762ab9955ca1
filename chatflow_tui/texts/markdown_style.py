"""A light colouring of raw Markdown, a line at a time.

The text is shown as it was written: nothing is rendered, hidden or rearranged, and nothing in
it is ever read as the markup of a screen library. Only code fences reach beyond their line;
they are found once, in one pass. Everything else is looked at when its line becomes visible.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

#: Characters of a line that are looked at; the rest of a longer line has only its base style.
LINE_LIMIT = 4096

#: Every style there is, by the name that `Span.style` and `LineStyle.base` use.
STYLES = (
    "heading",
    "fence",
    "code",
    "added",
    "removed",
    "hunk",
    "quote",
    "rule",
    "bullet",
    "inline-code",
    "strong",
)

#: Styles that belong to a block: they are drawn to the right edge, so that it looks like one.
BLOCK_STYLES = frozenset(("fence", "code", "added", "removed", "hunk"))

# A fence may stand in a list or a quote: one that is missed would turn all that follows inside
# out. It begins with the newline because a pattern with a literal start is searched fast.
_FENCE = re.compile(r"\n([ >]*+(?:[-*+] ++|\d{1,9}[.)] ++)?)(`{3,}|~{3,})([^\n]{0,200})")
_HEADING = re.compile(r" {0,3}#{1,6}(?: |$)")
_QUOTE = re.compile(r" {0,3}>")
_RULE = re.compile(r" {0,3}([-*_])(?: *\1){2,} *$")
_BULLET = re.compile(r" *+(?:> ?)?([-*+](?: \[[ xX]\])?|\d{1,9}[.)])(?= )")
# Bold text holds no star: what scans to the end of a line for each opening is slow on purpose-made text.
_INLINE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)|\*\*(?=[^\s*])[^*]*(?<=\S)\*\*")
_DIFF_NAMES = frozenset(("diff", "patch", "udiff"))
_DIFF_HEADERS = ("@@", "+++ ", "--- ", "diff ", "index ")


class Span(NamedTuple):
    """A stretch of a line in one style.

    Attributes:
        start: Its first character, counted from the start of the line.
        end: Its end.
        style: One of `STYLES`.
    """

    start: int
    end: int
    style: str


class LineStyle(NamedTuple):
    """How a line looks.

    Attributes:
        base: The style of the whole line, one of `STYLES`; empty for plain text.
        spans: Stretches in a style of their own, in order, not overlapping.
    """

    base: str = ""
    spans: tuple[Span, ...] = ()


class _Fence(NamedTuple):
    """A fenced block: where its opening line, its code and its closing line start, and its end."""

    start: int
    code: int
    closing: int
    end: int
    indent: int
    is_diff: bool


class MarkdownStyle:
    """The styles of a text's lines.

    Args:
        text: The text, as given to its layout.
    """

    __slots__ = ("_fence_starts", "_fences", "_text")

    def __init__(self, text: str) -> None:
        """Find the fences; about 3 ms a megabyte."""
        self._text = text
        self._fences = _find_fences(text)
        self._fence_starts = [fence.start for fence in self._fences]

    def line(self, start: int, end: int) -> LineStyle:
        """The style of one logical line.

        Args:
            start: Where the line starts in the text.
            end: Where it ends, without its newline.
        """
        line = self._text[start : min(end, start + LINE_LIMIT)]
        index = bisect_right(self._fence_starts, start) - 1
        if index >= 0 and start < self._fences[index].end:
            fence = self._fences[index]
            if start < fence.code or start >= fence.closing:
                return LineStyle("fence")
            return LineStyle(_diff_style(line, fence.indent) if fence.is_diff else "code")
        if _HEADING.match(line):
            return LineStyle("heading")
        if _RULE.match(line):
            return LineStyle("rule")
        spans = []
        if bullet := _BULLET.match(line):
            spans.append(Span(bullet.start(1), bullet.end(1), "bullet"))
        spans += [
            Span(match.start(), match.end(), "inline-code" if match[1] else "strong")
            for match in _INLINE.finditer(line, bullet.end() if bullet else 0)
        ]
        return LineStyle("quote" if _QUOTE.match(line) else "", tuple(spans))


def _diff_style(line: str, indent: int) -> str:
    code = line[indent:] if line[:indent].isspace() else line
    if code.startswith(_DIFF_HEADERS):
        return "hunk"
    return {"+": "added", "-": "removed"}.get(code[:1], "code")


def _find_fences(text: str) -> list[_Fence]:
    if "```" not in text and "~~~" not in text:
        return []
    fences: list[_Fence] = []
    opening: re.Match[str] | None = None
    # The first line has no newline before it: look at it with one lent, one character to the left.
    first = _FENCE.match("\n" + text[:LINE_LIMIT])
    if first and _opens(first):
        opening = first
    shift = -1 if opening else 0
    for match in _FENCE.finditer(text):
        if opening is None:
            if _opens(match):
                opening, shift = match, 0
        elif _closes(match, opening):
            fences.append(_fence(text, opening, shift, match))
            opening = None
    if opening is not None:
        fences.append(_fence(text, opening, shift, None))  # an answer that is still arriving
    return fences


def _opens(match: re.Match[str]) -> bool:
    return match[2][0] == "~" or "`" not in match[3]


def _closes(match: re.Match[str], opening: re.Match[str]) -> bool:
    blank_before = not match[1].strip(" >")
    return blank_before and not match[3].strip() and match[2].startswith(opening[2])


def _fence(text: str, opening: re.Match[str], shift: int, closing: re.Match[str] | None) -> _Fence:
    past_all = len(text) + 1
    start = opening.start(1) + shift
    code = text.find("\n", opening.end() + shift) + 1 or past_all
    words = opening[3].split(maxsplit=1)
    is_diff = bool(words) and words[0].lower() in _DIFF_NAMES
    indent = len(opening[1])
    if closing is None:
        return _Fence(start, code, past_all, past_all, indent, is_diff)
    end = text.find("\n", closing.end()) + 1 or past_all
    return _Fence(start, code, closing.start(1), end, indent, is_diff)
