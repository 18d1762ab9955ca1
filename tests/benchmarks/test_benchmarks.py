from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks import engine
from tests.benchmarks.measure import Comparison


def test_the_benchmarks_run_and_compare_with_the_same_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine.main(["--sizes", "20", "--runs", "1", "--transitions", "8", "--json", str(tmp_path / "result.json")])

    comparisons = json.loads((tmp_path / "result.json").read_text())["comparisons"]
    table = capsys.readouterr().out
    assert len(comparisons) == 10
    for comparison in comparisons:
        assert comparison["ratio"] > 0
        assert comparison["what"] in table


def test_a_ratio_of_rates_and_one_of_times() -> None:
    ours, reference = (2.0, 4.0, 3.0), (1.0, 4.0, 2.0)
    rates = Comparison("what", "reference", ours, reference, is_rate=True, aim=0.6)
    times = Comparison("what", "reference", ours, reference, aim=1.4)

    assert rates.ratios == (0.5, 1.0, 2 / 3)
    assert rates.ratio == 2 / 3
    assert rates.is_met
    assert times.ratios == (2.0, 1.0, 1.5)
    assert times.ratio == 1.5
    assert times.is_met is False
    assert Comparison("what", "reference", ours, reference).is_met is None
