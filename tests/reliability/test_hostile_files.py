"""Hostile and broken files: the others are shown, and this one with its reason. No crash, hang or write elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow_core import ChatFlowError, InvalidValueError, SchemaError
from chatflow_core.record_headers import MAX_RECORD_BYTES
from tests.files import tree, without_locks
from tests.reliability.hostile import CONTENTS, EVIL, THINGS, good_record, in_bounds, look_at_everything
from tests.reliability.steps import FEATURE, SCHEMA, open_engine

pytestmark = pytest.mark.usefixtures("hasty_readers")


class Store:
    """A store with three good instances, and a directory beside it that nobody may touch."""

    def __init__(self, place: Path) -> None:
        self.base = place / ".chatflow"
        self.instances = self.base / "instances"
        self.outside = place / "outside"
        self.outside.mkdir()
        (self.outside / "victim.json").write_text(json.dumps(good_record()))
        (self.outside / "victim.link").write_text("a,b")
        engine = open_engine(self.base, durable=False)
        self.good = [engine.start_workflow_instance(SCHEMA, {}, FEATURE) for _ in range(3)][::-1]
        self.before = tree(self.outside)

    def check(self, evil: str = EVIL) -> None:
        path = self.instances / f"{evil}.json"
        before = os.lstat(path)
        content = path.read_bytes() if path.is_file() and not path.is_symlink() and before.st_size < 1 << 26 else b""
        told = in_bounds(lambda: look_at_everything(self.base, self.good, evil))
        assert not told
        assert tree(self.outside) == self.before, "something outside of the store was changed"
        summary = {one.instance_id: one for one in open_engine(self.base).list_instances()}[evil]
        if summary.problem or summary.read_only:
            assert os.lstat(path).st_ino == before.st_ino, "what cannot be read was written over"
            assert not content or path.read_bytes() == content
        assert "\n" not in (summary.problem or "")


@pytest.fixture
def hostile(quick_path: Path) -> Store:
    return Store(quick_path)


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_a_record_of_hostile_content(hostile: Store, content: bytes) -> None:
    (hostile.instances / f"{EVIL}.json").write_bytes(content)
    hostile.check()


@pytest.mark.parametrize("put", THINGS.values(), ids=THINGS.keys())
def test_something_else_in_the_place_of_a_record(
    hostile: Store, put: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hostile.instances)
    put(hostile.instances / f"{EVIL}.json")
    hostile.check()


@pytest.mark.parametrize(
    "stem",
    [
        "é" * 125,
        "a" * 250,
        "a,b",
        " a",
        "a\nb",
        "a\x1b[31mb",
        "\udcff",
        "..",
        "...",
        "~",
        "a\\b",
        "-rf",
        "con",
        "\u202e",
    ],
    ids=ascii,
)
def test_a_record_of_a_hostile_name(hostile: Store, stem: str) -> None:
    name = os.fsencode(hostile.instances) + b"/" + os.fsencode(stem) + b".json"
    with open(os.open(name, os.O_CREAT | os.O_WRONLY), "wb") as file:  # noqa: PTH123 - not a text
        file.write(json.dumps(good_record(instance_id=stem)).encode())
    told = in_bounds(lambda: look_at_everything(hostile.base, hostile.good, stem))
    assert not told
    assert tree(hostile.outside) == hostile.before


def test_names_that_differ_in_case_only(hostile: Store) -> None:
    for stem in ("Evil", "EVIL", "evil"):
        (hostile.instances / f"{stem}.json").write_text(json.dumps(good_record(instance_id=stem)))
    hostile.check("Evil")
    assert {"Evil", "EVIL", "evil"} <= {summary.instance_id for summary in open_engine(hostile.base).list_instances()}


LEADS_OUT: dict[str, Callable[[Path, Path], object]] = {
    "the directory of an instance": lambda base, out: (base / "instances" / EVIL).symlink_to(out),
    "its tasks": lambda base, out: _linked(base / "instances" / EVIL / "tasks", out),
    "its attempts": lambda base, out: _linked(base / "instances" / EVIL / "tasks" / ".attempts", out),
    "a text": lambda base, out: _linked(base / "instances" / EVIL / "tasks" / "analyse.prompt.md", out / "victim.json"),
    "the lock file": lambda base, out: (base / ".locks" / f"{EVIL}.lock").symlink_to(out / "victim.json"),
    "a new lock file": lambda base, out: (base / ".locks" / f"{EVIL}.lock").symlink_to(out / "new"),
    "the index": lambda base, out: _replaced(base / "features" / f"{FEATURE}.link", out / "victim.link"),
    "a leftover": lambda base, out: (base / "instances" / ".evil.json.1-2.tmp").symlink_to(out / "victim.json"),
    "a leftover of no name": lambda base, out: (base / "instances" / ".a,b.json.1-2.tmp").symlink_to(
        out / "victim.json"
    ),
    "a cycle of tasks": lambda base, out: _linked(base / "instances" / EVIL / "tasks", Path("tasks")),
}


def _linked(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to(target)


def _replaced(path: Path, target: Path) -> None:
    path.unlink()
    path.symlink_to(target)


@pytest.mark.parametrize("lead", LEADS_OUT.values(), ids=LEADS_OUT.keys())
def test_links_that_lead_out_of_the_store(hostile: Store, lead: Callable[[Path, Path], object]) -> None:
    (hostile.instances / f"{EVIL}.json").write_text(json.dumps(good_record()))
    lead(hostile.base, hostile.outside)
    hostile.check()


@pytest.mark.parametrize("name", ["instances", "features", ".locks", "schemas"])
@pytest.mark.parametrize(
    "put", [os.mkfifo, Path.touch, lambda path: path.symlink_to(path)], ids=["FIFO", "file", "cycle"]
)
def test_a_directory_that_is_none(hostile: Store, name: str, put: Callable[[Path], object]) -> None:
    place = hostile.base / name
    if place.exists():
        place.rename(hostile.base / "away")
    put(place)

    def work() -> str | None:
        engine = open_engine(hostile.base, durable=False, lock_timeout=2.0)
        for attempt in (
            engine.list_instances,
            lambda: engine.start_workflow_instance(SCHEMA, {}, FEATURE),
            lambda: engine.start_workflow_instance("by name", {}, FEATURE),
            lambda: engine.trigger_next_step(hostile.good[0]),
            lambda: engine.get_feature_status(FEATURE),
        ):
            with suppress(ChatFlowError):
                attempt()
        return None

    assert not in_bounds(work)


def test_what_would_not_be_read_back_is_not_written(hostile: Store) -> None:
    engine = open_engine(hostile.base, durable=False)
    large = "x" * MAX_RECORD_BYTES
    before = without_locks(hostile.base)
    with pytest.raises(InvalidValueError, match="most read back"):
        engine.start_workflow_instance(SCHEMA, {"text": large}, FEATURE)
    with pytest.raises(InvalidValueError, match="most read back"):
        engine.trigger_next_step(hostile.good[0], {"text": large})
    with pytest.raises(InvalidValueError, match="most read back"):
        engine.record_task(hostile.good[0], "prompt", "response", status=large)
    assert without_locks(hostile.base) == before


def test_a_text_that_cannot_be_read_becomes_a_former_attempt_and_is_not_written_over(hostile: Store) -> None:
    engine = open_engine(hostile.base, durable=False)
    engine.record_task(hostile.good[0], "prompt")
    prompt = hostile.instances / hostile.good[0] / "tasks" / "analyse.prompt.md"
    prompt.write_bytes(b"not UTF-8: \xff")
    engine.record_task(hostile.good[0], None, "response")
    former = prompt.parent / ".attempts" / "analyse" / "1.prompt.md"
    assert former.read_bytes() == b"not UTF-8: \xff"
    assert engine.load_artifacts(hostile.good[0], "analyse").ai_response == "response"


BOMBS = {
    "aliases": "a: &a [x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{f'*{chr(97 + n)},' * 9}]\n" for n in range(20)),
    "merges": "a: &a {x: 1}\n" + "".join(f"b{n}: &b{n} {{<<: [*a, *a]}}\n" for n in range(20)),
    "deep": "[" * 50_000 + "]" * 50_000,
    "deep blocks": "".join(" " * n + "a:\n" for n in range(1_000)),
    "large": "a: " + "x" * (2 << 20),
    "tags": "!!python/object/apply:os.system ['true']",
    "many phases": "name: by name\nphases:\n" + "".join(f"- name: p{n}\n" for n in range(10_000)),
    "NUL": "name: \0",
    "numbers": "name: 1" + "0" * 10_000,
    "date": "name: 2026-99-99",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_a_definition_that_is_a_bomb(hostile: Store, text: str) -> None:
    (hostile.base / "schemas").mkdir()
    (hostile.base / "schemas" / "by name.yaml").write_text(text)
    (hostile.base / "schemas" / "~by%20name.yaml").write_text(text)

    def work() -> str | None:
        engine = open_engine(hostile.base, durable=False)
        with suppress(SchemaError):
            engine.start_workflow_instance("by name", {}, FEATURE)
        return None

    assert not in_bounds(work)


@settings(max_examples=150)
@given(data=st.data())
def test_a_good_record_with_some_bytes_changed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(json.dumps(good_record(history=[])).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position : position + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        content = content or bytearray(b" ")
    store = Store(tmp_path_factory.mktemp("hostile"))
    path = store.instances / f"{EVIL}.json"
    path.write_bytes(bytes(content))
    assert look_at_everything(store.base, store.good) is None
    assert tree(store.outside) == store.before
