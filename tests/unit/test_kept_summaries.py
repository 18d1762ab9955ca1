"""Where the screen keeps the summaries of large stores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatflow_core import WorkflowEngine, record_summaries
from chatflow_tui.settings.kept_summaries import MOST_STORES, open_with_summaries
from tests.files import SCHEMA, age, tree


def test_each_store_has_a_file_and_the_oldest_is_forgotten(
    engine: WorkflowEngine, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_summaries, "_WORTH_KEEPING", 1)
    engine.start_workflow_instance(SCHEMA, {}, "feat")
    age(base)
    before = tree(base)
    cache = tmp_path / "cache"
    cache.mkdir()
    for number in range(MOST_STORES + 1):
        (cache / f"{number}.summaries").write_bytes(b"")
        os.utime(cache / f"{number}.summaries", (number, number))
    (cache / "not one of these").write_bytes(b"")

    assert len(list(open_with_summaries(cache, str(base)).scan())) == 1

    names = {path.name for path in cache.iterdir()}
    assert "0.summaries" not in names
    assert {"1.summaries", f"{MOST_STORES}.summaries", "not one of these"} < names
    assert len(names) == MOST_STORES + 2
    assert tree(base) == before


def test_where_nothing_can_be_kept_the_store_is_opened_all_the_same(
    engine: WorkflowEngine, base: Path, tmp_path: Path
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    (tmp_path / "file").write_text("no directory")

    (batch,) = open_with_summaries(tmp_path / "file" / "cache", str(base)).scan()

    assert [summary.instance_id for summary in batch] == [instance_id]
