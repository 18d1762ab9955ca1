"""What is kept of a store from one start to the next counts only as long as it is so."""

from __future__ import annotations

import json
import os
import random
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chatflow_core
from chatflow_core import FileStateStore, InstanceSummary, WorkflowEngine, record_summaries, summary_cache
from chatflow_core.file_stamps import FileStamp
from chatflow_core.layout import temporary_name
from chatflow_core.record_summaries import StampedSummary
from tests.files import SCHEMA, age, tree
from tests.seed_store import SeedStore

_SIZE = 260  # more than the first screenful


@pytest.fixture(autouse=True)
def _worth_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep small stores, too."""
    monkeypatch.setattr(record_summaries, "_WORTH_KEEPING", 1)


@pytest.fixture
def filled(engine: WorkflowEngine, base: Path) -> Path:
    """A store of some hundred instances, written long enough ago for stamps to be trusted."""
    first = engine.start_workflow_instance(SCHEMA, {}, "feat")
    document = json.loads((base / "instances" / f"{first}.json").read_bytes())
    for number in range(1, _SIZE):
        instance_id = f"wfi_{number:012x}"
        text = json.dumps({**document, "instance_id": instance_id})
        (base / "instances" / f"{instance_id}.json").write_text(text)
    age(base)
    return base


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the records that are opened."""
    opened: list[str] = []
    real = os.open

    def note(path: Any, *arguments: Any, **options: Any) -> int:
        if str(path).endswith(".json"):
            opened.append(Path(path).stem)
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", note)
    return opened


def listed(base: Path, file: Path | None) -> dict[str, InstanceSummary]:
    """What a program that is started now finds in the store."""
    store = FileStateStore(base, create=False, summaries_file=file)
    return {summary.instance_id: summary for batch in store.scan() for summary in batch}


def test_the_next_start_reads_nothing_and_finds_the_same(filled: Path, tmp_path: Path, read: list[str]) -> None:
    file = tmp_path / "cache" / "summaries"
    first = listed(filled, file)
    assert len(read) == _SIZE
    read.clear()

    assert listed(filled, file) == first == listed(filled, None)
    assert len(read) == _SIZE  # that without the file reads them all


_WORDS = st.sampled_from(["", "auth", "漢字", "a b"]) | st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
_TIMES = st.floats(allow_nan=False)
_STAMPED = st.builds(
    StampedSummary,
    st.builds(FileStamp, st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**40), st.integers(0, 2**64 - 1)),
    st.builds(
        InstanceSummary,
        *[_WORDS] * 5,
        st.integers(0, 99),
        st.none() | st.integers(0, 99),
        _TIMES,
        _TIMES,
        st.none() | _TIMES,
        st.none() | _WORDS,
    ),
)


