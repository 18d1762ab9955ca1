"""What is said about a text beside what it says."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chatflow_core import TaskExecutionRecord
from chatflow_tui.texts.text_facts import TextFacts, clock_time, estimate_tokens, rounded, token_words

anything = st.text(st.characters(exclude_categories=()), max_size=80)


@given(anything, anything)
def test_a_text_has_no_fewer_tokens_than_a_part_of_it(text: str, more: str) -> None:
    assert estimate_tokens(text) <= estimate_tokens(text + more)
    assert estimate_tokens(more) <= estimate_tokens(text + more)


@given(anything)
def test_a_text_has_no_more_tokens_than_characters(text: str) -> None:
    assert (len(text) > 0) <= estimate_tokens(text) <= len(text)


def test_the_usual_ratios() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("word" * 100) == 100
    assert estimate_tokens("设计" * 100) == 200
    assert estimate_tokens("щи" * 100) == 100
    assert estimate_tokens("🎉") == 1
    assert estimate_tokens("設" * 1_000_001) == 1_000_001  # more than one piece


def test_an_estimate_says_that_it_is_one_and_is_not_more_exact_than_it_can_be() -> None:
    assert token_words(1237) == "~1,240 tokens, estimated"
    assert [rounded(count) for count in (0, 7, 999, 1004, 1005, 123_456)] == [0, 7, 999, 1000, 1010, 123_000]


def test_as_much_is_said_as_there_is_room_for() -> None:
    facts = TextFacts(1240, 31, 310, TaskExecutionRecord("design", "completed", 1_700_000_000.0, 1_700_000_069.0))
    whole = facts.words(200, "53 %")
    assert re.fullmatch(
        r"53 % · 1\.2 KB · ~310 tokens, estimated · \d\d:\d\d:\d\d → \d\d:\d\d:\d\d \(1m 09s\) · 31 lines", whole
    )
    for width in range(len(whole) + 1):
        assert cell_len(facts.words(width, "53 %")) <= width
    assert re.fullmatch(r"53 % · 1\.2 KB · ~310 tokens, estimated · \d\d:\d\d:\d\d \(1m 09s\)", facts.words(60, "53 %"))
    assert facts.words(32, "53 %") == "53 % · 1.2 KB · ~310 tokens est."
    assert facts.words(20, "53 %") == "53 % · 1.2 KB"


def test_an_attempt_without_an_end_and_times_no_clock_shows() -> None:
    running = TaskExecutionRecord("design", "running", 1_700_000_000.0)
    assert "since " in TextFacts(10, 1, 3, running).words(100)
    assert TextFacts(10, 1, 3).words(100) == "10 B · ~3 tokens, estimated · 1 line"
    assert TextFacts(10, None, None).words(100) == "10 B"
    for seconds in (float("nan"), float("inf"), 1e300, -1e300):
        assert clock_time(seconds) == "?"
