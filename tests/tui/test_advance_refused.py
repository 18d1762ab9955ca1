"""Where nothing can be advanced it is not offered, or refused in words, and nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatflow_core import WorkflowEngine
from tests.files import without_locks
from tests.seed_store import SeedStore
from tests.tui.dashboard_host import SCHEMA, running


@pytest.fixture
def instance_id(engine: WorkflowEngine) -> str:
    return engine.start_workflow_instance(SCHEMA, {}, "user-auth")


@pytest.mark.parametrize("status", ["failed", "completed"])
async def test_an_instance_that_cannot_be_advanced_is_refused_in_words(
    base: Path, engine: WorkflowEngine, instance_id: str, status: str
) -> None:
    if status == "failed":
        engine.fail_current_phase(instance_id, "no tests")
    else:
        for _ in SCHEMA["phases"]:
            engine.trigger_next_step(instance_id)
    async with running(base, count=1) as view:
        await view.press("a")
        await view.until(lambda: view.shows("Not advanced"))
        assert view.shows(status)
        assert view.dialog is None


async def test_read_only_hides_it(base: Path, instance_id: str) -> None:
    before = without_locks(base)
    async with running(base, count=1, read_only=True) as view:
        assert "read-only" in view.status_line
        assert "Advance" not in view.lines[-1]
        await view.press("a")
        assert view.dialog is None
    assert without_locks(base) == before


async def test_a_record_of_chatcoder_cannot_be_advanced_and_one_of_ours_can(
    base: Path, engine: WorkflowEngine, seed: SeedStore, instance_id: str
) -> None:
    state = {**seed.load(instance_id), "instance_id": "wfi_theirs", "feature_id": "theirs"}
    del state["workflow_name"], state["workflow_schema"]
    seed.record("wfi_theirs").write_text(json.dumps(state))
    async with running(base, count=2) as view:
        await view.select("wfi_theirs")
        assert "⊘" in view.row("wfi_theirs")
        await view.until(lambda: "Advance" not in view.lines[-1])
        await view.press("a")
        assert view.dialog is None
        await view.select(instance_id)
        await view.until(lambda: "Advance" in view.lines[-1])


async def test_a_seed_record_without_a_schema_is_refused_in_words(base: Path, seed: SeedStore) -> None:
    seed.start("wfi_seed")
    before = without_locks(base)
    async with running(base, count=1) as view:
        await view.press("a")
        await view.until(lambda: view.shows("Not advanced"))
        assert view.dialog is None
    assert without_locks(base) == before
