from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow_core import TaskArtifacts, TaskExecutionRecord
from chatflow_tui.texts.history_texts import texts_of_run


class Attempts:
    """Attempts that began at these times; None: nobody recorded when."""

    def __init__(self, *began: float | None) -> None:
        self.began = began
        self.loads = 0

    def load(self, attempt: int | None) -> TaskArtifacts:
        self.loads += 1
        number = len(self.began) if attempt is None else attempt
        began = self.began[number - 1] if self.began else None
        record = None if began is None else TaskExecutionRecord("p", "completed", began)
        return TaskArtifacts("i", "p", number, len(self.began), "x", "y", 1, 1, record, "intact")

    def of_runs(self, *starts: float) -> list[int | None]:
        found = [texts_of_run(number, starts, self.load) for number in range(1, len(starts) + 1)]
        return [None if each is None else each.attempt for each in found]


@pytest.mark.parametrize(
    ("began", "starts", "expected"),
    [
        ([], [1.0], [None]),
        ([5.0], [1.0], [1]),
        ([0.5], [1.0], [1]),  # recorded before the phase was opened
        ([5.0, 6.0], [1.0], [2]),  # two attempts in one run: the last
        ([5.0, 15.0], [1.0, 10.0], [1, 2]),
        ([15.0], [1.0, 10.0], [None, 1]),
        ([5.0], [1.0, 10.0], [1, None]),
        ([5.0, 25.0, 26.0], [1.0, 10.0, 20.0], [1, None, 3]),
        ([10.0], [1.0, 10.0], [None, 1]),
        ([None], [1.0, 10.0], [None, 1]),  # without a record: the newest to the newest
        ([None, None], [1.0, 10.0, 20.0], [None, 1, 2]),
        ([math.nan], [1.0], [1]),
    ],
)
def test_each_run_has_the_last_attempt_that_began_in_it(
    began: list[float | None], starts: list[float], expected: list[int | None]
) -> None:
    assert Attempts(*began).of_runs(*starts) == expected


@given(st.lists(st.floats(0, 100), max_size=12), st.lists(st.floats(0, 100), min_size=1, max_size=8))
def test_every_attempt_belongs_to_one_run(began: list[float], starts: list[float]) -> None:
    began.sort()
    starts.sort()
    found = [each for each in Attempts(*began).of_runs(*starts) if each is not None]
    assert len(set(found)) == len(found)
    assert not began or len(began) in found
    assert found == sorted(found)


def test_of_a_thousand_attempts_few_are_read() -> None:
    attempts = Attempts(*map(float, range(1000)))
    starts = tuple(float(number) for number in range(0, 1000, 2))
    found = texts_of_run(100, starts, attempts.load)
    assert found is not None
    assert found.attempt == 200
    assert attempts.loads < 15


@given(st.lists(st.one_of(st.none(), st.floats()), max_size=6), st.lists(st.floats(), min_size=1, max_size=6))
def test_no_times_are_absurd_enough_to_break_it(began: list[float | None], starts: list[float]) -> None:
    assert len(Attempts(*began).of_runs(*starts)) == len(starts)
