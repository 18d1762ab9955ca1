"""Names are found by words and by letters, in time that no name can make long."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from chatflow_tui.keys.fuzzy import MOST_OF_NAME, MOST_OF_QUERY, FuzzyQuery


def best_first(typed: str, *names: str) -> list[str]:
    query = FuzzyQuery(typed)
    scores = {name: match.score for name in names if (match := query.match(name)) is not None}
    return sorted(scores, key=lambda name: -scores[name])


def test_the_better_it_matches_the_higher_it_stands() -> None:
    names = ["unauthorised", "auth", "a-user-thing", "user-auth", "user-auth-again", "billing"]
    assert best_first("AUTH", *names) == ["auth", "user-auth", "user-auth-again", "unauthorised", "a-user-thing"]
    assert best_first("auth user", *names) == ["user-auth", "user-auth-again", "a-user-thing"]
    assert best_first("登录", "用户登录", "用户") == ["用户登录"]


@given(st.text(max_size=MOST_OF_NAME), st.data())
def test_the_letters_of_a_name_in_their_order_find_it(name: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.sets(st.integers(0, max(0, len(name) - 1)), max_size=MOST_OF_QUERY)))
    typed = "".join(name[place] for place in places if name)
    match = FuzzyQuery(typed).match(name)
    if len(typed.split()) <= 1:
        assert match is not None
        assert 0 < match.score <= 1
        assert all(0 <= place < len(name) for place in match.places)


def test_a_name_made_to_be_slow_is_not() -> None:
    began = time.process_time()
    for _ in range(20):
        assert FuzzyQuery("a" * 59 + "b").match("a" * 100_000) is None
        assert FuzzyQuery(r"ab[\]^-b" * 7).match(r"ab[\]^-" * 10_000) is not None
    assert time.process_time() - began < 2.0
