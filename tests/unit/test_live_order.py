from __future__ import annotations

import math
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow_core.models import InstanceSummary
from chatflow_tui.lists.instance_sort import SORT_WORDS, Sort
from chatflow_tui.lists.live_order import LiveOrder


def instance(instance_id: str, updated_at: float, status: str = "running") -> InstanceSummary:
    number = sum(map(ord, instance_id))
    feature, phase = ("", "a", "A", "ab", "认证", "b")[number % 6], ("design", "Review")[number % 2]
    total = None if number % 7 == 0 else 3
    return InstanceSummary(
        instance_id, feature, "default", status, phase, number % 3, total, float(number % 4), updated_at
    )


def filled(*rows: InstanceSummary) -> LiveOrder:
    order = LiveOrder()
    order.apply(rows, (), live=True, pinned=None)
    return order


def is_running(row: InstanceSummary) -> bool:
    return row.status == "running"


def test_live_the_latest_change_stands_first_and_ties_go_by_id() -> None:
    order = filled(instance("b", 5), instance("a", 5), instance("c", 9))
    assert order.order == ["c", "a", "b"]

    order.apply([instance("b", 10)], (), live=True, pinned="c")

    assert order.order == ["b", "c", "a"]


def test_a_time_that_is_no_number_sorts_last() -> None:
    assert filled(instance("a", math.nan), instance("b", 1), instance("c", math.inf)).order == ["c", "b", "a"]


def test_not_live_changed_rows_keep_their_place_and_new_ones_wait() -> None:
    order = filled(instance("a", 3), instance("b", 2), instance("c", 1))

    order.apply([instance("c", 50), instance("new", 60)], (), live=False, pinned="b")

    assert order.order == ["a", "b", "c"]
    assert order.rows["c"].updated_at == 50
    assert order.held == {"new"}

    order.sort_again()

    assert order.order == ["new", "c", "a", "b"]
    assert order.held == set()


def test_going_live_again_lets_in_what_was_held_back() -> None:
    order = filled(instance("a", 3))
    order.apply([instance("new", 60)], (), live=False, pinned="a")

    order.apply([instance("a", 70)], (), live=True, pinned="a")

    assert order.order == ["a", "new"]
    assert order.held == set()


def test_a_removed_row_disappears_but_under_the_cursor_it_lingers() -> None:
    order = filled(instance("a", 3), instance("b", 2), instance("c", 1))

    order.apply((), ["b", "c", "unknown"], live=False, pinned="b")

    assert order.order == ["a", "b"]
    assert order.lingering == "b"
    assert order.is_lingering_gone

    order.release()

    assert order.order == ["a"]
    assert set(order.rows) == {"a"}
    assert order.lingering is None


def test_a_row_that_comes_back_is_no_longer_gone() -> None:
    order = filled(instance("a", 3))
    order.apply((), ["a"], live=True, pinned="a")

    order.apply([instance("a", 4)], (), live=True, pinned="a")
    order.release()

    assert order.order == ["a"]
    assert order.lingering is None


def test_a_removed_instance_is_no_longer_held_back() -> None:
    order = filled(instance("a", 3))
    order.apply([instance("new", 4)], (), live=False, pinned="a")

    order.apply((), ["new"], live=False, pinned="a")

    assert order.held == set()
    assert set(order.rows) == {"a"}


def test_the_filter_holds_for_changes_too() -> None:
    order = filled(instance("a", 3), instance("b", 2), instance("done", 1, "completed"))
    order.set_filter(is_running)
    assert order.order == ["a", "b"]

    order.apply([instance("a", 4, "completed"), instance("x", 5, "failed")], (), live=False, pinned="b")
    assert order.order == ["b"]
    assert order.held == set()

    order.apply([instance("b", 6, "completed")], (), live=False, pinned="b")
    assert order.order == ["b"], "it stays under the cursor"
    assert (order.lingering, order.is_lingering_gone) == ("b", False)

    order.set_filter(None)
    assert order.order == ["b", "x", "a", "done"]


def test_sorting_by_something_else_lets_in_what_was_held_back_and_keeps_what_lingers() -> None:
    order = filled(instance("a", 3), instance("b", 2), instance("c", 1))
    order.apply([instance("new", 9)], ["b"], live=False, pinned="b")

    order.set_sort(Sort("updated", descending=False))

    assert order.order == ["c", "b", "a", "new"]
    assert order.held == set()
    assert order.lingering == "b"
    order.release()
    assert order.order == ["c", "a", "new"]


def test_asking_again_takes_out_and_lets_in_what_time_has_changed() -> None:
    limit = 2.0
    order = filled(instance("a", 3), instance("b", 2), instance("c", 1))
    order.set_filter(lambda row: row.updated_at >= limit)
    assert order.order == ["a", "b"]

    limit = 3.0
    order.ask_again(live=False, pinned="a")
    assert order.order == ["a"]

    limit = 4.0
    order.ask_again(live=False, pinned="a")
    assert (order.order, order.lingering) == (["a"], "a")

    limit = 1.0
    order.ask_again(live=False, pinned="a")
    assert order.held == {"b", "c"}
    assert order.lingering is None

    limit = 3.0
    order.sort_again()
    order.ask_again(live=True, pinned="a")
    assert order.order == ["a"]
    limit = 1.0
    order.ask_again(live=True, pinned="a")
    assert order.order == ["a", "b", "c"]


