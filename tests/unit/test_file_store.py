"""What the store writes, in which order, and what it leaves alone."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatflow_core import (
    CorruptStateError,
    FileStateStore,
    InstanceSummary,
    InvalidValueError,
    ReadOnlyRecordError,
    WorkflowEngine,
)
from tests.files import SCHEMA, age, is_lockable, names, tree, without_locks
from tests.seed_store import SeedStore


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def _start(engine: WorkflowEngine, feature_id: str = "feat") -> str:
    return engine.start_workflow_instance(SCHEMA, {}, feature_id)


def test_a_record_is_indented_utf8_json_with_the_originals_keys_and_the_definition(
    engine: WorkflowEngine, base: Path, seed: SeedStore
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {"ask": "创建"}, "feat")
    text = (base / "instances" / f"{instance_id}.json").read_text(encoding="utf-8")
    seeds_keys = list(seed.start("wfi_seed"))
    assert list(json.loads(text)) == [*seeds_keys, "workflow_schema"]
    assert '\n  "variables": {\n    "ask": "创建"\n' in text


def test_unknown_keys_survive_also_in_history_entries(engine: WorkflowEngine, base: Path) -> None:
    instance_id = _start(engine)
    engine.trigger_next_step(instance_id)
    record = base / "instances" / f"{instance_id}.json"
    document = json.loads(record.read_text())
    document["their_key"] = {"deep": [1, None]}
    document["history"][0]["cost"] = 0.25
    document["history"][1]["tokens"] = 5
    record.write_text(json.dumps(document))
    engine.trigger_next_step(instance_id, {"n": 1}, {"m": 2})
    engine.fail_current_phase(instance_id, "no")
    engine.retry_phase(instance_id)
    after = json.loads(record.read_text())
    assert after["their_key"] == {"deep": [1, None]}
    assert (after["history"][0]["cost"], after["history"][1]["tokens"]) == (0.25, 5)
    assert after["history"][1]["trigger_data_snapshot"] == {"n": 1}
    assert len(after["history"]) == 4


def test_new_files_are_0600_and_new_directories_0700_whatever_the_umask(base: Path) -> None:
    former = os.umask(0)
    try:
        engine = WorkflowEngine(state_store=FileStateStore(base, durable=False, create=False))
        instance_id = _start(engine)
        engine.record_task(instance_id, "p", "r")
        engine.record_task(instance_id, "p2", "r2")
    finally:
        os.umask(former)
    found = {path: _mode(path) for path in [base, base.parent, *base.rglob("*")]}
    assert {found[path] for path in found if path.is_dir()} == {0o700}
    assert {found[path] for path in found if path.is_file()} == {0o600}
    assert len(found) > 12


def test_a_replaced_file_keeps_its_mode(engine: WorkflowEngine, base: Path) -> None:
    instance_id = _start(engine)
    engine.record_task(instance_id, "p")
    paths = [
        base / "instances" / f"{instance_id}.json",
        base / "features" / "feat.link",
        base / "instances" / instance_id / "tasks" / "requirement_analysis.json",
        base / "instances" / instance_id / "tasks" / "requirement_analysis.ai_response.md",
    ]
    for path in paths:
        path.chmod(0o640)
    inodes = [path.stat().st_ino for path in paths]
    engine.record_task(instance_id, None, "r")
    engine.trigger_next_step(instance_id)
    _start(engine)
    assert [_mode(path) for path in paths] == [0o640] * 4
    assert all(path.stat().st_ino != inode for path, inode in zip(paths, inodes, strict=True))


def test_a_corrupt_record_is_never_overwritten_by_any_method(engine: WorkflowEngine, base: Path) -> None:
    instance_id = _start(engine)
    state = engine.state_store.load_state(instance_id)
    assert state is not None
    record = base / "instances" / f"{instance_id}.json"
    for content in (b"", b"{", b"[]", b"{}x", b'{"instance_id": 5}', b"\xff\xfe", record.read_bytes()[:-40]):
        record.write_bytes(content)
        before = without_locks(base)
        uses: list[Any] = [
            lambda: engine.trigger_next_step(instance_id),
            lambda: engine.fail_current_phase(instance_id, "no"),
            lambda: engine.retry_phase(instance_id),
            lambda: engine.record_task(instance_id, "p", "r"),
            lambda: engine.state_store.save_state(instance_id, state),
        ]
        for use in uses:
            with pytest.raises(CorruptStateError):
                use()
        assert without_locks(base) == before


@pytest.mark.parametrize("target", ["file", "missing"])
def test_a_link_in_place_of_a_record_is_never_followed(
    engine: WorkflowEngine, base: Path, tmp_path: Path, target: str
) -> None:
    instance_id = _start(engine)
    record, outside = base / "instances" / f"{instance_id}.json", tmp_path / "outside.json"
    if target == "file":
        record.rename(outside)
    else:
        record.unlink()
    record.symlink_to(outside)
    before = tree(tmp_path)
    with pytest.raises(CorruptStateError, match="symbolic link"):
        engine.trigger_next_step(instance_id)
    with pytest.raises(CorruptStateError, match="symbolic link"):
        engine.get_workflow_instance_status(instance_id)
    assert [summary.status for summary in engine.list_instances()] == ["unreadable"]
    assert tree(tmp_path) == before


def test_the_index_is_touched_only_when_it_changes(engine: WorkflowEngine, base: Path) -> None:
    instance_id = _start(engine)
    link = base / "features" / "feat.link"
    before = link.stat()
    engine.trigger_next_step(instance_id)
    engine.record_task(instance_id, "p", "r")
    after = link.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    other = _start(engine)
    assert link.stat().st_ino != before.st_ino
    assert link.read_text() == ",".join(sorted([instance_id, other]))


@pytest.mark.parametrize("damage", ["lost", "empty", "binary", "cut in an id", "wrong"])
def test_a_lost_or_torn_index_is_made_again_from_records(engine: WorkflowEngine, base: Path, damage: str) -> None:
    ids = sorted(_start(engine) for _ in range(3))
    link = base / "features" / "feat.link"
    _start(engine, "another feature")
    whole = link.read_bytes()
    if damage == "lost":
        link.unlink()
    else:
        torn = {"empty": b"", "binary": b"\xff\0\x80", "cut in an id": whole[:-20], "wrong": b"../x,/etc"}
        link.write_bytes(torn[damage])
    assert engine.state_store.list_instances_by_feature("feat") == ids
    assert engine.get_feature_status("feat")["total_instances"] == 3
    new = _start(engine)
    assert engine.state_store.list_instances_by_feature("feat") == sorted([*ids, new])
    assert set(ids) | {new} <= set(link.read_text().split(","))


def test_an_index_of_which_the_file_system_tells_a_former_stamp_loses_no_instance(
    engine: WorkflowEngine, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _start(engine)
    age(base)
    engine.get_feature_status("feat")
    look, former = os.lstat, (base / "features" / "feat.link").lstat()
    other = _start(WorkflowEngine(state_store=FileStateStore(base)))

    def look_late(path: str | Path) -> os.stat_result:
        return former if str(path).endswith(".link") else look(path)

    monkeypatch.setattr(os, "lstat", look_late)
    last = _start(engine)

    assert (base / "features" / "feat.link").read_text() == ",".join(sorted((first, other, last)))


def test_an_id_in_the_index_without_a_record_is_ignored_and_kept(engine: WorkflowEngine, base: Path) -> None:
    instance_id = _start(engine)
    link = base / "features" / "feat.link"
    link.write_text(f"wfi_coming, {instance_id}\n")
    assert engine.state_store.list_instances_by_feature("feat") == [instance_id]
    new = _start(engine)
    assert sorted(link.read_text().split(",")) == sorted([instance_id, new, "wfi_coming"])


@pytest.mark.parametrize("doubtful", ["wfi_gone,{}", "{},torn", "{},", ""])
def test_records_are_looked_through_once_for_an_index_that_names_none(
    engine: WorkflowEngine, base: Path, doubtful: str
) -> None:
    first, second = sorted(_start(engine) for _ in range(2))
    (base / "features" / "feat.link").write_text(doubtful.format(first))
    age(base)
    looks: list[int] = []

    class Counting(FileStateStore):
        def scan(self) -> Iterator[list[InstanceSummary]]:
            looks.append(1)
            return super().scan()

    counted = Counting(base, durable=False)
    for _ in range(3):
        assert counted.list_instances_by_feature("feat") == [first, second]
    assert len(looks) == 1
    third = _start(engine)  # makes another version of the entry
    assert counted.list_instances_by_feature("feat") == sorted([first, second, third])


def test_a_crash_between_index_and_record_leaves_no_instance(
    engine: WorkflowEngine, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def stop_at_the_record(source: Any, target: Any) -> None:
        if Path(target).suffix == ".json":
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", stop_at_the_record)
    with pytest.raises(KeyboardInterrupt):
        _start(engine)
    monkeypatch.undo()
    assert engine.list_instances() == []
    assert engine.get_feature_status("feat")["total_instances"] == 0
    assert len((base / "features" / "feat.link").read_text().split(",")) == 1


def _dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        return process.pid


def test_what_dead_writers_left_is_swept_and_never_what_belongs_to_the_original(
    engine: WorkflowEngine, base: Path, seed: SeedStore
) -> None:
    instance_id = _start(engine)
    engine.record_task(instance_id, "p", "r")
    instances, tasks = base / "instances", base / "instances" / instance_id / "tasks"
    dead = _dead_pid()
    ours = [
        instances / f".{instance_id}.json.{dead}-0a1b2c3d.tmp",
        tasks / f".requirement_analysis.json.{dead}-0a1b2c3d.tmp",
        tasks / f".requirement_analysis.prompt.md.{dead}-0a1b2c3d.tmp",
    ]
    theirs = [instances / f"{instance_id}.json.tmp", instances / "wfi_other.json.tmp", instances / "notes.tmp"]
    for path in [*ours, *theirs]:
        path.write_text("half")
    fresh = WorkflowEngine(state_store=FileStateStore(base, durable=False))
    fresh.trigger_next_step(instance_id)
    fresh.record_task(instance_id, "p", "r", "requirement_analysis")
    assert [path.name for path in ours if path.exists()] == []
    assert [path for path in theirs if not path.exists()] == []


def test_a_temporary_file_of_a_writer_that_holds_its_lock_is_not_swept(base: Path) -> None:
    first = WorkflowEngine(state_store=FileStateStore(base, durable=False))
    busy, other = _start(first), _start(first)
    temporary = base / "instances" / f".{busy}.json.{_dead_pid()}-0a1b2c3d.tmp"
    temporary.write_text("half")
    from tests.files import held_by_another_process  # noqa: PLC0415 - kept beside its only use

    with held_by_another_process(base / ".locks" / f"{busy}.lock"):
        WorkflowEngine(state_store=FileStateStore(base, durable=False)).trigger_next_step(other)
        assert temporary.exists()


def test_a_failed_write_leaves_the_old_record_and_no_temporary_file(
    engine: WorkflowEngine, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance_id = _start(engine)
    before = without_locks(base)

    def refuse(_source: Any, _target: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="No space left") as caught:
        engine.trigger_next_step(instance_id)
    assert caught.value.errno == 28
    assert "as it was before" in str(caught.value)
    monkeypatch.undo()
    assert without_locks(base) == before
    assert is_lockable(base / ".locks" / f"{instance_id}.lock")


def test_saving_refuses_a_state_of_another_instance_or_none_at_all(store: FileStateStore, base: Path) -> None:
    engine = WorkflowEngine(state_store=store)
    state = store.load_state(_start(engine))
    assert state is not None
    before = names(base)
    broken: list[dict[str, Any]] = [state, {}, {**state, "instance_id": "wfi_2", "history": [{"phase": 1}]}]
    for document in broken:
        with pytest.raises(InvalidValueError):
            store.save_state("wfi_2", document)
    assert names(base) == before


def test_what_load_state_gives_can_be_changed_without_changing_the_store(engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {"deep": {"list": [1]}}, "feat")
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    state.variables["deep"]["list"].append(2)
    state.history.append(state.history)  # type: ignore[arg-type]
    document = engine.state_store.load_state(instance_id)
    assert document is not None
    document["variables"]["deep"]["list"].append(3)
    again = engine.get_workflow_instance_status(instance_id)
    assert again is not None
    assert (again.variables, again.history) == ({"deep": {"list": [1]}}, [])


def test_a_record_of_another_name_is_no_record(engine: WorkflowEngine, base: Path) -> None:
    instance_id = _start(engine)
    copy = base / "instances" / "wfi_copy.json"
    copy.write_bytes((base / "instances" / f"{instance_id}.json").read_bytes())
    with pytest.raises(CorruptStateError, match=instance_id):
        engine.get_workflow_instance_status("wfi_copy")
    assert engine.get_feature_status("feat")["total_instances"] == 1


def test_a_read_only_record_is_not_saved(store: FileStateStore, base: Path, seed: SeedStore) -> None:
    state = seed.start("wfi_1")
    (base / "instances" / "wfi_1.json").write_text(json.dumps({**state, "variables": {"x": float("nan")}}))
    with pytest.raises(ReadOnlyRecordError):
        store.save_state("wfi_1", state)


def test_a_state_without_its_times_is_refused_before_a_byte_is_written(store: FileStateStore, base: Path) -> None:
    state = {"instance_id": "x", "feature_id": "f", "workflow_name": "w", "current_phase": "a", "variables": {}}
    before = without_locks(base)

    with pytest.raises(InvalidValueError, match="created_at"):
        store.save_state("x", state)

    assert without_locks(base) == before


def test_what_a_caller_does_to_a_loaded_document_is_not_saved_with_the_next_step(
    engine: WorkflowEngine, store: FileStateStore
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {"kept": {"as": "it was"}}, "feat")
    with store.lock(instance_id):
        document = store.load_state(instance_id)
        assert document is not None
        document["variables"]["kept"]["as"] = "never saved"
        document["stray"] = 1
        engine.trigger_next_step(instance_id)

    saved = store.load_state(instance_id)
    assert saved is not None
    assert saved["variables"] == {"kept": {"as": "it was"}}
    assert "stray" not in saved


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user to lose a permission")
def test_a_cached_record_that_may_not_be_looked_at_any_more_is_a_storage_error(
    engine: WorkflowEngine, base: Path
) -> None:
    script = (
        "import os, sys\n"
        "from chatflow_core import StorageError, WorkflowEngine\n"
        "engine = WorkflowEngine(sys.argv[1])\n"
        "assert engine.get_workflow_instance_status(sys.argv[2]) is not None\n"
        "os.seteuid(65534)\n"
        "try:\n"
        "    engine.get_workflow_instance_status(sys.argv[2])\n"
        "except StorageError as error:\n"
        "    print(error)\n"
    )
    instance_id = _start(engine)

    told = subprocess.run(
        [sys.executable, "-c", script, str(base), instance_id], capture_output=True, text=True, check=True
    )

    assert f"{instance_id}.json failed: Permission denied" in told.stdout
