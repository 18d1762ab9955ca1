from __future__ import annotations

import hashlib
import os
import string
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatflow_core import FileStateStore, InvalidNameError, WorkflowEngine
from chatflow_core.layout import MAX_NAME_BYTES, StoreLayout, check_instance_id, encode_name, phase_stem
from tests.files import SCHEMA, tree

ROOT = Path("/nowhere/.chatflow")
LONG = "x" * 300
COLLIDING = "x" * 119 + "~" + hashlib.sha256(LONG.encode()).hexdigest()[:40]

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(str.strip)
nasty = st.text("./~%\\\0\n aA_é中:-2E", min_size=1, max_size=8).filter(str.strip)
long_texts = st.text("xX~%/é", min_size=1, max_size=4).map(lambda text: text * 80)
any_name = texts | nasty | long_texts


def hashed_look_alike(name: str) -> str:
    """A short name made to look like what a long name is encoded to."""
    return encode_name(name, "feature").removeprefix("~")


@given(any_name, any_name)
@example(LONG, COLLIDING)
@example("~a", "a")
@example("~%2F", "/")
@example("a%2Fb", "a/b")
@example(".", "%2E")
@example("..", "~%2E%2E")
def test_different_names_have_different_files(one: str, other: str) -> None:
    assert (encode_name(one, "feature") == encode_name(other, "feature")) == (one == other)
    assert (phase_stem(one) == phase_stem(other)) == (_as_the_original(one) == _as_the_original(other))


@given(any_name)
@example(LONG)
def test_no_name_is_encoded_like_another_ones_encoding(name: str) -> None:
    look_alike = hashed_look_alike(name)
    if look_alike != name and look_alike.strip():
        assert encode_name(look_alike, "feature") != encode_name(name, "feature")


@given(any_name)
@example(".")
@example("..")
@example("../../evil")
@example("/etc/passwd")
@example("a/../../b")
@example("\0")
def test_no_name_leaves_the_store(name: str) -> None:
    layout = StoreLayout(ROOT)
    files = layout.task_files("wfi_1", name)
    paths = [layout.feature_link(name), *files, *layout.attempt_files("wfi_1", name, 1), *layout.schema_files(name)]
    for path in paths:
        assert Path(os.path.normpath(path)) == path
        assert path.is_relative_to(ROOT)
        assert len(path.name.encode()) <= 255
        assert path.name.isprintable()
    assert layout.feature_link(name).parent == ROOT / "features"
    assert files.record.parent == ROOT / "instances" / "wfi_1" / "tasks"
    assert len(encode_name(name, "feature").encode()) <= MAX_NAME_BYTES


@given(st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=50))
def test_names_the_original_could_write_safely_keep_the_originals_file_names(name: str) -> None:
    if name in {".", ".."}:
        return
    assert encode_name(name, "feature") == name
    assert phase_stem(name) == name.lower()


@pytest.mark.parametrize(
    ("phase", "stem"),
    [
        ("Requirement Analysis", "requirement_analysis"),
        ("需求分析", "需求分析"),
        ("Code Review 2", "code_review_2"),
        ("naïve", "naïve"),
        ("हिन्दी", "हिन्दी"),
        ("a:b", "~a%3Ab"),
        ("a/b", "~a%2Fb"),
        ("..", "~%2E%2E"),
    ],
)
def test_phase_files_are_named_by_the_originals_rule_then_made_safe(phase: str, stem: str) -> None:
    assert phase_stem(phase) == stem


@given(any_name)
def test_a_name_that_starts_with_a_tilde_is_encoded(name: str) -> None:
    assert encode_name("~" + name, "feature") != "~" + name


