from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import main
from tests.benchmarks.measure import Comparison, growth_table


@pytest.mark.parametrize("part", ["engine", "catalog", "search", "command"])
def test_the_benchmarks_run_and_tell_of_all_they_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], part: str
) -> None:
    main([part, "--quick", "--json", str(tmp_path / "result.json")])

    comparisons = json.loads((tmp_path / "result.json").read_text())["parts"][part]
    tables = capsys.readouterr().out
    assert comparisons
    for comparison in comparisons:
        assert comparison["what"] in tables
        assert comparison["reference_name"] in tables


def test_a_part_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["engines", "--json", str(tmp_path / "result.json")])


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


def test_how_times_grow() -> None:
    at_sizes = {1_000: 2.0, 10_000: 20.0, 100_000: 2000.0}
    comparisons = [Comparison("loading", "none", (time,), (1.0,), size=size) for size, time in at_sizes.items()]

    lines = growth_table([*comparisons, Comparison("one", "none", (1.0,), (1.0,))]).splitlines()

    assert [line.split()[-2] for line in lines[2:]] == ["n^1.00", "n^2.00"]