@dataclass
class Step:
    changed: list[InstanceSummary]
    removed: list[str]
    live: bool
    pin: int
    release: bool
    sort_again: bool
    refilter: int


IDS = st.sampled_from([f"wfi_{number:02}" for number in range(40)])
ROWS = st.builds(
    instance,
    IDS,
    st.one_of(st.integers(0, 12).map(float), st.just(math.nan)),
    st.sampled_from(["running", "completed"]),
)
STEPS = st.lists(
    st.builds(
        Step,
        changed=st.lists(ROWS, max_size=12),
        removed=st.lists(IDS, max_size=4),
        live=st.booleans(),
        pin=st.integers(0, 60),
        release=st.booleans(),
        sort_again=st.integers(0, 9).map(lambda number: number == 0),
        refilter=st.integers(0, 9),
    ),
    max_size=15,
)


@settings(deadline=None)
@given(STEPS, st.booleans(), st.builds(Sort, st.sampled_from(list(SORT_WORDS)), st.booleans()))
def test_whatever_happens_the_order_is_right_or_holds(steps: list[Step], many: bool, sort: Sort) -> None:
    order = LiveOrder()
    order.set_sort(sort)
    rank = sort.place
    model: dict[str, InstanceSummary] = {}
    predicate = None
    if many:  # so that few changes among many rows are placed one by one
        rows = [instance(f"zzz_{number:04}", 0.5) for number in range(900)]
        model = {row.instance_id: row for row in rows}
        order.apply(rows, (), live=True, pinned=None)
    for step in steps:
        pinned = order.order[step.pin % len(order.order)] if order.order else None
        if order.lingering not in (None, pinned):
            order.release()
        former = list(order.order)
        order.apply(step.changed, step.removed, live=step.live, pinned=pinned)
        model.update((row.instance_id, row) for row in step.changed)
        for instance_id in step.removed:
            model.pop(instance_id, None)
        matching = {key for key, row in model.items() if predicate is None or predicate(row)}
        shown = set(order.order)
        assert len(shown) == len(order.order)
        assert shown - {order.lingering} == matching - order.held
        assert not shown & order.held
        assert pinned is None or pinned in shown
        if step.live:
            assert order.held == set()
            steady = [key for key in order.order if key != order.lingering]
            assert steady == sorted(steady, key=lambda key: rank(model[key]))
        else:
            assert order.order == [key for key in former if key in shown], "the order holds"
        if step.release:
            order.release()
            assert order.lingering is None
            assert set(order.order) == matching - order.held
        if step.sort_again:
            order.sort_again()
            assert order.held == set()
            assert order.order == sorted(order.order, key=lambda key: rank(order.rows[key]))
        if step.refilter < 2:
            predicate = is_running if step.refilter else None
            order.set_filter(predicate)
            wanted = [row for row in model.values() if predicate is None or predicate(row)]
            assert order.order == [row.instance_id for row in sorted(wanted, key=rank)]


def test_a_narrower_filter_leaves_what_matches_in_its_order() -> None:
    rows = [instance(name, number, "running" if number % 2 else "failed") for number, name in enumerate("abcdef")]
    order = filled(*rows)

    order.set_filter(is_running, narrows=True)
    assert order.order == ["f", "d", "b"]
    order.set_filter(lambda row: row.instance_id > "b" and is_running(row), narrows=True)
    assert order.order == ["f", "d"]
    order.set_filter(is_running)
    assert order.order == ["f", "d", "b"]


def test_a_narrower_filter_still_drops_what_lingers_and_shows_what_waited() -> None:
    order = filled(instance("a", 3), instance("b", 2))
    order.set_filter(is_running)
    order.apply([instance("a", 4, "failed"), instance("c", 5)], (), live=False, pinned="a")
    assert (order.order, order.lingering, order.held) == (["a", "b"], "a", {"c"})

    order.set_filter(is_running, narrows=True)

    assert (order.order, order.lingering, order.held) == (["c", "b"], None, set())


def test_while_everything_is_loaded_what_comes_in_the_order_of_the_list_is_shown_at_once() -> None:
    order = filled(instance("a", 9), instance("b", 8))

    order.apply([instance("c", 7)], (), live=True, pinned="a", is_loading=True)
    assert order.order == ["a", "b", "c"]
    order.apply([instance("d", 10), instance("e", 1)], (), live=True, pinned="a", is_loading=True)
    assert order.order == ["d", "a", "b", "c", "e"]


def test_while_everything_is_loaded_in_another_order_all_are_sorted_when_there_are_twice_as_many_and_at_the_end() -> (
    None
):
    order = filled(instance("a", 9), instance("b", 8))
    order.set_sort(Sort("updated", descending=False))

    order.apply([instance("c", 7)], (), live=True, pinned="b", is_loading=True)
    assert order.order == ["b", "a"]
    order.apply([instance("d", 10)], (), live=True, pinned="b", is_loading=True)
    assert order.order == ["c", "b", "a", "d"]
    order.apply([instance("e", 1)], (), live=True, pinned="c", is_loading=True)
    assert order.order == ["c", "b", "a", "d"]
    order.apply((), (), live=True, pinned="c")
    assert order.order == ["e", "c", "b", "a", "d"]
