"""The store in plain files under ``.chatflow/``. `layout` has the names, docs/file-format.md the contract.

Promises to every other program on the same files:

- A record is changed under an exclusive lock held from before it is read until
  after it is replaced, and replaced whole.
- Under the lock the file itself is read, never a cache.
- What could not be read is never overwritten; keys we do not know survive.
- An instance is entered in its feature's index before its record exists.
- Reading takes no lock and makes no file or directory.
"""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chatflow_core.artifacts import ArtifactFiles
from chatflow_core.atomic_files import is_there, make_directory, replace_file
from chatflow_core.errors import ReadOnlyRecordError
from chatflow_core.feature_index import FeatureIndex
from chatflow_core.file_stamps import directory_stamp
from chatflow_core.layout import StoreLayout, phase_stem
from chatflow_core.locks import DEFAULT_TIMEOUT, hold, is_held
from chatflow_core.models import InstanceSummary, StoredText, TaskArtifacts, TextKind, WorkflowInstanceState
from chatflow_core.record_files import RecordFiles
from chatflow_core.records import LoadedRecord, check_state_document, check_times, encode_record, overlay
from chatflow_core.schema import WorkflowSchema
from chatflow_core.schema_files import SchemaFiles
from chatflow_core.store import ChangeCallback, IWorkflowStateStore, Subscription
from chatflow_core.stored_texts import StoredTexts
from chatflow_core.sweeping import sweep
from chatflow_core.task_records import task_record, utf8

_stores: weakref.WeakSet[FileStateStore] = weakref.WeakSet()


