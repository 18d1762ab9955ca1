from __future__ import annotations

import errno
import logging
import multiprocessing
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog.observers import Observer

from chatflow_core import FileStateStore, WorkflowEngine
from chatflow_core import watch as watching
from chatflow_core.watch import FileSubscription
from tests.files import SCHEMA
from tests.seed_store import SeedStore
from tests.waiting import wait_until_sync


class Calls:
    """What a subscription told, and whether it ever told two things at once."""

    def __init__(self) -> None:
        self.told: list[set[str] | None] = []
        self.threads: set[int] = set()
        self._busy = threading.Lock()

    def __call__(self, ids: set[str] | None) -> None:
        assert self._busy.acquire(blocking=False), "two calls at once"
        self.threads.add(threading.get_ident())
        self.told.append(ids)
        self._busy.release()

    @property
    def rescans(self) -> int:
        return sum(ids is None for ids in self.told)

    @property
    def ids(self) -> set[str]:
        return set().union(*(ids for ids in self.told if ids is not None))

    def wait_for(self, *ids: str) -> None:
        wait_until_sync(lambda: set(ids) <= self.ids)


@pytest.fixture
def calls() -> Calls:
    return Calls()


Watch = Callable[..., FileSubscription]


@pytest.fixture
def watch(base: Path, calls: Calls) -> Iterator[Watch]:
    """Watches the store and waits until it is armed."""
    opened: list[FileSubscription] = []

    def start(*, polling: bool = False, callback: Callable[[set[str] | None], None] = calls) -> FileSubscription:
        store = FileStateStore(base, create=False)
        subscription = store.subscribe(callback, polling=polling)
        assert isinstance(subscription, FileSubscription)
        opened.append(subscription)
        if (base / "instances").exists():
            wait_until_sync(lambda: subscription.mode != "waiting")
            if callback is calls:
                wait_until_sync(lambda: calls.rescans >= 1)
        return subscription

    yield start
    for subscription in opened:
        subscription.close()


def test_it_tells_once_to_look_at_everything_when_it_is_armed(
    store: FileStateStore, watch: Watch, calls: Calls
) -> None:
    subscription = watch()
    assert (subscription.mode, subscription.reason) == ("live", None)
    assert calls.told == [None]


def test_writes_of_ours_and_of_the_original_are_told_by_id(
    engine: WorkflowEngine, seed: SeedStore, watch: Watch, calls: Calls
) -> None:
    watch()
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    seed.start("wfi_seed")
    calls.wait_for(instance_id, "wfi_seed")
    seed.record("wfi_gone").write_text("{}")
    calls.wait_for("wfi_gone")
    calls.told.clear()
    seed.record("wfi_gone").unlink()
    calls.wait_for("wfi_gone")
    assert calls.ids <= {"wfi_gone", instance_id, "wfi_seed"}


def test_a_record_written_in_place_is_told(seed: SeedStore, watch: Watch, calls: Calls) -> None:
    seed.start("wfi_1")
    watch()
    with seed.record("wfi_1").open("a") as record:
        record.write(" ")
    calls.wait_for("wfi_1")


def test_a_burst_is_told_in_few_calls(seed: SeedStore, watch: Watch, calls: Calls) -> None:
    names = {f"wfi_{number}" for number in range(300)}
    seed.start("wfi_0")
    watch()
    text = seed.record("wfi_0").read_text()
    for name in sorted(names):
        seed.record(name).write_text(text)
    calls.wait_for(*names)
    assert calls.ids == names
    assert len(calls.told) < 100
    assert len(calls.threads) == 1


def test_reading_is_no_event(engine: WorkflowEngine, watch: Watch, calls: Calls) -> None:
    first = engine.start_workflow_instance(SCHEMA, {}, "feat")
    watch()
    calls.told.clear()
    engine.get_workflow_instance_status(first)
    engine.list_instances()
    last = engine.start_workflow_instance(SCHEMA, {}, "feat")
    calls.wait_for(last)
    assert calls.ids == {last}


def test_lost_events_are_made_good_by_looking_at_everything(store: FileStateStore, watch: Watch, calls: Calls) -> None:
    watch()
    before = calls.rescans
    logging.getLogger("watchdog.observers.inotify_c").warning("inotify event queue overflow: %s", "some")
    wait_until_sync(lambda: calls.rescans > before)


def test_what_watchdog_says_of_a_watch_that_was_ended_is_told_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("watchdog.observers.inotify")
    log.error("InotifyEmitter.queue_events() called when the thread is inactive")
    log.error("something else")
    assert caplog.messages == ["something else"]


def test_a_directory_that_is_not_there_yet_is_waited_for(
    base: Path, seed: SeedStore, watch: Watch, calls: Calls
) -> None:
    subscription = watch()
    assert subscription.mode == "waiting"
    assert not base.exists()
    seed.start("wfi_first")
    wait_until_sync(lambda: subscription.mode == "live" and calls.rescans >= 1)
    seed.start("wfi_second")
    calls.wait_for("wfi_second")


