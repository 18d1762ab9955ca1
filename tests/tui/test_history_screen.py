from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget

from chatflow_core import CatalogChange, FileStateStore, WorkflowEngine
from chatflow_core.statistics import PhaseStatistics
from chatflow_tui.instance.details import Selection
from chatflow_tui.screens.history import HistoryScreen, Reached
from tests.files import PHASES, SCHEMA
from tests.seed_store import SeedStore
from tests.tui.list_hosts import screen_lines
from tests.waiting import wait_until

DATA = Path(__file__).parents[1] / "data"


class Host(App[None]):
    CSS_PATH = Path(__file__).parents[2] / "chatflow_tui" / "app.tcss"

    def __init__(self, engine: WorkflowEngine, instance_id: str, phase: str | None = None, **options: Any) -> None:
        super().__init__()
        self.make = partial(HistoryScreen, engine, instance_id, phase, **options)
        self.reached: list[Reached | None] = []

    def on_mount(self) -> None:
        self.history = self.make()
        self.push_screen(self.history, self.reached.append)

    @property
    def rows(self) -> list[str]:
        return [line for line in screen_lines(self.history.steps)[1:] if line]

    @property
    def data(self) -> str:
        tree = self.history.tree_of_data
        return "\n".join(tree.render_line(y).text.rstrip() for y in range(tree.size.height))

    @property
    def said(self) -> tuple[str | None, str | None]:
        texts = self.history.texts
        return (texts.artifacts.prompt, texts.artifacts.ai_response) if texts and texts.artifacts else (None, None)

    def is_at(self, number: int) -> bool:
        step, texts = self.history.steps.step, self.history.texts
        return step is not None and step.number == number and texts is not None


@pytest.fixture
def engine(tmp_path: Path) -> WorkflowEngine:
    return WorkflowEngine(state_store=FileStateStore(tmp_path / ".chatflow", durable=False))


@pytest.fixture
def retried(engine: WorkflowEngine) -> str:
    """An instance whose second phase failed, was retried, and is open."""
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f", meta={"model": "m-1"})
    engine.record_task(instance_id, prompt="q1", ai_response="a1")
    engine.trigger_next_step(instance_id, {"files": ["a.py"]})
    engine.record_task(instance_id, prompt="q2", ai_response="a2")
    engine.fail_current_phase(instance_id, "no [/] network\nat line 3")
    engine.retry_phase(instance_id)
    engine.record_task(instance_id, prompt="q3")
    return instance_id


def is_reached(widget: Widget) -> bool:
    return widget.region.area > 0 and widget.has_focus_within


def record_of(engine: WorkflowEngine, instance_id: str) -> Path:
    store = engine.state_store
    assert isinstance(store, FileStateStore)
    return store.layout.record(instance_id)


async def step_to(pilot: Pilot[None], app: Host, key: str, number: int) -> None:
    await pilot.press(key)
    await wait_until(pilot, lambda: app.is_at(number))


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_what_happened_in_its_order_and_what_was_said_then(
    engine: WorkflowEngine, retried: str, size: tuple[int, int]
) -> None:
    usual = PhaseStatistics("w", PHASES[1], 7, 0, 0.0, 0.0)
    app = Host(engine, retried, statistics=lambda _, phase: usual if phase == PHASES[1] else None)
    async with app.run_test(size=size) as pilot:
        await wait_until(pilot, lambda: app.is_at(3))
        first, second, third = app.rows
        assert first.split()[:3] == ["1", "✓", PHASES[0]]
        assert second.split()[:3] == ["2", "✗", PHASES[1]]
        assert "no [/] net" in second
        assert third.split()[:4] == ["▌", "3", "●", PHASES[1]]
        assert "×2" in third
        assert app.said[0] == "q3"
        assert "3/3 runs" in str(app.history.steps.border_title)

        await step_to(pilot, app, "H", 2)
        assert app.said == ("q2", "a2")
        await wait_until(pilot, lambda: app.history.said.response.text == "a2")
        assert "attempt 1/2" in str(app.history.said.response.border_title)
        await pilot.press("i")
        await wait_until(pilot, lambda: "no [/] network" in app.data)
        assert "at line 3" in app.data
        assert "↑ slower than usual" in app.data
        assert "m-1" in app.data

        await pilot.press("z")
        await wait_until(pilot, lambda: app.history.tree_of_data.region.size == (size[0], size[1] - 1))
        await pilot.press("escape", "escape")
        assert app.focused is app.history.steps
        await step_to(pilot, app, "[", 1)
        assert "a.py" not in second
        await step_to(pilot, app, "H", 3)  # round to the newest
        await step_to(pilot, app, "k", 2)

        for key, part in (("4", "said-prompt"), ("5", "said-response"), ("tab", "history"), ("3", "history")):
            await pilot.press(key)
            widget = app.history.query_one(f"#{part}")
            await wait_until(pilot, partial(is_reached, widget))
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.reached)
        assert app.reached == [Reached(Selection(retried, PHASES[1], 1), "response")]


