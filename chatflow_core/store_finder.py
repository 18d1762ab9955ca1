"""Finding the store that a directory belongs to, as git finds its repository."""

from __future__ import annotations

import os
from pathlib import Path

#: Where stores are within a project: ours, then that of ChatCoder.
STORE_DIRECTORIES = (Path(".chatflow"), Path(".chatcoder", "workflow_instances"))


def store_at(directory: Path) -> Path | None:
    """Give the store that a directory is, or that the project in it has.

    Args:
        directory: A store, a project, or any directory with ``instances/`` in it.

    Returns:
        The store's directory; None if there is none here.
    """
    # `Path.is_dir` raises where it may not look; what cannot be looked into is no store of ours.
    if os.path.isdir(directory / "instances") or (directory.name == ".chatflow" and os.path.isdir(directory)):
        return directory
    return next((directory / inner for inner in STORE_DIRECTORIES if os.path.isdir(directory / inner)), None)


def find_store(start: Path) -> Path | None:
    """Give the nearest store from a directory upward; None if there is none up to the root."""
    start = start.absolute()
    return next((store for directory in (start, *start.parents) if (store := store_at(directory))), None)
