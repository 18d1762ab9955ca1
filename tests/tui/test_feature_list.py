from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from textual.app import App, ComposeResult

from chatflow_core.models import FeatureSummary, InstanceSummary
from chatflow_core.summaries import summarize_features
from chatflow_tui.lists.feature_tree import TreeRow, instance_key
from chatflow_tui.widgets.feature_list import ALL_FEATURES, FeatureList
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell
from tests.tui.list_hosts import NOW, instance


def feature(
    name: str, *, created: int = 0, running: int = 0, completed: int = 0, failed: int = 0, other: int = 0
) -> FeatureSummary:
    total = created + running + completed + failed + other
    done = 4 * completed + 2 * running
    status = "completed" if total and total == completed else "in_progress"
    return FeatureSummary(name, total, created, running, completed, failed, other, done, 4 * total, None, 1.0, status)


class CountingList(FeatureList):
    def __init__(self, host: Host) -> None:
        super().__init__(lambda: host.instances, clock=lambda: NOW)
        self.painted: list[str] = []

    def render_row(self, key: str, row: TreeRow, width: int) -> Sequence[Cell]:
        self.painted.append(key)
        return super().render_row(key, row, width)


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.instances: dict[str, InstanceSummary] = {}
        self.listing = CountingList(self)
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.listing

    def change(self, *rows: InstanceSummary, removed: Sequence[str] = ()) -> None:
        """Take over a change as the dashboard does."""
        self.instances.update((row.instance_id, row) for row in rows)
        for key in removed:
            del self.instances[key]
        self.listing.apply(summarize_features(self.instances.values()), (), rows, removed)

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        self.chosen.append(event.key)


def screen_lines(features: FeatureList) -> list[str]:
    return [features.render_line(y).text.rstrip() for y in range(features.row_count)]


def footer(features: FeatureList) -> list[str]:
    return [features.render_line(y).text.strip() for y in range(features.size.height - 2, features.size.height)]


def member(number: int, *, seconds_ago: float = 100.0, **changes: object) -> InstanceSummary:
    return instance(number, seconds_ago=seconds_ago, feature_id="login", created_at=NOW - 1000 + number, **changes)


async def test_the_first_row_stands_for_all_features() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        assert screen_lines(app.listing)[0].startswith("▌  All features")
        assert app.listing.feature is None

        app.listing.apply([feature("a", running=1, completed=2), feature("b", completed=1, failed=1)])
        await pilot.pause()
        assert screen_lines(app.listing)[0].split()[-4:-1] == ["✓3", "●1", "✗1"]

        app.listing.apply([feature("b", completed=7)], ["a"])
        await pilot.pause()
        assert screen_lines(app.listing)[0].split()[-2] == "✓7"
        assert app.listing.row_count == 2


async def test_features_stand_in_the_order_of_the_alphabet_whatever_happens() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        app.listing.apply([feature("Zebra", running=1), feature("apple", running=1), feature("mango")])
        await pilot.press("j", "j")
        assert app.listing.feature == "mango"

        app.listing.apply([feature("Zebra", failed=5), feature("banana", running=1)])
        await pilot.pause()

        names = [line[3:].split()[0] for line in screen_lines(app.listing)]
        assert names == ["All", "apple", "banana", "mango", "Zebra"]
        assert app.listing.feature == "mango"


async def test_a_change_paints_the_feature_and_the_sums_only() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        app.listing.apply([feature(name, running=1) for name in ("a", "b", "c")])
        await pilot.pause()
        app.listing.painted.clear()

        app.listing.apply([feature("b", completed=1), feature("c", running=1)])
        await pilot.pause()

        assert app.listing.painted == [ALL_FEATURES, "b"]


async def test_instances_without_a_feature_count_in_the_sums() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        app.listing.apply([feature("a", running=1), feature("", other=2)])
        await pilot.pause()
        assert app.listing.row_count == 2
        assert screen_lines(app.listing)[0].split()[-3:-1] == ["●1", "!2"]


async def test_the_cursor_on_a_removed_feature_goes_to_a_neighbour() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        app.listing.apply([feature("a"), feature("b"), feature("c")])
        app.listing.move_cursor("b")
        app.listing.apply((), ["b"])
        await pilot.pause()
        assert app.listing.feature == "c"


