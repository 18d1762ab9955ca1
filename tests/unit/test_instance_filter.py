from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chatflow_core.models import InstanceSummary
from chatflow_tui.lists.instance_filter import KEYS, InstanceFilter

NOW = 1_800_000_000.0
ROW = InstanceSummary(
    "wfi_00c0ffee", "User Auth", "bugfix", "running", "Code Review", 1, 3, NOW - 9000, NOW - 5400, read_only=None
)


def parse_filter(text: str) -> InstanceFilter:
    return InstanceFilter(words=text, clock=lambda: NOW)


def passes(text: str, row: InstanceSummary = ROW) -> bool:
    wanted = parse_filter(text)
    assert wanted.problem is None
    return wanted(row)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "auth",
        "AUTH review",
        '"user auth"',
        '"user au',
        "“user auth”",
        "status:run",
        "feature:auth",
        'feature:"user auth"',
        "phase:review workflow:bug id:wfi_ status:running",
        "PHASE:Code",
        "age:>1h",
        "age:<2h",
        "age:<1.6h !age:>1w !!running",
        "is:stalled",
        "!is:readonly !is:unreadable",
        "!design",
        "！design",
        "status：running",
        '!"auth user"',
        "!12:30",
        '!"status:failed"',
    ],
)
def test_terms_that_are_true_of_the_row(text: str) -> None:
    assert passes(text)


@pytest.mark.parametrize(
    "text",
    [
        "design",
        "!auth",
        "status:failed",
        "feature:bugfix",
        "age:<1h",
        "age:>2d",
        "!is:stalled",
        "is:readonly",
        "auth zz",
    ],
)
def test_terms_that_are_not(text: str) -> None:
    assert not passes(text)


def test_kinds() -> None:
    assert passes("is:readonly", replace(ROW, read_only="ChatCoder v1.1 wrote it"))
    assert passes("is:unreadable", replace(ROW, problem="torn"))
    assert not passes("is:stalled", replace(ROW, status="completed"))
    assert not passes("is:stalled", replace(ROW, updated_at=NOW - 60))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("statsu:failed", "did you mean status:?"),
        ("featur:x", "did you mean feature:?"),
        ("zzz:x", "quote it, or status: feature: workflow: phase: id: age: is:"),
        ("http://x", "quote it"),
        ("x" * 99 + ":x", "quote it"),
        ("is:" + "x" * 99, "there are is:stalled"),
        ("status:", "status:failed"),
        ("age:1h", "age:<1h"),
        ("age:<1y", "s, m, h, d or w"),
        ("age:<-1h", "age: needs"),
        ("is:stal", "did you mean is:stalled?"),
        ("is:", "is: needs a word"),
        ("auth !", "! needs a term"),
    ],
)
def test_an_error_says_what_would_be_right(text: str, words: str) -> None:
    problem = parse_filter(text).problem
    assert problem is not None
    assert words in problem
    assert len(problem) <= 78, "it is told in one line of the smallest terminal"


def test_the_last_good_terms_count_while_new_ones_cannot_be_read() -> None:
    good = InstanceFilter("User Auth").with_words("status:running")
    typed = good.with_words("status:running is:stal")
    assert typed.words == "status:running"
    assert typed.problem is not None
    assert typed(ROW)
    assert not typed(replace(ROW, status="failed"))
    assert typed.with_words("status:failed").problem is None
    assert not typed.with_words("status:failed")(ROW)


def test_the_feature_is_kept_apart_and_must_be_equal() -> None:
    wanted = InstanceFilter("User Auth", "review")
    assert wanted(ROW)
    assert not wanted(replace(ROW, feature_id="User Authentication"))
    assert wanted.of_feature(None)(replace(ROW, feature_id="other"))
    assert wanted.with_words("")(ROW)
    assert wanted != wanted.of_feature(None)


def test_only_what_lets_all_pass_is_empty() -> None:
    assert InstanceFilter().is_empty
    assert parse_filter("  ").is_empty
    assert not parse_filter("x").is_empty
    assert not InstanceFilter("f").is_empty


