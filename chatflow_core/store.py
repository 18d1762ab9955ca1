"""What the engine and a screen need of a store, whatever it keeps its records in.

A store with the four methods of the original format (`save_state`, `load_state`,
`list_instances_by_feature`, `save_task_artifacts`) is a complete one for starting,
advancing and asking after instances. Everything else has a default here: one
that is right for any store, or a `NotImplementedError` that says what to add.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager
from copy import deepcopy
from typing import Any, NoReturn, Protocol

from chatflow_core.models import InstanceSummary, StoredText, TaskArtifacts, TextKind, WorkflowInstanceState
from chatflow_core.records import convert_state
from chatflow_core.schema import WorkflowSchema
from chatflow_core.summaries import summarize

#: Called with the ids of instances that may have changed, or None for "any may have".
ChangeCallback = Callable[[set[str] | None], None]


class Subscription(Protocol):
    """A running watch on a store."""

    @property
    def mode(self) -> str:
        """How changes are noticed: ``"live"``, ``"polling"``, or ``"waiting"`` for the store to appear."""

    @property
    def reason(self) -> str | None:
        """Why it is polling, in words; None if it is not."""

    def focus(self, instance_id: str | None) -> None:
        """Also watch the texts of this instance, and no longer those of the one before."""

    def close(self) -> None:
        """Stop. The callback is not called any more when this returns."""


class IWorkflowStateStore(ABC):
    """Keeps the states of instances and the texts of their phases."""

    @abstractmethod
    def save_state(self, instance_id: str, state_data: dict[str, Any]) -> None:
        """Save the state of an instance, as plain values."""

    @abstractmethod
    def load_state(self, instance_id: str) -> dict[str, Any] | None:
        """Load the state of an instance, as plain values; None if there is none."""

    @abstractmethod
    def list_instances_by_feature(self, feature_id: str) -> list[str]:
        """Give the ids of a feature's instances, sorted."""

    @abstractmethod
    def save_task_artifacts(
        self,
        feature_id: str,
        instance_id: str,
        phase_name: str,
        task_record_data: dict[str, Any],
        prompt_content: str,
        ai_response_content: str,
    ) -> None:
        """Save the two texts of a phase and the record that vouches for them."""

    def save_attempt(
        self,
        feature_id: str,
        instance_id: str,
        phase_name: str,
        task_record_data: dict[str, Any],
        prompt_content: str,
        ai_response_content: str,
        *,
        new_attempt: bool,
    ) -> None:
        """Save the texts of a phase, told whether they are another attempt. Stores that keep one need not care."""
        self.save_task_artifacts(
            feature_id, instance_id, phase_name, task_record_data, prompt_content, ai_response_content
        )

    def lock(self, instance_id: str) -> AbstractContextManager[None]:
        """Hold an instance exclusively across load, change and save; a holder may take it again.

        The default is one lock for all instances, between the threads of this process only.
        """
        return _Held(self._lock_of_process())

    def _lock_of_process(self) -> threading.RLock:
        # Made when it is asked for, because stores written for the original interface have their own __init__, and
        # for each process, because after a fork nobody would ever release one that another thread held.
        name = f"_lock_of_process_{os.getpid()}"
        lock: threading.RLock = self.__dict__.setdefault(name, threading.RLock())
        return lock

    def may_have(self, instance_id: str) -> bool:
        """Tell whether there may be an instance of that id, so that none is locked for one that nobody has.

        The default is that there may.
        """
        return True

    def read_state(self, instance_id: str) -> WorkflowInstanceState | None:
        """Read the state of an instance without locking it; None if there is none.

        Raises:
            CorruptStateError: What is stored is not the state of an instance.
        """
        document = self.load_state(instance_id)
        # Copied, because a store may hand out the very object it keeps, and a state is a snapshot.
        return None if document is None else convert_state(deepcopy(document), f"the state of {instance_id}")

    def read_summary(self, instance_id: str) -> InstanceSummary | None:
        """Summarize an instance; None if there is none. An unreadable one gives a summary that says why."""
        state = self.read_state(instance_id)
        return None if state is None else summarize(state)

    def read_feature(self, feature_id: str) -> list[InstanceSummary]:
        """Summarize the instances of a feature, by id."""
        found = map(self.read_summary, self.list_instances_by_feature(feature_id))
        return [summary for summary in found if summary is not None]

    def read_only_reason(self, instance_id: str) -> str | None:
        """Say why an instance cannot be written; None if it can."""
        return None

    def scan(self) -> Iterator[list[InstanceSummary]]:
        """Summarize all instances, in batches, the last changed first."""
        self._missing("scan", "listing instances")

    def recall(self) -> list[InstanceSummary]:
        """Give, as they are now, a screenful of instances before any scan, if some are known from the last time."""
        return []

    def change_hint(self) -> Hashable | None:
        """Give a cheap value that differs once an instance was added, saved or removed; None if there is none."""
        return None

    def load_artifacts(
        self,
        instance_id: str,
        phase_name: str,
        attempt: int | None = None,
    ) -> TaskArtifacts:
        """Load the texts of an attempt at a phase; of the current one if none is given."""
        self._missing("load_artifacts", "reading texts")

    def phases_with_texts(self, instance_id: str) -> list[str]:
        """Give the names of the phases of an instance that have texts."""
        self._missing("phases_with_texts", "listing texts")

    def iterate_texts(
        self, instance_id: str, wanted: Callable[[bytes], bool], *, former: bool = False
    ) -> Iterator[StoredText]:
        """Give the texts of an instance that are wanted, phase by phase; those that cannot be read, with the reason.

        Args:
            instance_id: The instance.
            wanted: Asked with each text as UTF-8, as it is stored.
            former: Whether to give the texts of former attempts, too.
        """
        for phase_name in self.phases_with_texts(instance_id):
            artifacts = self.load_artifacts(instance_id, phase_name)
            yield from _texts_of(artifacts, None, wanted)
            for attempt in range(artifacts.attempts - 1, 0, -1) if former else ():
                yield from _texts_of(self.load_artifacts(instance_id, phase_name, attempt), attempt, wanted)

    def locate(
        self,
        instance_id: str | None = None,
        phase_name: str | None = None,
        kind: TextKind = "response",
        attempt: int | None = None,
    ) -> str | None:
        """Give the path of something in the store, for people and other programs; None if it keeps no files.

        Args:
            instance_id: The instance whose record is meant; None: the store's directory.
            phase_name: The phase of which a text is meant; None: the record.
            kind: Which of its texts.
            attempt: A former attempt, from 1; None for the current one.
        """
        return None

    def load_schema(self, name: str) -> WorkflowSchema | None:
        """Load the workflow definition of that name; None if there is none."""
        self._missing("load_schema", "workflow definitions by name")

    def list_schemas(self) -> list[str]:
        """Give the names of the workflow definitions, sorted."""
        self._missing("list_schemas", "workflow definitions by name")

    def subscribe(self, callback: ChangeCallback) -> Subscription:
        """Call back when instances change, until the subscription is closed."""
        self._missing("subscribe", "watching for changes")

    def _missing(self, method: str, use: str) -> NoReturn:
        raise NotImplementedError(f"{type(self).__name__} needs the method {method}() for {use}")


def _texts_of(artifacts: TaskArtifacts, attempt: int | None, wanted: Callable[[bytes], bool]) -> Iterator[StoredText]:
    texts: tuple[tuple[TextKind, str | None], ...] = (
        ("prompt", artifacts.prompt),
        ("response", artifacts.ai_response),
    )
    for kind, text in texts:
        if text is None and artifacts.problem is not None:
            yield StoredText(artifacts.phase_name, kind, attempt, b"", artifacts.problem)
        elif text is not None and wanted(data := text.encode(errors="replace")):
            yield StoredText(artifacts.phase_name, kind, attempt, data)


class _Held:
    """A reentrant lock as a context manager that gives nothing."""

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
