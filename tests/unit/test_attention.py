from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatflow_core import InstanceSummary
from chatflow_tui.lists.attention import NeedCount, Patience

PATIENCE = Patience(stalled_after=100.0, dormant_after=1000.0)
NOW = 1_800_000_000.0


def row(number: int, status: str, ago: float) -> InstanceSummary:
    problem = "line 1: torn" if status == "unreadable" else None
    return InstanceSummary(f"wfi_{number}", "f", "w", status, "p", 0, 1, NOW - ago, NOW - ago, problem=problem)


rows = st.builds(
    row,
    st.integers(0, 5),
    st.sampled_from(["created", "running", "failed", "completed", "unreadable", "paused"]),
    st.sampled_from([-50.0, 0.0, 99.0, 100.0, 101.0, 999.0, 1000.0, 5000.0, float("nan"), float("inf")]),
)


def test_failed_unreadable_and_untouched_instances_need_the_reader_and_dormant_ones_do_not() -> None:
    assert PATIENCE.need(row(1, "failed", 5000), NOW) == "failed"
    assert PATIENCE.need(row(1, "unreadable", 5000), NOW) == "unreadable"
    assert PATIENCE.need(row(1, "running", 100), NOW) == "stalled"
    for status, ago in [("running", 99.0), ("running", 1000.0), ("created", 500.0), ("completed", 500.0)]:
        assert PATIENCE.need(row(1, status, ago), NOW) is None


@given(st.lists(st.tuples(st.lists(rows, max_size=4), st.lists(st.integers(0, 5), max_size=2)), max_size=8))
def test_the_count_is_that_of_asking_for_each(changes: list[tuple[list[InstanceSummary], list[int]]]) -> None:
    count, held = NeedCount(PATIENCE), dict[str, InstanceSummary]()
    for changed, removed in changes:
        gone = [f"wfi_{number}" for number in removed]
        count.apply(changed, gone)
        for instance_id in gone:
            held.pop(instance_id, None)
        held |= {summary.instance_id: summary for summary in changed}
        for now in (NOW, NOW + 100, NOW + 950, NOW - 200):
            assert count.at(now) == sum(PATIENCE.need(summary, now) is not None for summary in held.values())
