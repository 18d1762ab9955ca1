"""What tests look at on disk, and the other process they need to hold a lock."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chatflow_core

#: A workflow of three phases, the one of the original's example.
SCHEMA: dict[str, Any] = {
    "name": "code_generation",
    "phases": [{"name": "requirement_analysis"}, {"name": "design"}, {"name": "implementation"}],
}
PHASES = [phase["name"] for phase in SCHEMA["phases"]]

_HOLDER = """
import fcntl, sys
with open(sys.argv[1], "w") as lock_file:
    fcntl.flock(lock_file.fileno(), fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""


def tree(directory: Path) -> dict[str, tuple[int, int, int, bytes | str]]:
    """Everything below a directory: mode, inode, modification time, and content or what a link points to."""
    found: dict[str, tuple[int, int, int, bytes | str]] = {}
    for path in sorted(directory.rglob("*")):
        status = path.lstat()
        content: bytes | str = ""
        if path.is_symlink():
            content = str(path.readlink())
        elif path.is_file():
            content = path.read_bytes()
        stamp = 0 if path.is_dir() else status.st_mtime_ns
        found[str(path.relative_to(directory))] = (status.st_mode, status.st_ino, stamp, content)
    return found


def age(directory: Path) -> None:
    """Make all files below a directory a minute older: stamps that are very new are not trusted."""
    for path in directory.rglob("*"):
        status = path.stat()
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - 60_000_000_000))


def without_locks(directory: Path) -> dict[str, tuple[int, int, int, bytes | str]]:
    """The same without the lock files, which every writer may make."""
    return {name: found for name, found in tree(directory).items() if not name.startswith(".locks")}


def names(directory: Path) -> list[str]:
    """Names of the files below a directory, lock files left out."""
    return [name for name in without_locks(directory) if (directory / name).is_file()]


@contextmanager
def held_by_another_process(lock_file: Path) -> Iterator[None]:
    """Have another program hold a plain flock."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(lock_file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            assert holder.stdin is not None
            holder.stdin.close()
            holder.wait()


def is_lockable(lock_file: Path) -> bool:
    """Whether nobody holds the flock, seen as another program would."""
    import fcntl  # noqa: PLC0415 - Windows has none, and needs the rest

    descriptor = os.open(lock_file, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def run_python(code: str, cwd: Path, *arguments: str) -> str:
    """Run code in a fresh interpreter that can import the packages under test; give what it prints."""
    root = str(Path(chatflow_core.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
