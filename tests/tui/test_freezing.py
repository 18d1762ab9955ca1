from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from chatflow_core import CatalogChange, InstanceSummary
from chatflow_core.summaries import summarize_features
from chatflow_tui.lists.frozen_changes import FrozenChanges
from chatflow_tui.widgets.frozen_banner import FrozenBanner
from tests.tui.list_hosts import TableHost, instance, twenty


def merged(*changes: CatalogChange) -> CatalogChange:
    frozen = FrozenChanges()
    for change in changes:
        frozen.add(change)
    released = frozen.release()
    assert released is not None
    assert frozen.count == 0
    assert frozen.release() is None
    return released


def test_what_came_last_counts() -> None:
    old, new, other = instance(1), instance(1, current_phase="review"), instance(2)
    frozen = FrozenChanges()
    frozen.add(CatalogChange(changed=(old, other), touched=frozenset({"a"}), mode="live"))
    frozen.add(CatalogChange(changed=(new,), removed=("wfi_x",), touched=frozenset({"b"}), problem="full"))
    assert frozen.count == 3

    released = frozen.release()

    assert released is not None
    assert released.changed == (other, new)
    assert released.removed == ("wfi_x",)
    assert released.touched == {"a", "b"}
    assert (released.mode, released.problem) == ("waiting", "full")


def test_what_is_removed_and_comes_back_is_changed_and_the_other_way_round() -> None:
    row = instance(1)
    assert merged(CatalogChange(removed=(row.instance_id,)), CatalogChange(changed=(row,))).changed == (row,)
    gone = merged(CatalogChange(changed=(row,)), CatalogChange(removed=(row.instance_id,)))
    assert (gone.changed, gone.removed) == ((), (row.instance_id,))


def applied(rows: dict[str, InstanceSummary], change: CatalogChange) -> dict[str, InstanceSummary]:
    kept = rows | {row.instance_id: row for row in change.changed}
    return {key: row for key, row in kept.items() if key not in change.removed}


CHANGES = st.builds(
    lambda changed, removed, step: CatalogChange(
        changed=tuple(instance(number, seconds_ago=step) for number in changed),
        removed=tuple(instance(number).instance_id for number in removed - changed),
        features=tuple(summarize_features([instance(number, seconds_ago=step) for number in changed])),
        counts={"running": step},
    ),
    st.sets(st.integers(0, 5)),
    st.sets(st.integers(0, 5)),
    st.integers(0, 99),
)


@given(st.lists(CHANGES, min_size=1))
def test_the_one_change_has_the_effect_of_all(changes: list[CatalogChange]) -> None:
    one_by_one: dict[str, InstanceSummary] = {}
    for change in changes:
        one_by_one = applied(one_by_one, change)
    at_once = merged(*changes)
    assert applied({}, at_once) == one_by_one
    assert at_once.counts == changes[-1].counts
    last = {feature.feature_id: feature for change in changes for feature in change.features}
    assert {feature.feature_id: feature for feature in at_once.features} == last


def test_what_is_known_by_now_is_not_what_the_frozen_view_shows() -> None:
    old, new = instance(1), instance(1, current_phase="review")
    frozen = FrozenChanges()
    assert frozen.known(old.instance_id, old) == old
    frozen.add(CatalogChange(changed=(new,)))
    assert frozen.known(old.instance_id, old) == new
    frozen.add(CatalogChange(removed=(old.instance_id,)))
    assert frozen.known(old.instance_id, old) is None


async def test_going_on_applies_all_with_the_cursor_undisturbed() -> None:
    app = TableHost(twenty())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.press("j", "j")
        cursor, line = app.table.cursor_key, app.table.cursor_index - app.table.scroll_offset.y
        change = merged(
            CatalogChange(changed=(instance(99, seconds_ago=1),)),
            CatalogChange(changed=(instance(7, seconds_ago=0),), removed=(instance(15).instance_id,)),
        )
        app.table.apply(change.changed, change.removed)
        assert app.table.cursor_key == cursor
        assert app.table.cursor_index - app.table.scroll_offset.y == line
        assert app.table.held_back == 1
        app.table.action_sort_again()
        assert app.table.cursor_key == cursor


class BannerHost(App[None]):
    def compose(self) -> ComposeResult:
        yield FrozenBanner()


async def test_the_banner_says_how_much_waits() -> None:
    app = BannerHost()
    async with app.run_test(size=(60, 5)) as pilot:
        banner = app.query_one(FrozenBanner)
        assert not banner.display
        for waiting, words in ((0, "nothing has changed"), (1, "1 change waiting"), (1200, "1,200 changes waiting")):
            banner.show(waiting)
            await pilot.pause()
            assert banner.display
            assert f"FROZEN · {words} · f goes on" in str(banner.render())
        banner.show(None)
        await pilot.pause()
        assert not banner.display


def test_a_change_keeps_every_field() -> None:
    change = CatalogChange(
        changed=(instance(1),),
        removed=("x",),
        features=tuple(summarize_features([instance(1)])),
        removed_features=("old",),
        counts={"running": 1},
        touched=frozenset({"y"}),
        is_loading=True,
        mode="polling",
        reason="no events",
        problem="unlistable",
    )
    assert merged(change) == change
    assert merged(CatalogChange(), change) == change
