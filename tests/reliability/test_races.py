"""Many at once, and what each of them saw fits one order of events."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.reliability.figures import Figures
from tests.reliability.races import MAKES, RaceBench, check_linearizable
from tests.reliability.workers import Deed


@pytest.mark.parametrize(
    ("processes", "threads", "seeds"), [(4, 0, 0), (1, 3, 0), (2, 1, 1)], ids=["processes", "threads", "original"]
)
def test_what_everybody_saw_fits_one_order(quick_path: Path, processes: int, threads: int, seeds: int) -> None:
    figures = Figures()
    bench = RaceBench(quick_path / ".chatflow", figures, random.Random(processes))
    deeds = bench.run(processes=processes, threads=threads, seeds=seeds, deeds=200)
    assert len(deeds) == 200 * (processes + threads + seeds)
    assert sum(deed.kind in MAKES for deed in deeds) > 100


@pytest.mark.parametrize(
    "deeds",
    [
        [Deed("advance", "a", "1", 0, 1, 2), Deed("fail", "a", "2", 0, 1, 2)],
        [Deed("advance", "a", "1", 0, 1, 3), Deed("read", "a", "", 2, 3, 2)],
        [Deed("read", "a", "", 0, 1, 2), Deed("advance", "a", "1", 2, 3, 2)],
        [Deed("advance", "a", "1", 0, 3, 2, ("running",)), Deed("read", "a", "", 1, 2, 2, ("failed",))],
    ],
    ids=["lost change", "stale read", "read from the future", "torn read"],
)
def test_the_checker_finds_what_no_order_explains(deeds: list[Deed]) -> None:
    with pytest.raises(AssertionError):
        check_linearizable(deeds)
