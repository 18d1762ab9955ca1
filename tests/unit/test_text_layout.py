"""Rows cover a text exactly, are no wider than asked, and break where a reader expects."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chatflow_tui.texts.plain_text import plain_text
from chatflow_tui.texts.text_layout import FOLD_WIDTH, TextLayout, whole_character

PIECES = [
    "word",
    "a",
    " ",
    "  ",
    "\n",
    "中文字",
    "，",
    "（",
    "👩‍💻",
    "❤️",
    "🇨🇳",
    "e\u0301",
    "한글",
    "verylongword" * 3,
    "**",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=4)).map(lambda pieces: plain_text("".join(pieces)))
WIDTHS = st.integers(2, 30)


def rows_of(text: str, width: int, wrap: bool = True) -> list[str]:
    layout = TextLayout(text, width, wrap)
    rows = [layout.row(number) for number in range(layout.row_count)]
    return [text[row.start : row.end] for row in rows]


@given(TEXTS, WIDTHS)
def test_rows_cover_each_character_once_and_fit(text: str, width: int) -> None:
    layout = TextLayout(text, width)
    lines = text.split("\n")
    assert layout.line_count == len(lines)
    joined = [""] * len(lines)
    for number in range(layout.row_count):
        row = layout.row(number)
        part = text[row.start : row.end]
        assert row.start - row.line_start == len(joined[row.line])
        assert cell_len(part.rstrip(" ")) <= width
        joined[row.line] += part
    assert joined == lines


@given(TEXTS, WIDTHS)
def test_no_row_starts_inside_what_is_seen_as_one_character(text: str, width: int) -> None:
    layout = TextLayout(text, width)
    for number in range(layout.row_count):
        row = layout.row(number)
        if row.start > row.line_start:
            assert whole_character(text, row.start) == row.start


@given(WIDTHS)
def test_flags_stay_whole(width: int) -> None:
    assert set("".join(rows_of("🇨🇳" * 20, width)[:1]).split("🇨🇳")) == {""}
    assert all(row.count("🇨") == row.count("🇳") for row in rows_of("a" + "🇨🇳" * 20, width))


@given(TEXTS, WIDTHS, st.data())
def test_an_offset_is_found_in_its_row(text: str, width: int, data: st.DataObject) -> None:
    layout = TextLayout(text, width)
    offset = data.draw(st.integers(0, len(text)))
    row = layout.row(layout.row_at(offset))
    assert row.start <= offset <= row.end
    line, column = layout.line_at(offset), offset - layout.row(layout.row_at(offset)).line_start
    assert layout.offset_at(line, column) == offset


@given(TEXTS, WIDTHS, WIDTHS)
def test_the_character_at_the_top_stays_there_at_another_width(text: str, narrow: int, wide: int) -> None:
    first, second = TextLayout(text, narrow), TextLayout(text, wide)
    for number in range(first.row_count):
        top = first.row(number).start
        row = second.row(second.row_at(top))
        assert row.start <= top <= row.end
        assert first.row_at(top) == number


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("the quick brown fox", 10, ["the quick ", "brown fox"]),
        ("the quick brown", 9, ["the quick ", "brown"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("see abcdefghij", 6, ["see ", "abcdef", "ghij"]),
        ("    abcdefghij", 6, ["    ab", "cdefgh", "ij"]),
        ("中文换行", 5, ["中文", "换行"]),
        ("中文，换行", 4, ["中", "文，", "换行"]),
        ("（中文）字", 7, ["（中", "文）字"]),
        ("中文word中文", 6, ["中文", "word中", "文"]),
        ("中文 input, **粗体** x", 14, ["中文 input, ", "**粗体** x"]),
        ("粗**体字", 4, ["粗**", "体字"]),
        ("e\u0301e\u0301e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
        ("👩‍💻👩‍💻", 3, ["👩‍💻", "👩‍💻"]),
        ("a🇨🇳", 2, ["a", "🇨🇳"]),
        ("x❤️❤️", 3, ["x❤️", "❤️"]),
        ("", 10, [""]),
        ("a\n\nb\n", 10, ["a", "", "b", ""]),
    ],
)
def test_where_rows_break(text: str, width: int, rows: list[str]) -> None:
    assert rows_of(text, width) == rows


def test_without_wrapping_a_line_is_a_row_up_to_a_limit() -> None:
    text = "x" * 500 + "\n" + "中" * 300 + "\nend"
    layout = TextLayout(text, 10, wrap=False)
    assert layout.row_count == 3
    assert layout.widest == 600
    assert TextLayout("y" * (FOLD_WIDTH + 1), 10, wrap=False).row_count == 2


def test_a_row_of_a_megabyte_of_spaces_is_bounded() -> None:
    assert max(map(len, rows_of("word" + " " * 100_000 + "end", 20))) <= 40


def test_large_texts_are_laid_out_in_bounded_time_and_memory() -> None:
    line = "The quick brown fox jumps over the lazy dog, and then some more of it again ok.\n"
    text = line * 13_000
    started = time.perf_counter()
    layout = TextLayout(text, 40)
    assert time.perf_counter() - started < 1  # some 10 ms; a hundred times that is no accident
    assert layout.line_count == 13_001
    assert layout.row(layout.row_count - 2).line == 12_999


def test_whole_character() -> None:
    text = "e\u0301x👩‍💻\n\u0301"
    assert whole_character(text, 1) == 2
    assert whole_character(text, 2) == 2
    assert whole_character(text, 4) == 6
    assert whole_character(text, 6) == 6
    assert whole_character(text, 0) == 0
