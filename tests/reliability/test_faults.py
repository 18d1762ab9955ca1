"""Every call of every writing step is refused once, and once the last thing the program did."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.faults import FaultBench, trials
from tests.reliability.figures import Figures
from tests.reliability.steps import STEPS


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_made_whole_or_not_at_all_whatever_call_goes_wrong(
    quick_path: Path, hasty_readers: None, step: str
) -> None:
    figures = Figures()
    bench = FaultBench(quick_path, step, figures)
    failures = []
    for trial in trials(bench.calls(), quick=True):
        try:
            bench.run(trial)
        except AssertionError as error:
            failures.append(str(error))
    assert not failures, "\n".join(failures)
    assert figures["injected faults"] > 30
    assert figures["kills at a call"] > 8