async def test_a_feature_opens_and_closes_and_its_instances_change_beneath_it() -> None:
    app = Host()
    async with app.run_test(size=(31, 20)) as pilot:
        app.change(member(1), member(2, status="failed", seconds_ago=7200.0), instance(9, feature_id="zoo"))
        await pilot.press("j", "l")
        lines = screen_lines(app.listing)
        assert lines[1].startswith("▌▾ login")
        assert lines[2].split()[:3] == ["★", "✗", "design"]
        assert lines[3].split()[:2] == ["●", "design"]
        assert lines[4].startswith(" ▸ zoo")

        # The cursor stays on its instance, on its line, whatever begins and ends around it.
        await pilot.press("l", "j")
        assert app.listing.cursor_key == instance_key(member(1).instance_id)
        app.listing.painted.clear()
        app.change(member(1, current_phase="review"))
        await pilot.pause()
        assert set(app.listing.painted) <= {ALL_FEATURES, "login", instance_key(member(1).instance_id)}
        assert "review" in screen_lines(app.listing)[3]
        app.change(member(3))
        app.change(removed=[member(2).instance_id])
        await pilot.pause()
        assert app.listing.cursor_key == instance_key(member(1).instance_id)
        assert screen_lines(app.listing)[2].split()[:3] == ["★", "●", "design"]

        # Back to the feature, which then closes.
        await pilot.press("h")
        assert app.listing.cursor_key == "login"
        await pilot.press("left")
        assert [line[1:3] for line in screen_lines(app.listing)] == ["  ", "▸ ", "▸ "]


async def test_the_mouse_opens_by_the_marker_and_chooses_beside_it() -> None:
    app = Host()
    async with app.run_test(size=(40, 20)) as pilot:
        app.change(member(1), member(2))
        await pilot.click(app.listing, offset=(1, 1))
        assert app.listing.row_count == 4
        await pilot.click(app.listing, offset=(6, 3))
        await pilot.click(app.listing, offset=(1, 1))
        assert (app.listing.row_count, app.listing.cursor_key) == (2, "login"), "closed from above its instance"
        assert app.chosen == []
        await pilot.click(app.listing, offset=(6, 1))
        assert app.chosen == ["login"]
        await pilot.click(app.listing, offset=(6, 19))
        assert app.listing.cursor_key == "login", "the lines at the bottom are no rows"


async def test_the_lines_at_the_bottom_tell_all_of_the_row_and_tick() -> None:
    app = Host()
    async with app.run_test(size=(33, 12)) as pilot:
        app.change(member(1, status="completed"), member(2, seconds_ago=50.0), instance(9, feature_id="zoo"))
        await pilot.pause()
        assert footer(app.listing) == ["✓1 ●2 · 9/18 phases", "2 features · 50s ago"]
        await pilot.press("j")
        assert footer(app.listing) == ["✓1 ●1 · 6/12 phases", "★ ● design running · 50s ago"]
        app.listing.tick(NOW + 30)
        await pilot.pause()
        assert footer(app.listing)[1] == "★ ● design running · 1m ago"
        assert screen_lines(app.listing)[1].endswith("✓1 ●1   1m")
        app.change(msgspec.structs.replace(member(3), read_only="it is odd"))
        await pilot.press("l", "l")
        assert footer(app.listing) == ["wfi_000000000003 · read only: i…", "● design running · 3/6 · 2m ago"]


async def test_ten_thousand_features_and_instances_cost_a_change_little() -> None:
    app = Host()
    async with app.run_test(size=(40, 20)) as pilot:
        app.instances.update((row.instance_id, row) for row in map(member, range(10_000)))
        whole = summarize_features(app.instances.values())
        app.listing.apply([feature(f"f{number}", running=1) for number in range(10_000)] + whole, (), [], [])
        app.listing.move_cursor("login")
        await pilot.press("l", "l")
        assert app.listing.row_count == 20_002
        assert app.listing.cursor_key == instance_key(member(9_999).instance_id)
        app.listing.painted.clear()
        app.listing.apply(whole, (), [member(9_998, status="failed"), member(5, status="failed")], [])
        await pilot.pause()
        assert app.listing.painted == [instance_key(member(9_998).instance_id)]


@pytest.mark.parametrize("height", [3, 8, 9, 30])
async def test_the_last_row_is_reached_and_none_is_hidden_by_the_lines_at_the_bottom(height: int) -> None:
    app = Host()
    async with app.run_test(size=(40, height)) as pilot:
        app.listing.apply([feature(f"f{number:02}", running=1) for number in range(30)])
        await pilot.press("G")
        assert app.listing.visible_keys[-1] == "f29"
        assert "f29" in app.listing.render_line(app.listing.page_height - 1).text
        await pilot.resize_terminal(40, 12)
        assert app.listing.cursor_key in app.listing.visible_keys
        await pilot.press("g", "G")
        assert "f29" in app.listing.render_line(app.listing.page_height - 1).text


async def test_it_is_useful_in_24_cells() -> None:
    app = Host()
    async with app.run_test(size=(24, 20)) as pilot:
        app.listing.apply([feature("login", running=1, completed=3, failed=1)])
        await pilot.pause()
        line = screen_lines(app.listing)[1]
        assert line.startswith(" ▸ login ")
        assert "━" in line
        assert line.endswith("✓3 ●1 ✗1")
