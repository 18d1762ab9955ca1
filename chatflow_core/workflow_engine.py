"""The engine: one lock, load, transition, save.

What a step does is in `transitions`; where things lie is the store's business.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec

from chatflow_core import transitions
from chatflow_core.collecting import paused_collector
from chatflow_core.engine_interface import IWorkflowEngine
from chatflow_core.errors import (
    InstanceNotFoundError,
    InvalidNameError,
    InvalidValueError,
    LockTimeoutError,
    ReadOnlyRecordError,
    SchemaError,
    StorageError,
)
from chatflow_core.feature_counts import creation
from chatflow_core.file_store import FileStateStore
from chatflow_core.json_values import plain_object
from chatflow_core.layout import encode_name
from chatflow_core.models import (
    FeatureSummary,
    InstanceSummary,
    TaskArtifacts,
    TaskExecutionRecord,
    WorkflowInstanceState,
)
from chatflow_core.recording import plan_recording
from chatflow_core.records import state_document
from chatflow_core.schema import WorkflowSchema
from chatflow_core.schema_lookup import schema_given, schema_of
from chatflow_core.store import IWorkflowStateStore
from chatflow_core.summaries import EVERY_WORKFLOW, summarize_feature, summarize_features

_Step = Callable[[WorkflowInstanceState, WorkflowSchema | None], WorkflowInstanceState]


class WorkflowEngine(IWorkflowEngine):
    """The engine on one store.

    There is one object per directory and process, so that all modules of a
    program share it; an explicit `state_store` gives an engine of its own.
    """

    _engines: dict[Path, WorkflowEngine] = {}  # noqa: RUF012 - the registry is meant to be shared
    _guard = threading.Lock()

    state_store: IWorkflowStateStore

    def __new__(
        cls, storage_dir: str | os.PathLike[str] = ".chatflow", state_store: IWorkflowStateStore | None = None
    ) -> WorkflowEngine:
        """Give the engine of a directory, or a new one on a store.

        Args:
            storage_dir: Directory of the file store; nothing is made before the first write.
            state_store: The store to use instead.
        """
        if state_store is not None:
            engine = super().__new__(cls)
            engine.state_store = state_store
            return engine
        directory = Path(storage_dir).resolve()
        with cls._guard:
            if directory not in cls._engines:
                engine = super().__new__(cls)
                engine.state_store = FileStateStore(directory, create=False)
                cls._engines[directory] = engine
            return cls._engines[directory]

    def __repr__(self) -> str:
        """Name the store."""
        return f"WorkflowEngine({self.state_store!r})"

    def start_workflow_instance(
        self,
        workflow_schema: Mapping[str, Any] | WorkflowSchema | str,
        initial_context: dict[str, Any],
        feature_id: str,
        meta: dict[str, Any] | None = None,
    ) -> str:
        """Start an instance in the first phase of its workflow.

        Args:
            workflow_schema: The definition, or the name of one in the store's ``schemas/``. It is stored with
                the instance: changing the file later does not change the instance.
            initial_context: Kept as the instance's `variables`.
            feature_id: The feature the instance works on.
            meta: Kept as the instance's `meta`.

        Returns:
            The id of the new instance, ``"wfi_"`` and 12 hex digits.

        Raises:
            SchemaError: The definition is not one, or there is none of that name.
            InvalidValueError: Context or meta is not plain JSON.
            InvalidNameError: The feature has no usable name.
            LockTimeoutError: Another program kept the lock.
            StorageError: The system refused.
        """
        schema = schema_given(self.state_store, workflow_schema)
        encode_name(feature_id, "feature")  # refuses a bad name before anything, such as a lock file, is made
        context = plain_object(initial_context, "initial_context")
        passed = plain_object(meta or {}, "meta")
        instance_id = f"wfi_{uuid.uuid4().hex[:12]}"
        state = transitions.start(instance_id, schema, context, feature_id, passed, time.time())
        with self.state_store.lock(instance_id):
            self.state_store.save_state(instance_id, state_document(state))
        return instance_id

    def trigger_next_step(
        self,
        instance_id: str,
        trigger_data: dict[str, Any] | None = None,
        meta: dict[str, Any] | None = None,
        *,
        dry_run: bool = False,
        expected_phase: str | None = None,
    ) -> WorkflowInstanceState:
        """End the current phase with its result and open the next; after the last one the instance is completed.

        Args:
            instance_id: The instance.
            trigger_data: The result of the current phase, kept in its history entry.
            meta: Merged into the instance's `meta`.
            dry_run: Whether to give the state that would result, and write nothing.
            expected_phase: The phase the caller believes is the current one.

        Returns:
            A snapshot of the new state.

        Raises:
            InstanceNotFoundError: There is no such instance.
            InstanceFinishedError: It is completed.
            PhaseConflictError: It is not in the expected phase: another program moved it.
            InvalidTransitionError: It failed (retry first), or its status or phase is unknown.
            SchemaError: It has no stored definition, and there is none of its workflow's name.
            InvalidValueError: Trigger data or meta is not plain JSON.
            CorruptStateError: Its record cannot be read.
            ReadOnlyRecordError: Its record is not ours to write.
            LockTimeoutError: Another program kept the lock.
            StorageError: The system refused; the message says what is on disk.
        """
        data = None if trigger_data is None else plain_object(trigger_data, "trigger_data")
        passed = plain_object(meta or {}, "meta")

        def step(state: WorkflowInstanceState, schema: WorkflowSchema | None) -> WorkflowInstanceState:
            return transitions.advance(state, schema, data, passed, time.time(), expected_phase)

        return self._change(instance_id, step, needs_schema=True, dry_run=dry_run)

    def fail_current_phase(
        self,
        instance_id: str,
        reason: str,
        meta: dict[str, Any] | None = None,
        *,
        expected_phase: str | None = None,
    ) -> WorkflowInstanceState:
        """End the current phase as failed; `retry_phase` opens it again.

        Args:
            instance_id: The instance.
            reason: Why, kept as `error` of the history entry.
            meta: Merged into the instance's `meta`.
            expected_phase: The phase the caller believes is the current one.

        Returns:
            A snapshot of the new state.

        Raises:
            InvalidTransitionError: The phase has failed already, or the status is unknown.
            InvalidValueError: The reason is not text, or meta is not plain JSON.
            ChatFlowError: As in `trigger_next_step`.
        """
        if not isinstance(reason, str):
            raise InvalidValueError(f"reason: expected text, got {type(reason).__name__}")
        error = plain_object({"reason": reason}, "fail_current_phase")["reason"]
        passed = plain_object(meta or {}, "meta")

        def step(state: WorkflowInstanceState, schema: WorkflowSchema | None) -> WorkflowInstanceState:
            return transitions.fail(state, schema, error, passed, time.time(), expected_phase)

        return self._change(instance_id, step)

    def retry_phase(
        self, instance_id: str, meta: dict[str, Any] | None = None, *, expected_phase: str | None = None
    ) -> WorkflowInstanceState:
        """Open the failed phase again, as a new history entry.

        Args:
            instance_id: The instance.
            meta: Merged into the instance's `meta`.
            expected_phase: The phase the caller believes is the current one.

        Returns:
            A snapshot of the new state.

        Raises:
            InvalidTransitionError: The current phase has not failed.
            ChatFlowError: As in `trigger_next_step`.
        """
        passed = plain_object(meta or {}, "meta")

        def step(state: WorkflowInstanceState, schema: WorkflowSchema | None) -> WorkflowInstanceState:
            return transitions.retry(state, schema, passed, time.time(), expected_phase)

        return self._change(instance_id, step)

    def record_task(
        self,
        instance_id: str,
        prompt: str | None = None,
        ai_response: str | None = None,
        phase_name: str | None = None,
        *,
        status: str | None = None,
    ) -> TaskExecutionRecord:
        """Record the prompt of a phase, the AI's response, or both.

        A text the current attempt lacks completes that attempt; one it
        already has opens a new attempt, and the former one is kept.

        Args:
            instance_id: The instance; if nothing had happened in it, it is running from then on.
            prompt: The prompt; None or empty for none.
            ai_response: The response; None or empty for none.
            phase_name: The phase; None for the current one.
            status: Kept in the record; None for ``"completed"`` with a response and ``"running"`` without.

        Returns:
            The record that vouches for the texts.

        Raises:
            InstanceNotFoundError: There is no such instance.
            InvalidNameError: The phase has no usable name.
            InvalidValueError: Neither text was given, or one is not text.
            ChatFlowError: As in `trigger_next_step`.
        """
        if not prompt and not ai_response:
            raise InvalidValueError("record_task needs a prompt or an AI response that is not empty")
        store = self.state_store
        with self._locked(instance_id):
            state = self._load(instance_id)
            phase = state.current_phase if phase_name is None else phase_name
            # Looked up before anything is written, because a broken definition is an error.
            schema = schema_of(self.state_store, state) if state.status == "created" else None
            present = store.load_artifacts(instance_id, phase)
            now = time.time()
            planned = plan_recording(state, present, prompt or "", ai_response or "", status, now)
            store.save_attempt(
                state.feature_id,
                instance_id,
                phase,
                asdict(planned.record),
                planned.prompt,
                planned.ai_response,
                new_attempt=planned.new_attempt,
            )
            recorded = transitions.record(state, schema, now)
            if recorded is not state:
                try:
                    store.save_state(instance_id, state_document(recorded))
                except (LockTimeoutError, StorageError) as error:
                    error.add_fact(f"The texts of phase {phase!r} are recorded: do not record them again")
                    raise
            with suppress(StorageError):
                return store.load_artifacts(instance_id, phase).record or planned.record
            return planned.record

    def load_artifacts(self, instance_id: str, phase_name: str, attempt: int | None = None) -> TaskArtifacts:
        """Load prompt and response of a phase, with their record and whether they are what was recorded.

        Args:
            instance_id: The instance.
            phase_name: The phase.
            attempt: Which attempt, from 1; None for the current one.

        Raises:
            InvalidNameError: The id or the phase's name cannot be used.
            StorageError: The system refused to tell what is there.
        """
        return self.state_store.load_artifacts(instance_id, phase_name, attempt)

    def get_workflow_instance_status(self, instance_id: str) -> WorkflowInstanceState | None:
        """Give a snapshot of an instance's state; None if there is none. Takes no lock.

        Raises:
            InvalidNameError: The id cannot be one.
            CorruptStateError: Its record cannot be read.
            StorageError: The system refused.
        """
        return self.state_store.read_state(instance_id)

    def get_feature_status(self, feature_id: str, schema_name: str = EVERY_WORKFLOW) -> dict[str, Any]:
        """Count the instances of a feature. Takes no lock.

        Args:
            feature_id: The feature.
            schema_name: Count only instances of this workflow; ``"default"`` counts all.

        Returns:
            The attributes of `FeatureSummary` by name.

        Raises:
            InvalidNameError: The feature has no usable name.
            StorageError: The system refused.
        """
        summaries = [
            summary
            for summary in self.state_store.read_feature(feature_id)
            if schema_name in (EVERY_WORKFLOW, summary.workflow_name)
        ]
        return msgspec.structs.asdict(summarize_feature(feature_id, summaries))

    def list_instances(self) -> list[InstanceSummary]:
        """Summarize all instances, the newest first; unreadable ones are among them and say why.

        Raises:
            StorageError: The store cannot be listed.
        """
        with paused_collector():
            summaries = [summary for batch in self.state_store.scan() for summary in batch]
        # One after the other: comparing pairs takes twice as long.
        summaries.sort(key=attrgetter("instance_id"))
        summaries.sort(key=lambda summary: creation(summary)[0], reverse=True)
        return summaries

    def list_features(self) -> list[FeatureSummary]:
        """Count the instances of all features, in alphabetical order.

        Raises:
            StorageError: The store cannot be listed.
        """
        return summarize_features(self.list_instances())

    def _change(
        self, instance_id: str, step: _Step, *, needs_schema: bool = False, dry_run: bool = False
    ) -> WorkflowInstanceState:
        if dry_run:
            state = self._load(instance_id)
            return step(state, self._schema_for(state, needed=needs_schema))
        with self._locked(instance_id):
            state = self._load(instance_id)
            changed = step(state, self._schema_for(state, needed=needs_schema))
            self.state_store.save_state(instance_id, state_document(changed))
        return changed

    def _locked(self, instance_id: str) -> AbstractContextManager[None]:
        # Looked for first, because locking makes a file that stays, and an id may be anything that somebody typed.
        # What is there is looked for again under the lock.
        if not self.state_store.may_have(instance_id):
            raise InstanceNotFoundError(instance_id, repr(self.state_store))
        return self.state_store.lock(instance_id)

    def _schema_for(self, state: WorkflowInstanceState, *, needed: bool) -> WorkflowSchema | None:
        try:
            return schema_of(self.state_store, state)
        except (SchemaError, InvalidNameError, NotImplementedError):
            if needed:
                raise
            return None  # failing and retrying take only the name of the task from it

    def _load(self, instance_id: str) -> WorkflowInstanceState:
        state = self.state_store.read_state(instance_id)
        if state is None:
            raise InstanceNotFoundError(instance_id, repr(self.state_store))
        reason = self.state_store.read_only_reason(instance_id)
        if reason is not None:
            raise ReadOnlyRecordError(instance_id, reason)
        return state


def _renew_guard() -> None:
    # Another thread may have held it at the fork, and would never let it go in the child.
    WorkflowEngine._guard = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_guard)
