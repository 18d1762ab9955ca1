"""What the screen looks like: pictures of a store in which everything happened at fixed times.

After a change that is meant, look at the report of the failed run, then run
``pytest tests/tui/test_snapshots.py --snapshot-update``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from textual.pilot import Pilot

from chatflow_tui.app import ChatFlowApp
from tests.tui.dashboard_host import View, open_quickly

NOW = 1_800_000_000.0
PHASES = ("analyse", "design", "implement", "test", "review")

PROMPT = """# Implement the rate limiter

Work on `api/limits.py`. Use a **token bucket** per key.

- at most 60 requests a minute
- answer 429 with `Retry-After`
"""
RESPONSE = """## What I changed

```python
def allow(bucket: Bucket, now: float) -> bool:
    bucket.refill(now)
    return bucket.take()
```

> One question is open: what about admins?
"""


class SnapCompare(Protocol):
    def __call__(
        self,
        app: ChatFlowApp,
        *,
        terminal_size: tuple[int, int],
        run_before: Callable[[Pilot[None]], Awaitable[None]],
    ) -> bool: ...


def record(number: int, feature: str, status: str, position: int, *, ago: float) -> dict[str, Any]:
    """The record of an instance that came so far and changed last so long ago."""
    now = NOW - ago
    began = now - 1000 * (position + 1)
    history = [
        {
            "phase": PHASES[step],
            "task": PHASES[step],
            "started_at": began + 1000 * step,
            "ended_at": began + 1000 * (step + 1),
            "status": "completed",
            "trigger_data_snapshot": {},
        }
        for step in range(position + 1)
    ]
    if status == "running":
        history[-1] |= {"ended_at": None, "status": "running"}
    if status == "failed":
        history[-1] |= {"status": "failed", "error": "3 tests failed: [limits] expected 429, got 200"}
    return {
        "instance_id": f"wfi_{number:012x}",
        "feature_id": feature,
        "workflow_name": "code_generation",
        "current_phase": PHASES[position],
        "variables": {},
        "status": status,
        "history": [] if status == "created" else history,
        "created_at": began,
        "updated_at": now,
        "meta": {},
        "workflow_schema": {"name": "code_generation", "phases": [{"name": name} for name in PHASES]},
    }


pytestmark = pytest.mark.usefixtures("in_utc")


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store in the current directory, so that no picture holds the name of a temporary one."""
    monkeypatch.chdir(tmp_path)
    for variable in ("NO_COLOR", "TEXTUAL", "TEXTUAL_THEME", "TEXTUAL_ANIMATIONS"):
        monkeypatch.delenv(variable, raising=False)
    base = tmp_path / ".chatflow"
    tasks = base / "instances" / "wfi_000000000001" / "tasks"
    tasks.mkdir(parents=True)
    (tasks / "implement.prompt.md").write_text(PROMPT, encoding="utf-8")
    (tasks / "implement.ai_response.md").write_text(RESPONSE, encoding="utf-8")
    for document in (
        record(1, "rate-limits", "running", 2, ago=95),
        record(2, "rate-limits", "failed", 3, ago=400),
        record(3, "user-auth", "completed", 4, ago=4_000),
        record(4, "user-auth", "created", 0, ago=9_000),
        record(5, "[/bold] brackets", "running", 1, ago=200_000),
    ):
        write(base, document)
    return base


def write(base: Path, document: dict[str, Any]) -> Path:
    path = base / "instances" / f"{document['instance_id']}.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def picture(
    snap_compare: SnapCompare, size: tuple[int, int], *keys: str, theme: str | None = None, shows: str = "● live"
) -> bool:
    """Compare what stands on the screen after these keys, once these words do."""
    app = ChatFlowApp(lambda: ".chatflow", ".", open_store=open_quickly, clock=lambda: NOW)

    async def prepare(pilot: Pilot[None]) -> None:
        view = View(app, pilot)
        if theme is not None:
            app.theme = theme
        await view.until(lambda: view.shows("● live") and "loading" not in view.text)
        await view.until(lambda: view.shows("3 Timeline · "))
        for key in keys:
            await view.press(key)
        await view.until(lambda: view.shows(shows))
        await pilot.pause()

    return snap_compare(app, terminal_size=size, run_before=prepare)


def test_narrow(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (80, 24))


def test_normal(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (120, 40), shows="admins?")


def test_wide(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (200, 60), shows="admins?")


def test_light(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (120, 40), theme="textual-light", shows="admins?")


def test_in_the_colours_of_the_terminal(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (120, 40), theme="ansi-dark", shows="admins?")


def test_a_broken_record(snap_compare: SnapCompare, store: Path) -> None:
    path = write(store, record(6, "broken", "running", 1, ago=0))
    path.write_bytes(path.read_bytes()[:300])
    os.utime(path, (NOW - 120, NOW - 120))
    assert picture(snap_compare, (180, 24), "z", shows="not JSON")


def test_chinese(snap_compare: SnapCompare, store: Path) -> None:
    document = json.loads(json.dumps(record(7, "用户登录功能", "running", 2, ago=5)).replace("implement", "实现"))
    write(store, document)
    tasks = store / "instances" / "wfi_000000000007" / "tasks"
    tasks.mkdir(parents=True)
    (tasks / "实现.prompt.md").write_text("# 需求\n\n请实现**用户登录**功能，并编写测试。\n" * 3, encoding="utf-8")
    (tasks / "实现.ai_response.md").write_text("已完成：`login()` 支持验证码登录。" * 20, encoding="utf-8")
    assert picture(snap_compare, (120, 40), shows="验证码")


def test_the_dialog_that_advances(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (100, 34), "a", shows="● begins  test")


def test_help(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (80, 60), "?", shows="esc closes")
