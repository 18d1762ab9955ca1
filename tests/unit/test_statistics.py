from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow_core import FileStateStore, InstanceSummary, WorkflowEngine, WorkflowInstanceState
from chatflow_core.statistics import (
    LEAST_SAMPLES,
    PhaseSample,
    StatisticsReader,
    phase_statistics,
    samples_of,
    usual_durations,
)
from chatflow_core.timeline import PhaseRun, PhaseTimeline
from tests.files import PHASES, SCHEMA


def runs(*seconds: float, failed: int = 0, phase: str = "design") -> list[PhaseSample]:
    return [PhaseSample(phase, each, is_failed=False) for each in seconds] + [
        PhaseSample(phase, 1.0, is_failed=True) for _ in range(failed)
    ]


def test_median_and_p90_are_of_completed_runs_and_failures_are_counted() -> None:
    (row,) = phase_statistics({"bugfix": runs(*map(float, range(1, 11)), failed=2)})
    assert (row.workflow_name, row.phase, row.completed, row.failed) == ("bugfix", "design", 10, 2)
    assert (row.median, row.p90) == (5.5, 9.0)
    assert row.failure_rate == 2 / 12


def test_one_run_and_none() -> None:
    (one,) = phase_statistics({"w": runs(7.0)})
    assert (one.median, one.p90, one.failure_rate) == (7.0, 7.0, 0.0)
    (none,) = phase_statistics({"w": runs(failed=1)})
    assert (none.median, none.p90, none.failure_rate) == (None, None, 1.0)


def test_only_enough_runs_say_what_is_usual() -> None:
    few = phase_statistics({"w": runs(*[3.0] * (LEAST_SAMPLES - 1), failed=9)})
    assert usual_durations(few, "w") == {}
    enough = phase_statistics({"w": runs(*[3.0] * LEAST_SAMPLES), "other": runs(*[9.0] * LEAST_SAMPLES)})
    assert usual_durations(enough, "w") == {"design": 3.0}


def test_open_runs_absurd_times_and_unknown_ends_tell_nothing() -> None:
    inf, nan = float("inf"), float("nan")
    times = [(1.0, None), (5.0, 3.0), (1.0, inf), (nan, 3.0), (1.0, 4.0)]
    runs = [PhaseRun(a, b, "completed", None, None) for a, b in times] + [PhaseRun(1.0, 9.0, "skipped", None, None)]
    timeline = [PhaseTimeline("p", "P", "x", tuple(runs), False)]
    assert samples_of(timeline) == (PhaseSample("p", 3.0, is_failed=False),)


def test_of_very_many_instances_the_last_changed_are_read(
    store: CountingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatflow_core.statistics.MOST_INSTANCES", 2)
    engine = WorkflowEngine(state_store=store)
    ids = [engine.start_workflow_instance(SCHEMA, {}, "f") for _ in range(3)]
    for instance_id in (ids[0], ids[2], ids[1]):
        engine.trigger_next_step(instance_id)
    engine.fail_current_phase(ids[0], "no")
    reader = StatisticsReader(store)
    list(reader.read(summaries(store)))
    assert sum(row.failed for row in reader.statistics) == 1
    assert sum(row.completed for row in reader.statistics) == 2


@given(
    st.dictionaries(
        st.text(max_size=2), st.lists(st.builds(PhaseSample, st.sampled_from("ab"), st.floats(0, 1e9), st.booleans()))
    )
)
def test_every_run_is_counted_once(samples: dict[str, list[PhaseSample]]) -> None:
    rows = phase_statistics(samples)
    assert sum(row.completed + row.failed for row in rows) == sum(map(len, samples.values()))
    for row in rows:
        assert 0 <= row.failure_rate <= 1
        if row.median is not None:
            # What the words mean, counted one by one.
            took = [s.seconds for s in samples[row.workflow_name] if s.phase == row.phase and not s.is_failed]
            assert row.completed == len(took)
            assert row.p90 in took
            assert 10 * sum(each <= row.p90 for each in took) >= 9 * len(took)
            assert 10 * sum(each < row.p90 for each in took) < 9 * len(took)
            assert 2 * sum(each <= row.median for each in took) >= len(took)
            assert 2 * sum(each >= row.median for each in took) >= len(took)
            assert row.median <= row.p90


class CountingStore(FileStateStore):
    reads = 0

    def read_state(self, instance_id: str) -> WorkflowInstanceState | None:
        self.reads += 1
        return super().read_state(instance_id)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore(tmp_path / ".chatflow", durable=False)


def summaries(store: FileStateStore) -> list[InstanceSummary]:
    return [summary for batch in store.scan() for summary in batch]


def test_each_history_is_read_again_only_when_it_has_changed(store: CountingStore) -> None:
    engine = WorkflowEngine(state_store=store)
    first, second = (engine.start_workflow_instance(SCHEMA, {}, "f") for _ in range(2))
    engine.trigger_next_step(first)
    reader = StatisticsReader(store)

    store.reads = 0
    assert list(reader.read(summaries(store))) == [0]
    assert store.reads == 2
    assert [(row.phase, row.completed) for row in reader.statistics] == [(PHASES[0], 1)]

    engine.fail_current_phase(second, "no")
    store.reads = 0
    list(reader.read(summaries(store)))
    assert store.reads == 1
    assert [(row.phase, row.completed, row.failed) for row in reader.statistics] == [(PHASES[0], 1, 1)]


def test_what_is_gone_or_unreadable_is_left_out_and_a_cancelled_reading_counts_nothing(store: CountingStore) -> None:
    engine = WorkflowEngine(state_store=store)
    ids = [engine.start_workflow_instance(SCHEMA, {}, "f") for _ in range(3)]
    for instance_id in ids:
        engine.trigger_next_step(instance_id)
    known = summaries(store)
    store.layout.record(ids[0]).unlink()
    store.layout.record(ids[1]).write_text("{")
    reader = StatisticsReader(store)
    list(reader.read(known, is_cancelled=lambda: True))
    assert not reader.statistics
    list(reader.read(known))
    assert [row.completed for row in reader.statistics] == [1]
