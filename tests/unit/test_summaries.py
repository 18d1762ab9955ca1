from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatflow_core import (
    CorruptStateError,
    FileStateStore,
    InstanceSummary,
    WorkflowEngine,
    WorkflowSchema,
    build_timeline,
    transitions,
)
from chatflow_core.record_headers import summarize_bytes
from chatflow_core.records import decode_record, encode_document, state_document
from chatflow_core.summaries import summarize, summarize_feature, summarize_features, summarize_unreadable
from tests.files import SCHEMA
from tests.seed_store import SeedStore


def _document() -> dict[str, Any]:
    schema = WorkflowSchema.from_dict(SCHEMA)
    state = transitions.start("wfi_1", schema, {"ask": "x"}, "feat", {"who": "me"}, 100.0)
    state = transitions.fail(transitions.advance(state, schema, {"n": 1}, None, 110.0), schema, "why", None, 120.0)
    return state_document(state)


DOCUMENT = _document()
KEYS = sorted([*DOCUMENT, "unknown", "history_extra"])
ENTRY_KEYS = ["phase", "task", "started_at", "ended_at", "status", "trigger_data_snapshot", "error", "unknown"]
odd = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["running", "created", "completed", "failed", "design", "wfi_1", "wfi_2"])
    | st.just({"phases": [{"name": "design"}, 5, {"name": None}]})
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=3), st.none() | st.floats(), max_size=2)
)
changes = st.lists(
    st.tuples(st.sampled_from(KEYS), odd)
    | st.tuples(st.sampled_from(["entry " + key for key in ENTRY_KEYS]), odd)
    | st.tuples(st.sampled_from(["delete " + key for key in [*KEYS, *ENTRY_KEYS]]), st.none()),
    max_size=4,
)


@given(changes)
@settings(max_examples=400)
def test_the_short_cut_and_the_whole_record_agree_on_documents(mutations: list[tuple[str, Any]]) -> None:
    document: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    for where, value in mutations:
        action, _, key = where.rpartition(" ")
        history = document.get("history")
        entry = history[-1] if isinstance(history, list) and history and isinstance(history[-1], dict) else {}
        if action == "entry":
            entry[key] = value
        elif action == "delete":
            document.pop(key, None)
            entry.pop(key, None)
        else:
            document[key] = value
    _assert_agreement(json.dumps(document).encode())


@given(st.integers(0, 2000), st.integers(0, 12), st.binary(max_size=6))
@settings(max_examples=400)
def test_the_short_cut_and_the_whole_record_agree_on_torn_bytes(start: int, length: int, data: bytes) -> None:
    whole = encode_document(DOCUMENT)
    start %= len(whole)
    _assert_agreement(whole[:start] + data + whole[start + length :])


ODD_VALUES = [
    "1e999",
    "-1e400",
    '"\\ud800"',
    "NaN",
    "-Infinity",
    "1" * 5000,
    "9" * 310 + "e10",
    "18446744073709551616",
    "[" * 2000 + "]" * 2000,
    "01",
    '"\\x"',
    '"\t"',
    '"\udcff"',
    '{"a": 1, "a": 2}',
    "nul",
    "",
]


@pytest.mark.parametrize("value", ODD_VALUES, ids=range(len(ODD_VALUES)))
@pytest.mark.parametrize("where", ["variables", "meta", "workflow_schema", "entry"])
def test_the_short_cut_and_the_whole_record_agree_on_odd_values(where: str, value: str) -> None:
    document = json.loads(json.dumps(DOCUMENT))
    target = document["history"][0] if where == "entry" else document
    target["trigger_data_snapshot" if where == "entry" else where] = {"k": "HERE"}
    text = json.dumps(document).replace('"HERE"', value)
    _assert_agreement(text.encode(errors="surrogateescape"))


@pytest.mark.parametrize("value", ODD_VALUES, ids=range(len(ODD_VALUES)))
def test_one_odd_record_never_stops_a_listing(base: Path, engine: WorkflowEngine, value: str) -> None:
    good = engine.start_workflow_instance(SCHEMA, {}, "feat")
    text = json.dumps({**DOCUMENT, "workflow_schema": {"phases": "HERE"}}).replace('"HERE"', value)
    (base / "instances" / "wfi_1.json").write_bytes(text.encode(errors="surrogateescape"))
    assert {summary.instance_id for summary in engine.list_instances()} == {good, "wfi_1"}
    assert engine.get_feature_status("feat")["total_instances"] >= 1


