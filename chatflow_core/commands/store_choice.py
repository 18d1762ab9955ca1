"""Which store a command works on: the one given, or the nearest from here upward."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from chatflow_core.commands.exit_codes import ERROR, NOT_FOUND, USAGE, RefusedError
from chatflow_core.store_finder import STORE_DIRECTORIES, find_store, store_at

if TYPE_CHECKING:
    from chatflow_core.workflow_engine import WorkflowEngine

_OURS, _CHATCODERS = STORE_DIRECTORIES


def store_directory(options: Namespace) -> Path:
    """Find the store.

    Raises:
        RefusedError: There is none.
    """
    directory = Path(options.store or ".")
    store = _store_given(directory) if options.store else find_store(directory)
    if store is None:
        place = f"in {directory.absolute()}" if options.store else f"from {directory.absolute()} upward"
        raise RefusedError(f"There is no store {place}; `chatflow start` makes one, -C names another place", NOT_FOUND)
    return store


def store_to_start_in(options: Namespace) -> tuple[Path, bool]:
    """Find the store to start an instance in, or where to make one.

    Returns:
        Its directory, and whether it has to be made.

    Raises:
        RefusedError: The nearest store is one of ChatCoder v1.1, which is not ours to write.
    """
    directory = Path(options.store or ".")
    store = _store_given(directory) if options.store else find_store(directory)
    if store is None:
        return (directory if directory.name == _OURS.name else directory / _OURS), True
    # Resolved, because it may be given as `.` or through a link.
    if store.resolve().parts[-len(_CHATCODERS.parts) :] == _CHATCODERS.parts:
        raise RefusedError(
            f"{store} is a store of ChatCoder v1.1, which only ChatCoder writes; "
            f"make the directory {_OURS} beside it to start instances there",
            ERROR,
        )
    return store, False


def open_engine(directory: Path) -> WorkflowEngine:
    """Give the engine of a store; nothing is made before the first write."""
    from chatflow_core.workflow_engine import WorkflowEngine  # noqa: PLC0415 - a listing does without locks and watches

    return WorkflowEngine(directory)


def _store_given(directory: Path) -> Path | None:
    if not os.path.isdir(directory) and directory.name != _OURS.name:  # noqa: PTH112 - `is_dir` raises where it may not look
        raise RefusedError(f"{directory} is not a directory", USAGE)
    return store_at(directory)
