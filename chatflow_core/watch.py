"""File events made into "these instances changed".

watchdog tells of events; this module decides what to watch, keeps watching when
the directory is removed and made again, and gathers bursts into one call. It
never reads a record. What events cannot tell (a full queue, a directory that
was away) becomes one call for everything.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

from chatflow_core.file_stamps import FileStamp, directory_stamp
from chatflow_core.layout import StoreLayout, instance_id_of, is_instance_id
from chatflow_core.remote_mounts import remote_file_system
from chatflow_core.store import ChangeCallback

_log = logging.getLogger(__name__)

#: Seconds in which events are gathered before the callback is called again. Nobody reads faster, and a screen that is
#: painted twice as often for 200 changes a second takes half a processor.
COALESCING_SECONDS = 0.1

# The first after a while is told nearly at once: only with what comes with it, such as a record and its index.
_FIRST_SECONDS = 0.005

# How often it is checked that the watched directory is still the one at its path.
_CHECK_SECONDS = 0.5

# How often a file system without events is looked through.
_POLLING_SECONDS = 1.0

# Where the system had no room for another watch it is asked again after so long: other programs end.
_ASKED_AGAIN_SECONDS = 30.0

# Without a filter, opening a file to read it would be an event too, and reading would feed itself.
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]

_subscriptions: weakref.WeakSet[FileSubscription] = weakref.WeakSet()


class FileSubscription:
    """A running watch on the records of one store, and on the texts of one instance.

    Calls back from one daemon thread, never twice at once: with a set of ids,
    or with None for "any may have changed" (once it is armed, after lost
    events, and whenever the directory went or came). Errors of the callback
    are logged and do not end the watch.
    """

    def __init__(self, layout: StoreLayout, callback: ChangeCallback, *, polling: bool = False) -> None:
        """Start watching.

        Args:
            layout: The store's files.
            callback: What to call.
            polling: Whether to look at the files from time to time instead of asking the system for events.
        """
        self._layout = layout
        self._callback = callback
        self._reason = "asked for" if polling else None
        self._refused_at: float | None = None  # when the system last refused to tell of events
        self._observer: BaseObserver | None = None
        self._watched: tuple[int, int] | None = None
        self._focus: str | None = None
        self._focus_watch: ObservedWatch | None = None
        self._focus_seen: tuple[FileStamp, bool] | None = None
        self._guard = threading.Lock()
        self._pending: set[str] = set()
        self._is_rescan_pending = True
        self._delivered_at = -COALESCING_SECONDS
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chatflow-watch", daemon=True)
        _subscriptions.add(self)
        self._thread.start()

    @property
    def mode(self) -> str:
        """``"live"`` while the system tells of events, ``"polling"``, or ``"waiting"`` for the directory."""
        if self._observer is None:
            return "waiting"
        return "polling" if self._reason else "live"

    @property
    def reason(self) -> str | None:
        """Why it is polling, in words; None if it is not."""
        return self._reason

    def focus(self, instance_id: str | None) -> None:
        """Also watch the texts of this instance, and no longer those of the one before."""
        with self._guard:
            # The name of a file that is not a record's cannot be followed.
            self._focus = instance_id if instance_id is not None and is_instance_id(instance_id) else None
        self._wake.set()

    def close(self) -> None:
        """Stop. The callback is not called any more when this returns, unless it is what calls."""
        self._closed.set()
        self._wake.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()

    def notice(self, instance_ids: set[str] | None) -> None:
        """Have the callback called for these instances, or for all, with what else is pending."""
        with self._guard:
            if instance_ids is None:
                self._is_rescan_pending = True
            else:
                self._pending |= instance_ids
        self._wake.set()

    def _run(self) -> None:
        try:
            while not self._closed.is_set():
                try:
                    self._check()
                except Exception:  # noqa: BLE001 - logged; a watch that ends silently would leave the screen wrong
                    _log.exception("Watching %s failed; trying again", self._layout.base_dir)
                    self._disarm()
                self._deliver()
                if self._wake.wait(_CHECK_SECONDS) and self._closed.wait(self._gathering_seconds()):
                    break
                self._wake.clear()
        finally:
            self._disarm()

    def _gathering_seconds(self) -> float:
        since = time.monotonic() - self._delivered_at
        return max(_FIRST_SECONDS, COALESCING_SECONDS - since)

    def _deliver(self) -> None:
        with self._guard:
            ids, rescan = self._pending, self._is_rescan_pending
            self._pending, self._is_rescan_pending = set(), False
        if not ids and not rescan:
            return
        self._delivered_at = time.monotonic()
        try:
            self._callback(None if rescan else ids)
        except Exception:  # noqa: BLE001 - logged, and the thread must go on
            _log.exception("A callback for changes in %s failed", self._layout.base_dir)

    def _check(self) -> None:
        """Mend what events cannot tell: another directory at the path, dead emitters, a new focus, a former refusal."""
        if self._refused_at is not None and time.monotonic() - self._refused_at >= _ASKED_AGAIN_SECONDS:
            self._ask_again()
        alive = self._observer is None or all(emitter.is_alive() for emitter in self._observer.emitters)
        if not alive or self._watched != _identity(self._layout.instances_dir):
            was_watched = self._watched
            self._disarm()
            self._arm()
            if was_watched != self._watched:
                self.notice(None)
        self._check_focus()

    def _arm(self) -> None:
        directory = self._layout.instances_dir
        identity = _identity(directory)
        # watchdog takes a directory it may not read for one in which nothing happens.
        if identity is None or not os.access(directory, os.R_OK | os.X_OK):
            return
        if self._reason is None:
            self._reason = remote_file_system(directory)
        observer = self._start(directory, polling=self._reason is not None)
        if observer is not None:
            self._observer, self._watched = observer, identity

    def _ask_again(self) -> None:
        """Watch as the system tells of events, if it does by now; else go on looking from time to time."""
        self._refused_at = time.monotonic()
        observer: BaseObserver = Observer()
        directory, former = self._layout.instances_dir, self._observer
        try:
            self._begin(observer, directory)
        except OSError:
            return
        self._reason = self._refused_at = None
        self._observer, self._focus_watch, self._focus_seen = observer, None, None
        self._end(former)
        self.notice(None)

    def _start(self, directory: Path, *, polling: bool) -> BaseObserver | None:
        observer: BaseObserver = PollingObserver(timeout=_POLLING_SECONDS) if polling else Observer()
        try:
            self._begin(observer, directory)
        except FileNotFoundError:
            return None  # it went between the look and the watch: looked for again at the next check
        except OSError as error:
            if polling:
                _log.warning("Cannot watch %s: %s", directory, error)
                return None
            self._reason, self._refused_at = f"no file events here: {error.strerror or error}", time.monotonic()
            return self._start(directory, polling=True)
        return observer

    def _disarm(self) -> None:
        observer, self._observer = self._observer, None
        self._watched = self._focus_watch = self._focus_seen = None
        self._end(observer)

    def _begin(self, observer: BaseObserver, directory: Path) -> None:
        observer.schedule(_Handler(self), os.path.realpath(directory), event_filter=_EVENTS)
        observer.start()

    def _end(self, observer: BaseObserver | None) -> None:
        if observer is not None:
            observer.unschedule_all()
            observer.stop()
            observer.join()

    def _check_focus(self) -> None:
        with self._guard:
            focus = self._focus
        observer = self._observer
        if observer is None:
            return
        directory = self._layout.instance_dir(focus) if focus is not None else None
        watch = self._focus_watch
        if watch is not None and (directory is None or watch.path != os.path.realpath(directory)):
            observer.unschedule(watch)
            self._focus_watch = self._focus_seen = None
        if focus is None or directory is None or directory.is_symlink():
            return
        stamp = directory_stamp(self._layout.tasks_dir(focus))
        if self._focus_watch is None and directory.is_dir():
            try:
                self._focus_watch = observer.schedule(
                    _Handler(self), os.path.realpath(directory), recursive=True, event_filter=_EVENTS
                )
            except OSError as error:
                _log.warning("Cannot watch %s: %s", directory, error)
        # Files made between the directory and its watch had no event. Some may come within the same tick of the clock
        # and leave the same stamp, so that it is told once more when it has settled.
        seen = None if stamp is None else (stamp, stamp.is_settled(time.time_ns()))
        if seen != self._focus_seen:
            self._focus_seen = seen
            self.notice({focus})


class _Handler(FileSystemEventHandler):
    """Turns paths of events into ids."""

    def __init__(self, subscription: FileSubscription) -> None:
        self._subscription = subscription
        self._prefix = os.path.realpath(subscription._layout.instances_dir) + os.sep

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note the instances that the event's paths belong to."""
        paths = (os.fsdecode(event.src_path), os.fsdecode(event.dest_path))
        ids = {instance_id for path in paths if (instance_id := self._instance_of(path)) is not None}
        if ids:
            self._subscription.notice(ids)

    def _instance_of(self, path: str) -> str | None:
        if not path.startswith(self._prefix):
            return None
        name, _, rest = path[len(self._prefix) :].partition(os.sep)
        return name if rest else instance_id_of(name)


def _identity(directory: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(directory)
    except OSError:
        return None
    return status.st_dev, status.st_ino


class _OverflowHandler(logging.Handler):
    """Hears of lost events: watchdog tells only its log of them."""

    def emit(self, record: logging.LogRecord) -> None:
        """Have everything looked at again."""
        if "overflow" in record.getMessage().lower():
            for subscription in list(_subscriptions):
                subscription.notice(None)


def _is_news(record: logging.LogRecord) -> bool:
    # A thread of a watch that has just been ended finds nothing to ask any more, and watchdog calls that an error.
    return "called when the thread is inactive" not in record.getMessage()


logging.getLogger("watchdog.observers.inotify_c").addHandler(_OverflowHandler())
logging.getLogger("watchdog.observers.inotify").addFilter(_is_news)


def _close_inherited_subscriptions() -> None:
    # Threads do not survive a fork, and the child did not ask to watch anything.
    for subscription in list(_subscriptions):
        subscription._closed.set()
    _subscriptions.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_inherited_subscriptions)
