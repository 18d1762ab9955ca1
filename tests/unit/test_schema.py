from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatflow_core import InvalidValueError, PhaseDefinition, SchemaError, WorkflowEngine, WorkflowSchema
from chatflow_core.bounded_yaml import MAX_YAML_BYTES, load_yaml
from tests.files import tree

CHATCODER = """
name: default
description: 标准流程
version: '1.0'
phases:
  - name: analyze
    title: 需求分析
    template: analyze.md
    description: Understand the request
    condition: {if: always}
  - {name: design, task: draw}
"""


def test_chatcoders_own_workflow_file_loads_and_keeps_its_unknown_keys() -> None:
    schema = WorkflowSchema.from_text(CHATCODER)
    first, _ = schema.phases
    assert (schema.name, schema.description, schema.extra) == ("default", "标准流程", {"version": "1.0"})
    assert (first.title, first.template, first.description) == ("需求分析", "analyze.md", "Understand the request")
    assert first.extra == {"condition": {"if": "always"}}
    assert (schema.task_of("analyze"), schema.task_of("design")) == ("unknown", "draw")


def test_yaml_json_dict_and_dataclasses_of_one_definition_are_equal() -> None:
    schema = WorkflowSchema.from_text(CHATCODER)
    assert WorkflowSchema.from_dict(schema.to_dict()) == schema
    assert WorkflowSchema.from_text(json.dumps(schema.to_dict())) == schema
    made = WorkflowSchema("w", (PhaseDefinition("a", title="A"), PhaseDefinition("b", extra={"x": [1]})))
    assert WorkflowSchema.from_dict(made.to_dict()) == made


@pytest.mark.parametrize(
    ("suffix", "text"), [(".yaml", "phases: [{name: a}]"), (".json", '{"phases": [{"name": "a"}]}')]
)
def test_a_definition_is_found_by_name_and_named_after_its_file(
    engine: WorkflowEngine, base: Path, suffix: str, text: str
) -> None:
    (base / "schemas").mkdir()
    (base / "schemas" / f"flow{suffix}").write_text(text)
    state = engine.get_workflow_instance_status(engine.start_workflow_instance("flow", {}, "feat"))
    assert state is not None
    assert (state.workflow_name, state.current_phase) == ("flow", "a")


def test_a_name_nobody_defined_is_refused_with_those_there_are(engine: WorkflowEngine, base: Path) -> None:
    (base / "schemas").mkdir()
    (base / "schemas" / "flow.yaml").write_text("phases: []")
    before = tree(base)
    with pytest.raises(SchemaError, match=r"'flwo'.*'flow'"):
        engine.start_workflow_instance("flwo", {}, "feat")
    assert tree(base) == before


def test_a_definition_by_name_never_comes_from_outside_the_store(engine: WorkflowEngine, base: Path) -> None:
    (base / "schemas").mkdir()
    (base / "evil.yaml").write_text("phases: [{name: evil}]")
    (base / "schemas" / "link.yaml").symlink_to(base / "evil.yaml")
    for name in ("../evil", "link"):
        with pytest.raises(SchemaError):
            engine.start_workflow_instance(name, {}, "feat")


def test_a_broken_definition_is_refused_with_its_file_and_line(engine: WorkflowEngine, base: Path) -> None:
    (base / "schemas").mkdir()
    (base / "schemas" / "flow.yaml").write_text("phases:\n  - {name: a\n")
    with pytest.raises(SchemaError, match=r"flow\.yaml.*line \d"):
        engine.start_workflow_instance("flow", {}, "feat")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "list"),
        ({"phases": {}}, "phases: expected a list"),
        ({"phases": None}, "phases: expected a list"),
        ({"phases": ["a"]}, r"phases\[0\].*'a'"),
        ({"phases": [{"name": "a"}, {}]}, r"phases\[1\].*name is missing"),
        ({"phases": [{"name": ""}]}, r"phases\[0\].*name.*empty"),
        ({"phases": [{"name": " "}]}, r"phases\[0\].*name.*empty"),
        ({"phases": [{"name": 5}]}, r"phases\[0\].*name.*number \(5\).*quotes"),
        ({"phases": [{"name": "a", "task": 1}]}, r"phases\[0\] \('a'\): task"),
        ({"phases": [{"name": "a", "title": []}]}, r"phases\[0\] \('a'\): title"),
        ({"phases": [{"name": "a", "x": float("nan")}]}, r"phases\[0\]\.x.*nan"),
        ({"phases": [{"name": "a"}, {"name": "A"}]}, r"phases\[1\].*'A'.*'a'"),
        ({"phases": [{"name": "a"}, {"name": "a"}]}, r"phases\[1\].*'a'"),
        ({"name": None, "phases": []}, "name: expected text, got nothing"),
        ({"name": "", "phases": []}, "name.*empty"),
        ({"name": "w", "description": 1}, "description"),
    ],
)
def test_a_refusal_names_the_phase_and_the_key(document: Any, words: str) -> None:
    with pytest.raises(SchemaError, match=words):
        WorkflowSchema.from_dict(document)


