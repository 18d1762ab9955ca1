"""Reading and replacing files so that nobody ever sees half of one.

The one place where the store meets the operating system. A file is replaced by
filling a temporary one beside it, flushing it, renaming it over the old and
flushing the directory (the order `rename(2)` and `fsync(2)` ask for).
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from chatflow_core.errors import CorruptStateError, StorageError
from chatflow_core.file_stamps import FileStamp, stamp_of
from chatflow_core.layout import temporary_name, temporary_owner

_CHUNK = 64 * 1024

_NEW_FILE_MODE = 0o600
_NEW_DIRECTORY_MODE = 0o700

# Directories whose names are known to be on disk, and how many are kept in mind.
_flushed: dict[str, tuple[int, int]] = {}
_KEPT_DIRECTORIES = 10_000

# What is known about the step when a flush fails: it is made, or it ends before it is.
_IN_PLACE = "The change is in place but may not survive a power cut; read the current state before trying again"
_NOT_MADE = "What was to be recorded is not; try again"

# There a file that somebody reads cannot be replaced for as long as it is open.
_ON_WINDOWS = os.name == "nt"
_MOST_SECONDS_READ = 2.0
_SECONDS_BETWEEN_TRIES = 0.005

# Absent on some systems: links are refused where they can be, and opening never waits for a FIFO's writer.
_OPEN_TO_READ = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
_OPEN_TO_FILL = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)


def read_file(path: Path | str, limit: int) -> tuple[bytes, FileStamp]:
    """Read a regular file whole, without following a link and without ever waiting.

    Args:
        path: The file.
        limit: The most bytes read.

    Returns:
        The content, and the stamp of the very file it came from.

    Raises:
        FileNotFoundError: There is none.
        CorruptStateError: It is a link, a directory, a FIFO or a device, or larger than the limit.
        StorageError: The system refused.
    """
    try:
        descriptor = os.open(path, _OPEN_TO_READ)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(str(path)) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise CorruptStateError(str(path), "it is a symbolic link, which is not followed") from None
        if error.errno == errno.ENXIO:
            raise CorruptStateError(str(path), "it is not a regular file") from None
        raise StorageError(str(path), "Reading", error) from error
    try:
        return _read_open(descriptor, path, limit)
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(str(path), "Reading", error) from error


def read_listed(path: str, stamp: FileStamp) -> bytes | None:
    """Read a small regular file that was just looked at, with as few calls as can be.

    A listing reads thousands, so nothing is asked a second time. The content is of that stamp or newer.

    Args:
        path: The file.
        stamp: Its stamp.

    Returns:
        The content; None where `read_file` has to tell what is wrong, or to look again.
    """
    # What is no regular file has no size, or cannot be read.
    if not 0 < stamp.size < _CHUNK:
        return None
    try:
        descriptor = os.open(path, _OPEN_TO_READ)
        try:
            data = os.read(descriptor, stamp.size + 1)
        finally:
            os.close(descriptor)
    except OSError:
        return None
    return data if len(data) == stamp.size else None


def _read_open(descriptor: int, path: Path | str, limit: int) -> tuple[bytes, FileStamp]:
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise CorruptStateError(str(path), "it is not a regular file")
        if status.st_size > limit:
            raise CorruptStateError(
                str(path), f"it has {status.st_size:,} bytes; files of this kind are read up to {limit:,}"
            )
        chunks, size = [], 0
        while size <= limit and (chunk := os.read(descriptor, _CHUNK)):
            chunks.append(chunk)
            size += len(chunk)
            if size == status.st_size and len(chunk) < _CHUNK:
                break  # all of it; a file that grows meanwhile has another stamp by then
    finally:
        os.close(descriptor)
    return b"".join(chunks), stamp_of(status)


def is_there(path: Path) -> bool:
    """Tell whether there is something of that name, be it a link that leads nowhere.

    Raises:
        StorageError: The system refused to tell, so that nobody takes a file for missing that is not.
    """
    return inode_of(path) is not None


def inode_of(path: Path) -> tuple[int, int] | None:
    """Give the device and inode of a file or link; None if there is none.

    Raises:
        StorageError: The system refused to tell.
    """
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StorageError(str(path), "Looking for", error) from error
    return status.st_dev, status.st_ino


def replace_file(path: Path, data: bytes, *, durable: bool, is_last: bool = True) -> None:
    """Replace a file, or make it: afterwards it is the old one or the new one, whole.

    A file that is replaced keeps its mode; a new one can be read by its owner only.

    Args:
        path: The file; its directory exists.
        data: The new content.
        durable: Whether to wait until it would survive a power cut.
        is_last: Whether the step that this belongs to is made with it, and not only begun.

    Raises:
        StorageError: The system refused; the message says whether the step is made.
    """
    directory = path.parent
    temporary = f"{directory}{os.sep}{temporary_name(path.name, f'{os.getpid()}-{os.urandom(4).hex()}')}"
    try:
        _fill(temporary, data, _mode_of(path), durable=durable)
        _rename(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise StorageError(str(path), "Writing", error, "The file is as it was before") from error
    if durable:
        flush_directory(directory, is_last=is_last)


def _fill(temporary: str, data: bytes, mode: int | None, *, durable: bool) -> None:
    descriptor = os.open(temporary, _OPEN_TO_FILL, _NEW_FILE_MODE)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        if mode is not None and mode != _NEW_FILE_MODE and hasattr(os, "fchmod"):
            os.fchmod(descriptor, mode)
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rename(temporary: str, path: Path) -> None:
    give_up_at = time.monotonic() + _MOST_SECONDS_READ
    while True:
        try:
            return os.replace(temporary, path)
        except PermissionError:
            if not _ON_WINDOWS or time.monotonic() > give_up_at:
                raise
        time.sleep(_SECONDS_BETWEEN_TRIES)


def _mode_of(path: Path) -> int | None:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    # A link has a mode of its own, which is open to everybody.
    return stat.S_IMODE(status.st_mode) if stat.S_ISREG(status.st_mode) else None


def flush_directory(directory: Path, *, is_last: bool = False) -> None:
    """Wait until the names in a directory would survive a power cut.

    Args:
        directory: The directory.
        is_last: Whether the step that this belongs to is made, but for this.

    Raises:
        StorageError: The system refused; the message says whether the step is made.
    """
    if os.name == "nt":
        return  # Windows has no handle for it: its renames are journalled
    try:
        descriptor = os.open(directory, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StorageError(str(directory), "Flushing", error, _IN_PLACE if is_last else _NOT_MADE) from error


def make_directory(directory: Path, *, durable: bool, top: Path) -> None:
    """Make a directory and those above it, readable by the owner only; existing ones stay as they are.

    If it is to be durable, directories that are there already are flushed as
    well, once: whoever made them may have been killed before it could.

    Args:
        directory: The directory.
        durable: Whether to wait until it would survive a power cut.
        top: The highest directory that may be somebody's who was killed: the store's own.

    Raises:
        StorageError: The system refused.
    """
    found: list[tuple[Path, bool]] = []
    current = directory
    while True:
        identity = _identity_of_directory(current)
        is_missing = identity is None
        if not is_missing and (
            not durable or _flushed.get(str(current)) == identity or not current.is_relative_to(top)
        ):
            break
        found.append((current, is_missing))
        current = current.parent
    for new, is_missing in reversed(found):
        if is_missing:
            try:
                new.mkdir(_NEW_DIRECTORY_MODE, exist_ok=True)
            except OSError as error:
                raise StorageError(str(new), "Making the directory", error) from error
        if durable:
            _flush_name(new, is_ours=is_missing)


def _identity_of_directory(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise StorageError(str(path), "Looking for", error) from error
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None


def _flush_name(directory: Path, *, is_ours: bool) -> None:
    try:
        flush_directory(directory.parent)
    except StorageError as error:
        if is_ours or error.errno not in (errno.EACCES, errno.EPERM):
            raise
        # Made by somebody else in a directory that we may not read: it is not ours to flush.
    identity = _identity_of_directory(directory)
    if identity is not None:
        if len(_flushed) >= _KEPT_DIRECTORIES:
            _flushed.clear()
        _flushed[str(directory)] = identity


def link_file(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system has no hard links.

    Raises:
        FileNotFoundError: There is no such file.
        StorageError: The system refused.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except FileNotFoundError:
        raise
    except FileExistsError:
        with contextlib.suppress(FileNotFoundError):
            target.unlink()
        link_file(source, target)
    except (OSError, NotImplementedError):  # the latter where links to links cannot be told from links to files
        data, _ = read_file(source, limit=1 << 40)
        replace_file(target, data, durable=True, is_last=False)


def check_inside(directory: Path, root: Path) -> None:
    """Refuse a directory that symbolic links lead out of a root.

    Raises:
        CorruptStateError: It lies elsewhere.
    """
    real_root = os.path.realpath(root)
    real = os.path.realpath(directory)
    if real != real_root and not real.startswith(real_root + os.sep):
        raise CorruptStateError(str(directory), f"a symbolic link leads out of the store, to {real}")


def leftovers(directory: Path) -> Iterator[tuple[str, Path]]:
    """Find temporary files in a directory.

    Yields:
        The name of the file each was to replace, and its path.
    """
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                owner = temporary_owner(entry.name)
                if owner is not None:
                    yield owner, Path(entry.path)
    except OSError:
        return  # no directory, no leftovers; anything worse is reported by whoever writes here


def remove_leftover(path: Path) -> None:
    """Remove a temporary file of a dead writer. The caller holds the lock its writer would need."""
    with contextlib.suppress(OSError):
        path.unlink()
