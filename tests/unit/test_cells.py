from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chatflow_tui.lists.cells import age, duration, fit, fit_name, progress_bar, short_name

MINUTE, HOUR, DAY = 60, 3600, 86_400
YEAR_1, YEAR_9999 = -62_135_596_800.0, 253_402_300_799.0


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("design", 8, "design  "),
        ("design", 6, "design"),
        ("design", 5, "desi…"),
        ("design", 1, "…"),
        ("design", 0, ""),
        ("design", -3, ""),
        ("", 3, "   "),
        ("用户登录", 8, "用户登录"),
        ("用户登录", 7, "用户登…"),
        ("用户登录", 6, "用户… "),  # the third would be halved
        ("用户登录", 10, "用户登录  "),
    ],
)
def test_fit_cuts_or_pads_by_cells(text: str, width: int, expected: str) -> None:
    assert fit(text, width) == expected


def test_fit_pads_numbers_at_the_left() -> None:
    assert fit("3/6", 5, right=True) == "  3/6"
    assert fit("代码", 5, right=True) == " 代码"


@given(st.text(), st.integers(0, 40), st.booleans())
def test_fit_is_exactly_as_wide_as_asked_for_any_text(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(text, width, right=right)) == width


# What emoji and scripts are made of: joiners, variants, colours of skin, flags, keycaps, tags, marks, jamo.
_PIECES = st.sampled_from(
    [
        "代码",
        "ｱﾞ",
        "한",
        "\u1112\u1161\u11ab",
        "👩",
        "👍",
        "\U0001f3fd",
        "❤",
        "⚠",
        "1",
        "\u20e3",
        "\ufe0f",
        "\ufe0e",
        "\u200d",
        "🇩🇪",
        "🏴",
        "\U000e0067",
        "e",
        "\u0301",
        "क्षि",
        "ภาษาไทย",
        "שלום",
        "𠮷",
        " ",
    ]
)


@given(st.lists(_PIECES, max_size=20).map("".join), st.integers(0, 40))
def test_fit_is_as_wide_for_terminals_that_join_characters_as_for_those_that_do_not(text: str, width: int) -> None:
    fitted = fit(text, width)

    assert cell_len(fitted) == sum(map(cell_len, fitted)) == width


def test_fit_sends_no_endless_marks_to_the_terminal() -> None:
    fitted = fit("a" + "\u0301" * 100_000, 10)

    assert len(fitted) < 200
    assert "…" in fitted


@pytest.mark.parametrize(
    ("done", "total", "bar"),
    [
        (0, 6, ("", "──────")),
        (3, 6, ("━━━", "───")),
        (1, 12, ("╾", "─────")),
        (1, 1000, ("╾", "─────")),  # something is done
        (999, 1000, ("━━━━━╾", "")),  # not all is
        (6, 6, ("━━━━━━", "")),
        (9, 6, ("━━━━━━", "")),
        (-1, 6, ("", "──────")),
        (2, None, ("", "┄┄┄┄┄┄")),
        (0, 0, ("", "┄┄┄┄┄┄")),
    ],
)
def test_progress_bar(done: int, total: int | None, bar: tuple[str, str]) -> None:
    assert progress_bar(done, total, 6) == bar


@given(st.integers(-5, 10**6), st.one_of(st.none(), st.integers(-5, 10**6)), st.integers(0, 50))
def test_progress_bar_fills_its_width(done: int, total: int | None, width: int) -> None:
    parts = progress_bar(done, total, width)

    assert cell_len("".join(parts)) == width
    if total is not None and total > 0 and width:
        assert (parts[0] == "━" * width) == (done >= total)
        assert (parts[0] == "") == (done <= 0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "now"),
        (0.99, "now"),
        (-5, "now"),
        (1, "1s"),
        (59.9, "59s"),
        (MINUTE, "1m"),
        (3 * MINUTE + 59, "3m"),
        (2 * HOUR, "2h"),
        (DAY - 1, "23h"),
        (4 * DAY, "4d"),
        (49 * DAY, "7w"),
        (800 * DAY, "2y"),
        (YEAR_9999 - YEAR_1, "old"),
        (math.inf, "?"),
        (-math.inf, "?"),
        (math.nan, "?"),
    ],
)
def test_age(seconds: float, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0s"),
        (-3, "0.0s"),
        (0.4, "0.4s"),
        (9.97, "9.9s"),
        (12.8, "12s"),
        (3 * MINUTE + 5, "3m 05s"),
        (59 * MINUTE + 59.99, "59m 59s"),
        (2 * HOUR + 7 * MINUTE, "2h 07m"),
        (3 * DAY + 4 * HOUR, "3d 4h"),
        (99 * DAY + 23 * HOUR, "99d 23h"),
        (115 * DAY + 10 * HOUR, "115d"),
        (8.5 * 365.25 * DAY, "8y"),
        (YEAR_9999 - YEAR_1, "9998y"),
        (math.inf, "?"),
        (math.nan, "?"),
        (1e300, "?"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats())
def test_ages_and_durations_fit_their_columns_whatever_the_clock_says(seconds: float) -> None:
    assert 1 <= len(age(seconds)) <= 4
    assert 1 <= len(duration(seconds)) <= 7


@pytest.mark.parametrize("name", ["", "login", "支付回调", "a\x1b[31m\n", "e\u0301" * 50, "x" * 1_000_000, "👍🏽" * 9])
@pytest.mark.parametrize("width", [0, 1, 2, 7, 40])
def test_a_name_from_anywhere_is_made_harmless_and_fills_its_cells_or_no_more(name: str, width: int) -> None:
    filled, short = fit_name(name, width), short_name(name, width)
    assert cell_len(filled) == width
    assert filled.rstrip() == short.rstrip()
    assert cell_len(short) <= width
    assert filled.isprintable()


def test_a_name_that_is_cut_says_so() -> None:
    assert fit_name("rate-limits", 20) == "rate-limits         "
    assert short_name("rate-limits", 20) == "rate-limits"
    assert fit_name("rate-limits", 6) == short_name("rate-limits", 6) == "rate-…"
    assert short_name("a\nb", 9) == "a␊b"