def test_a_filter_knows_whether_it_depends_on_the_time() -> None:
    assert parse_filter("x age:<1h").is_timed
    assert parse_filter("!is:stalled").is_timed
    assert not parse_filter("stale is:readonly").is_timed


SUMMARIES = st.builds(
    InstanceSummary,
    instance_id=st.text(max_size=5),
    feature_id=st.text(max_size=5),
    workflow_name=st.text(max_size=5),
    status=st.sampled_from(["running", "failed", "unreadable", "odd"]),
    current_phase=st.text(max_size=5),
    phases_done=st.just(0),
    phases_total=st.none(),
    created_at=st.just(0.0),
    updated_at=st.one_of(st.floats(), st.floats(NOW - 1e6, NOW)),
    read_only=st.none() | st.text(),
    problem=st.none() | st.text(),
)
TERMS = st.one_of(
    st.text(max_size=8),
    st.builds("{}:{}".format, st.sampled_from([*KEYS, "sta", ""]), st.text(max_size=6)),
    st.builds("age:{}{}{}".format, st.sampled_from("<>="), st.integers(0, 10**10), st.sampled_from("smhdwy")),
    st.sampled_from(["is:stalled", "is:readonly", "is:unreadable", '"a b', '"a b"', "!", "status:", "：", "！！x"]),
)


@given(st.one_of(st.text(), st.lists(TERMS).map(" ".join)), SUMMARIES)
def test_no_text_raises(text: str, row: InstanceSummary) -> None:
    wanted = parse_filter(text)
    assert wanted(row) in (True, False)
    if wanted.problem is not None:
        assert wanted.problem
        assert wanted.is_empty


def single(text: str) -> bool:
    """Whether this is one term, so that an exclamation mark in front negates the whole of it."""
    return parse_filter(text).problem is None and len(parse_filter(text)._terms) == 1


@given(TERMS.map(str.strip).filter(single), SUMMARIES)
def test_a_negation_is_the_complement(text: str, row: InstanceSummary) -> None:
    plain, negated = (parse_filter(sign + text) for sign in ("", "!"))
    assert negated.problem is None
    assert plain(row) is not negated(row)


@given(TERMS.filter(single), TERMS.filter(single), SUMMARIES)
def test_terms_are_joined_by_and(left: str, right: str, row: InstanceSummary) -> None:
    closed = left + '"' if left.count('"') % 2 else left
    if not single(closed):
        return
    both = parse_filter(f"{closed} {right}")
    assert both(row) == (parse_filter(closed)(row) and parse_filter(right)(row))


def test_an_age_that_is_no_number_is_neither_less_nor_more() -> None:
    row = replace(ROW, updated_at=math.nan)
    assert not passes("age:<1h", row)
    assert not passes("age:>1h", row)
    assert passes("!age:<1h", row)


@pytest.mark.parametrize(
    ("former", "wanted", "is_narrower"),
    [
        ("", "a", True),
        ("", "!a", True),
        ("au", "aut", True),
        ("auth", "auth review", True),
        ("auth", "aut", False),
        ("auth", "xauth", False),
        ("!a", "!au", False),
        ("age:<1h", "age:<1h a", False),
        ('"au', '"auth"', False),
    ],
)
def test_words_that_grow_let_nothing_pass_that_did_not(former: str, wanted: str, is_narrower: bool) -> None:
    assert parse_filter(wanted).narrows(parse_filter(former)) is is_narrower


def test_a_feature_is_narrower_than_all_and_not_than_another() -> None:
    every, one, other = InstanceFilter(), InstanceFilter("a"), InstanceFilter("b")

    assert (one.narrows(every), every.narrows(one), other.narrows(one)) == (True, False, False)


@given(st.text('aAu ß!:"-', max_size=6), st.text('aAu ß!:"-', max_size=4))
def test_what_a_narrower_filter_lets_pass_passed_before(typed: str, more: str) -> None:
    former, wanted = parse_filter(typed), parse_filter(typed + more)
    if former.problem is None and wanted.problem is None and wanted.narrows(former):
        for name in ("a", "Aau", "u-a", "ssa", "SS", "b"):
            row = replace(ROW, feature_id=name)
            assert former(row) or not wanted(row)