class FileStateStore(IWorkflowStateStore):
    """Keeps states and texts in plain files, for several processes at once."""

    def __init__(
        self,
        base_dir: str | os.PathLike[str] = ".chatflow",
        *,
        durable: bool = True,
        create: bool = True,
        lock_timeout: float = DEFAULT_TIMEOUT,
        summaries_file: Path | None = None,
    ) -> None:
        """Open a store.

        Args:
            base_dir: Its directory.
            durable: Whether a call returns only when what it wrote would survive a power cut.
            create: Whether to make its directories now, rather than at the first write.
            lock_timeout: Seconds to wait for a lock that another program holds.
            summaries_file: A file outside of the store to keep summaries in for the next start; None to keep none.

        Raises:
            StorageError: The directories cannot be made.
        """
        super().__init__()
        self.layout = StoreLayout(Path(base_dir))
        self._durable = durable
        self._lock_timeout = lock_timeout
        self._records = RecordFiles(self.layout, summaries_file)
        self._artifacts = ArtifactFiles(self.layout, durable=durable)
        self._index = FeatureIndex(self.layout, durable=durable, lock_timeout=lock_timeout)
        self._schemas = SchemaFiles(self.layout)
        self._texts = StoredTexts(self.layout, lambda name: self._records.foreign_reason(name) is not None)
        self._swept = False
        # Of what instances some thread holds the lock, and what it has read: one step reads its record once.
        self._locked: set[str] = set()
        self._under_lock: dict[str, LoadedRecord | None] = {}
        if create:
            for directory in (self.layout.instances_dir, self.layout.features_dir, self.layout.locks_dir):
                make_directory(directory, durable=durable, top=self.layout.base_dir)
        _stores.add(self)

    @property
    def base_dir(self) -> Path:
        """The store's directory, absolute and with links resolved."""
        return self.layout.base_dir

    def __repr__(self) -> str:
        """Name the directory."""
        return f"FileStateStore({str(self.base_dir)!r})"

    @contextmanager
    def lock(self, instance_id: str) -> Iterator[None]:
        """Hold an instance's lock, between threads and processes; its holder may take it again.

        Raises:
            InvalidNameError: The id cannot be one.
            ReadOnlyRecordError: ChatCoder v1.1 wrote the instance, and nothing has locked it yet.
            LockTimeoutError: Another program or thread kept it for longer than the store's timeout.
            StorageError: The lock file cannot be made.
        """
        path = self.layout.lock(instance_id)
        is_outermost = not is_held(path)
        if is_outermost and not is_there(path):
            # Not even a lock file is made for a record that is not ours to write.
            self._refuse_foreign(instance_id)
            make_directory(self.layout.locks_dir, durable=self._durable, top=self.base_dir)
        with hold(path, f"instance {instance_id}", self._lock_timeout):
            if is_outermost:
                self._locked.add(instance_id)
                self._under_lock.pop(instance_id, None)
                if not self._swept:
                    self._swept = True
                    sweep(self.layout)
            try:
                yield
            finally:
                if is_outermost:
                    self._locked.discard(instance_id)
                    self._under_lock.pop(instance_id, None)

    def may_have(self, instance_id: str) -> bool:
        """Tell whether there may be an instance of that id: it has a record, or a lock file from when it had one.

        Raises:
            InvalidNameError: The id cannot be one.
            StorageError: The system refused to tell.
        """
        return is_there(self.layout.lock(instance_id)) or is_there(self.layout.record(instance_id))

    def save_state(self, instance_id: str, state_data: dict[str, Any]) -> None:
        """Save the state of an instance, keeping keys of other programs, and enter it in its feature's index.

        Raises:
            InvalidNameError: The id or the feature's name cannot be used.
            InvalidValueError: It is not a state of this instance, or not plain JSON.
            CorruptStateError: The file is there and cannot be read; it stays as it is.
            ReadOnlyRecordError: The record is not ours to write.
            LockTimeoutError: Another program kept the lock.
            StorageError: The system refused; the message says what is on disk.
        """
        document = check_state_document(instance_id, state_data)
        feature_id = document["feature_id"]
        self.layout.feature_link(feature_id)  # refuses a bad name before anything is written
        with self.lock(instance_id):
            present = self._load(instance_id)
            if present is not None:
                if present.read_only is not None:
                    raise ReadOnlyRecordError(instance_id, present.read_only)
                document = overlay(present.document, document)
            check_times(document)
            data = encode_record(document)
            make_directory(self.layout.instances_dir, durable=self._durable, top=self.base_dir)
            self._index.add(feature_id, instance_id, lambda: self._ids_of_records(feature_id))
            self._under_lock.pop(instance_id, None)
            replace_file(self.layout.record(instance_id), data, durable=self._durable)

    def load_state(self, instance_id: str) -> dict[str, Any] | None:
        """Load the state of an instance with all keys of its record; None if there is none.

        Raises:
            InvalidNameError: The id cannot be one.
            CorruptStateError: The file is not a record.
            StorageError: The system refused.
        """
        # Read anew even under the lock: what the caller does to this document must not be saved with another.
        record = self._records.load(instance_id)
        return None if record is None else record.document

    def _load(self, instance_id: str) -> LoadedRecord | None:
        if not is_held(self.layout.lock(instance_id)):
            return self._records.load(instance_id)
        if instance_id not in self._under_lock:
            self._under_lock[instance_id] = self._records.load(instance_id)
        return self._under_lock[instance_id]

    def read_state(self, instance_id: str) -> WorkflowInstanceState | None:
        """Read the state of an instance; its file is only opened if it changed since it was last read.

        The holder of the instance's lock gets what its file had when it was first read under the lock.

        Raises:
            InvalidNameError: The id cannot be one.
            CorruptStateError: The file is not a record.
            StorageError: The system refused.
        """
        if instance_id not in self._locked or not is_held(self.layout.lock(instance_id)):
            return self._records.state(instance_id)
        record = self._load(instance_id)
        return None if record is None else record.own_state()

    def read_only_reason(self, instance_id: str) -> str | None:
        """Say why a record is not ours to write; None if it is, or if there is none.

        Raises:
            CorruptStateError: The file is not a record.
        """
        record = self._load(instance_id)
        return None if record is None else record.read_only

    def read_summary(self, instance_id: str) -> InstanceSummary | None:
        """Summarize a record, reading it only if it changed; None if there is none."""
        return self._records.summary(instance_id)

    def recall(self) -> list[InstanceSummary]:
        """Summarize, as they are now, a screenful of those that had changed last when summaries were kept."""
        return self._records.recall()

    def scan(self) -> Iterator[list[InstanceSummary]]:
        """Summarize all records, the last changed first, reading only those that changed.

        Raises:
            StorageError: The directory cannot be read.
        """
        return self._records.scan()

    def change_hint(self) -> Hashable | None:
        """Give the stamps of the directories of records and of workflow definitions; None if there are no records.

        Every replacement of a file in them changes them.
        """
        now_ns = time.time_ns()
        stamp = directory_stamp(self.layout.instances_dir)
        if stamp is None:
            return None
        stamps = (stamp, directory_stamp(self.layout.schemas_dir))
        if not all(one is None or one.is_settled(now_ns) for one in stamps):
            return object()  # another change within the same tick would leave the same stamp
        return stamps

    def list_instances_by_feature(self, feature_id: str) -> list[str]:
        """Give the ids of a feature's instances, sorted; unreadable ones that are entered for it included.

        Raises:
            InvalidNameError: The feature has no usable name.
            StorageError: The system refused.
        """
        return [summary.instance_id for summary in self.read_feature(feature_id)]

    def read_feature(self, feature_id: str) -> list[InstanceSummary]:
        """Summarize a feature's instances, by id; unreadable ones that are entered for it included.

        Raises:
            InvalidNameError: The feature has no usable name.
            StorageError: The system refused.
        """
        entry = self._index.read(feature_id)
        summaries = dict(zip(entry.ids, self._records.summaries(entry.ids), strict=True))
        if not entry.ids or None in summaries.values():
            # Lost, or torn in the middle of an id by a program that writes in place; or one is just being made.
            ids = self._index.from_records(entry, lambda: self._ids_of_records(feature_id))
            summaries |= zip(ids, self._records.summaries(ids), strict=True)
        found = [summaries[instance_id] for instance_id in sorted(summaries)]
        return [one for one in found if one is not None and (one.feature_id == feature_id or one.problem is not None)]

    def _ids_of_records(self, feature_id: str) -> list[str]:
        return [summary.instance_id for batch in self.scan() for summary in batch if summary.feature_id == feature_id]

    def save_task_artifacts(
        self,
        feature_id: str,
        instance_id: str,
        phase_name: str,
        task_record_data: dict[str, Any],
        prompt_content: str,
        ai_response_content: str,
    ) -> None:
        """Save the texts of a phase and the record that vouches for them; an empty text is one not there yet.

        If a text is there and differs from the one given, the former attempt
        is kept under ``.attempts``. The record of the instance is not touched.

        Args:
            feature_id: The feature of the instance.
            instance_id: The instance.
            phase_name: The phase, of the schema or not.
            task_record_data: Keys of a `TaskExecutionRecord` and others; checksums are added where they are missing.
            prompt_content: The prompt.
            ai_response_content: The AI's response.

        Raises:
            InvalidNameError: The id or the phase's name cannot be used.
            InvalidValueError: The record's data or a text is not plain JSON, or a checksum is of another text.
            ReadOnlyRecordError: The instance is not ours to write.
            CorruptStateError: A link leads out of the store.
            LockTimeoutError: Another program kept the lock.
            StorageError: The system refused.
        """
        texts = (prompt_content, ai_response_content)
        self.save_attempt(feature_id, instance_id, phase_name, task_record_data, *texts, new_attempt=None)

    def save_attempt(
        self,
        feature_id: str,
        instance_id: str,
        phase_name: str,
        task_record_data: dict[str, Any],
        prompt_content: str,
        ai_response_content: str,
        *,
        new_attempt: bool | None,
    ) -> None:
        """Save texts as `save_task_artifacts` does, told whether they are another attempt; None to find out."""
        self.layout.feature_link(feature_id)
        phase_stem(phase_name)
        contents = (utf8(prompt_content, "prompt_content"), utf8(ai_response_content, "ai_response_content"))
        record = task_record(phase_name, task_record_data, contents)
        with self.lock(instance_id):
            self._refuse_foreign(instance_id)
            self._artifacts.save(instance_id, phase_name, record, contents, new_attempt=new_attempt)

    def _refuse_foreign(self, instance_id: str) -> None:
        reason = self._records.foreign_reason(instance_id)
        if reason is not None:
            raise ReadOnlyRecordError(instance_id, reason)

    def load_artifacts(self, instance_id: str, phase_name: str, attempt: int | None = None) -> TaskArtifacts:
        """Load the texts of an attempt at a phase; of the current one if none is given.

        Raises:
            InvalidNameError: The id or the phase's name cannot be used.
        """
        foreign = self._records.foreign_reason(instance_id) is not None
        return self._artifacts.load(instance_id, phase_name, attempt, by_chatcoder=foreign)

    def phases_with_texts(self, instance_id: str) -> list[str]:
        """Give the names of the phases of an instance that have texts, in the schema or not."""
        foreign = self._records.foreign_reason(instance_id) is not None
        return self._artifacts.phases_with_texts(instance_id, by_chatcoder=foreign)

    def iterate_texts(
        self, instance_id: str, wanted: Callable[[bytes], bool], *, former: bool = False
    ) -> Iterator[StoredText]:
        """Give the texts of an instance that are wanted, phase by phase; those that cannot be read, with the reason.

        Raises:
            InvalidNameError: The id cannot be one.
        """
        return self._texts.iterate(instance_id, wanted, former=former)

    def locate(
        self,
        instance_id: str | None = None,
        phase_name: str | None = None,
        kind: TextKind = "response",
        attempt: int | None = None,
    ) -> str:
        """Give the path of the store, of a record, or of a text; of a text that is not there, where it would be.

        Raises:
            InvalidNameError: The id or the phase's name cannot be used.
            StorageError: The system refused to tell what is there.
        """
        if instance_id is None:
            return str(self.base_dir)
        if phase_name is None:
            return str(self.layout.record(instance_id))
        return str(self._texts.path(instance_id, phase_name, kind, attempt))

    def load_schema(self, name: str) -> WorkflowSchema | None:
        """Load ``schemas/<name>``; None if there is none.

        Raises:
            SchemaError: The file is not a workflow definition.
        """
        return self._schemas.load(name)

    def list_schemas(self) -> list[str]:
        """Give the names of the workflow definitions in ``schemas/``, sorted."""
        return self._schemas.names()

    def subscribe(self, callback: ChangeCallback, *, polling: bool = False) -> Subscription:
        """Call back when records change, or texts of the instance in focus, until the subscription is closed.

        Args:
            callback: Called from one thread with the ids of instances that may have changed, or None for any.
            polling: Whether to look at the files from time to time instead of asking the system for events.
        """
        from chatflow_core.watch import FileSubscription  # noqa: PLC0415 - with watchdog, which most programs need not

        return FileSubscription(self.layout, callback, polling=polling)

    def _after_fork(self) -> None:
        self._records.forget()
        self._index.forget()
        self._locked, self._under_lock = set(), {}


def _reset_stores_after_fork() -> None:
    for store in list(_stores):
        store._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_stores_after_fork)
