"""The fenced code blocks of a Markdown text, such as an AI response. Pure.

Found as CommonMark finds them: between lines of three or more backticks or tildes, in lists and
quotes too. What CommonMark does not see as a fence (indented by four, or within another block)
is not one here. A block that is never closed goes on to the end of what it stands in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAB_SIZE = 4

_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}(?!.*`)|~{3,})(?P<info>.*)")
_QUOTE = re.compile(r" {0,3}>")
_ITEM = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$)")
_RULE = re.compile(r" {0,3}(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$")
_HEADING = re.compile(r" {0,3}#{1,6}(?: |$)")
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class CodeBlock:
    r"""One fenced block of code.

    Attributes:
        language: The first word behind the opening fence, such as ``"python"``; empty if there is none.
        text: The code, without the indentation of its fence; every line ends with ``\n``.
        line: Number of the opening fence's line, from 1.
    """

    language: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class _Line:
    """What is left of a line, and the column it begins at: that is where its tabs count from."""

    text: str
    column: int = 0

    @property
    def is_blank(self) -> bool:
        return not self.text.strip(" \t")

    def spaced(self) -> str:
        """Give the text with spaces for the tabs in front, as markers are looked for in."""
        if "\t" not in self.text:
            return self.text
        text = self.text.lstrip(" \t")
        return " " * self.indent() + text

    def indent(self) -> int:
        """Count the columns in front of the text."""
        column = self.column
        for character in self.text:
            if character == "\t":
                column += _TAB_SIZE - column % _TAB_SIZE
            elif character == " ":
                column += 1
            else:
                break
        return column - self.column

    def without(self, columns: int) -> _Line:
        """Take that many columns away, and no more than are blank. Half a tab leaves spaces."""
        column = end = 0
        while column < columns and end < len(self.text) and self.text[end] in " \t":
            at = self.column + column
            column += _TAB_SIZE - at % _TAB_SIZE if self.text[end] == "\t" else 1
            end += 1
        return _Line(" " * (column - columns) + self.text[end:], self.column + min(column, columns))

    def behind(self, marker: str) -> _Line:
        """Take away the blanks in front and a marker behind them, which are the start of `spaced`."""
        blank = len(marker) - len(marker.lstrip(" "))
        rest = self.without(blank)
        return _Line(rest.text[len(marker) - blank :], rest.column + len(marker) - blank)


@dataclass(slots=True)
class _Open:
    """A block that is not closed yet: its fence, and how many lists and quotes it stands in."""

    marks: str
    indent: int
    language: str
    number: int
    depth: int
    lines: list[str]

    def is_closed_by(self, line: _Line) -> bool:
        found = _FENCE.match(line.spaced())
        return (
            found is not None
            and found["marks"][0] == self.marks[0]
            and len(found["marks"]) >= len(self.marks)
            and not found["info"].strip(" \t")
        )

    def close(self) -> CodeBlock:
        return CodeBlock(self.language, "".join(f"{line}\n" for line in self.lines), self.number)


def code_blocks(text: str) -> list[CodeBlock]:
    """Find the fenced code blocks of a text, from its start to its end.

    Args:
        text: Markdown.
    """
    if "```" not in text and "~~~" not in text:
        return []
    found: list[CodeBlock] = []
    containers: list[int] = []  # the lists and quotes a line may go on: an item by its indentation, a quote as 0
    block: _Open | None = None
    is_in_paragraph = False
    lines = _LINE_END.split(text)
    if not lines[-1]:
        lines.pop()
    for number, written in enumerate(lines, 1):
        line, depth = _inside(_Line(written), containers)
        if block is not None:
            if depth >= block.depth:
                if block.is_closed_by(line):
                    found.append(block.close())
                    block = None
                else:
                    block.lines.append(line.without(block.indent).text)
                continue
            found.append(block.close())  # the list or quote it stands in has ended
            block = None
        if is_in_paragraph and depth < len(containers) and not line.is_blank and not _begins_block(line):
            continue  # a paragraph goes on without the marks of the list or quote it stands in
        del containers[depth:]
        line = _enter(line, containers)
        is_in_paragraph = (
            not line.is_blank and not _begins_block(line) and (is_in_paragraph or line.indent() < _TAB_SIZE)
        )
        if (fence := _FENCE.match(line.spaced())) is not None:
            words = fence["info"].split()
            block = _Open(fence["marks"], line.indent(), words[0] if words else "", number, len(containers), [])
    if block is not None:
        found.append(block.close())
    return found


def _inside(line: _Line, containers: list[int]) -> tuple[_Line, int]:
    """Give what a line has within the lists and quotes that it goes on, and how many of them it does."""
    for depth, indent in enumerate(containers):
        if indent == 0:
            quote = _QUOTE.match(line.spaced())
            if quote is None:
                return line, depth
            line = line.behind(quote[0]).without(1)
        elif line.is_blank or line.indent() >= indent:
            line = line.without(indent)
        else:
            return line, depth
    return line, len(containers)


def _begins_block(line: _Line) -> bool:
    text = line.spaced()
    return any(pattern.match(text) for pattern in (_FENCE, _QUOTE, _ITEM, _RULE, _HEADING))


def _enter(line: _Line, containers: list[int]) -> _Line:
    """Give what a line has within the lists and quotes that begin on it, adding them."""
    while True:
        text = line.spaced()
        if (quote := _QUOTE.match(text)) is not None:
            containers.append(0)
            line = line.behind(quote[0]).without(1)
        elif (item := _ITEM.match(text)) is not None and not _RULE.match(text):
            line = line.behind(item[0])
            # With five blanks and more, or nothing, behind the marker, the item's text begins one blank behind it.
            blank = line.indent()
            blank = blank if 1 <= blank <= _TAB_SIZE and not line.is_blank else 1
            containers.append(len(item[0]) + blank)
            line = line.without(blank)
        else:
            return line
