"""Comparing two texts: nothing is lost, whatever they hold, and nothing takes for ever."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow_tui.texts import text_diff
from chatflow_tui.texts.diff_layout import DiffLayout
from chatflow_tui.texts.text_diff import compare
from chatflow_tui.texts.word_diff import mark_words

lines = st.lists(
    st.sampled_from(["", "a", "b", "the old word", "the new word", "设计 一", "设计 二", "x" * 30]), max_size=14
)
texts = lines.map("\n".join)


@given(texts, texts)
def test_the_blocks_hold_every_line_of_both_texts_once(left: str, right: str) -> None:
    diff = compare(left, right)
    a, b = left.split("\n"), right.split("\n")
    assert [line for block in diff.blocks for line in block.left] == list(range(len(a)))
    assert [line for block in diff.blocks for line in block.right] == list(range(len(b)))
    for block in diff.blocks:
        if block.is_equal:
            assert [a[line] for line in block.left] == [b[line] for line in block.right]
    kinds = [block.is_equal for block in diff.blocks]
    assert all(one != other for one, other in pairwise(kinds))
    assert (diff.changes == 0) == (left == right)


@given(texts, texts, st.booleans(), st.integers(20, 60))
def test_the_rows_reconstruct_both_texts(left: str, right: str, side_by_side: bool, width: int) -> None:
    layout = DiffLayout(compare(left, right), width, side_by_side=side_by_side, folds=False)
    rows = [layout.row(number) for number in range(layout.row_count)]
    for side, text in (("left", left), ("right", right)):
        shown: dict[int, str] = {}
        source = layout.left if side == "left" else layout.right
        for row in rows:
            part = getattr(row, side)
            if part is not None:
                shown[part.line] = shown.get(part.line, "") + (
                    source.text[part.row.start : part.row.end] if part.row is not None else ""
                )
        assert list(shown) == sorted(shown)
        assert "\n".join(shown.values()) == text
    for row in rows:
        assert row.left is None or row.left.row is None or row.left.row.line == row.left.line
        if row.left is not None and row.right is not None and row.left.sign == " " and row.left.row is not None:
            assert row.right.row is not None


@given(texts, texts, st.booleans())
def test_a_place_is_found_again_in_another_layout(left: str, right: str, side_by_side: bool) -> None:
    diff = compare(left, right)
    layout = DiffLayout(diff, 40, side_by_side=side_by_side, folds=False)
    for number in range(layout.row_count):
        found = layout.row_of(*layout.lines_at(number))
        assert layout.lines_at(found) == layout.lines_at(number)


@given(st.text("ab 设计.,", max_size=40), st.text("ab 设计.,", max_size=40))
def test_without_the_marked_words_a_pair_of_lines_is_equal(left: str, right: str) -> None:
    def unmarked(line: str, stretches: tuple[tuple[int, int], ...]) -> str:
        kept, place = "", 0
        for start, end in stretches:
            assert place <= start < end <= len(line)
            kept, place = kept + line[place:start], end
        return kept + line[place:]

    marks = mark_words(left, right)
    if marks.left or marks.right:
        assert unmarked(left, marks.left) == unmarked(right, marks.right)


def test_words_are_marked_in_lines_that_became_each_other() -> None:
    marks = mark_words("the old plan stands", "the new plan stands")
    assert marks == (((4, 7),), ((4, 7),))
    assert mark_words("设计已通过审查", "设计未通过审查") == (((2, 3),), ((2, 3),))
    assert mark_words("one two", "three four five") == ((), ())
    diff = compare("head\nalpha beta gamma\nzzz\ntail", "head\nnew\nalpha beta delta\ntail")
    assert diff.pairs == {1: 2}


def test_equal_lines_far_from_changes_are_folded() -> None:
    old = [f"line {number}" for number in range(100)]
    new = [*old[:50], "another", *old[51:]]
    layout = DiffLayout(compare("\n".join(old), "\n".join(new)), 60, side_by_side=False)
    rows = [layout.row(number) for number in range(layout.row_count)]
    assert [row.folded for row in rows] == [47, *[0] * 8, 46]
    assert layout.changes == [4]
    assert DiffLayout(layout.diff, 60, side_by_side=True).row_count == 9


def test_what_is_shown_alike_is_said_to_differ() -> None:
    diff = compare("a\tb\r\n", "a   b\n")
    assert diff.changes == 0
    assert any("shown alike" in note for note in diff.notes)
    assert compare("a\n", "a\n").notes == ()


def test_large_texts_are_cut_at_a_line_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_diff, "MOST_LINES", 10)
    diff = compare("a\n" * 30, "b\n" * 9)
    assert diff.left == "\n".join("a" * 10)
    assert diff.right == "b\n" * 9
    assert diff.notes == ("Of the left text only the first 10 lines (19 characters) are compared.",)
    monkeypatch.setattr(text_diff, "MOST_CHARACTERS", 5)
    assert compare("abcdefgh", "ab").left == "abcde"


def test_stretches_too_large_are_shown_as_changed_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_diff, "MOST_IN_STRETCH", 8)
    diff = compare("a\nb\n" * 5 + "once\nend", "b\na\n" * 5 + "once\nend")
    assert any("1 stretch is too large" in note for note in diff.notes)
    assert [block.is_equal for block in diff.blocks] == [False, True]


def test_hostile_repetition_ends() -> None:
    left = "\n".join("ab"[number % 2] for number in range(20_000))
    right = "\n".join("ab"[number % 3 % 2] for number in range(20_000))
    assert compare(left, right).notes
