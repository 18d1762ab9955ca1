"""Telling one version of a file from the next without reading it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

_SECOND_NS = 1_000_000_000

# Longer than a tick of the clock that stamps files; and where files bear whole seconds, as on old and on some network
# file systems, than a tick of theirs.
_CLOCK_TICK_NS = 100_000_000
_COARSE_TICK_NS = 3 * _SECOND_NS

_ON_WINDOWS = os.name == "nt"


# Kept by the hundred thousand: the collector, which holds up every thread while it looks, need not look at them.
class FileStamp(msgspec.Struct, frozen=True, gc=False):
    """What tells one version of a file from the next without reading it.

    Attributes:
        mtime_ns: Modification time in nanoseconds.
        size: Size in bytes.
        inode: Number of the inode, new after every replacement; 0 on Windows, where a listing tells none.
    """

    mtime_ns: int
    size: int
    inode: int

    @property
    def changed_at(self) -> float:
        """Modification time in Unix seconds."""
        return self.mtime_ns / 1e9

    def is_settled(self, now_ns: int) -> bool:
        """Tell whether every change after that moment gives another stamp.

        File systems stamp with a clock that ticks every few milliseconds, some
        every second or two, and reuse inodes: two replacements within a tick
        may end with the stamp of the version before them.
        """
        tick = _CLOCK_TICK_NS if self.mtime_ns % _SECOND_NS else _COARSE_TICK_NS
        return now_ns - self.mtime_ns >= tick


def stamp_of(status: os.stat_result) -> FileStamp:
    """Take the stamp out of a stat result."""
    return FileStamp(status.st_mtime_ns, status.st_size, 0 if _ON_WINDOWS else status.st_ino)


def stamp_at(path: Path | str) -> FileStamp | None:
    """Take the stamp of what has that name, be it a link; None if there is nothing, or if it cannot be looked at."""
    try:
        return stamp_of(os.lstat(path))
    except OSError:
        return None


def directory_stamp(directory: Path) -> FileStamp | None:
    """Take the stamp of a directory, which every change of a name in it changes; None if it is not there."""
    try:
        return stamp_of(directory.stat())
    except OSError:
        return None
