"""The hits of a search are gone through text by text, round and round."""

from __future__ import annotations

from chatflow_core.models import TextKind
from chatflow_core.search import SearchHit
from chatflow_tui.texts.hit_list import HitList, HitsInText


def hit(instance: int, kind: TextKind, line: int, attempt: int | None = None) -> SearchHit:
    return SearchHit(f"wfi_{instance}", "design", kind, attempt, line, 0, "needle", ((0, 6),))


HITS = [
    hit(1, "prompt", 3),
    hit(1, "prompt", 8),
    hit(1, "response", 5),
    hit(1, "response", 6, attempt=1),
    hit(2, "response", 2),
    hit(2, "response", 4),
]


def test_hits_are_stepped_through_round_and_round() -> None:
    hits = HitList(HITS, "needle", 4)

    assert [hits.step(step).index for step in (-1, 0, 1, 2)] == [3, 4, 5, 0]
    assert hits.step(1).hit is HITS[5]
    assert hits.at(-1).index == 5


def test_beyond_a_text_are_the_first_hit_behind_it_and_the_last_one_before_it() -> None:
    at = [HitList(HITS, "needle", index) for index in range(len(HITS))]

    assert [hits.beyond_text(1).index for hits in at] == [2, 2, 3, 4, 0, 0]
    assert [hits.beyond_text(-1).index for hits in at] == [5, 5, 1, 2, 3, 3]


def test_a_list_of_one_text_goes_round_in_it() -> None:
    hits = HitList(HITS[4:], "needle")

    assert (hits.beyond_text(1).index, hits.beyond_text(-1).index) == (0, 1)


def test_a_line_is_told_by_its_number_in_the_list() -> None:
    in_text = HitList(HITS, "needle", 5).in_text

    assert in_text == HitsInText(5, (2, 4), 6)
    assert [in_text.number(line) for line in (0, 2, 3, 4, 99)] == [5, 5, 5, 6, 6]
    assert in_text.words(4) == "list 6/6"
    assert HitList(HITS, "needle", 0, is_part=True).in_text.words(8) == "list 2/first 6"
