"""Writing a document to a place of the user's choice: whole, privately, and never over something unasked."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from chatflow_core import ChatFlowError, StorageError
from chatflow_core.atomic_files import replace_file
from chatflow_tui.texts.plain_text import plain_name

# What every file system and every shell takes as it is.
_NOT_PLAIN = re.compile(r"[^\w.-]+")
# Bytes of each name: the two, and what a temporary file has beside them, are less than the 255 there are.
_MOST_OF_NAME = 90


class ExportError(ChatFlowError):
    """Nothing was written; the message says why."""


class AlreadyThereError(ExportError):
    """Something of that name is there; it is written over only if that is asked for."""


def default_place(feature_id: str, instance_id: str) -> str:
    """Offer a file in the current directory, named after feature and instance."""
    start, end = (
        name.encode(errors="replace")[:_MOST_OF_NAME].decode(errors="ignore") for name in (feature_id, instance_id)
    )
    stem = _NOT_PLAIN.sub("-", f"{start}-{end}").strip("-.")
    return f"./{stem or 'instance'}.md"


def export(document: str, place: str, *, overwrite: bool) -> str:
    """Write a document into a file, which is whole or not there at all, and readable by its owner only.

    Args:
        document: What to write.
        place: The file; ``~`` is the home directory, and relative paths begin where the program was started.
        overwrite: Whether a file that is there may be replaced; it keeps its mode.

    Returns:
        The absolute path of the file.

    Raises:
        AlreadyThereError: It is there, and is not to be replaced.
        ExportError: It cannot be written.
    """
    path = _path(place)
    shown = plain_name(str(path))
    # The methods of `Path` raise where they may not look, and for names that are too long.
    if os.path.isdir(path):  # noqa: PTH112
        raise ExportError(f"{shown} is a directory: add the name of a file")
    if not os.path.isdir(path.parent):  # noqa: PTH112
        raise ExportError(f"{plain_name(str(path.parent))} is not a directory that can be looked into")
    data = document.encode(errors="replace")
    if overwrite and os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113
        raise ExportError(f"{shown} is not a regular file")
    is_new = not overwrite and _claim(path, shown)
    try:
        replace_file(path, data, durable=True)
    except StorageError as error:
        if is_new:
            with suppress(OSError):
                path.unlink()
        raise ExportError(plain_name(str(error))) from error
    return str(path)


def _path(place: str) -> Path:
    if not place.strip():
        raise ExportError("Name a file")
    try:
        return Path(os.path.abspath(Path(place.strip()).expanduser()))  # noqa: PTH100 - links stay as they are named
    except (RuntimeError, ValueError) as error:
        raise ExportError(f"{plain_name(place)}: {error}") from error


def _claim(path: Path, shown: str) -> bool:
    """Make an empty file, if nothing of that name is there: two programs cannot both do that."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise AlreadyThereError(f"{shown} is there already") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ExportError(f"{shown} cannot be written: {reason}") from error
    return True
