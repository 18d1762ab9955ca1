"""What the screen looks like: pictures of a store in which everything happened at fixed times.

After a change that is meant, look at the report of the failed run, then run
``pytest tests/tui/test_snapshots.py --snapshot-update``.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any, Protocol

import pytest
from textual.pilot import Pilot

from chatflow_core import FileStateStore, IWorkflowStateStore
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
    snap_compare: SnapCompare,
    size: tuple[int, int],
    *keys: str,
    theme: str | None = None,
    begins: str = "3 Timeline · ",
    shows: str = "● live",
    open_store: Callable[[str], IWorkflowStateStore] = open_quickly,
    meanwhile: Callable[[], None] = lambda: None,
) -> bool:
    """Compare what stands on the screen after these keys and what happens meanwhile, once these words do."""
    app = ChatFlowApp(lambda: ".chatflow", ".", open_store=open_store, clock=lambda: NOW)

    async def prepare(pilot: Pilot[None]) -> None:
        view = View(app, pilot)
        if theme is not None:
            app.theme = theme
        await view.until(lambda: view.shows(begins))
        for key in keys:
            await view.press(key)
        meanwhile()
        await view.until(lambda: view.shows(shows))
        await pilot.pause()

    return snap_compare(app, terminal_size=size, run_before=prepare)


def test_an_empty_store(snap_compare: SnapCompare, store: Path) -> None:
    shutil.rmtree(store)
    (store / "instances").mkdir(parents=True)
    assert picture(snap_compare, (80, 24), begins="● live  0 instances")


def test_loading(snap_compare: SnapCompare) -> None:
    may_go_on = Event()

    class SlowStore(FileStateStore):
        def scan(self, *arguments: Any, **options: Any) -> Iterator[Any]:
            yield from ()
            may_go_on.wait(30)
            yield from super().scan(*arguments, **options)

    try:
        assert picture(
            snap_compare,
            (80, 24),
            begins="loading…",
            shows="loading…",
            open_store=lambda directory: SlowStore(directory, create=False),
        )
    finally:
        may_go_on.set()


def test_one_instance(snap_compare: SnapCompare, store: Path) -> None:
    for path in (store / "instances").glob("*.json"):
        if path.stem != "wfi_000000000001":
            path.unlink()
    assert picture(snap_compare, (100, 30), shows="admins?")


def test_many_instances_filtered_and_sorted(snap_compare: SnapCompare, store: Path) -> None:
    statuses = ("running", "failed", "completed", "created")
    for number in range(10, 400):
        write(store, record(number, f"feature-{number % 37}", statuses[number % 4], number % 5, ago=number * 97.0))
    keys = ("/", *"!completed !auth", "enter", "s", "j", "j", "enter", "G")
    assert picture(snap_compare, (120, 40), *keys, begins="395 instances", shows="shown")


def test_the_least_size(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (60, 20), "4", shows="429")


def test_a_feature_opened(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (160, 40), "1", "j", "j", "right", shows="★")


def test_the_history(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (120, 40), "H", shows="admins?")


def test_the_details_of_a_phase(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (100, 34), "j", "i", shows="expected 429")


def test_a_text_alone_with_what_was_found(snap_compare: SnapCompare) -> None:
    keys = ("5", "z", "number_sign", "/", *"bucket", "enter")
    assert picture(snap_compare, (90, 24), *keys, shows="1/")


def test_two_instances_compared(snap_compare: SnapCompare, store: Path) -> None:
    tasks = store / "instances" / "wfi_000000000003" / "tasks"
    tasks.mkdir(parents=True)
    former = RESPONSE.replace("bucket.take()", "bucket.tokens > 0").replace("> One question is open: what about", "No")
    (tasks / "implement.ai_response.md").write_text(former, encoding="utf-8")
    # escape: what is said in passing would be in the picture, or not.
    keys = ("j", "j", "v", "escape", "g", "d")
    assert picture(snap_compare, (80, 24), *keys, shows="change 1/2")


def test_the_search(snap_compare: SnapCompare) -> None:
    keys = ("S", *"bucket", "tab")
    assert picture(snap_compare, (100, 24), *keys, shows="4 lines found")


def test_without_colour(snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture(snap_compare, (100, 30), shows="admins?")


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


def test_a_broken_record_and_one_that_is_gone(snap_compare: SnapCompare, store: Path) -> None:
    path = write(store, record(6, "broken", "running", 1, ago=0))
    path.write_bytes(path.read_bytes()[:300])
    os.utime(path, (NOW - 120, NOW - 120))
    gone = store / "instances" / "wfi_000000000002.json"
    assert picture(snap_compare, (180, 24), "z", "j", "j", shows="removed", meanwhile=gone.unlink)


def test_chinese(snap_compare: SnapCompare, store: Path) -> None:
    document = json.loads(json.dumps(record(7, "用户登录功能", "running", 2, ago=5)).replace("implement", "实现"))
    write(store, document)
    write(store, record(8, "🚀 发布 🇨🇳 👩🏽‍💻 launch", "failed", 1, ago=60))
    tasks = store / "instances" / "wfi_000000000007" / "tasks"
    tasks.mkdir(parents=True)
    (tasks / "实现.prompt.md").write_text("# 需求\n\n请实现**用户登录**功能，并编写测试。\n" * 3, encoding="utf-8")
    (tasks / "实现.ai_response.md").write_text("已完成：`login()` 支持验证码登录。" * 20, encoding="utf-8")
    assert picture(snap_compare, (120, 40), shows="验证码")


def test_the_dialog_that_advances(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (100, 34), "a", shows="● begins  test")


def test_the_dialog_that_creates(snap_compare: SnapCompare, store: Path) -> None:
    (store / "schemas").mkdir()
    for name in ("code_generation", "修复"):
        schema = {"name": name, "phases": [{"name": phase} for phase in PHASES]}
        (store / "schemas" / f"{name}.json").write_text(json.dumps(schema), encoding="utf-8")
    assert picture(snap_compare, (80, 24), "c", shows="5 phases")


def test_help(snap_compare: SnapCompare) -> None:
    assert picture(snap_compare, (80, 60), "?", shows="/ narrows")