@given(st.lists(_STAMPED, max_size=30), st.integers(1, 9))
def test_whatever_is_kept_comes_back_as_it_was_and_in_its_order(
    tmp_path_factory: pytest.TempPathFactory, kept: list[StampedSummary], chunk: int
) -> None:
    cache = summary_cache.SummaryCache(tmp_path_factory.getbasetemp() / "cache" / "summaries", "a store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(summary_cache, "_CHUNK", chunk)
        cache.keep(kept)
    assert [stamped for piece in cache.recall() for stamped in piece] == kept


def test_every_field_of_a_summary_is_kept_or_is_empty_in_all_that_are_kept() -> None:
    kept = summary_cache._Columns.__struct_fields__
    of_stamps, texts = len(FileStamp.__struct_fields__), 1
    assert len(kept) - of_stamps - texts == len(set(InstanceSummary.__struct_fields__) - {"read_only", "problem"})


def test_a_screenful_is_there_before_the_store_is_listed_and_is_as_it_is_now(
    filled: Path, engine: WorkflowEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summaries"
    former = list(listed(filled, file))
    changed, gone = former[3], former[5]
    engine.trigger_next_step(changed)
    (filled / "instances" / f"{gone}.json").unlink()
    scans: list[str] = []
    real = os.scandir

    def note(path: Any) -> Any:
        scans.append(str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", note)

    store = FileStateStore(filled, create=False, summaries_file=file)
    first = store.recall()

    assert scans == []
    assert [summary.instance_id for summary in first] == [each for each in former[:200] if each != gone]
    assert next(each for each in first if each.instance_id == changed).status == "running"
    assert store.recall() == []
    assert len([summary for batch in store.scan() for summary in batch]) == len(former) - 1


def test_what_cannot_be_read_now_is_not_recalled(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "summaries"
    former = list(listed(filled, file))
    broken = filled / "instances" / f"{former[0]}.json"
    broken.write_text("{")
    store = FileStateStore(filled, create=False, summaries_file=file)
    assert [summary.instance_id for summary in store.recall()] == former[1:200]
    assert {summary.instance_id: summary for batch in store.scan() for summary in batch} == listed(filled, None)


def test_a_listing_of_a_store_that_was_opened_before_has_each_instance_once(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "summaries"
    true = listed(filled, file)
    engine = WorkflowEngine(state_store=FileStateStore(filled, create=False, summaries_file=file))
    assert sorted(summary.instance_id for summary in engine.list_instances()) == sorted(true)


def test_two_threads_that_list_at_once_find_the_same(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summaries"
    monkeypatch.setattr(summary_cache, "_CHUNK", 50)
    true = listed(filled, file)
    store = FileStateStore(filled, create=False, summaries_file=file)
    checksum, other = zlib.crc32, list[InstanceSummary]()

    def list_meanwhile(piece: bytes) -> int:
        if not other:
            other.extend(summary for batch in store.scan() for summary in batch)
        return checksum(piece)

    monkeypatch.setattr(zlib, "crc32", list_meanwhile)

    assert {summary.instance_id: summary for batch in store.scan() for summary in batch} == true
    assert {summary.instance_id: summary for summary in other} == true


def test_nothing_of_it_lies_in_the_store(filled: Path, tmp_path: Path) -> None:
    before = tree(filled)
    listed(filled, tmp_path / "cache" / "summaries")
    listed(filled, tmp_path / "cache" / "summaries")
    assert tree(filled) == before
    assert (tmp_path / "cache" / "summaries").stat().st_mode & 0o777 == 0o600


def test_what_changed_came_or_went_meanwhile_is_seen(filled: Path, engine: WorkflowEngine, tmp_path: Path) -> None:
    file = tmp_path / "summaries"
    before = listed(filled, file)
    oldest, gone = list(before)[-1], list(before)[-2]
    engine.trigger_next_step(oldest)
    (filled / "instances" / f"{gone}.json").unlink()
    new = engine.start_workflow_instance(SCHEMA, {}, "feat")
    # So long ago that neither is on the first screen.
    for instance_id in (oldest, new):
        os.utime(filled / "instances" / f"{instance_id}.json", (0, 0))

    after = listed(filled, file)

    assert after == listed(filled, None)
    assert after[oldest].status == "running"
    assert after.keys() == before.keys() - {gone} | {new}


def test_records_that_depend_on_other_files_are_read_again(filled: Path, seed: SeedStore, tmp_path: Path) -> None:
    file = tmp_path / "summaries"
    document = json.loads((filled / "instances" / "wfi_000000000001.json").read_bytes())
    del document["workflow_schema"]
    path = filled / "instances" / "wfi_000000000001.json"
    path.write_text(json.dumps(document))
    os.utime(path, (0, 0))
    assert listed(filled, file)[path.stem].phases_total is None

    (filled / "schemas").mkdir()
    (filled / "schemas" / f"{document['workflow_name']}.json").write_text(json.dumps(SCHEMA))

    assert listed(filled, file)[path.stem].phases_total == 3


def test_names_that_cannot_be_written_are_read_again(filled: Path, tmp_path: Path, read: list[str]) -> None:
    path = filled / "instances" / "wfi_000000000001.json"
    document = json.loads(path.read_bytes())
    path.write_text(json.dumps({**document, "feature_id": "half\ud800"}))
    os.utime(path, (0, 0))
    first = listed(filled, tmp_path / "summaries")
    assert first[path.stem].feature_id == "half\ud800"
    read.clear()

    assert listed(filled, tmp_path / "summaries") == first
    assert read == [path.stem]


def test_what_another_thread_reads_meanwhile_does_not_keep_a_store_from_being_listed(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileStateStore(filled, create=False, summaries_file=tmp_path / "summaries")
    document = json.loads((filled / "instances" / "wfi_000000000001.json").read_bytes())
    numbers, checksum = iter(range(_SIZE, 2 * _SIZE)), zlib.crc32

    def read_another(piece: bytes) -> int:
        instance_id = f"wfi_{next(numbers):012x}"
        (filled / "instances" / f"{instance_id}.json").write_text(json.dumps({**document, "instance_id": instance_id}))
        age(filled)
        store.read_summary(instance_id)
        return checksum(piece)

    monkeypatch.setattr(summary_cache, "_CHUNK", 50)
    monkeypatch.setattr(zlib, "crc32", read_another)

    assert len([summary for batch in store.scan() for summary in batch]) == _SIZE
    assert next(numbers) > _SIZE


def _cut(data: bytes) -> Iterator[bytes]:
    for size in (0, 1, 40, len(data) // 2, len(data) - 1):
        yield data[:size]


def _changed(data: bytes) -> Iterator[bytes]:
    chance = random.Random(1)
    for _ in range(60):
        place = chance.randrange(len(data))
        yield data[:place] + bytes([data[place] ^ chance.randrange(1, 256)]) + data[place + 1 :]


def _other(data: bytes) -> Iterator[bytes]:
    head, _, _ = data.partition(b"\n")
    yield b"\0" * len(data)
    yield head + b"\n" + b"\xff" * 200
    yield head + b"\n" + data[len(head) + 1 :][::-1]


@pytest.mark.parametrize("damage", [_cut, _changed, _other])
def test_a_damaged_file_changes_nothing(
    filled: Path, tmp_path: Path, damage: Callable[[bytes], Iterator[bytes]]
) -> None:
    file = tmp_path / "summaries"
    true = listed(filled, file)
    for data in damage(file.read_bytes()):
        file.write_bytes(data)
        assert listed(filled, file) == true


def test_a_file_that_cannot_be_read_or_written_changes_nothing(filled: Path, tmp_path: Path) -> None:
    true = listed(filled, None)
    (tmp_path / "file").write_text("no directory")
    assert listed(filled, tmp_path / "file" / "summaries") == true
    (tmp_path / "directory").mkdir()
    assert listed(filled, tmp_path / "directory") == true


def test_what_a_program_left_that_ended_while_it_wrote_does_not_gather(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "cache" / "summaries"
    listed(filled, file)
    left, of_another = (file.with_name(temporary_name(name, "1-dead")) for name in ("summaries", "others"))
    for path in (left, of_another):
        file.rename(path)
        listed(filled, file)
    assert not left.exists()
    assert of_another.exists()


def test_another_version_and_another_store_begin_anew(
    filled: Path, tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summaries"
    listed(filled, file)
    read.clear()
    monkeypatch.setattr(summary_cache, "__version__", f"{chatflow_core.__version__}+1")
    listed(filled, file)
    assert len(read) == _SIZE

    other = tmp_path / "other"
    filled.rename(other)
    read.clear()
    listed(other, file)
    assert len(read) == _SIZE


def test_what_is_read_one_by_one_as_it_changes_is_not_kept_each_time(
    filled: Path, engine: WorkflowEngine, tmp_path: Path
) -> None:
    file = tmp_path / "summaries"
    store = FileStateStore(filled, create=False, summaries_file=file)
    ids = [summary.instance_id for batch in store.scan() for summary in batch]
    kept = file.stat().st_ino
    for number, instance_id in enumerate(ids[:3]):
        engine.trigger_next_step(instance_id)
        os.utime(filled / "instances" / f"{instance_id}.json", (0, number))
        summary = store.read_summary(instance_id)
        assert summary is not None
        assert summary.status == "running"

    assert len([summary for batch in store.scan() for summary in batch]) == _SIZE
    assert file.stat().st_ino == kept
