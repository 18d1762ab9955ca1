from __future__ import annotations

import math
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App

from chatflow_core.statistics import PhaseStatistics
from chatflow_core.timeline import PENDING, PhaseRun, PhaseTimeline
from chatflow_tui.instance.data_tree import MOST_CHARACTERS, MOST_LINES, MOST_MEMBERS, members_of, node_of
from chatflow_tui.screens.phase_details import Onward, PhaseDetails
from tests.waiting import wait_until

NOW = 1_800_000_000.0
USUAL = PhaseStatistics("w", "design", 12, 1, 30.0, 50.0)
HOSTILE = "[/] [@click=app.quit]x \x1b]2;x\x07 \u202e"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def walk(value: Any) -> int:
    count = 0
    for node in members_of(value):
        assert not any(unicodedata.category(each) in ("Cc", "Cs") for each in node.name + node.text)
        count += 1 + (walk(node.value) if node.value is not None and not isinstance(node.value, str) else 0)
    return count


@given(st.dictionaries(st.text(max_size=4), JSON))
def test_any_data_become_harmless_lines(data: dict[str, Any]) -> None:
    assert walk(data) >= len(data)
    assert node_of(HOSTILE, data).name.isprintable()


def test_values_in_words() -> None:
    texts = {
        node.name: node.text for node in members_of({"a": True, "b": None, "c": 1.5, "d": [1], "e": {}, "f": "x\n"})
    }
    assert texts == {"a": "true", "b": "null", "c": "1.5", "d": "1 item", "e": "0 keys", "f": "x"}


def test_a_text_of_many_lines_unfolds_to_them() -> None:
    node = node_of("error", "first\nsecond\n")
    assert (node.text, [line.text for line in members_of(node.value)]) == ("first", ["first", "second"])


def test_everything_is_bounded() -> None:
    members = list(members_of(list(range(MOST_MEMBERS + 5))))
    assert (len(members), members[-1].text) == (MOST_MEMBERS + 1, "… and 5 more")
    node = node_of("x", "y" * 1_000_000)
    assert len(node.text) == MOST_CHARACTERS + 1
    lines = list(members_of(node.value))
    assert len(lines) == MOST_LINES + 1
    assert "more characters" in lines[-1].text


class Host(App[None]):
    def __init__(self, screen: PhaseDetails) -> None:
        super().__init__()
        self.details = screen
        self.is_left = False

        self.went_to: Onward | None = None

    def on_mount(self) -> None:
        self.push_screen(self.details, self.leave)

    def leave(self, where: Onward | None) -> None:
        self.is_left, self.went_to = True, where

    @property
    def lines(self) -> list[str]:
        tree = self.details.tree_of_data
        return [tree.render_line(y).text.rstrip() for y in range(tree.size.height)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def two_runs() -> PhaseTimeline:
    runs = (
        PhaseRun(NOW - 100, NOW - 90, "failed", None, f"timed out {HOSTILE}\nat line 3"),
        PhaseRun(NOW - 80, NOW - 20, "completed", {"files": ["a.py", "b.py"], "note": HOSTILE}, None),
    )
    return PhaseTimeline("design", "Design [/]", "completed", runs, is_current=False)


async def test_runs_errors_data_and_meta_are_there_and_can_be_folded() -> None:
    app = Host(PhaseDetails(two_runs(), NOW, meta={"model": "m-1"}, usual=USUAL))
    async with app.run_test(size=(100, 40)) as pilot:
        await wait_until(pilot, lambda: app.screen is app.details and "at line 3" in app.text)
        assert app.text.index("run 2  ✓ completed, 1m 00s") < app.text.index("run 1  ✗ failed, 10s")
        assert "↑ slower than usual  2.0× the usual 30s (median of 12 runs)" in app.text
        assert "files  2 items" in app.text
        assert "a.py" not in app.text
        assert "m-1" in app.text
        assert app.text.replace("\n", "").isprintable()
        assert "[@click=app.quit]x" in app.text

        await pilot.press("j", "j", "right")
        await wait_until(pilot, lambda: "a.py" in app.text)
        await pilot.press("left")
        await wait_until(pilot, lambda: "a.py" not in app.text)
        await pilot.press("left", "left", "left", "left")
        await wait_until(pilot, lambda: "trigger data" not in app.text)
        await pilot.press("tab")
        await wait_until(pilot, lambda: app.is_left)
        assert app.went_to == "texts"


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (PhaseTimeline("p", "", PENDING, (), is_current=False), "has not been opened"),
        (PhaseTimeline("p", "P", "running", (PhaseRun(NOW - 5, None, "running", None, None),), True), "still open"),
        (PhaseTimeline("p", "P", "odd", (PhaseRun(math.nan, math.inf, "odd", None, None),), True), "odd"),
    ],
)
@pytest.mark.parametrize("width", [20, 80])
async def test_a_phase_in_any_state_can_be_looked_at(phase: PhaseTimeline, words: str, width: int) -> None:
    app = Host(PhaseDetails(phase, NOW))
    async with app.run_test(size=(width, 12)) as pilot:
        await wait_until(pilot, lambda: app.screen is app.details and any(app.lines))
        assert width < 80 or words in app.text
        await pilot.press("j", "right", "left", "k", "enter", "escape")
        await wait_until(pilot, lambda: app.is_left)
