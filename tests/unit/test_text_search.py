"""Finding a pattern in a text: as `str.find` does, whatever the size of the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow_tui.texts import text_search
from chatflow_tui.texts.text_search import Hits, find_hits, is_exact


def naive(text: str, pattern: str) -> list[int]:
    def same(one: str, other: str) -> bool:
        return one == other or (not is_exact(pattern) and other in (one.lower(), one.upper()))

    starts, place = [], 0
    while pattern and place + len(pattern) <= len(text):
        part = text[place : place + len(pattern)]
        if all(same(one, other) for one, other in zip(pattern, part, strict=True)):
            starts.append(place)
            place += len(pattern)
        else:
            place += 1
    return starts


@given(st.text("aAbBé中É\n .[", max_size=60), st.text("aAbBé中 .[", max_size=4), st.integers(1, 20))
def test_hits_are_what_a_plain_look_at_every_place_finds(text: str, pattern: str, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(text_search, "_PIECE", piece)
        hits = find_hits(text, pattern)
    assert list(hits.starts) == naive(text, pattern)
    assert not hits.is_cut


@given(st.text("abc", max_size=60), st.text("abc", min_size=1, max_size=3))
def test_without_cases_to_consider_hits_are_those_of_str_find(text: str, pattern: str) -> None:
    starts, place = [], text.find(pattern)
    while place >= 0:
        starts.append(place)
        place = text.find(pattern, place + len(pattern))
    assert list(find_hits(text, pattern).starts) == starts


@given(st.text("ab\n", max_size=40), st.text("ab", min_size=1, max_size=3), st.data())
def test_the_hits_touching_a_stretch_are_those_with_a_character_in_it(
    text: str, pattern: str, data: st.DataObject
) -> None:
    hits = find_hits(text, pattern)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start + 1, len(text) + 1))
    wanted = [number for number in range(len(hits)) if hits.span(number)[0] < end and hits.span(number)[1] > start]
    assert list(hits.touching(start, end)) == wanted


@pytest.mark.parametrize(
    ("text", "pattern", "starts"),
    [
        ("Error error ERROR", "error", [0, 6, 12]),
        ("Error error ERROR", "Error", [0]),
        ("設計と设计", "设计", [3]),
        ("Ünder ünder", "ünd", [0, 6]),
        ("STRASSE straße", "straße", [8]),
        ("a.c abc", "a.c", [0]),
        ("abc", "", []),
        ("", "a", []),
    ],
)
def test_case_matters_only_if_an_upper_case_letter_is_typed(text: str, pattern: str, starts: list[int]) -> None:
    assert list(find_hits(text, pattern).starts) == starts


def test_only_so_many_hits_are_kept_and_it_is_said() -> None:
    assert not find_hits("a" * 10, "a", most=10).is_cut
    hits = find_hits("a" * 11, "a", most=10)
    assert (len(hits), hits.is_cut) == (10, True)


def test_a_search_that_nobody_waits_for_ends_between_two_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_search, "_PIECE", 10)
    asked: list[int] = []

    def is_stale() -> bool:
        asked.append(1)
        return len(asked) > 2

    assert find_hits("a" * 100, "a", is_stale=is_stale) == Hits("a", find_hits("a" * 20, "a").starts, is_cut=True)
