from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from chatflow_core.timeline import PENDING, PhaseRun, PhaseTimeline
from chatflow_tui.instance.time_axis import Axis, axis_of, draw, labels, moment, time_of_day, total_time
from chatflow_tui.widgets.line_pane import Cell
from chatflow_tui.widgets.timeline import Timeline

NOW = 1_800_000_000.0


def run(begin: float, end: float | None, status: str = "completed") -> PhaseRun:
    """A run from and to so many seconds before now."""
    return PhaseRun(NOW - begin, None if end is None else NOW - end, status, None, None)


def phase(name: str, *runs: PhaseRun, current: bool = False, title: str | None = None) -> PhaseTimeline:
    return PhaseTimeline(name, name if title is None else title, runs[-1].status if runs else PENDING, runs, current)


def four_phases() -> tuple[PhaseTimeline, ...]:
    return (
        phase("analyse", run(1000, 800), title="分析需求"),
        phase("design", run(800, 600, "failed"), run(500, 400)),
        phase("implement", run(400, None, "running"), current=True),
        phase("review"),
    )


class CountingTimeline(Timeline):
    def __init__(self) -> None:
        super().__init__()
        self.painted: list[str] = []

    def render_row(self, key: str, row: PhaseTimeline, width: int) -> Sequence[Cell]:
        self.painted.append(key)
        return super().render_row(key, row, width)


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.timeline = CountingTimeline()

    def compose(self) -> ComposeResult:
        yield self.timeline


def screen_lines(timeline: Timeline) -> list[str]:
    """The lines below the axis."""
    return [timeline.render_line(1 + y).text.rstrip() for y in range(timeline.row_count)]


def pieces(runs: Sequence[PhaseRun], begin: float, end: float, width: int) -> str:
    return "".join(text for _, text in draw(runs, Axis(NOW - begin, NOW - end), width))


def test_runs_are_drawn_where_they_were_on_the_axis() -> None:
    assert pieces([run(100, 50)], 100, 0, 10) == "━━━━━╸┈┈┈┈"
    assert pieces([run(80, 60, "failed"), run(30, None, "running")], 100, 0, 10) == "┈┈━━✗┈┈━━●"
    assert pieces([], 100, 0, 10) == "┈" * 10


def test_a_run_has_a_cell_however_short_it_was() -> None:
    assert pieces([run(500, 500, "failed")], 1000, 0, 10) == "┈┈┈┈┈✗┈┈┈┈"
    assert pieces([run(500, 500, "failed"), run(499, 499)], 1000, 0, 10) == "┈┈┈┈┈✗╸┈┈┈"
    assert pieces([run(0, 0, "failed")], 1000, 0, 10) == "┈" * 9 + "✗"


def test_runs_that_follow_each_other_at_once_are_told_apart() -> None:
    assert pieces([run(100, 60), run(60, 30, "failed"), run(30, 0)], 100, 0, 10) == "━━━━╸━━✗━╸"


def test_a_crowd_of_short_runs_does_not_look_like_a_long_one_and_hides_no_failure() -> None:
    crowd = [run(100 - n / 100, 100 - n / 100, "failed" if n == 3 else "completed") for n in range(50)]
    assert pieces(crowd, 100, 0, 10) == "╸✗┈┈┈┈┈┈┈┈"


def test_where_nothing_went_on_no_phase_has_a_track() -> None:
    phases = [phase("a", run(100, 70, "failed"), run(30, 20)), phase("b", run(20, 0))]
    axis = axis_of(phases, NOW)
    assert (axis.gaps, axis.idle) == (((NOW - 70, NOW - 30),), 40)
    assert ["".join(text for _, text in draw(row.runs, axis, 20)) for row in phases] == [
        "━━━━━━✗░░░░░░░━━╸┈┈┈",
        "┈┈┈┈┈┈┈░░░░░░░┈┈━━━╸",
    ]