async def test_it_goes_on_with_the_instance_and_leaves_the_reader_where_they_are(
    engine: WorkflowEngine, retried: str
) -> None:
    app = Host(engine, retried, PHASES[0])
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: app.is_at(1))
        engine.trigger_next_step(retried)
        engine.record_task(retried, prompt="another question", phase_name=PHASES[0])
        app.history.take_change(CatalogChange(touched=frozenset({retried})))
        await wait_until(pilot, lambda: len(app.rows) == 4 and app.said[0] == "another question")
        assert app.rows[0].startswith("▌")
        assert "1/4 runs" in str(app.history.steps.border_title)

        record_of(engine, retried).unlink()
        app.history.take_change(CatalogChange(removed=(retried,)))
        await wait_until(pilot, lambda: "gone" in str(app.history.steps.border_subtitle))
        assert len(app.rows) == 4
        await pilot.press("q")
        await wait_until(pilot, lambda: app.reached == [None])


async def test_nothing_has_happened_in_a_created_instance(engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f")
    app = Host(engine, instance_id)
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: "nothing has happened yet" in str(app.history.steps.border_title))
        await pilot.press("H", "enter", "i", "4", "5", "z", "escape", "escape", "escape")
        await wait_until(pilot, lambda: app.reached == [None])


async def test_a_record_of_the_original_has_the_step_it_lags_behind(seed: SeedStore, base: Path) -> None:
    seed.start("wfi_seed", phases=("one", "two"))
    seed.trigger("wfi_seed", {}, ("one", "two"))
    engine = WorkflowEngine(state_store=FileStateStore(base, create=False))
    app = Host(engine, "wfi_seed")
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: app.is_at(2))
        assert [row.replace("▌", "").split()[:3] for row in app.rows] == [["1", "✓", "one"], ["2", "●", "two"]]


async def test_a_record_of_chatcoder_v1_1() -> None:
    store = FileStateStore(DATA / "chatcoder_v1_1", create=False)
    (summary, *_) = [each for batch in store.scan() for each in batch if each.phases_done]
    app = Host(WorkflowEngine(state_store=store), summary.instance_id)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: app.rows and app.is_at(len(app.rows)))
        await pilot.press("g")
        await wait_until(pilot, lambda: app.is_at(1))
        assert "✓" in app.rows[0]


async def test_ten_thousand_runs_are_stepped_through(engine: WorkflowEngine, retried: str) -> None:
    path = record_of(engine, retried)
    document = json.loads(path.read_text())
    entry = document["history"][0]
    document["history"] = [
        entry | {"started_at": 1000.0 + n, "ended_at": 1000.5 + n, "phase": PHASES[n % 2]} for n in range(10_000)
    ]
    path.write_text(json.dumps(document))
    app = Host(engine, retried, clock=lambda: 20_000.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.is_at(10_001))
        await pilot.press("g")
        await wait_until(pilot, lambda: app.is_at(1))
        await step_to(pilot, app, "H", 10_001)
        await step_to(pilot, app, "H", 10_000)
        assert all(app.history.steps.render_line(y).cell_length == app.history.steps.line_width for y in range(8))