@pytest.mark.parametrize("word", ["no", "on", "Yes", "012", "1e3", "1:30"])
def test_words_yaml_reads_as_something_else_are_refused_as_names_with_advice(word: str) -> None:
    read = load_yaml(word, "x")
    if isinstance(read, str):
        assert WorkflowSchema.from_text(f"phases: [{{name: {word}}}]").phases[0].name == read
    else:
        with pytest.raises(SchemaError, match=r"phases\[0\].*name.*quotes"):
            WorkflowSchema.from_text(f"phases: [{{name: {word}}}]")
    assert WorkflowSchema.from_text(f"phases: [{{name: '{word}'}}]").phases[0].name == word


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x [1]\nb: *x", r"line 2.*alias"),
        ("a: &x {k: 1}\nb:\n  <<: *x", r"line 3.*alias"),
        ("[" * 65 + "]" * 65, "deeper than 64"),
        # From 6.0.4 on PyYAML itself may refuse the very deep ones first.
        pytest.param("[" * 50_000, "deeper than 64|nesting depth", id="lists in lists"),
        pytest.param("{a: " * 50_000, "deeper than 64|nesting depth", id="mappings in mappings"),
        pytest.param("- " * 50_000 + "x", "deeper than 64|nesting depth", id="items in items"),
        ("day: 2024-01-31", "day.*date"),
        ("day: 2024-99-99", "not YAML"),
        ("at: 2024-01-31 10:00:00", "at.*datetime"),
        ("x: !!binary aGk=", "x.*bytes"),
        ("x: !!set {a}", "x.*set"),
        ("x: !!python/object/apply:os.system [ls]", "not YAML"),
        ("x: .nan", "x.*nan"),
        ("x: .inf", "x.*inf"),
        ("on: push", "key True.*text"),
        ("1: x", "key 1.*text"),
        ("? [a]\n: b", "not YAML"),
        ("a: 1\n---\nb: 2", "not YAML"),
        ("a: [", r"not YAML at line \d"),
        ('x: "\\ud800"', "surrogate|not YAML"),
        ("\x00", "not YAML"),
    ],
)
def test_yaml_beyond_the_bounds_or_beyond_json_is_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidValueError, match=words) as caught:
        load_yaml(text, "doc")
    assert str(caught.value).startswith("doc")


def test_yaml_is_bounded_in_bytes() -> None:
    fits = "'" + "x" * (MAX_YAML_BYTES - 2) + "'"
    assert len(load_yaml(fits, "doc")) == MAX_YAML_BYTES - 2
    for too_large in (fits + " ", "é" * (MAX_YAML_BYTES // 2 + 1)):
        with pytest.raises(InvalidValueError, match="1024 KiB"):
            load_yaml(too_large, "doc")


def test_a_file_of_definitions_is_bounded_too(engine: WorkflowEngine, base: Path) -> None:
    (base / "schemas").mkdir()
    (base / "schemas" / "big.yaml").write_text("#" * (MAX_YAML_BYTES + 1))
    with pytest.raises(SchemaError, match="big"):
        engine.start_workflow_instance("big", {}, "feat")


@pytest.mark.parametrize("text", ["", "# only a comment", "---\n"])
def test_an_empty_document_is_none(text: str) -> None:
    assert load_yaml(text, "doc") is None


def test_json_reads_as_json_even_where_yaml_would_not() -> None:
    assert load_yaml('{\t"a":\t[1, 2e3, null, "\\u4e2d"]}', "doc") == {"a": [1, 2000.0, None, "中"]}


def test_the_definition_given_as_a_dict_is_copied_when_the_instance_starts(engine: WorkflowEngine) -> None:
    definition: dict[str, Any] = {"name": "w", "phases": [{"name": "a"}, {"name": "b"}], "extra": {"k": [1]}}
    instance_id = engine.start_workflow_instance(definition, {}, "feat")
    definition["phases"].clear()
    definition["extra"]["k"].append(2)
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert state.workflow_schema is not None
    assert state.workflow_schema["extra"] == {"k": [1]}
    assert engine.trigger_next_step(instance_id).current_phase == "b"
