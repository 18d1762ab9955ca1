"""Where the summaries of large stores are kept from one start to the next: in a file for each, in the user's cache."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatflow_core import IWorkflowStateStore

#: For so many stores; the one whose summaries were kept longest ago is forgotten first. One may take tens of megabytes.
MOST_STORES = 20

_SUFFIX = ".summaries"


def open_with_summaries(directory: Path, store: str) -> IWorkflowStateStore:
    """Open a store for the screen; nothing is written into it. Blocks.

    Args:
        directory: Where the files are kept, as `platformdirs.user_cache_path` gives it.
        store: The store's directory.
    """
    from chatflow_core import FileStateStore  # noqa: PLC0415 - the screen is painted before the engine is imported

    _forget_oldest(directory)
    # A path of any length, with any character, has a name of this form.
    digest = hashlib.sha256(os.fsencode(os.path.realpath(store))).hexdigest()
    return FileStateStore(store, create=False, summaries_file=directory / f"{digest[:32]}{_SUFFIX}")


def _forget_oldest(directory: Path) -> None:
    with suppress(OSError):  # another program has forgotten one, or may not be let in; the user's cache is the user's
        files = sorted(directory.glob(f"*{_SUFFIX}"), key=lambda file: file.stat().st_mtime_ns)
        for file in files[:-MOST_STORES]:
            file.unlink()
