"""Checking a whole store: every record, every text against its checksum, the index, what dead writers left.

What is derived from the records (the index of features), and what is of no use to anybody (temporary files whose
writers are dead), can be repaired. Records and texts are only read, whatever is found.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from chatflow_core.atomic_files import check_inside, is_there, leftovers, remove_leftover
from chatflow_core.errors import ChatFlowError, CorruptStateError
from chatflow_core.file_store import FileStateStore
from chatflow_core.index_check import index_faults, rebuild_index
from chatflow_core.layout import StoreLayout, instance_id_of, is_instance_id
from chatflow_core.locks import hold
from chatflow_core.models import InstanceSummary, TaskArtifacts

#: How bad it is. ``"corrupt"``: a file cannot be read, or is not what was recorded. ``"derived"``: what is made from
#: records is not right, or a dead writer left something; it can be repaired. ``"note"``: something to know.
Severity: TypeAlias = Literal["corrupt", "derived", "note"]

# Seconds to wait for the lock of the index when it is repaired.
_LOCK_TIMEOUT = 10.0

# No writer fills a temporary file for as long: the flush of a large one to a slow disk takes seconds.
_LONGEST_WRITE = 60.0


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One thing that is not as it should be.

    Attributes:
        severity: How bad it is.
        subject: What it is about: a file, relative to the store, or an instance and its phase.
        message: What is wrong with it, and what to do.
        is_repaired: Whether it has been put right.
    """

    severity: Severity
    subject: str
    message: str
    is_repaired: bool = False


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found.

    Attributes:
        base_dir: The store's directory.
        instances: How many records were read.
        texts: How many attempts at phases had their texts read.
        findings: What is not as it should be, records first.
    """

    base_dir: Path
    instances: int
    texts: int
    findings: tuple[CheckFinding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is corrupt, and nothing is left to repair."""
        return not self.of("corrupt") and not self.of("derived")

    @property
    def repaired(self) -> int:
        """How many findings have been put right."""
        return sum(finding.is_repaired for finding in self.findings)

    def of(self, severity: Severity) -> list[CheckFinding]:
        """Give the findings of one severity that stand."""
        return [one for one in self.findings if one.severity == severity and not one.is_repaired]


def check_store(store: FileStateStore, *, repair: bool = False) -> CheckReport:
    """Read everything in a store and tell what is not as it should be.

    Without `repair` no file is made, changed or locked, so it may run beside any number of writers.

    Args:
        store: The store.
        repair: Whether to make the index again where it is wrong, and to remove temporary files of dead writers.
            The locks that their writers would need are held for that. Records and texts are never touched.

    Raises:
        StorageError: The directory of records cannot be listed.
    """
    layout = store.layout
    left_behind = list(_leftovers(layout))
    findings: list[CheckFinding] = []
    summaries = [summary for batch in store.scan() for summary in batch]
    texts = 0
    for summary in sorted(summaries, key=lambda one: one.instance_id):
        if summary.problem is not None:
            findings.append(CheckFinding("corrupt", f"instances/{summary.instance_id}.json", summary.problem))
        if not is_instance_id(summary.instance_id):
            continue
        for artifacts in _attempts(store, summary.instance_id, findings):
            texts += 1
            findings.extend(_about(artifacts))
    findings.extend(_without_record(store, summaries))
    findings.extend(_schemas(store))
    findings.extend(_index(store, summaries, repair=repair))
    findings.extend(_swept(layout, left_behind, repair=repair))
    return CheckReport(layout.base_dir, len(summaries), texts, tuple(findings))


def _attempts(store: FileStateStore, instance_id: str, findings: list[CheckFinding]) -> Iterator[TaskArtifacts]:
    for phase in store.phases_with_texts(instance_id):
        try:
            current = store.load_artifacts(instance_id, phase)
            for attempt in range(1, current.attempts):
                yield store.load_artifacts(instance_id, phase, attempt)
            yield current
        except ChatFlowError as error:
            findings.append(CheckFinding("corrupt", f"{instance_id}, phase {phase}", str(error)))


def _about(artifacts: TaskArtifacts) -> Iterator[CheckFinding]:
    subject = f"{artifacts.instance_id}, phase {artifacts.phase_name}"
    if artifacts.attempts > 1:
        subject += f", attempt {artifacts.attempt}"
    if artifacts.problem is not None:
        yield CheckFinding("corrupt", subject, artifacts.problem)
    if artifacts.verdict == "changed":
        yield CheckFinding("corrupt", subject, "the texts are not those that were recorded: their checksums differ")
    elif artifacts.verdict == "not recorded" and artifacts.record is None and artifacts.problem is None:
        yield CheckFinding(
            "note", subject, "no record vouches for the texts: their writer keeps none, or did not finish"
        )