@pytest.mark.parametrize(
    ("seconds", "width", "line"),
    [
        (3600, 20, "07:00          08:00"),
        (3600, 40, "07:00               07:30          08:00"),
        (60, 20, "07:59:00    08:00:00"),
        (3600, 11, ""),
        (0, 20, "08:00:00"),
        (50 * 3600, 28, "01-13 06:00      01-15 08:00"),
    ],
)
@pytest.mark.usefixtures("in_utc")
def test_the_axis_says_its_times(seconds: float, width: int, line: str) -> None:
    said = labels(Axis(NOW - seconds, NOW), width)
    assert (said.rstrip(), len(said)) == (line, width)


TIMES = st.one_of(
    st.floats(), st.sampled_from([-62_135_596_800.0, 253_402_300_799.0, 0.0, NOW, math.inf, math.nan, 1e308])
)
RUNS = st.lists(
    st.builds(
        PhaseRun,
        TIMES,
        st.one_of(st.none(), TIMES),
        st.sampled_from(["completed", "failed", "running", "odd"]),
        st.none(),
        st.none(),
    ),
    max_size=6,
)


@given(RUNS, TIMES, st.integers(0, 60))
def test_no_clock_is_absurd_enough_to_break_a_bar(runs: list[PhaseRun], now: float, width: int) -> None:
    axis = axis_of([phase("a", *runs)], now)
    drawn = draw(runs, axis, width)

    assert sum(cell_len(text) for _, text in drawn) == width
    assert all(left[0] != right[0] for left, right in itertools.pairwise(drawn))
    assert not runs or not width or any(status is not None for status, _ in drawn)
    assert 0 <= total_time(runs, now) < math.inf
    assert axis.is_outgrown(now, width) in (True, False)
    assert all(axis.start <= start < end <= axis.end for start, end in axis.gaps)
    assert len(labels(axis, width)) == width
    assert len(time_of_day(now, NOW)) <= 11
    assert moment(now)


async def test_every_phase_has_a_row() -> None:
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        app.timeline.show(four_phases(), "wfi_a", NOW)
        await pilot.pause()
        analyse, design, implement, review = screen_lines(app.timeline)
        assert analyse.startswith(" ✓ 分析需求")
        assert analyse.endswith("3m 20s")
        assert "✗░░░░" in design, "nothing went on before it was retried"
        assert app.timeline.legend == "░ idle 1m 40s"
        header = app.timeline.render_line(0).text
        assert header.split()[:2] == ["16m", "40s"]
        assert header.endswith("took ")
        assert design.split()[-3:] == ["×2", "5m", "00s"]
        assert implement.startswith("▌● implement")
        assert implement.endswith("6m 40s")
        assert review.startswith(" · review")
        assert review.endswith("┈")
        assert analyse.index("━") < design.index("━") < implement.index("━")


async def test_the_cursor_goes_to_the_current_phase_of_another_instance_and_stays_in_the_same() -> None:
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        app.timeline.show(four_phases(), "wfi_a", NOW)
        assert app.timeline.cursor_key == "implement"
        app.timeline.focus()
        await pilot.press("k", "k")
        assert app.timeline.cursor_key == "analyse"

        app.timeline.show((phase("plan", current=True), *four_phases()), "wfi_a", NOW + 5)
        assert app.timeline.cursor_key == "analyse"

        app.timeline.show(four_phases(), "wfi_b", NOW + 5)
        assert app.timeline.cursor_key == "implement"

        app.timeline.show((), None, NOW + 5)
        assert app.timeline.cursor_key is None


async def test_a_tick_paints_the_open_phase_only() -> None:
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        app.timeline.show(four_phases(), "wfi_a", NOW)
        await pilot.pause()
        app.timeline.painted.clear()

        app.timeline.tick(NOW + 1)
        await pilot.pause()

        assert app.timeline.painted == ["implement"]
        assert app.timeline.render_line(0).text.split()[:2] == ["16m", "41s"], "what it took in all goes on too"
        assert screen_lines(app.timeline)[2].endswith("6m 41s")


async def test_the_axis_grows_when_the_open_run_outgrows_it() -> None:
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        app.timeline.show(four_phases(), "wfi_a", NOW)
        await pilot.pause()
        before = screen_lines(app.timeline)[0].count("━")

        app.timeline.tick(NOW + 1000)
        await pilot.pause()

        assert 0 < screen_lines(app.timeline)[0].count("━") < before
        assert screen_lines(app.timeline)[2].endswith("23m 20s")


