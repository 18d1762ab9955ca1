"""Exclusive locks between threads and processes.

A lock is a `threading.RLock` and, inside it, `flock(2)` on a file: the same
lock on the same file as a program that calls `flock` by itself. The lock file
is never removed, because a waiter would then hold a lock on a file nobody else
can see. filelock alone gives no exclusion between threads, hence the RLock.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakValueDictionary

from chatflow_core.errors import LockTimeoutError, StorageError

_log = logging.getLogger(__name__)

#: Seconds a writer waits for a lock before it gives up.
DEFAULT_TIMEOUT = 10.0

# filelock polls. Beside programs that block in flock, its own 50 ms would starve.
_POLL_SECONDS = 0.002

# Making a lock costs about as much as taking it, so the last used ones are kept.
_KEPT_LOCKS = 256


class _PathLock:
    """The one lock of this process on one path."""

    def __init__(self, path: str) -> None:
        # Only what writes needs it: a reader would start a twentieth of a second later.
        from filelock import FileLock  # noqa: PLC0415

        self.threads = threading.RLock()
        self.file = FileLock(
            path,
            mode=0o600,
            thread_local=False,
            poll_interval=_POLL_SECONDS,
            fallback_to_soft=False,
            preserve_lock_file=True,  # on Windows it would be removed on release
        )
        self.depth = 0
        self.owner: int | None = None


class _Registry:
    """All locks of this process, so that two stores on one directory share them."""

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self.locks: WeakValueDictionary[str, _PathLock] = WeakValueDictionary()
        self.recent: deque[_PathLock] = deque(maxlen=_KEPT_LOCKS)

    def get(self, path: str) -> _PathLock:
        with self.guard:
            lock = self.locks.get(path)
            if lock is None:
                lock = self.locks[path] = _PathLock(path)
                self.recent.append(lock)
            return lock


_registry = _Registry()


def _forget_inherited_locks() -> None:
    # After a fork the child has copies of locks its parent holds: it must take its own.
    # The inherited objects are kept, because closing them is filelock's business and not the collector's.
    global _registry, _inherited  # noqa: PLW0603 - module state is what a fork inherits
    _inherited = _registry
    _registry = _Registry()


_inherited: _Registry | None = None

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_inherited_locks)


@contextmanager
def hold(path: Path, subject: str, timeout: float) -> Iterator[None]:
    """Hold a lock; a thread that holds it already may take it again.

    Args:
        path: The lock file; its directory exists.
        subject: What it guards, for the error, such as ``"instance wfi_1"``.
        timeout: Seconds to wait, for other threads and other processes together.

    Raises:
        LockTimeoutError: Somebody else kept it for longer than that.
        StorageError: The lock file cannot be opened or locked.
    """
    lock = _registry.get(str(path))
    deadline = time.monotonic() + timeout
    if not lock.threads.acquire(timeout=timeout):
        raise LockTimeoutError(str(path), subject, timeout)
    try:
        if lock.depth == 0:
            _acquire_file(lock, path, subject, timeout, deadline)
            lock.owner = threading.get_ident()
        lock.depth += 1
        try:
            yield
        finally:
            lock.depth -= 1
            if lock.depth == 0:
                lock.owner = None
                _release_file(lock, path)
    finally:
        lock.threads.release()


def _release_file(lock: _PathLock, path: Path) -> None:
    for _ in range(2):  # a failed unlock leaves the lock held, and others waiting
        try:
            return lock.file.release()
        except OSError as error:
            problem = error
    # What was done under the lock is done, so this is no failure of it. This process can take the lock again.
    _log.error("Unlocking %s failed, others have to wait until this program ends: %s", path, problem)
    return None


def is_held(path: Path) -> bool:
    """Tell whether this thread holds the lock on a path."""
    lock = _registry.locks.get(str(path))
    return lock is not None and lock.owner == threading.get_ident()


def _acquire_file(lock: _PathLock, path: Path, subject: str, timeout: float, deadline: float) -> None:
    from filelock import Timeout  # noqa: PLC0415 - see `_PathLock`

    try:
        lock.file.acquire(timeout=max(0.0, deadline - time.monotonic()))
    except Timeout:
        raise LockTimeoutError(str(path), subject, timeout) from None
    except OSError as error:
        raise StorageError(str(path), "Locking", error) from error
