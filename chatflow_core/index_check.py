"""Checking the index of features against the records it is derived from, and making it again.

An entry must not miss a record of its feature. It may name more than there is: a new instance is entered before its
record is written. So an id without a record stands if an instance of that id was ever locked, and so does one whose
record cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from chatflow_core.atomic_files import is_there, make_directory, read_file, replace_file
from chatflow_core.chatcoder_v1_1 import READ_ONLY
from chatflow_core.errors import CorruptStateError, InvalidNameError, StorageError
from chatflow_core.layout import LINK_SUFFIX, StoreLayout, is_instance_id
from chatflow_core.locks import hold
from chatflow_core.models import InstanceSummary
from chatflow_core.store import IWorkflowStateStore

#: Largest index entry read, in bytes: a million ids.
_MAX_LINK_BYTES = 32 * 1024 * 1024

# So many ids are named in a message.
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class IndexFault:
    """An entry of the index that is not what the records say.

    Attributes:
        path: Its file.
        message: What is wrong with it.
        ids: The ids it should have; none if it should not be there.
        is_refused: Whether the system refused to read it: then nobody knows what it has.
    """

    path: Path
    message: str
    ids: frozenset[str]
    is_refused: bool = False


def index_faults(layout: StoreLayout, summaries: Iterable[InstanceSummary]) -> list[IndexFault]:
    """Compare the index with the records; nothing is locked or written.

    Args:
        layout: The store's files.
        summaries: Those of all records.

    Raises:
        StorageError: The system refused to tell what is there.
    """
    known = {summary.instance_id: summary for summary in summaries}
    members = _members(layout, known.values())
    faults = []
    for path in sorted({*members, *_entries(layout)}):
        try:
            entered, problem = _read(path)
        except StorageError as error:
            faults.append(IndexFault(path, str(error), frozenset(), is_refused=True))
            continue
        should = members.get(path, frozenset())
        stray = {one for one in entered if one not in should and not _may_stand(layout, one, known, path)}
        missing = should - entered
        if problem is None and missing:
            problem = f"misses {_named(missing)}"
        elif problem is None and stray:
            problem = f"names {_named(stray)}, of which there is no record in this feature"
        if problem is not None:
            faults.append(IndexFault(path, problem, frozenset(should | (entered - stray))))
    return faults


def rebuild_index(store: IWorkflowStateStore, layout: StoreLayout, lock_timeout: float) -> dict[Path, str | None]:
    """Make all entries right that are not, under the lock of the index.

    Args:
        store: The store.
        layout: Its files.
        lock_timeout: Seconds to wait for the lock.

    Returns:
        For each entry that was wrong, why it still is; None if it no longer is.

    Raises:
        LockTimeoutError: Another program keeps the lock.
        StorageError: The system refused to lock it, or to list the records.
    """
    outcomes: dict[Path, str | None] = {}
    make_directory(layout.locks_dir, durable=True, top=layout.base_dir)
    with hold(layout.features_lock, "the index of features", lock_timeout):
        # Whoever enters an instance has to wait now, and writes its record later: none is missed.
        for fault in index_faults(layout, [summary for batch in store.scan() for summary in batch]):
            try:
                _mend(layout, fault)
            except StorageError as error:
                outcomes[fault.path] = str(error)
            else:
                outcomes[fault.path] = "what it has is not known" if fault.is_refused else None
    return outcomes


def _mend(layout: StoreLayout, fault: IndexFault) -> None:
    if fault.is_refused:
        return
    if fault.ids:
        make_directory(layout.features_dir, durable=True, top=layout.base_dir)
        replace_file(fault.path, ",".join(sorted(fault.ids)).encode(), durable=True)
        return
    try:
        fault.path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(str(fault.path), "Removing", error) from error


def _members(layout: StoreLayout, summaries: Iterable[InstanceSummary]) -> dict[Path, frozenset[str]]:
    found: dict[Path, set[str]] = {}
    for summary in summaries:
        if summary.problem is None and summary.read_only != READ_ONLY and is_instance_id(summary.instance_id):
            try:
                path = layout.feature_link(summary.feature_id)
            except InvalidNameError:
                continue  # a feature without a usable name has no entry
            found.setdefault(path, set()).add(summary.instance_id)
    return {path: frozenset(ids) for path, ids in found.items()}


def _entries(layout: StoreLayout) -> list[Path]:
    try:
        return [path for path in layout.features_dir.iterdir() if path.suffix == LINK_SUFFIX and path.name[0] != "."]
    except OSError:
        return []  # then every entry that should be there is missing


def _read(path: Path) -> tuple[frozenset[str], str | None]:
    """Give the ids that can be read, and why they are not all there were."""
    try:
        data, _ = read_file(path, _MAX_LINK_BYTES)
    except FileNotFoundError:
        return frozenset(), "is missing"
    except CorruptStateError as error:
        return frozenset(), error.reason
    parts = [part.strip() for part in data.decode(errors="replace").split(",")]
    ids = frozenset(filter(is_instance_id, parts))
    return ids, None if all(map(is_instance_id, parts)) else "is torn, or was never one"


def _may_stand(layout: StoreLayout, instance_id: str, known: dict[str, InstanceSummary], path: Path) -> bool:
    summary = known.get(instance_id)
    if summary is None:
        return is_there(layout.lock(instance_id))
    if summary.problem is not None:
        return True
    try:
        return summary.read_only == READ_ONLY and layout.feature_link(summary.feature_id) == path
    except InvalidNameError:
        return False


def _named(ids: Iterable[str]) -> str:
    found = sorted(ids)
    return ", ".join(found[:_MOST_NAMED]) + (
        f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    )
