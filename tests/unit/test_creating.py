"""What there is to choose from for a new instance, and what was given before for a phase."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow_core import FileStateStore, InvalidValueError, WorkflowEngine
from chatflow_tui.acting.creating import matching, only_chatcoder_writes, plan_create, read_choices
from chatflow_tui.acting.yaml_mapping import read_mapping, show_mapping, write_mapping
from chatflow_tui.instance.last_data import last_data, where_to_look
from tests.files import PHASES, SCHEMA

CHATCODERS = Path(__file__).parent.parent / "data" / "chatcoder_v1_1"

words = st.text(st.characters(codec="utf-8"), max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(words, inner), max_leaves=20)


def test_broken_schemas_are_listed_with_the_reason_and_cannot_be_chosen(base: Path, store: FileStateStore) -> None:
    assert read_choices(store) == []
    (base / "schemas").mkdir()
    for name, text in {
        "bug_fix.yaml": "phases: [{name: reproduce}, {name: fix}]",
        "torn.json": '{"phases": [',
        "twice.yaml": "phases: [{name: a}, {name: A}]",
        "long.yml": "name: 长\nphases: [" + ", ".join(f"{{name: s{number}}}" for number in range(30)) + "]",
        "notes.txt": "not a schema",
    }.items():
        (base / "schemas" / name).write_text(text, encoding="utf-8")
    choices = {choice.name: choice for choice in read_choices(store)}

    assert list(choices) == ["bug_fix", "long", "torn", "twice"]
    assert choices["bug_fix"].words == "reproduce → fix"
    assert choices["long"].words.endswith("s11 → … 18 more")
    assert choices["torn"].schema is choices["twice"].schema is None
    assert choices["torn"].words.startswith("torn.json: not YAML")
    assert "would share the files" in choices["twice"].words

    assert [choice.name for choice in matching(list(choices.values()), "FIX bug")] == ["bug_fix"]
    assert [choice.name for choice in matching(list(choices.values()), "长")] == ["long"]
    assert len(matching(list(choices.values()), " ")) == len(choices)


def test_the_plan_of_a_new_instance_tells_an_old_feature_from_a_new_one(base: Path, engine: WorkflowEngine) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "auth")
    features = {feature.feature_id: feature for feature in engine.list_features()}
    (base / "schemas").mkdir()
    (base / "schemas" / "w.yaml").write_text("phases: [{name: plan}]")
    (choice,) = read_choices(engine.state_store)
    assert plan_create(choice, "auth", features).writes == (
        "○ makes   w for auth (which has 1 instance)",
        "● first   plan",
    )
    assert plan_create(choice, "auht", features).writes[0] == "○ makes   w for auht (a new feature)"
    assert plan_create(None, "", features).writes[0] == "○ makes   … (choose a schema) for … (type a feature)"


def test_nothing_is_made_in_a_store_of_chatcoder(engine: WorkflowEngine) -> None:
    theirs = WorkflowEngine(state_store=FileStateStore(CHATCODERS, create=False)).list_instances()
    engine.start_workflow_instance(SCHEMA, {}, "f")
    ours = engine.list_instances()
    assert only_chatcoder_writes(theirs)
    assert not only_chatcoder_writes([*theirs, *ours])
    assert not only_chatcoder_writes(ours)
    assert not only_chatcoder_writes([])


def test_the_last_data_is_the_latest_that_was_given_for_the_phase(base: Path, engine: WorkflowEngine) -> None:
    ids = [engine.start_workflow_instance(SCHEMA, {}, f"f{number}") for number in range(4)]
    for number in (2, 0, 1):
        engine.trigger_next_step(ids[number], {"number": number})
    engine.trigger_next_step(ids[3])  # without data
    engine.trigger_next_step(ids[3], {"of": "another phase"})
    (base / "instances" / f"{ids[0]}.json").write_text("torn")

    found = last_data(engine, ids, PHASES[0])
    assert found is not None
    assert (found.data, found.feature_id) == ({"number": 1}, "f1")
    assert last_data(engine, ids, PHASES[2]) is None
    assert last_data(engine, ["wfi_gone"], PHASES[0]) is None


def test_data_is_looked_for_in_the_latest_instances_of_the_workflow(engine: WorkflowEngine) -> None:
    ids = [engine.start_workflow_instance(SCHEMA, {}, "f") for _ in range(60)]
    engine.start_workflow_instance({"name": "other", "phases": []}, {}, "f")
    assert where_to_look(engine.list_instances(), SCHEMA["name"]) == ids[:-51:-1]


@given(st.dictionaries(words, values, min_size=1, max_size=4))
def test_what_is_written_out_for_editing_is_read_as_the_very_same(value: dict[str, Any]) -> None:
    assert repr(read_mapping(write_mapping(value), "data")) == repr(value)


def test_only_keys_and_values_are_read() -> None:
    assert read_mapping(" \n", "data") is None
    with pytest.raises(InvalidValueError, match="data: expected keys and values such as 'summary: done', got a list"):
        read_mapping("- 1", "data")
    assert show_mapping({"a": "x" * 500}, 10) == '{"a": "xx…'