def test_a_directory_removed_and_made_again_is_followed_again(
    base: Path, seed: SeedStore, watch: Watch, calls: Calls
) -> None:
    seed.start("wfi_1")
    subscription = watch()
    before = calls.rescans
    shutil.rmtree(base)
    wait_until_sync(lambda: subscription.mode == "waiting" and calls.rescans > before)
    before = calls.rescans
    seed.start("wfi_2")
    wait_until_sync(lambda: subscription.mode == "live" and calls.rescans > before)
    seed.start("wfi_3")
    calls.wait_for("wfi_3")


def test_a_directory_exchanged_for_another_is_followed(base: Path, seed: SeedStore, watch: Watch, calls: Calls) -> None:
    seed.start("wfi_1")
    watch()
    before = calls.rescans
    (base / "instances").rename(base / "former")
    (base / "instances").mkdir()
    wait_until_sync(lambda: calls.rescans > before)
    seed.start("wfi_2")
    calls.wait_for("wfi_2")


def test_polling_when_asked_for_says_so_and_tells_too(seed: SeedStore, watch: Watch, calls: Calls) -> None:
    seed.start("wfi_1")
    subscription = watch(polling=True)
    assert subscription.mode == "polling"
    assert subscription.reason
    seed.start("wfi_2")
    calls.wait_for("wfi_2")


def test_a_system_that_refuses_events_is_asked_again(
    seed: SeedStore, watch: Watch, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = threading.Event()

    class Crowded(Observer):  # type: ignore[valid-type,misc]
        def start(self) -> None:
            if not room.is_set():
                raise OSError(errno.EMFILE, "inotify instance limit reached")
            super().start()

    monkeypatch.setattr(watching, "Observer", Crowded)
    seed.start("wfi_000000000001")
    subscription = watch()
    assert (subscription.mode, subscription.reason) == (
        "polling",
        "no file events here: inotify instance limit reached",
    )

    monkeypatch.setattr(watching, "_ASKED_AGAIN_SECONDS", 0.0)
    room.set()
    wait_until_sync(lambda: subscription.mode == "live")
    assert subscription.reason is None
    seed.start("wfi_000000000002", "feat")
    calls.wait_for("wfi_000000000002")


def test_errors_of_the_callback_are_logged_and_the_watch_goes_on(
    seed: SeedStore, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    seed.start("wfi_1")
    told: list[set[str] | None] = []

    def fail(ids: set[str] | None) -> None:
        told.append(ids)
        raise RuntimeError("the callback broke")

    watch(callback=fail)
    wait_until_sync(lambda: told)
    seed.start("wfi_2")
    wait_until_sync(lambda: {"wfi_2"} in told)
    assert "the callback broke" in caplog.text


def test_nothing_is_told_after_close(seed: SeedStore, watch: Watch, calls: Calls) -> None:
    seed.start("wfi_1")
    closed, other = watch(), Calls()
    closed.close()
    calls.told.clear()
    watch(callback=other)
    seed.start("wfi_2")
    other.wait_for("wfi_2")
    assert calls.told == []
    closed.close()


def test_texts_are_told_of_the_instance_in_focus_and_of_no_other(
    engine: WorkflowEngine, watch: Watch, calls: Calls
) -> None:
    focused, other, marker = (engine.start_workflow_instance(SCHEMA, {}, "feat") for _ in range(3))
    for instance_id in (focused, other):
        engine.record_task(instance_id, "p", phase_name="design")
    subscription = watch()
    calls.told.clear()
    subscription.focus(focused)
    calls.wait_for(focused)  # what came before the watch has no event of its own
    calls.told.clear()
    engine.record_task(other, None, "r", "design")
    engine.record_task(focused, None, "r", "design")
    calls.wait_for(focused)
    engine.trigger_next_step(marker)
    calls.wait_for(marker)
    assert other not in calls.ids


def test_texts_are_told_though_their_directory_is_made_after_the_focus(
    engine: WorkflowEngine, watch: Watch, calls: Calls
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
    watch().focus(instance_id)
    engine.record_task(instance_id, "p")
    calls.wait_for(instance_id)
    calls.told.clear()
    engine.record_task(instance_id, None, "r", "requirement_analysis")
    calls.wait_for(instance_id)


def test_a_forked_child_watches_nothing_and_can_watch_anew(
    store: FileStateStore, seed: SeedStore, watch: Watch, calls: Calls
) -> None:
    watch()

    def child() -> None:
        told = Calls()
        subscription = store.subscribe(told)
        wait_until_sync(lambda: told.rescans == 1 and subscription.mode == "live")
        seed.start("wfi_child")
        told.wait_for("wfi_child")
        subscription.close()

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(30)
    assert process.exitcode == 0
    calls.wait_for("wfi_child")


def test_a_focus_that_no_instance_can_have_does_not_end_the_watch(
    engine: WorkflowEngine, store: FileStateStore
) -> None:
    calls = Calls()
    subscription = store.subscribe(calls)
    try:
        wait_until_sync(lambda: subscription.mode == "live")
        subscription.focus("../elsewhere")
        instance_id = engine.start_workflow_instance(SCHEMA, {}, "feat")
        wait_until_sync(lambda: any(ids is not None and instance_id in ids for ids in calls.told))
    finally:
        subscription.close()
