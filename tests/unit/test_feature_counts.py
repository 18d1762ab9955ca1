"""Counting as instances come and go gives what counting all of them anew would."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow_core.feature_counts import FeatureCounts
from chatflow_core.models import InstanceSummary
from chatflow_core.summaries import summarize_feature

times = st.sampled_from([0.0, 1.0, 2.0, 3.0, -1.0, math.nan, math.inf])
summaries = st.builds(
    lambda key, status, done, total, created_at, updated_at: InstanceSummary(
        key, "f", "w", status, "p", done, total, created_at, updated_at
    ),
    st.sampled_from(["wfi_a", "wfi_b", "wfi_c"]),
    st.sampled_from(["created", "running", "completed", "failed", "paused", "unreadable"]),
    st.integers(0, 3),
    st.none() | st.integers(3, 5),
    times,
    times,
)


@given(st.lists(st.tuples(summaries, st.booleans()), max_size=12))
@settings(max_examples=500)
def test_whatever_comes_and_goes(steps: list[tuple[InstanceSummary, bool]]) -> None:
    counts = FeatureCounts("f")
    present: dict[str, InstanceSummary] = {}
    for summary, is_there in steps:
        if is_there:
            counts.put(summary)
            present[summary.instance_id] = summary
        else:
            counts.drop(summary.instance_id)
            present.pop(summary.instance_id, None)
        assert counts.summary() == summarize_feature("f", present.values())
        assert len(counts) == len(present)
