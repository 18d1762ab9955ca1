from __future__ import annotations

import collections
import datetime
import decimal
import enum
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow_core import FileStateStore, InvalidValueError, WorkflowEngine
from chatflow_core.json_values import MAX_DEPTH, plain_json, plain_object
from tests.files import SCHEMA, tree

words = st.text(st.characters(codec="utf-8"), max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(words, inner), max_leaves=20)
objects = st.dictionaries(words, values, max_size=4)


@given(values)
def test_plain_json_is_copied_unchanged(value: Any) -> None:
    copied = plain_json(value, "value")
    assert json.dumps(copied) == json.dumps(value)


@given(objects, objects, objects)
def test_values_come_back_as_they_were_given(
    tmp_path_factory: pytest.TempPathFactory, context: dict[str, Any], data: dict[str, Any], meta: dict[str, Any]
) -> None:
    directory = tmp_path_factory.mktemp("values")
    engine = WorkflowEngine(state_store=FileStateStore(directory, durable=False))
    instance_id = engine.start_workflow_instance(SCHEMA, context, "feat", meta)
    engine.trigger_next_step(instance_id, data)
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert json.dumps(state.variables) == json.dumps(context)
    assert json.dumps(state.meta) == json.dumps(meta)
    assert json.dumps(state.history[0].trigger_data_snapshot) == json.dumps(data)
    # The standard library, which other programs read with, reads the same.
    raw = json.loads((directory / "instances" / f"{instance_id}.json").read_text(encoding="utf-8"))
    assert json.dumps(raw["variables"]) == json.dumps(context)


class Colour(enum.StrEnum):
    RED = "red"


def test_tuples_and_subclasses_become_what_any_encoder_would_write() -> None:
    given_value = {"t": (1, 2), "c": Colour.RED, "o": collections.OrderedDict(a=True)}
    copied = plain_json(given_value, "value")
    assert copied == {"t": [1, 2], "c": "red", "o": {"a": True}}
    assert [type(copied[key]) for key in "tco"] == [list, str, dict]


def test_a_copy_shares_nothing_with_the_value() -> None:
    value: dict[str, Any] = {"a": [{"b": []}]}
    copied = plain_json(value, "value")
    value["a"][0]["b"].append(1)
    assert copied == {"a": [{"b": []}]}


REFUSED = [
    (float("nan"), r"value\.k\[0\]: nan"),
    (float("inf"), r"value\.k\[0\]: inf"),
    (b"bytes", r"value\.k\[0\]: a bytes"),
    ({1, 2}, r"value\.k\[0\]: a set"),
    (datetime.date(2024, 1, 1), r"value\.k\[0\]: a date"),
    (decimal.Decimal(1), r"value\.k\[0\]: a Decimal"),
    (object(), r"value\.k\[0\]: an object"),
    ({1: "x"}, r"value\.k\[0\]: the key 1"),
    ({None: "x"}, r"value\.k\[0\]: the key None"),
    ("\ud800", r"value\.k\[0\]:.*surrogate at position 0"),
    ({"a\udc00": 1}, r"value\.k\[0\]:.*surrogate at position 1"),
    (10**5000, r"value\.k\[0\]:"),
    (-(10**5000), r"value\.k\[0\]:"),
]

KINDS = [f"{number} {type(value).__name__}" for number, (value, _) in enumerate(REFUSED)]


@pytest.mark.parametrize(("value", "words"), REFUSED, ids=KINDS)
def test_what_is_not_json_is_refused_with_its_path(value: Any, words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        plain_json({"k": [value]}, "value")


@pytest.mark.parametrize(("value", "_words"), REFUSED, ids=KINDS)
def test_what_is_not_json_is_refused_before_a_byte_is_written(
    engine: WorkflowEngine, base: Path, value: Any, _words: str
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    bad = {"k": value}
    before = tree(base)
    with pytest.raises(InvalidValueError, match=r"initial_context\.k"):
        engine.start_workflow_instance(SCHEMA, bad, "feat")
    with pytest.raises(InvalidValueError, match=r"meta\.k"):
        engine.start_workflow_instance(SCHEMA, {}, "feat", bad)
    with pytest.raises(InvalidValueError, match=r"trigger_data\.k"):
        engine.trigger_next_step(instance_id, bad)
    with pytest.raises(InvalidValueError, match=r"meta\.k"):
        engine.fail_current_phase(instance_id, "no", bad)
    with pytest.raises(InvalidValueError, match=r"task_record_data\.k"):
        engine.state_store.save_task_artifacts("feat", instance_id, "design", bad, "p", "r")
    assert tree(base) == before


def test_depth_is_bounded() -> None:
    fits: Any = 1
    for _ in range(MAX_DEPTH):
        fits = [fits]
    assert plain_json(fits, "value") == fits
    with pytest.raises(InvalidValueError, match="deeper than"):
        plain_json([fits], "value")


def test_a_value_that_contains_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(InvalidValueError, match="deeper than"):
        plain_json(value, "value")


@pytest.mark.parametrize("value", [[], "x", 5, None])
def test_an_object_is_asked_for_where_one_is_needed(value: Any) -> None:
    with pytest.raises(InvalidValueError, match="data: expected an object"):
        plain_object(value, "data")


@pytest.mark.parametrize(("prompt", "response"), [(5, "r"), ("p", b"r"), ("\ud800", "r"), ("p", "\udfff")])
def test_texts_that_cannot_be_utf8_are_refused_before_a_byte_is_written(
    engine: WorkflowEngine, base: Path, prompt: Any, response: Any
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    engine.record_task(instance_id, "old prompt", "old response")
    before = tree(base)
    with pytest.raises(InvalidValueError):
        engine.record_task(instance_id, prompt, response)
    assert tree(base) == before