async def test_nothing_open_nothing_ticks() -> None:
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        app.timeline.show((phase("analyse", run(1000, 800), current=True),), "wfi_a", NOW)
        await pilot.pause()
        app.timeline.painted.clear()
        app.timeline.tick(NOW + 1000)
        await pilot.pause()
        assert app.timeline.painted == []


@pytest.mark.parametrize("width", [10, 20, 30, 56, 80, 200])
async def test_every_line_fills_the_width_whatever_the_titles(width: int) -> None:
    titles = ["[/", "[@click=app.quit]x", "\x1b]2;x\x07", "用户登录与权限" * 4, ""]
    phases = tuple(phase(str(number), run(900, 100), title=title) for number, title in enumerate(titles))
    phases += (phase("many", *[run(900 - n, 899 - n, "failed") for n in range(12)]),)
    app = Host()
    async with app.run_test(size=(width, 12)) as pilot:
        app.timeline.show(phases, "wfi_a", NOW)
        await pilot.pause()
        for row in phases if width >= 20 else ():
            cells = app.timeline.render_row(row.phase, row, width - 1)
            assert sum(cell_len(text) for text, _ in cells) == width - 1
        assert {app.timeline.render_line(y).cell_length for y in range(12)} == {width}
        printed = "".join(app.timeline.render_line(y).text for y in range(12))
        assert printed.isprintable()


@pytest.mark.parametrize("now", [NOW - 5000, -62_135_596_800.0, 253_402_300_799.0])
async def test_a_clock_set_anywhere_is_survived(now: float) -> None:
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        app.timeline.show(four_phases(), "wfi_a", now)
        await pilot.pause()
        app.timeline.tick(now + 1)
        app.timeline.tick(NOW)
        await pilot.pause()
        assert screen_lines(app.timeline)[2].endswith("6m 40s")


async def test_what_is_usual_stands_beside_and_what_took_longer_is_marked() -> None:
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        app.timeline.show(four_phases(), "wfi_a", NOW)
        app.timeline.show_usual({"analyse": 190.0, "design": 120.0, "review": 60.0})
        await pilot.pause()
        analyse, design, implement, review = screen_lines(app.timeline)
        assert analyse.split()[-4:] == ["3m", "20s", "~3m", "10s"]
        assert "↑" not in analyse
        assert "↑ 5m 00s" in design, "its first run took 200 s"
        assert "↑ slower than usual" in app.timeline.legend
        assert app.timeline.render_line(0).text.split()[-2:] == ["took", "usual"]
        assert "↑" not in implement
        assert "~" not in implement
        assert review.endswith("~1m 00s")

        app.timeline.show_usual({"implement": 250.0})
        await pilot.pause()
        assert "↑" in screen_lines(app.timeline)[2], "an open run counts until now"
        assert {app.timeline.render_line(y).cell_length for y in range(12)} == {80}


async def test_a_narrow_timeline_has_the_mark_only() -> None:
    app = Host()
    async with app.run_test(size=(40, 12)) as pilot:
        app.timeline.show(four_phases(), "wfi_a", NOW)
        app.timeline.show_usual({"design": 1.0})
        await pilot.pause()
        assert "~" not in screen_lines(app.timeline)[1]
        assert "↑" in screen_lines(app.timeline)[1]
        assert {app.timeline.render_line(y).cell_length for y in range(12)} == {40}


async def test_a_second_costs_the_same_however_many_runs_have_ended() -> None:
    runs = [run(9000 - n, 8999 - n) for n in range(5000)]
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        app.timeline.show((phase("a", *runs, run(10, None, "running"), current=True),), "wfi_a", NOW)
        app.timeline.show_usual({"a": 1.0})
        await pilot.pause()
        assert screen_lines(app.timeline)[0].endswith("↑ 1h 23m     ~1.0s")
        app.timeline.tick(NOW + 60)
        await pilot.pause()
        assert screen_lines(app.timeline)[0].endswith("↑ 1h 24m     ~1.0s")
