"""What may stand for an instance: its id, the beginning of one, ``@latest``, or ``@`` and a feature."""

from __future__ import annotations

from pathlib import Path

from chatflow_core.atomic_files import is_there
from chatflow_core.commands.exit_codes import NOT_FOUND, USAGE, RefusedError
from chatflow_core.feature_counts import creation
from chatflow_core.layout import StoreLayout, instance_id_of, is_instance_id
from chatflow_core.models import UNREADABLE
from chatflow_core.record_files import RecordFiles

LATEST = "@latest"

# Ids are made with it, so it need not be typed.
_ID_PREFIX = "wfi_"

# So many ids are named when more than one is meant.
_MOST_NAMED = 5


def instance_named(text: str, directory: Path) -> str:
    """Find the id of the instance that is meant.

    Args:
        text: A whole id, the beginning of exactly one (with or without ``wfi_``), ``@latest`` for the instance
            started last, or ``@FEATURE`` for the one of that feature started last.
        directory: The store.

    Raises:
        RefusedError: There is none, or the beginning is that of several.
        StorageError: The store cannot be read.
    """
    layout = StoreLayout(directory)
    if text.startswith("@"):
        return _latest(text, layout)
    if is_instance_id(text) and is_there(layout.record(text)):
        return text
    ids = _ids(layout)
    found = [one for one in ids if one.startswith(text)] or [one for one in ids if one.startswith(_ID_PREFIX + text)]
    if not text or not found:
        raise RefusedError(
            f"There is no instance {text!r} in {directory}; `chatflow ls` shows what is there", NOT_FOUND
        )
    if len(found) > 1:
        named = ", ".join(sorted(found)[:_MOST_NAMED]) + (", …" if len(found) > _MOST_NAMED else "")
        raise RefusedError(f"{text!r} is the beginning of {len(found)} ids: {named}; give more of it", USAGE)
    return found[0]


def _ids(layout: StoreLayout) -> list[str]:
    try:
        names = [path.name for path in layout.instances_dir.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [one for name in names if (one := instance_id_of(name)) is not None and is_instance_id(one)]


def _latest(text: str, layout: StoreLayout) -> str:
    summaries = [
        summary
        for batch in RecordFiles(layout).scan()
        for summary in batch
        if summary.status != UNREADABLE and (text == LATEST or summary.feature_id == text[1:])
    ]
    if not summaries:
        what = "no instance" if text == LATEST else f"no instance of feature {text[1:]!r}"
        raise RefusedError(f"There is {what} in {layout.base_dir}; `chatflow features` shows what is there", NOT_FOUND)
    return max(summaries, key=creation).instance_id