def _assert_agreement(data: bytes) -> None:
    short = summarize_bytes(data, "wfi_1")
    if short is None:
        return
    record = decode_record(data, "a path", "wfi_1")
    assert short == summarize(record.state, record.read_only)


@example(b"")
@given(st.binary(max_size=40))
def test_bytes_that_are_no_record_are_corrupt_and_nothing_else(data: bytes) -> None:
    assert summarize_bytes(data, "wfi_1") is None
    with pytest.raises(CorruptStateError):
        decode_record(data, "a path", "wfi_1")


def test_progress_counts_the_phases_that_lie_behind() -> None:
    schema = WorkflowSchema.from_dict(SCHEMA)
    state = transitions.start("wfi_1", schema, {}, "feat", {}, 100.0)
    found = []
    for clock in (101.0, 102.0, 103.0):
        found.append((summarize(state).phases_done, summarize(state).phases_total, summarize(state).phase_started_at))
        state = transitions.advance(state, schema, None, None, clock)
    found.append((summarize(state).phases_done, summarize(state).phases_total, summarize(state).phase_started_at))
    assert found == [(0, 3, None), (1, 3, 101.0), (2, 3, 102.0), (3, 3, None)]


@pytest.mark.parametrize("triggers", [0, 1, 2, 3])
def test_a_summary_of_an_original_record_counts_what_its_timeline_shows(
    seed: SeedStore, base: Path, triggers: int
) -> None:
    phases = ("one", "two", "three")
    seed.start("wfi_seed", phases=phases)
    for number in range(triggers):
        seed.trigger("wfi_seed", {"n": number}, phases)
    store = FileStateStore(base, create=False)
    state, summary = store.read_state("wfi_seed"), store.read_summary("wfi_seed")
    assert state is not None
    assert summary is not None
    timeline = build_timeline(state)
    assert summary.phases_total is None
    assert summary.phases_done == sum(row.status == "completed" for row in timeline) == triggers
    opened = [run.started_at for row in timeline for run in row.runs if run.ended_at is None]
    assert summary.phase_started_at == (opened[0] if opened else None)
    assert len(opened) <= 1


def test_the_last_error_is_told_while_the_instance_is_failed_and_not_after(engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    engine.fail_current_phase(instance_id, "no network")
    assert engine.list_instances()[0].last_error == "no network"
    engine.retry_phase(instance_id)
    assert engine.list_instances()[0].last_error is None


def _summary(instance_id: str, feature_id: str, status: str, created_at: float) -> InstanceSummary:
    return InstanceSummary(instance_id, feature_id, "w", status, "p", 1, 2, created_at, created_at + 1)


def test_a_feature_counts_every_status_and_the_rest_as_others() -> None:
    statuses = ["created", "running", "completed", "failed", "paused"]
    summaries = [_summary(f"wfi_{status}", "f", status, number) for number, status in enumerate(statuses)]
    feature = summarize_feature("f", [*summaries, summarize_unreadable("wfi_x", "torn", 50.0)])
    counts = (feature.created_count, feature.running_count, feature.completed_count, feature.failed_count)
    assert counts == (1, 1, 1, 1)
    assert (feature.other_count, feature.total_instances, feature.status) == (2, 6, "in_progress")
    assert (feature.phases_done, feature.phases_total) == (5, 10)
    assert (feature.latest_instance_id, feature.updated_at) == ("wfi_paused", 50.0)


def test_a_feature_without_instances_is_in_progress_and_has_no_latest() -> None:
    feature = summarize_feature("f", [])
    assert (feature.status, feature.latest_instance_id, feature.total_instances) == ("in_progress", None, 0)


def test_the_schema_name_default_means_every_workflow_and_any_other_only_its_own(engine: WorkflowEngine) -> None:
    for name in ("one", "one", "two"):
        engine.start_workflow_instance({"name": name, "phases": []}, {}, "feat")
    totals = [engine.get_feature_status("feat", name)["total_instances"] for name in ("default", "one", "two", "no")]
    assert totals == [3, 2, 1, 0]


def test_features_are_listed_in_order_and_unknown_ones_of_unreadable_files_left_out() -> None:
    summaries = [_summary("a", "f2", "running", 1), _summary("b", "f1", "running", 2)]
    listed = summarize_features([*summaries, summarize_unreadable("c", "torn", 3.0)])
    assert [feature.feature_id for feature in listed] == ["f1", "f2"]
