"""The tree of features holds, after any changes, what a tree made anew would hold."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from chatflow_core.models import InstanceSummary
from chatflow_core.summaries import summarize_features
from chatflow_tui.lists.feature_cells import feature_cells, instance_cells, roll_up
from chatflow_tui.lists.feature_tree import (
    ALL_FEATURES,
    FeatureRow,
    FeatureTree,
    InstanceRow,
    TreeRow,
    feature_key,
    instance_key,
)


def instance(instance_id: str, feature_id: str, created_at: float = 1.0, status: str = "running") -> InstanceSummary:
    return InstanceSummary(instance_id, feature_id, "w", status, "design", 1, 4, created_at, created_at + 5)


class Store:
    """What a catalog does: keeps instances, and tells a tree what changed."""

    def __init__(self) -> None:
        self.instances: dict[str, InstanceSummary] = {}
        self.tree = FeatureTree()
        self.told: dict[str, object] = {}

    def change(self, changed: list[InstanceSummary], removed: list[str] | None = None) -> None:
        self.instances.update((row.instance_id, row) for row in changed)
        gone = [key for key in removed or [] if self.instances.pop(key, None) is not None]
        features = {feature.feature_id: feature for feature in summarize_features(self.instances.values())}
        told = [feature for key, feature in features.items() if self.told.get(key) != feature]
        left = [key for key in self.told if key not in features]
        self.told = dict(features)
        self.tree.apply(told, left, changed, gone, self.instances)

    def open(self, feature_id: str) -> None:
        self.tree.open(feature_id, self.instances.values())


ids = st.sampled_from(["wfi_a", "wfi_b", "wfi_c", "wfi_d", "wfi_e"])
features = st.sampled_from(["login", "Zebra", "apple", "\0", "\0wfi_a", ""])
times = st.sampled_from([1.0, 2.0, 3.0, math.inf, -1.0])
steps = st.one_of(
    st.tuples(st.just("change"), st.lists(st.tuples(ids, features, times), max_size=3)),
    st.tuples(st.just("remove"), st.lists(ids, max_size=2, unique=True)),
    st.tuples(st.just("open"), features),
    st.tuples(st.just("close"), features),
)


@given(st.lists(steps, max_size=12))
@settings(max_examples=300, deadline=None)
def test_whatever_happens_it_is_what_a_new_one_would_be(script: list[tuple[str, object]]) -> None:
    store = Store()
    for what, value in script:
        if what == "change":
            rows = {key: instance(key, feature, moment) for key, feature, moment in value}  # type: ignore[attr-defined]
            store.change(list(rows.values()))
        elif what == "remove":
            store.change([], list(value))  # type: ignore[call-overload]
        elif what == "open":
            store.open(str(value))
        else:
            store.tree.close(str(value))
        anew = FeatureTree()
        anew.apply(summarize_features(store.instances.values()), (), (), (), store.instances)
        for row in list(store.tree.rows.values()):
            if isinstance(row, FeatureRow) and row.is_open:
                anew.open(row.summary.feature_id, store.instances.values())
        assert store.tree.order == anew.order
        assert store.tree.rows == anew.rows
        assert sorted(store.tree.order) == sorted(store.tree.rows)


def test_instances_stand_beneath_an_opened_feature_the_newest_first_and_marked() -> None:
    store = Store()
    store.change([instance("wfi_a", "login", 1.0), instance("wfi_b", "login", 3.0), instance("wfi_c", "zoo", 2.0)])
    store.open("login")
    children = ["wfi_b", "wfi_a"]
    assert store.tree.order == [ALL_FEATURES, "login", *map(instance_key, children), "zoo"]
    marks = [store.tree.rows[instance_key(key)] for key in children]
    assert [isinstance(row, InstanceRow) and row.is_latest for row in marks] == [True, False]

    former_order = store.tree.order
    store.change([msgspec.structs.replace(store.instances["wfi_a"], status="failed", updated_at=99.0)])
    assert store.tree.order is former_order, "what happens in an instance moves no row"

    store.change([instance("wfi_d", "login", 4.0)])
    assert store.tree.order[2] == instance_key("wfi_d")
    latest = [
        row.instance.instance_id for row in store.tree.rows.values() if isinstance(row, InstanceRow) and row.is_latest
    ]
    assert latest == ["wfi_d"]


def test_a_time_that_is_not_a_number_has_its_place_and_comes_off_again() -> None:
    store = Store()
    store.change([instance("wfi_a", "f", math.nan), instance("wfi_b", "f", 1.0)])
    store.open("f")
    store.change([], ["wfi_a"])
    assert store.tree.order == [ALL_FEATURES, "f", instance_key("wfi_b")]


ODD = ["login", "[/", "[@click=app.quit]x", "\x1b]2;x\x07", "用户登录与权限" * 3, "", "x" * 100_000]


@pytest.mark.parametrize("width", [0, 5, 23, 31, 37, 48, 70, 77, 118, 200])
@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_every_row_fills_its_width_and_no_line_of_the_roll_up_is_wider(width: int, text: str) -> None:
    row = msgspec.structs.replace(
        instance("wfi_0123456789ab", text), current_phase=text, read_only=text or None, problem=text or None
    )
    failed = [instance(f"wfi_{number}", text, status="failed") for number in range(3)]
    feature = next(iter(summarize_features([row, *failed])), None)
    rows = [FeatureRow(feature, row, is_open=True), FeatureRow(feature)] if feature is not None else []
    for feature_row in rows:
        cells = feature_cells(feature_row, "3m", width)
        assert "".join(text for text, _ in cells).isprintable()
        if width >= 23:
            assert _width(cells) == width
            assert "✗3" in "".join(text for text, _ in cells), "failures are the last to be dropped"
    child = InstanceRow(row, is_latest=True)
    assert width < 23 or _width(instance_cells(child, "3m", width)) == width
    tree_rows: list[TreeRow] = [*rows, child]
    for line in (line for tree_row in tree_rows for line in roll_up(tree_row, "3m", width)):
        assert "".join(text for text, _ in line).isprintable()
        assert width < 23 or _width(line) <= width


def _width(cells: Iterable[tuple[str, str]]) -> int:
    return sum(cell_len(text) for text, _ in cells)


def test_the_roll_up_tells_all_in_the_width_of_the_narrowest_panel() -> None:
    rows = [instance(f"wfi_{number}", "login", float(number), status) for number, status in enumerate(STATUSES)]
    feature = summarize_features(rows)[0]
    lines = ["".join(text for text, _ in line) for line in roll_up(FeatureRow(feature, rows[-1]), "3m", 31)]
    assert lines == ["✓1 ●1 ○1 ✗2 · 5/20 phases", "★ ✗ design failed · 3m ago"]
    assert feature_key("login") == "login"


STATUSES = ("completed", "running", "created", "failed", "failed")
