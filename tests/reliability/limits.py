"""Limits that the system sets: full and read-only disks, quotas, missing permissions, too many open files."""

from __future__ import annotations

import os
import random
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Protocol

from tests.reliability.faults import FaultBench
from tests.reliability.figures import Figures
from tests.reliability.steps import STEPS

# Who has no rights on anybody's files.
_NOBODY = 65534


def can_mount() -> bool:
    """Whether file systems can be mounted here."""
    return os.geteuid() == 0 and subprocess.run(["mount", "-V"], capture_output=True, check=False).returncode == 0


@contextmanager
def small_disk(place: Path, options: str) -> Iterator[Path]:
    """Mount a file system of a few pages in memory."""
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True, capture_output=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True, capture_output=True)


@contextmanager
def almost_full(place: Path, free: int) -> Iterator[None]:
    """Fill a disk but for some bytes."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as full:
        with suppress(OSError):
            while full.write(bytes(4096)):
                pass
        full.truncate(max(0, full.tell() - free))
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def few_files(place: Path, free: int) -> Iterator[None]:
    """Leave room on a disk for that many more files, whatever their size."""
    taken = []
    with suppress(OSError):
        for number in count():
            taken.append(place / f"filler {number}")
            taken[-1].touch()
    for path in taken[-free - 1 :]:
        path.unlink(missing_ok=True)
    try:
        yield
    finally:
        for path in taken:
            path.unlink(missing_ok=True)


@contextmanager
def read_only_disk(place: Path) -> Iterator[None]:
    """Make a mounted disk read-only."""
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True, capture_output=True)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Have no more rights than anybody, if this program has more."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


class Placed(Protocol):
    """What has a store."""

    base: Path


@contextmanager
def forbidden(placed: Placed, name: str, mode: int) -> Iterator[None]:
    """Give one directory or file of a store a mode, all others full rights, and be nobody."""
    base = placed.base
    for path in (base.parent, base, *base.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    target = base / name
    target.chmod(mode)
    try:
        with _reachable(base), as_nobody():
            yield
    finally:
        target.chmod(0o777 if target.is_dir() else 0o666)


@contextmanager
def _reachable(base: Path) -> Iterator[None]:
    """Let nobody in from above."""
    above = [path for path in base.parents if path.stat().st_uid == os.geteuid() and path != Path("/")]
    modes = [path.stat().st_mode & 0o7777 for path in above]
    for path, mode in zip(above, modes, strict=True):
        path.chmod(mode | 0o011)
    try:
        yield
    finally:
        for path, mode in zip(above, modes, strict=True):
            path.chmod(mode)


@contextmanager
def limited(kind: int, most: int) -> Iterator[None]:
    """Set a limit of this process."""
    former = resource.getrlimit(kind)
    resource.setrlimit(kind, (most, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(kind, former)


@contextmanager
def few_descriptors(free: int) -> Iterator[None]:
    """Leave that many file descriptors."""
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208 - names, not paths
    taken = len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208
    for _ in range(highest + 1 - taken):
        os.dup(0)  # fills the holes: the limit is on the highest number
    with limited(resource.RLIMIT_NOFILE, highest + 1 + free):
        yield


def run(directory: Path, figures: Figures, chance: random.Random) -> None:
    """Run a step under limits of any size; the long part's."""
    bench = FaultBench(directory, chance.choice(list(STEPS)), figures)
    for _ in range(30):
        free, size = chance.randrange(12), chance.randrange(3000)
        bench.run_under(f"{free} descriptors free", few_descriptors(free))
        bench.run_under(f"files of {size} bytes", limited(resource.RLIMIT_FSIZE, size))
    if not can_mount():
        return
    with small_disk(directory / "disk", "size=2m") as disk:
        bench = FaultBench(disk, chance.choice(list(STEPS)), figures)
        for _ in range(30):
            pages = chance.randrange(14)
            bench.run_under(f"{pages} pages free", almost_full(disk, pages * 4096))
