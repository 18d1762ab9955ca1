from __future__ import annotations

import multiprocessing
import os
import stat
import threading
from pathlib import Path

import pytest

from chatflow_core import FileStateStore, InstanceNotFoundError, LockTimeoutError, WorkflowEngine
from chatflow_core.locks import hold, is_held
from tests.files import SCHEMA, held_by_another_process, is_lockable, tree, without_locks

SOON = 0.05


def test_a_timeout_names_the_lock_file_and_the_instance_and_nothing_is_written(base: Path) -> None:
    engine = WorkflowEngine(state_store=FileStateStore(base, durable=False, lock_timeout=SOON))
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    before = without_locks(base)
    lock_file = base / ".locks" / f"{instance_id}.lock"
    with held_by_another_process(lock_file), pytest.raises(LockTimeoutError) as caught:
        engine.trigger_next_step(instance_id)
    assert caught.value.lock_file == str(lock_file)
    assert caught.value.timeout == SOON
    assert str(lock_file) in str(caught.value)
    assert instance_id in caught.value.subject
    assert isinstance(caught.value, TimeoutError)
    assert without_locks(base) == before
    assert engine.trigger_next_step(instance_id).current_phase == "design"


def test_the_default_timeout_is_ten_seconds() -> None:
    from chatflow_core.locks import DEFAULT_TIMEOUT  # noqa: PLC0415 - only this test needs it

    assert DEFAULT_TIMEOUT == 10.0


def test_a_busy_index_leaves_no_record_behind(base: Path) -> None:
    engine = WorkflowEngine(state_store=FileStateStore(base, durable=False, lock_timeout=SOON))
    before = without_locks(base)
    busy = held_by_another_process(base / ".locks" / "features.lock")
    with busy, pytest.raises(LockTimeoutError, match=r"features\.lock"):
        engine.start_workflow_instance(SCHEMA, {}, "feat")
    assert without_locks(base) == before


def test_an_index_that_does_not_change_is_not_locked(base: Path) -> None:
    engine = WorkflowEngine(state_store=FileStateStore(base, durable=False, lock_timeout=SOON))
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    with held_by_another_process(base / ".locks" / "features.lock"):
        assert engine.trigger_next_step(instance_id).current_phase == "design"


def test_the_holder_may_take_the_lock_again_and_lets_go_only_at_the_end(store: FileStateStore, base: Path) -> None:
    lock_file = base / ".locks" / "wfi_1.lock"
    with store.lock("wfi_1"):
        with store.lock("wfi_1"):
            assert not is_lockable(lock_file)
        assert not is_lockable(lock_file)
        assert is_held(lock_file)
    assert is_lockable(lock_file)
    assert not is_held(lock_file)


def test_the_lock_is_released_after_an_error(store: FileStateStore, base: Path) -> None:
    with pytest.raises(RuntimeError), store.lock("wfi_1"):
        raise RuntimeError
    assert is_lockable(base / ".locks" / "wfi_1.lock")


def test_threads_exclude_one_another_and_the_deadline_covers_them(base: Path) -> None:
    first = FileStateStore(base, durable=False)
    second = FileStateStore(base, durable=False, lock_timeout=SOON)
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            with second.lock("wfi_1"):
                errors.append(AssertionError("two threads held one lock"))
        except LockTimeoutError as error:
            errors.append(error)

    with first.lock("wfi_1"):
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    assert [type(error) for error in errors] == [LockTimeoutError]


def test_another_threads_lock_is_not_held_by_this_one(store: FileStateStore, base: Path) -> None:
    taken, done = threading.Event(), threading.Event()

    def keep() -> None:
        with store.lock("wfi_1"):
            taken.set()
            done.wait(10)

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        assert taken.wait(10)
        assert not is_held(base / ".locks" / "wfi_1.lock")
    finally:
        done.set()
        thread.join()


def test_threads_counting_under_the_lock_lose_nothing(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")

    def count() -> None:
        for _ in range(100):
            with hold(tmp_path / "a.lock", "the counter", 30):
                counter.write_text(str(int(counter.read_text()) + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.read_text() == "400"


def test_the_lock_is_the_flock_other_programs_take_and_its_file_stays(store: FileStateStore, base: Path) -> None:
    lock_file = base / ".locks" / "wfi_1.lock"
    with store.lock("wfi_1"):
        assert not is_lockable(lock_file)
    inode = lock_file.stat().st_ino
    with store.lock("wfi_1"):
        assert lock_file.stat().st_ino == inode
    assert lock_file.exists()
    assert stat.S_IMODE(lock_file.stat().st_mode) == 0o600


def test_a_lock_another_program_let_go_can_be_taken(store: FileStateStore, base: Path) -> None:
    lock_file = base / ".locks" / "wfi_1.lock"
    with held_by_another_process(lock_file):
        assert not is_lockable(lock_file)
    with store.lock("wfi_1"):
        assert is_held(lock_file)


def test_a_step_of_an_instance_that_is_not_there_leaves_no_lock_file(engine: WorkflowEngine, base: Path) -> None:
    known = engine.start_workflow_instance(SCHEMA, {}, "feat")
    (base / ".locks" / f"{known}.lock").unlink()  # as in a store that was copied without its locks
    before = tree(base)
    for step in (
        lambda: engine.trigger_next_step("wfi_nobody"),
        lambda: engine.fail_current_phase("wfi_nobody", "reason"),
        lambda: engine.retry_phase("wfi_nobody"),
        lambda: engine.record_task("wfi_nobody", "prompt"),
    ):
        with pytest.raises(InstanceNotFoundError, match="wfi_nobody"):
            step()
    assert tree(base) == before
    assert engine.trigger_next_step(known).current_phase == "design"


def _in_child(work: object) -> int:
    """Run work in a forked child and give its exit code."""
    process = multiprocessing.get_context("fork").Process(target=work)  # type: ignore[arg-type]
    process.start()
    process.join(30)
    assert process.exitcode is not None
    return process.exitcode


def test_a_forked_child_does_not_hold_its_parents_lock(base: Path) -> None:
    store = FileStateStore(base, durable=False, lock_timeout=SOON)

    def child() -> None:
        assert not is_held(base / ".locks" / "wfi_1.lock")
        with pytest.raises(LockTimeoutError), store.lock("wfi_1"):
            pass

    with store.lock("wfi_1"):
        assert _in_child(child) == 0
        assert not is_lockable(base / ".locks" / "wfi_1.lock")


def test_a_child_forked_while_another_thread_holds_a_lock_can_take_it_once_it_is_free(store: FileStateStore) -> None:
    taken, done = threading.Event(), threading.Event()

    def keep() -> None:
        with store.lock("wfi_1"):
            taken.set()
            done.wait(30)

    def child() -> None:
        with store.lock("wfi_1"):
            pass

    thread = threading.Thread(target=keep)
    thread.start()
    assert taken.wait(10)
    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    done.set()
    thread.join()
    process.join(30)
    assert process.exitcode == 0


def test_a_child_that_leaves_the_block_it_was_forked_in_does_not_free_its_parents_lock(
    store: FileStateStore, base: Path
) -> None:
    child = -1
    with store.lock("wfi_1"):
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            assert os.waitstatus_to_exitcode(status) == 0
            assert not is_lockable(base / ".locks" / "wfi_1.lock")
    if child == 0:
        os._exit(0)