@pytest.mark.parametrize("name", ["", " ", "\t\n", "\ud800", "a\udfff", None, 5])
def test_empty_names_surrogates_and_other_types_are_refused_before_anything_is_written(
    engine: WorkflowEngine, base: Path, name: str
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    before = tree(base)
    with pytest.raises(InvalidNameError):
        engine.start_workflow_instance(SCHEMA, {}, name)
    with pytest.raises(InvalidNameError):
        engine.load_artifacts(instance_id, name)
    with pytest.raises(InvalidNameError):
        engine.get_feature_status(name)
    with pytest.raises(InvalidNameError):
        engine.state_store.save_task_artifacts("feat", instance_id, name, {}, "p", "r")
    assert tree(base) == before


@pytest.mark.parametrize("name", ["日志" * 120, "~", "~" * 300, "a" * 201, "%" * 100])
def test_long_and_odd_names_work_on_a_real_disk(engine: WorkflowEngine, name: str) -> None:
    instance_id = engine.start_workflow_instance({"phases": [{"name": name}]}, {}, name)
    engine.record_task(instance_id, "p", "r")
    engine.record_task(instance_id, "p2", "r2")
    assert engine.get_feature_status(name)["latest_instance_id"] == instance_id
    assert engine.load_artifacts(instance_id, name, 1).prompt == "p"
    assert engine.load_artifacts(instance_id, name).prompt == "p2"
    assert [feature.feature_id for feature in engine.list_features()] == [name]


@pytest.mark.parametrize(
    "instance_id", ["", ".", "..", ".hidden", "../x", "a/b", "a\\b", "a\0b", "a\nb", "x" * 201, "a\ud800", "a,b", " a"]
)
def test_an_id_that_is_no_plain_file_stem_is_refused(engine: WorkflowEngine, base: Path, instance_id: str) -> None:
    before = tree(base)
    with pytest.raises(InvalidNameError):
        check_instance_id(instance_id)
    for use in (engine.get_workflow_instance_status, engine.trigger_next_step, engine.state_store.load_state):
        with pytest.raises(InvalidNameError):
            use(instance_id)
    assert tree(base) == before


@pytest.mark.parametrize("instance_id", ["wfi_0123456789ab", "任务", "a b", "~x", "features", "UPPER.lower-1"])
def test_any_safe_stem_is_an_id(store: FileStateStore, instance_id: str) -> None:
    engine = WorkflowEngine(state_store=store)
    state = store.load_state(engine.start_workflow_instance(SCHEMA, {}, "feat"))
    assert state is not None
    store.save_state(instance_id, {**state, "instance_id": instance_id})
    assert instance_id in store.list_instances_by_feature("feat")
    assert engine.trigger_next_step(instance_id).instance_id == instance_id


@pytest.mark.parametrize("name", ["aux", "NUL", "com1", "con.v2", "lpt9.", "design.", "design..", "a b.", ".."])
def test_on_windows_no_file_has_a_name_that_means_a_device_or_loses_its_end(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("chatflow_core.layout._ON_WINDOWS", True)
    layout = StoreLayout(ROOT)
    for path in (layout.feature_link(name), layout.attempts_dir("wfi_1", name), *layout.task_files("wfi_1", name)):
        assert path.name.startswith("~")
        assert not path.name.endswith(".")
    assert layout.plain_task_files("wfi_1", name) is None
    assert encode_name(f"~{name}", "feature") != encode_name(name, "feature")
    assert encode_name(f"{name}.", "feature") != encode_name(name, "feature")


@pytest.mark.parametrize("instance_id", ["c:evil", "aux", "nul.1", "a.", "a?", "a*b"])
def test_on_windows_an_id_that_cannot_be_a_file_stem_there_is_refused(
    monkeypatch: pytest.MonkeyPatch, instance_id: str
) -> None:
    assert check_instance_id(instance_id) == instance_id
    monkeypatch.setattr("chatflow_core.layout._ON_WINDOWS", True)
    with pytest.raises(InvalidNameError):
        check_instance_id(instance_id)
    assert check_instance_id("wfi_0123456789ab") == "wfi_0123456789ab"
    assert encode_name("user-auth.v2", "feature") == "user-auth.v2"


def _as_the_original(name: str) -> str:
    return name.replace(" ", "_").lower()
