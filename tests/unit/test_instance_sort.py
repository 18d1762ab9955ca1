from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chatflow_core.models import UNREADABLE, InstanceSummary
from chatflow_tui.lists.instance_sort import SORT_WORDS, Sort, SortColumn, first_sort

ROW = InstanceSummary("id", "feature", "default", "running", "design", 1, 3, 0.0, 0.0)
SORTS = st.builds(Sort, st.sampled_from(list(SORT_WORDS)), st.booleans())
MOMENTS = st.one_of(st.floats(), st.integers(0, 3).map(float))
NAMES = st.one_of(st.text(max_size=3), st.sampled_from(["a", "A", "ab", ""]))
ROWS = st.lists(
    st.builds(
        InstanceSummary,
        instance_id=st.uuids().map(str),
        feature_id=NAMES,
        workflow_name=NAMES,
        status=st.sampled_from(["created", "running", "completed", "failed", UNREADABLE, "odd"]),
        current_phase=NAMES,
        phases_done=st.integers(0, 3),
        phases_total=st.sampled_from([None, 0, 3]),
        created_at=MOMENTS,
        updated_at=MOMENTS,
        problem=st.sampled_from([None, "line 1: torn"]),
    ),
    max_size=12,
    unique_by=lambda row: row.instance_id,
)


def order(sort: Sort, *rows: InstanceSummary) -> list[str]:
    return [row.instance_id for row in sort.arranged(rows)]


@given(ROWS, SORTS, MOMENTS)
def test_sorting_in_stages_is_sorting_by_place(rows: list[InstanceSummary], sort: Sort, dormant: float) -> None:
    assert sort.arranged(rows, dormant) == sorted(rows, key=lambda row: sort.place(row, dormant))


def test_instances_of_unknown_time_stand_in_the_order_of_their_ids() -> None:
    rows = [replace(ROW, instance_id=name, updated_at=float("nan")) for name in "cab"]
    assert order(Sort(), *rows) == ["a", "b", "c"]


def test_what_needs_the_reader_stands_first_and_what_was_put_aside_does_not() -> None:
    rows = [
        replace(
            ROW,
            instance_id=name,
            status=status,
            updated_at=updated_at,
            problem="line 1: torn" if status == UNREADABLE else None,
        )
        for name, status, updated_at in [
            ("failed long ago", "failed", 1.0),
            ("failed lately", "failed", 90.0),
            ("unreadable", UNREADABLE, 50.0),
            ("put aside", "running", 2.0),
            ("stalled", "running", 50.0),
            ("just touched", "running", 99.0),
            ("finished", "completed", 95.0),
        ]
    ]
    found = [row.instance_id for row in Sort("need", descending=False).arranged(rows, dormant_before=10.0)]
    assert found == [
        "failed lately",
        "unreadable",
        "failed long ago",
        "stalled",
        "just touched",
        "finished",
        "put aside",
    ]


@pytest.mark.parametrize(
    ("column", "values", "field"),
    [
        ("updated", [1.0, 2.0, 3.0], "updated_at"),
        ("created", [1.0, 2.0, 3.0], "created_at"),
        ("feature", ["a", "Ab", "b", "认证"], "feature_id"),
        ("workflow", ["", "a", "ab"], "workflow_name"),
        ("phase", ["Design", "design 2", "review"], "current_phase"),
        ("status", ["failed", UNREADABLE, "odd", "running", "created", "completed"], "status"),
        ("progress", [0, 1, 3], "phases_done"),
    ],
)
def test_each_column_sorts_both_ways(column: SortColumn, values: list[object], field: str) -> None:
    rows = [replace(ROW, instance_id=str(number), **{field: value}) for number, value in enumerate(values)]
    ids = [row.instance_id for row in rows]
    assert order(Sort(column, descending=False), *reversed(rows)) == ids
    assert order(Sort(column, descending=True), *rows) == ids[::-1]


@pytest.mark.parametrize("descending", [True, False])
def test_equal_ones_stand_with_the_latest_change_first_and_what_is_unknown_last(descending: bool) -> None:
    rows = [replace(ROW, instance_id=name, updated_at=moment) for name, moment in (("old", 1.0), ("new", 2.0))]
    assert order(Sort("feature", descending), *rows) == ["new", "old"]
    unknown = replace(ROW, instance_id="?", phases_total=None, updated_at=math.nan)
    assert order(Sort("progress", descending), unknown, *rows)[-1] == "?"
    assert order(Sort("updated", descending), unknown, *rows)[-1] == "?"


def test_a_column_is_first_sorted_the_way_one_wants_it() -> None:
    assert first_sort("updated") == Sort()
    assert first_sort("feature") == Sort("feature", descending=False)
    assert first_sort("feature").reversed() == Sort("feature", descending=True)
    assert (Sort().arrow, Sort().reversed().arrow) == ("▼", "▲")
