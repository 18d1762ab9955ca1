"""The shapes of the command's JSON are those of docs/command.md: programs rely on each of these keys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from chatflow_core import WorkflowEngine
from tests.command_runs import Command
from tests.files import PHASES, SCHEMA

_PAGE = (Path(__file__).parents[2] / "docs" / "command.md").read_text(encoding="utf-8")
_PARAGRAPHS = _PAGE.partition("\n## JSON\n")[2].partition("\n## ")[0].split("\n\n")

ROW = (
    "instance_id feature_id workflow_name status current_phase phases_done phases_total created_at updated_at "
    "phase_started_at last_error read_only problem"
)
FEATURE = (
    "feature_id status total_instances created_count running_count completed_count failed_count other_count "
    "phases_done phases_total latest_instance_id updated_at"
)
RECORD = (
    "instance_id feature_id workflow_name current_phase status variables meta created_at updated_at workflow_schema "
    "history"
)
ENTRY = "phase task started_at ended_at status trigger_data_snapshot error"
PHASE = "phase title status is_current runs"
RUN = "started_at ended_at status trigger_data error"
FACTS = "phase_name attempt attempts prompt_size response_size verdict problem record"
TEXT_RECORD = "phase_name status started_at ended_at prompt_checksum response_checksum"


def has(value: dict[str, Any], *keys: str) -> bool:
    return sorted(value) == sorted(" ".join(keys).split())


@pytest.fixture
def instance_id(engine: WorkflowEngine) -> str:
    """An instance with everything: a phase that is done, texts with a code block, a phase that is open."""
    instance_id = engine.start_workflow_instance(SCHEMA, {"request": "x"}, "user-auth")
    engine.record_task(instance_id, "a prompt", "```python\nx = 1\n```\n")
    engine.trigger_next_step(instance_id, {"n": 1})
    return instance_id


def test_rows_of_instances_and_features(chatflow: Command, instance_id: str) -> None:
    (row,) = chatflow("ls", "--json").json
    (feature,) = chatflow("features", "--json").json
    (line,) = chatflow("watch", "--initial", "--count", "1").json_lines

    assert has(row, ROW)
    assert has(feature, FEATURE)
    assert has(line, "kind time", ROW)
    assert row["instance_id"] == instance_id


def test_everything_about_an_instance(chatflow: Command, instance_id: str) -> None:
    shown = chatflow("show", instance_id, "--json").json

    assert has(shown, "instance timeline texts read_only")
    assert has(shown["instance"], RECORD)
    assert all(has(entry, ENTRY) for entry in shown["instance"]["history"])
    assert all(has(phase, PHASE) for phase in shown["timeline"])
    assert has(shown["timeline"][0]["runs"][0], RUN)
    assert has(shown["texts"][0], FACTS)
    assert has(shown["texts"][0]["record"], TEXT_RECORD)


def test_texts_and_where_they_are_found(chatflow: Command, instance_id: str) -> None:
    (hit,) = chatflow("search", "x = 1", "--json").json_lines

    assert has(chatflow("log", instance_id, "--json").json, "instance_id prompt ai_response", FACTS)
    assert has(chatflow("log", instance_id, "--code", "1", "--json").json, "language text line")
    assert has(hit, "instance_id phase_name kind attempt line column text spans before after")


def test_what_steps_give(chatflow: Command, instance_id: str) -> None:
    step = f"{ROW} ended_phase dry_run"

    assert has(chatflow("next", instance_id, "--dry-run", "--json").json, step)
    assert has(chatflow("fail", instance_id, "why", "--json").json, step)
    assert has(chatflow("retry", instance_id, "--json").json, step)
    assert has(chatflow("next", instance_id, "--expect", PHASES[1], "--json").json, step)
    recorded = chatflow("record", instance_id, "--prompt", "-", "--json", stdin=b"p").json
    assert has(recorded, "instance_id", TEXT_RECORD)


def test_schemas_starting_and_checking(chatflow: Command, base: Path, instance_id: str) -> None:
    (base / "schemas").mkdir()
    (base / "schemas" / "docs.yaml").write_text("name: docs\nphases: [{name: write}]\n")
    (base / "features" / "user-auth.link").unlink()
    (schema,) = chatflow("schemas", "--json").json
    report = chatflow("check", "--json").json

    assert has(schema, "name description phases problem")
    assert has(report, "store instances texts is_sound findings")
    assert has(report["findings"][0], "severity subject message is_repaired")
    assert has(chatflow("start", "docs", "--feature", "f", "--json").json, ROW)


@pytest.mark.parametrize(
    ("begins", "keys"),
    [
        ("An **instance row**", [ROW]),
        ("A **feature row**", [FEATURE]),
        ("The **record**", [RECORD, ENTRY, PHASE, RUN]),
        ("The **facts of texts**", [FACTS, TEXT_RECORD]),
    ],
)
def test_the_page_names_every_key(begins: str, keys: list[str]) -> None:
    (paragraph,) = (one for one in _PARAGRAPHS if one.startswith(begins))

    assert set(re.findall(r"`(\w+)`", paragraph)) >= set(" ".join(keys).split())
