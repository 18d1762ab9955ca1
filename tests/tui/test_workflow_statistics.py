from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App
from textual.widgets import Static

from chatflow_core import FileStateStore, InstanceSummary, WorkflowEngine
from chatflow_core.statistics import PhaseStatistics, StatisticsReader
from chatflow_tui.screens.workflow_statistics import StatisticsList, WorkflowStatistics
from tests.files import PHASES, SCHEMA
from tests.tui.list_hosts import screen_lines
from tests.waiting import wait_until


class Host(App[None]):
    def __init__(self, screen: WorkflowStatistics) -> None:
        super().__init__()
        self.shown = screen
        self.is_left = False

    def on_mount(self) -> None:
        self.push_screen(self.shown, lambda _: setattr(self, "is_left", True))


@pytest.fixture
def store(tmp_path: Path) -> FileStateStore:
    store = FileStateStore(tmp_path / ".chatflow", durable=False)
    engine = WorkflowEngine(state_store=store)
    for workflow in ("bugfix", "zeta"):
        for _ in range(3):
            instance_id = engine.start_workflow_instance(SCHEMA | {"name": workflow}, {}, "f")
            engine.trigger_next_step(instance_id)
        engine.fail_current_phase(instance_id, "no")
    return store


def newest_first(store: FileStateStore) -> list[InstanceSummary]:
    return [summary for batch in store.scan() for summary in batch]


async def test_each_workflow_is_followed_by_its_phases(store: FileStateStore) -> None:
    app = Host(WorkflowStatistics(StatisticsReader(store), newest_first(store), "zeta"))
    async with app.run_test(size=(100, 20)) as pilot:
        await wait_until(pilot, lambda: app.screen is app.shown and not app.shown.is_counting)
        lines = screen_lines(app.shown.rows)
        assert lines[1].split() == ["bugfix"]
        assert lines[2].split()[0] == PHASES[0]
        assert lines[2].split()[-4:] == ["3", "0", "%", "········"]
        assert lines[3].split()[0] == PHASES[1]
        assert lines[3].split()[-4:] == ["1", "100", "%", "✗✗✗✗✗✗✗✗"]
        assert lines[4].split() == ["▌zeta"]
        assert "6 instances" in str(app.shown.query_one("#about", Static).render())
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.is_left)


ROWS = [
    PhaseStatistics("w", "analyse", 1000, 1, 10.0, 40.0),
    PhaseStatistics("w", "认证 [/]\x1b]2;x\x07", 99, 9900, 0.0, 0.0),
    PhaseStatistics("w", "x" * 500, 5, 0, 20.0, 20.0),
    PhaseStatistics("w", "never", 0, 2, None, None),
    PhaseStatistics("[@click=app.quit]", "y", 0, 0, None, None),
]


class ListHost(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.rows = StatisticsList()

    def on_mount(self) -> None:
        self.mount(self.rows)


@pytest.mark.parametrize("width", [10, 20, 40, 60, 80, 200])
async def test_every_line_fills_the_width_and_is_harmless(width: int) -> None:
    app = ListHost()
    async with app.run_test(size=(width, 12)) as pilot:
        await wait_until(pilot, lambda: app.rows.size.height)
        app.rows.show(ROWS)
        await pilot.pause()
        for y in range(12):
            assert app.rows.render_line(y).cell_length == width
            assert app.rows.render_line(y).text.isprintable()
        lines = screen_lines(app.rows)
        if width >= 60:
            assert "10s     40s  1,001    1 %" in lines[2]
            assert lines[3].endswith("99 %" + (" ✗✗✗✗✗✗✗·" if width >= 100 else "")), "what is rounded is not all"
            assert lines[2].count("━") < lines[4].count("━")
            assert "━" not in lines[5]
