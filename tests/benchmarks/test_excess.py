from __future__ import annotations

from tests.benchmarks.excess import Excess
from tests.benchmarks.measure import table


def test_what_is_above_a_reference_in_units() -> None:
    above = Excess("paint", "empty", (0.30, 0.31, 0.45), (0.20, 0.21, 0.22), aim=150)
    alone = Excess("key", "", tuple(number / 1000 for number in range(1, 101)), (), aim=90, share=0.95)
    memory = Excess("memory", "empty", (60.0,), (40.0,), aim=25, unit="MB")

    assert (round(above.ratio), above.is_met) == (100, True)
    assert (round(alone.ratio), alone.is_met) == (96, False)
    assert (memory.ratio, memory.is_met) == (20, True)
    lines = table([above, alone, memory])
    for cell in ("+100 ms", "<= +150 ms", "p95 96 ms", "<= p95 90 ms", "+20 MB"):
        assert cell in lines
