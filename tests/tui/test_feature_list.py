from __future__ import annotations

from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from chatflow_core.models import FeatureSummary
from chatflow_tui.widgets.feature_list import ALL_FEATURES, FeatureList
from chatflow_tui.widgets.line_pane import Cell

NAMES = ["login", "[/", "[@click=app.quit]x", "\x1b]2;x\x07", "用户登录与权限", "Zebra", "apple"]


def feature(
    name: str, *, created: int = 0, running: int = 0, completed: int = 0, failed: int = 0, other: int = 0
) -> FeatureSummary:
    total = created + running + completed + failed + other
    done = 4 * completed + 2 * running
    status = "completed" if total and total == completed else "in_progress"
    return FeatureSummary(name, total, created, running, completed, failed, other, done, 4 * total, None, 1.0, status)


class CountingList(FeatureList):
    def __init__(self) -> None:
        super().__init__()
        self.painted: list[str] = []

    def render_row(self, key: str, row: FeatureSummary, width: int) -> Sequence[Cell]:
        self.painted.append(key)
        return super().render_row(key, row, width)


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.listing = CountingList()

    def compose(self) -> ComposeResult:
        yield self.listing


def screen_lines(features: FeatureList) -> list[str]:
    return [features.render_line(y).text.rstrip() for y in range(features.row_count)]


async def test_the_first_row_stands_for_all_features() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        assert screen_lines(app.listing)[0].startswith("▌All features")
        assert app.listing.feature is None

        app.listing.apply([feature("a", running=1, completed=2), feature("b", completed=1, failed=1)])
        await pilot.pause()
        assert screen_lines(app.listing)[0].split()[-3:] == ["✓3", "●1", "✗1"]

        app.listing.apply([feature("b", completed=7)], ["a"])
        await pilot.pause()
        assert screen_lines(app.listing)[0].split()[-1] == "✓7"
        assert app.listing.row_count == 2


async def test_features_stand_in_the_order_of_the_alphabet_whatever_happens() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        app.listing.apply([feature("Zebra", running=1), feature("apple", running=1), feature("mango")])
        await pilot.press("j", "j")
        assert app.listing.feature == "mango"

        app.listing.apply([feature("Zebra", failed=5), feature("banana", running=1)])
        await pilot.pause()

        names = [line[1:].split()[0] for line in screen_lines(app.listing)]
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
        assert screen_lines(app.listing)[0].split()[-2:] == ["●1", "!2"]


async def test_the_cursor_on_a_removed_feature_goes_to_a_neighbour() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        app.listing.apply([feature("a"), feature("b"), feature("c")])
        app.listing.move_cursor("b")
        app.listing.apply((), ["b"])
        await pilot.pause()
        assert app.listing.feature == "c"


@pytest.mark.parametrize("width", [24, 30, 32, 33, 48, 49, 80])
async def test_every_line_fills_the_width_whatever_the_names(width: int) -> None:
    app = Host()
    counts = [{"failed": 12345}, {"completed": 999, "running": 88, "failed": 7, "created": 6, "other": 5}]
    rows = [feature(name, **counts[number % 2]) for number, name in enumerate(NAMES)]
    async with app.run_test(size=(width, 20)) as pilot:
        app.listing.apply(rows)
        await pilot.pause()
        for row in rows:
            cells = app.listing.render_row(row.feature_id, row, width - 1)
            assert sum(cell_len(text) for text, _ in cells) == width - 1
            assert "✗" in "".join(text for text, _ in cells), "failures are the last to be dropped"
        printed = "".join(app.listing.render_line(y).text for y in range(20))
        assert printed.isprintable()
        assert "[/" in printed


async def test_it_is_useful_in_24_cells() -> None:
    app = Host()
    async with app.run_test(size=(24, 20)) as pilot:
        app.listing.apply([feature("login", running=1, completed=3, failed=1)])
        await pilot.pause()
        line = screen_lines(app.listing)[1]
        assert line.startswith(" login ")
        assert "━" in line
        assert line.endswith("✓3 ●1 ✗1")
