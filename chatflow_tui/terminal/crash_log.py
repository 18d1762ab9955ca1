"""What is kept of a crash: where it happened and in which versions, and nothing a record says."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import platformdirs
from textual.worker import WorkerFailed

from chatflow_core import ChatFlowError
from chatflow_tui import __version__
from chatflow_tui.texts.plain_text import plain_name

_KEPT = 10

_MOST_OF_MESSAGE = 300

# Errors of chains that refer to each other would never end.
_MOST_IN_CHAIN = 20

# Their messages are the interpreter's or ours. Those of others, such as KeyError and ValueError, quote what they
# were given: it may be a prompt.
_TELLABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ChatFlowError,
    ImportError,
    IndexError,
    MemoryError,
    NameError,
    OSError,
    RuntimeError,
    TypeError,
)

_LIBRARIES = ("textual", "rich", "msgspec", "watchdog", "filelock", "PyYAML")


def log_directory() -> Path:
    """Where logs of crashes are kept."""
    return platformdirs.user_state_path("chatflow") / "log"


def describe_crash(error: BaseException) -> str:
    """Say what an error is, in one harmless line without any text of a record."""
    error = _cause_of(error)
    name = type(error).__qualname__
    if not isinstance(error, _TELLABLE):
        return name
    return f"{name}: {plain_name(str(error)[:_MOST_OF_MESSAGE])}".removesuffix(": ")


def write_crash_log(error: BaseException, directory: Path | None = None) -> Path:
    """Write down where a crash happened, readable by this user only; the newest few logs are kept.

    Args:
        error: What nobody caught.
        directory: Where to; None for `log_directory()`.

    Returns:
        The file.

    Raises:
        OSError: It cannot be written.
    """
    directory = directory or log_directory()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"crash-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{os.getpid()}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(_report(error))
    # The names sort by time.
    for former in sorted(directory.glob("crash-*.txt"))[:-_KEPT]:
        with suppress(OSError):
            former.unlink()
    return path


def _report(error: BaseException) -> str:
    lines = [
        f"chatflow-tui {__version__}",
        f"Python {platform.python_version()}, {platform.platform()}",
        ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES),
        f"Arguments: {len(sys.argv) - 1}; terminal: {os.environ.get('TERM', '?')}",
        "",
    ]
    for part in _chain(_cause_of(error)):
        lines += [*map(str.rstrip, traceback.format_tb(part.__traceback__)), describe_crash(part), ""]
    return "\n".join(lines)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "?"


def _cause_of(error: BaseException) -> BaseException:
    return error.error if isinstance(error, WorkerFailed) else error


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, then what it came from."""
    current: BaseException | None = error
    for _ in range(_MOST_IN_CHAIN):
        if current is None:
            return
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
