"""Names in any script and with any emoji: every column, bar and border stays where it is."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from rich.cells import cell_len

from chatflow_core import WorkflowEngine
from tests.seed_store import SeedStore
from tests.tui.dashboard_host import SCHEMA, View, running

NAMES = [
    "plain",
    "用户登录与支付回调的重构",
    "👩‍👩‍👧‍👦 family",
    "👍🏽 approved",
    "🇩🇪🇨🇳 flags",
    "1️⃣ keycap",
    "❤️ ⚠️ variants",
    "e\u0301cole\u0323",
    "ภาษาไทย",
    "한국어",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "ｶﾞｷﾞ",
]

BARS = "━╾─┄"


def summed(text: str) -> int:
    """The cells of a text in a terminal that joins no characters."""
    return sum(map(cell_len, text))


def has_lines(view: View, count: int) -> bool:
    return len(view.lines) == count


def bar_starts(view: View, panel: str) -> set[int]:
    """The columns at which the bars of a panel's rows start."""
    rows = [line[1:-1] for line in view.panel(panel)[1:-1]]
    starts = [min((row.find(each) for each in BARS if each in row), default=-1) for row in rows]
    return {summed(row[:start]) for row, start in zip(rows, starts, strict=True) if start >= 0}


async def test_every_line_and_bar_is_in_its_place(base: Path, seed: SeedStore) -> None:
    for number, name in enumerate(NAMES):
        state = seed.start(f"wfi_{number}", name)
        state.update(workflow_name=name, current_phase=name)
        seed.save(state)
    async with running(base, (200, 60), count=len(NAMES)) as view:
        assert all(any(name[:1] in line for line in view.panel("features")) for name in NAMES)
        for size in ((200, 60), (120, 40), (80, 24), (60, 20)):
            await view.pilot.resize_terminal(*size)
            await view.until(partial(has_lines, view, size[1]))
            for panel in ("1", "2", "5"):
                await view.press(panel)
                for strip in view.app.screen._compositor.render_strips():
                    assert (strip.cell_length, summed(strip.text)) == (size[0], size[0]), strip.text
            if size[0] >= 100:
                assert len(bar_starts(view, "features")) == 1
            await view.press("2")
            await view.until(lambda: view.panel("instances"))
            assert len(bar_starts(view, "instances")) == 1


async def test_every_line_of_hits_has_its_width(base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, NAMES[2])
    engine.record_task(instance_id, prompt="\n".join(f"{name} needle" for name in NAMES))
    async with running(base, count=1) as view:
        await view.press("S", *"needle")
        await view.until(lambda: view.shows(f"{len(NAMES)} lines found"))
        lines = [line for line in view.panel("hits") if "needle" in line]
        assert {summed(line) for line in lines} == {view.app.size.width}
        assert len(lines) == len(NAMES)
        # What joins and colours emoji is left out: terminals do not agree how wide it is.
        assert not set("".join(lines)) & {"\u200d", "\ufe0f", "\U0001f3fd"}
