"""The operating system, made to tell of every call on a store, to refuse one, or to kill the program at one.

Only the functions of `os` and `fcntl` are replaced, never anything of ours. Calls that concern files outside of the
store pass unseen.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, NoReturn

_BY_PATH = (
    "open", "stat", "lstat", "readlink", "listdir", "scandir", "mkdir", "unlink", "replace", "rename", "link", "chmod"
)  # fmt: skip
_BY_DESCRIPTOR = ("read", "write", "fsync", "fstat", "fchmod", "close")

#: The calls that can change what is on disk.
CHANGING = frozenset(["open", "mkdir", "unlink", "replace", "rename", "link", "write", "fsync", "fchmod", "close"])

# The errors each call may give; those not named here get an input/output error alone.
_ERRORS: dict[str, tuple[int, ...]] = {
    "open": (errno.EIO, errno.EACCES, errno.EMFILE, errno.ENOSPC),
    "write": (errno.EIO, errno.ENOSPC, errno.EDQUOT),
    "fsync": (errno.EIO, errno.ENOSPC),
    "mkdir": (errno.EACCES, errno.ENOSPC),
    "replace": (errno.EIO, errno.EACCES, errno.ENOSPC),
    "link": (errno.EIO, errno.EPERM, errno.ENOSPC, errno.EMLINK),
    "flock": (errno.EIO, errno.ENOLCK),
    "listdir": (errno.EIO, errno.EACCES),
    "scandir": (errno.EIO, errno.EACCES),
    "stat": (errno.EIO, errno.EACCES),
    "lstat": (errno.EIO, errno.EACCES),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as it was made.

    Attributes:
        number: Its place among the calls on the store, from 0.
        name: The function's name.
        path: The file it concerns.
        target: The second file of a rename or link.
        data: What was written.
        flags: How a file was opened.
        descriptor: The open file, where the call names one.
    """

    number: int
    name: str
    path: str
    target: str = ""
    data: bytes = b""
    flags: int = 0
    descriptor: int = -1

    @property
    def errors(self) -> tuple[int, ...]:
        """The errors the system may give for it."""
        return _ERRORS.get(self.name, (errno.EIO,))


#: What is done in the place of a call: gets the call and how to make it, with other arguments if some are given.
Hook = Callable[[Call, Callable[..., Any]], Any]


class OsShim:
    """Has a hook stand in for every call on one directory, while it is entered."""

    def __init__(self, base: Path, hook: Hook) -> None:
        self._base = str(base)
        self._hook = hook
        self._paths: dict[int, str] = {}
        self._kept: list[tuple[ModuleType, str, Any]] = []
        self.calls: list[Call] = []

    def __enter__(self) -> OsShim:
        for name in (*_BY_PATH, *_BY_DESCRIPTOR):
            self._replace(os, name)
        self._replace(fcntl, "flock")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for module, name, original in self._kept:
            setattr(module, name, original)

    def _replace(self, module: ModuleType, name: str) -> None:
        original = getattr(module, name)
        self._kept.append((module, name, original))

        def stand_in(*arguments: Any, **named: Any) -> Any:
            call = self._seen(name, arguments)
            if call is None:
                return original(*arguments, **named)
            self.calls.append(call)
            result = self._hook(call, lambda *others: original(*(others or arguments), **named))
            if name == "open":
                self._paths[result] = call.path
            return result

        setattr(module, name, stand_in)

    def _seen(self, name: str, arguments: tuple[Any, ...]) -> Call | None:
        first = arguments[0] if arguments else ""
        if isinstance(first, int):
            path = self._paths.pop(first, None) if name == "close" else self._paths.get(first)
        else:
            path = os.fsdecode(first)
        if path is None or not (path == self._base or path.startswith(self._base + os.sep)):
            return None
        target = os.fsdecode(arguments[1]) if name in ("replace", "rename", "link") else ""
        data = bytes(arguments[1]) if name == "write" else b""
        flags = arguments[1] if name == "open" else 0
        return Call(len(self.calls), name, path, target, data, flags, first if isinstance(first, int) else -1)


def watching(call: Call, make: Callable[..., Any]) -> Any:
    """Only make the call."""
    return make()


def failing(number: int, code: int) -> Hook:
    """Refuse the call of that number."""

    def hook(call: Call, make: Callable[..., Any]) -> Any:
        if call.number != number:
            return make()
        if call.name == "close":
            make()  # the descriptor is gone whatever close answers
        raise OSError(code, os.strerror(code))

    return hook


def failing_from(number: int, code: int) -> Hook:
    """Refuse the first write from that number on after half of it, and every later one: a disk that fills up."""
    state = {"is_full": False}

    def hook(call: Call, make: Callable[..., Any]) -> Any:
        if call.number < number or call.name not in ("write", "mkdir"):
            return make()
        if state["is_full"] or call.name == "mkdir":
            raise OSError(code, os.strerror(code))
        state["is_full"] = True
        return make(call.descriptor, call.data[: len(call.data) // 2])

    return hook


def killing(number: int, *, after: bool) -> Hook:
    """Kill this program right before or after the call of that number."""

    def hook(call: Call, make: Callable[..., Any]) -> Any:
        if call.number != number:
            return make()
        try:
            if after:
                make()
        finally:
            die()

    return hook


def die() -> NoReturn:
    """Kill this program."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed program goes on")


def was_killed(child: int) -> bool:
    """Wait for a forked child and tell whether it was killed, rather than that it ended."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL
