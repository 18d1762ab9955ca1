"""The kernel itself refuses a system call of a step, or kills the program at it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.reliability.figures import Figures
from tests.reliability.steps import STEPS
from tests.reliability.strace_faults import StraceBench, can_trace

pytestmark = [
    pytest.mark.skipif(not can_trace(), reason="strace cannot look at other processes here"),
    pytest.mark.usefixtures("hasty_readers"),
]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_made_whole_or_not_at_all_whatever_the_kernel_says(quick_path: Path, step: str) -> None:
    figures = Figures()
    bench = StraceBench(quick_path, step, figures)
    rules = list(bench.rules())
    for rule, kills in random.Random(step).sample(rules, 10):
        bench.tamper(rule, kills=kills)
    assert figures["tampered system calls"] == 10
