"""Whatever happens to the files, soon after the catalog shows what a fresh look at them gives."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.reliability.catalog_check import CatalogBench
from tests.reliability.figures import Figures


@pytest.mark.parametrize("seed", range(4))
def test_a_catalog_follows_whatever_happens(quick_path: Path, seed: int) -> None:
    with CatalogBench(quick_path, Figures(), random.Random(seed)) as bench:
        for _ in range(20):
            bench.happen(10)
            bench.check()


def test_a_catalog_that_polls_follows_too(quick_path: Path) -> None:
    with CatalogBench(quick_path, Figures(), random.Random(7), polling=True) as bench:
        for _ in bench.happen_once_each():
            bench.check()
        bench.happen(20)
        bench.check()


def test_a_storm_of_events_ends_in_the_truth(quick_path: Path) -> None:
    with CatalogBench(quick_path, Figures(), random.Random(8)) as bench:
        bench.happen(20)
        bench.storm(3_000)
        bench.check()
