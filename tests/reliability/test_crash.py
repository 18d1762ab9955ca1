"""Writers are killed at random moments: nothing acknowledged is lost, and the next writer finds all in order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.reliability.crash import CrashBench
from tests.reliability.figures import Figures


@pytest.mark.parametrize("writers", [1, 3])
def test_what_was_acknowledged_survives_the_death_of_writers(quick_path: Path, writers: int) -> None:
    figures = Figures()
    bench = CrashBench(quick_path / ".chatflow", figures, random.Random(writers))
    acknowledged = 0
    for _ in range(12 // writers):
        bench.kill_writers(writers)
        acknowledged += bench.check()
    assert figures["kills at random"] == 12
    assert acknowledged >= 12
