"""The engine: how fast phases are advanced, and states and counts read."""

from __future__ import annotations

from tests.benchmarks.measure import Comparison
from tests.benchmarks.read_speed import compare_reads
from tests.benchmarks.transition_speed import compare_growth, compare_transitions

_FEATURE_SIZES = (100, 1_000, 10_000)


def run(*, quick: bool = False) -> list[Comparison]:
    """Measure.

    Args:
        quick: Whether to be done within a second or two: to see that it works, not how fast.
    """
    if quick:
        return [*compare_transitions(8, 1), *compare_growth((4, 8), 1), *compare_reads((4, 8), 1, 20)]
    return [
        *compare_transitions(140, 15),
        *compare_growth(_FEATURE_SIZES, 7),
        *compare_reads(_FEATURE_SIZES, 15, 1_000),
    ]
