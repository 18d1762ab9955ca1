"""Raw Markdown is coloured by line; only fences reach further."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow_tui.texts.markdown_style import LINE_LIMIT, STYLES, LineStyle, MarkdownStyle


def styles_of(text: str) -> list[LineStyle]:
    style = MarkdownStyle(text)
    found = []
    start = 0
    for line in text.split("\n"):
        found.append(style.line(start, start + len(line)))
        start += len(line) + 1
    return found


def bases_of(text: str) -> list[str]:
    return [style.base for style in styles_of(text)]


@pytest.mark.parametrize(
    ("line", "base"),
    [
        ("# Title", "heading"),
        ("###### 标题", "heading"),
        ("#hashtag", ""),
        ("####### seven", ""),
        ("> quoted", "quote"),
        ("---", "rule"),
        ("* * *", "rule"),
        ("-- no", ""),
        ("plain", ""),
        ("[@click=app.bell]x[/]", ""),
    ],
)
def test_the_base_of_a_line(line: str, base: str) -> None:
    assert bases_of(line) == [base]


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("- item", [("-", "bullet")]),
        ("  12. item", [("12.", "bullet")]),
        ("- [x] done", [("- [x]", "bullet")]),
        ("-item", []),
        ("use `a b` and ``c`d``", [("`a b`", "inline-code"), ("``c`d``", "inline-code")]),
        ("a **bold** word", [("**bold**", "strong")]),
        ("2 ** 3 ** 4", []),
        ("`**not bold**`", [("`**not bold**`", "inline-code")]),
        ("an open ` tick", []),
        ("* **x** `y`", [("*", "bullet"), ("**x**", "strong"), ("`y`", "inline-code")]),
    ],
)
def test_the_spans_of_a_line(line: str, marked: list[tuple[str, str]]) -> None:
    [style] = styles_of(line)
    assert [(line[start:end], name) for start, end, name in style.spans] == marked


def test_a_fence_holds_code_until_it_is_closed() -> None:
    text = "```python\n# not a heading\n\n```\n# heading"
    assert bases_of(text) == ["fence", "code", "code", "fence", "heading"]
    assert bases_of("text\n~~~\n```\n~~~\nafter") == ["", "fence", "code", "fence", ""]
    assert bases_of("````\n```\n````\nafter") == ["fence", "code", "fence", ""]
    assert bases_of("a\n```\nstill arriving") == ["", "fence", "code"]
    assert bases_of("- ```sh\n  ls\n  ```\nafter") == ["fence", "code", "fence", ""]
    assert bases_of("``` not ` a fence\nafter") == ["", ""]
    assert bases_of("```\n```\n```\n```") == ["fence"] * 4


def test_a_diff_is_coloured_by_its_signs() -> None:
    text = "```diff\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\n```\n+ not a diff"
    assert bases_of(text) == ["fence", "hunk", "hunk", "hunk", "removed", "added", "code", "fence", ""]
    assert bases_of("  ```patch\n  +new\n  ```")[1] == "added"
    assert bases_of("```\n+code\n```")[1] == "code"


LINES = st.lists(st.text("`~#>-*+ 1.[]x中d", max_size=12) | st.sampled_from(["```", "```diff", "~~~~", "+a"]))


@given(LINES)
def test_spans_are_in_order_inside_their_line_and_of_known_styles(lines: list[str]) -> None:
    for line, style in zip(lines, styles_of("\n".join(lines)), strict=bool(lines)):
        assert style.base in ("", *STYLES)
        edge = 0
        for start, end, name in style.spans:
            assert edge <= start < end <= len(line)
            assert name in STYLES
            edge = end


@given(LINES)
def test_fences_agree_with_a_reading_line_by_line(lines: list[str]) -> None:
    opening = ""
    for line, base in zip(lines, bases_of("\n".join(lines)), strict=bool(lines)):
        if opening:
            bare = line.strip(" >")
            closes = set(bare) == {opening[0]} and len(bare) >= len(opening)
            assert (base == "fence") == closes
            opening = "" if closes else opening
        elif base == "fence":
            marker = line.lstrip(" >-+*1.")
            opening = marker[: len(marker) - len(marker.lstrip(marker[0]))]
            assert len(opening) >= 3


@pytest.mark.parametrize("part", ["`a ``b ", "**a ", "** ", "`", "*", " ", "- ", "_ ", "1. ", ">", "**a*"])
def test_no_line_is_slow(part: str) -> None:
    line = part * LINE_LIMIT
    style = MarkdownStyle(line)
    started = time.perf_counter()
    style.line(0, len(line))
    assert time.perf_counter() - started < 0.5
