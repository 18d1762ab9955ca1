"""Untrusted text is made harmless, and nothing of it vanishes unseen."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import ControlType, Segment
from textual.color import Color

from chatflow_tui.texts.plain_text import MAX_MARKS, REPLACEMENT, ControlFilter, plain_name, plain_text

#: Format characters that show, or that scripts and emoji need.
SHOWN = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
JOINERS = {0x200C, 0x200D}

ANY_TEXT = st.text(st.characters() | st.sampled_from("\t\n\r\x1b\u202e\u200b\u200d\u0301\ufe0fa中👩\ud800"))


def dangerous(character: str) -> bool:
    code = ord(character)
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return hidden and code not in SHOWN | JOINERS


def test_every_hidden_character_of_unicode_is_replaced_by_something_visible() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if dangerous(character):
            for shown in (plain_name(f"a{character}b"), plain_text(f"a{character}b")):
                assert shown != f"a{character}b" or character == "\n"
                assert not any(map(dangerous, shown.replace("\n", ""))), hex(code)
                assert len(shown) >= 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\x00b\x7fc", "a␀b␡c"),
        ("a\x9b31m", "a\ufffd31m"),
        ("one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        ("if\u202e) drowssap", "if\ufffd) drowssap"),
        ("zero\u200bwidth\ufefftext", "zero\ufffdwidth\ufffdtext"),
        ("lone \ud83d surrogate", "lone \ufffd surrogate"),
        ("tag\U000e0041", "tag\ufffd"),
        ("filler\u3164", "filler\ufffd"),
        ("\u0301alone\n\u0301again", "\u25cc\u0301alone\n\u25cc\u0301again"),
        ("x\u200dy", "x\ufffdy"),
    ],
)
def test_a_text_shows_what_it_holds(text: str, shown: str) -> None:
    assert plain_text(text) == shown


@pytest.mark.parametrize("text", ["👩‍💻 ❤️ 🇨🇳", "می‌خواهم", "ශ්‍රී", "e\u0301", "任务：实现登录。\n", "plain\n\ntext"])
def test_what_scripts_and_emoji_need_stays_and_is_not_copied(text: str) -> None:
    assert plain_text(text) is text or plain_text(text) == text


def test_a_harmless_text_is_returned_as_it_came() -> None:
    for text in ("plain\n\ntext", "任务：实现登录。\n"):
        assert plain_text(text) is text
    assert plain_name("用户登录") == "用户登录"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\tx", "    x"),
        ("ab\tx\n\ty", "ab  x\n    y"),
        ("abcd\tx", "abcd    x"),
        ("中\tx", "中  x"),
        ("中文\t\tx", "中文        x"),
        ("\x1b\tx", "␛   x"),
    ],
)
def test_tabs_reach_the_next_column_of_four_cells(text: str, shown: str) -> None:
    assert plain_text(text) == shown


def test_a_stack_of_marks_is_cut_once_per_base() -> None:
    stack = "\u0301" * 50
    limit = "\u0301" * MAX_MARKS
    assert plain_text(f"a{stack}b{stack}") == f"a{limit}{REPLACEMENT}b{limit}{REPLACEMENT}"
    assert plain_text(f"a{limit}") == f"a{limit}"
    astral = "\U0001e2ec"  # a mark beyond the BMP
    assert plain_text("x" + astral * 9) == "x" + astral * MAX_MARKS + REPLACEMENT
    assert plain_text("\U00012000" * 9) == "\U00012000" * 9  # letters of the same planes stay


def test_a_large_text_is_cleaned_in_pieces_as_if_it_were_one() -> None:
    line = "tab\there \x1b中\r\n"
    assert plain_text(line * 200_000) == plain_text(line) * 200_000


@given(ANY_TEXT)
def test_text_is_harmless_and_stays_as_it_is_the_second_time(text: str) -> None:
    shown = plain_text(text)
    assert not any(map(dangerous, shown.replace("\n", "")))
    assert plain_text(shown) == shown
    assert shown.count("\n") == len(re.findall("\r\n|\r|\n", text))


@given(ANY_TEXT)
def test_a_name_is_one_harmless_line(name: str) -> None:
    shown = plain_name(name)
    assert not any(map(dangerous, shown))
    assert len(shown.splitlines()) <= 1
    assert bool(shown) == bool(name)
    assert plain_name(shown) == shown


def test_a_name_shows_its_newlines_and_tabs() -> None:
    assert plain_name("a\nb\tc\rd") == "a␊b␉c␍d"


@given(ANY_TEXT)
def test_the_filter_deletes_what_terminals_obey_and_moves_nothing(text: str) -> None:
    segments = [Segment("ok "), Segment(text)]
    filtered = ControlFilter().apply(segments, Color(0, 0, 0))
    shown = "".join(segment.text for segment in filtered)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    if "\u200d" not in text and "\ufe0f" not in text:  # joiners change the width of their neighbours
        assert cell_len(shown) == cell_len("ok " + text)


def test_the_filter_leaves_clean_lines_and_control_segments_alone() -> None:
    clean = [Segment("─ 中文 ─"), Segment("\x07", control=[(ControlType.BELL,)])]
    assert ControlFilter().apply(clean, Color(0, 0, 0)) is clean
    mixed = [Segment("\x1b[31m"), clean[1]]
    assert ControlFilter().apply(mixed, Color(0, 0, 0)) == [Segment("[31m"), clean[1]]


def test_a_large_harmless_text_is_not_copied() -> None:
    for line in ("harmless\n", "无害的文字\n"):
        text = line * 200_000
        assert plain_text(text) is text