def _without_record(store: FileStateStore, summaries: list[InstanceSummary]) -> Iterator[CheckFinding]:
    known = {summary.instance_id for summary in summaries}
    try:
        names = sorted(path.name for path in store.layout.instances_dir.iterdir())
    except OSError:
        return  # not there; anything worse was told when the records were listed
    for name in names:
        if (
            instance_id_of(name) is None
            and is_instance_id(name)
            and name not in known
            and store.phases_with_texts(name)
        ):
            yield CheckFinding("note", f"instances/{name}", "texts of an instance that has no record")


def _schemas(store: FileStateStore) -> Iterator[CheckFinding]:
    for name in store.list_schemas():
        try:
            store.load_schema(name)
        except ChatFlowError as error:
            yield CheckFinding("corrupt", f"schemas/{name}", str(error))


def _index(store: FileStateStore, summaries: list[InstanceSummary], *, repair: bool) -> Iterator[CheckFinding]:
    suspects = {fault.path for fault in index_faults(store.layout, summaries)}
    if not suspects:
        return
    # Other programs write a record first and its entry later, so only what is still wrong is.
    fresh = [summary for batch in store.scan() for summary in batch]
    faults = [fault for fault in index_faults(store.layout, fresh) if fault.path in suspects]
    outcomes: dict[Path, str | None] = {}
    if faults and repair:
        try:
            outcomes = rebuild_index(store, store.layout, _LOCK_TIMEOUT)
        except ChatFlowError as error:
            outcomes = {fault.path: str(error) for fault in faults}
    for fault in faults:
        subject = str(fault.path.relative_to(store.layout.base_dir))
        problem = outcomes.get(fault.path)
        message = fault.message if problem is None else f"{fault.message}; not repaired: {problem}"
        yield CheckFinding("derived", subject, message, is_repaired=fault.path in outcomes and problem is None)


def _leftovers(layout: StoreLayout) -> Iterator[tuple[Path, Path, str]]:
    """Give temporary files, each with the lock its writer would hold and what that guards."""
    for file_name, path in leftovers(layout.instances_dir):
        instance_id = instance_id_of(file_name)
        if instance_id is not None and is_instance_id(instance_id):
            yield path, layout.lock(instance_id), f"instance {instance_id}"
    for _, path in leftovers(layout.features_dir):
        yield path, layout.features_lock, "the index of features"
    try:
        ids = sorted(path.name for path in layout.instances_dir.iterdir() if is_instance_id(path.name))
    except OSError:
        return
    for instance_id in ids:
        if instance_id_of(instance_id) is not None:
            continue  # a record
        tasks = layout.tasks_dir(instance_id)
        for directory in (tasks, *_directories_in(layout.former_texts_dir(instance_id))):
            if not _is_inside(directory, layout):
                continue
            for _, path in leftovers(directory):
                yield path, layout.lock(instance_id), f"instance {instance_id}"


def _is_inside(directory: Path, layout: StoreLayout) -> bool:
    try:
        check_inside(directory, layout.instances_dir)
    except CorruptStateError:
        return False  # whatever lies there is not ours to remove
    return True


def _directories_in(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        return []


def _swept(layout: StoreLayout, found: list[tuple[Path, Path, str]], *, repair: bool) -> Iterator[CheckFinding]:
    for path, lock, subject in found:
        finding = CheckFinding("derived", str(path.relative_to(layout.base_dir)), "left behind by a writer that died")
        # Without its lock nobody knows whether the writer of a recent one has died, or is at work.
        may_be_alive = _is_recent(path)
        if repair:
            removed = _remove(finding, path, lock, subject)
            if removed is not None and (removed.is_repaired or not may_be_alive):
                yield removed
        elif not may_be_alive and is_there(path):
            yield finding


def _is_recent(path: Path) -> bool:
    try:
        return time.time() - os.lstat(path).st_mtime < _LONGEST_WRITE
    except OSError:
        return False


def _remove(finding: CheckFinding, path: Path, lock: Path, subject: str) -> CheckFinding | None:
    """Remove a temporary file under its writer's lock; None if the writer has made use of it meanwhile."""
    if not is_there(path):
        return None
    if not is_there(lock):
        return replace(finding, message=f"{finding.message}; not removed, as its writer's lock is not there")
    try:
        with hold(lock, subject, timeout=0):
            if not is_there(path):
                return None
            remove_leftover(path)
            return replace(finding, is_repaired=not is_there(path))
    except ChatFlowError as error:
        return replace(finding, message=f"{finding.message}; not removed: {error}")
