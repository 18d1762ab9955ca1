"""The records ChatFlow keeps, and the summaries it derives from them.

All times are Unix time in seconds. `HistoryEntry`, `TaskExecutionRecord` and
`WorkflowInstanceState` are what lies on disk, key by key; the summaries are
derived, immutable and safe to hand from thread to thread.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import msgspec

#: Whether the texts of an attempt are those its record vouches for.
Verdict: TypeAlias = Literal["intact", "changed", "not recorded"]

#: Which of the two texts of an attempt.
TextKind: TypeAlias = Literal["prompt", "response"]

#: Where an instance of a workflow without phases is, as the original format has it.
NO_PHASE = "unknown"

#: The status of a listing entry whose file cannot be read as a record.
UNREADABLE = "unreadable"


@dataclass
class HistoryEntry:
    """One run of one phase.

    Attributes:
        phase: Name of the phase.
        task: The task the schema names for the phase, else ``"unknown"``.
        started_at: When the phase was opened.
        ended_at: When it ended; None while it is open.
        status: ``"running"``, ``"completed"`` or ``"failed"``.
        trigger_data_snapshot: The data given to the trigger that ended the phase.
        error: Why the phase failed.
    """

    phase: str
    task: str
    started_at: float
    ended_at: float | None = None
    status: str = "running"
    trigger_data_snapshot: dict[str, Any] | None = None
    error: str | None = None


@dataclass
class TaskExecutionRecord:
    """What vouches for the two texts of one attempt at a phase.

    Attributes:
        phase_name: Name of the phase.
        status: ``"running"`` while the response is missing, ``"completed"``, or what the caller gave.
        started_at: When the attempt began.
        ended_at: When its response was recorded; None before.
        prompt_checksum: SHA-256 of the prompt's UTF-8 bytes, in hex; empty for an empty text.
        response_checksum: The same of the AI response.
    """

    phase_name: str
    status: str
    started_at: float
    ended_at: float | None = None
    prompt_checksum: str = ""
    response_checksum: str = ""


@dataclass
class WorkflowInstanceState:
    """The record of one workflow instance.

    Attributes:
        instance_id: ``"wfi_"`` and 12 hex digits, or any safe file stem.
        feature_id: The feature the instance works on.
        workflow_name: Name of its schema.
        current_phase: The phase that is open, failed, or was the last one.
        variables: The initial context.
        status: ``"created"``, ``"running"``, ``"completed"`` or ``"failed"``; others are shown and not advanced.
        history: The runs of phases, oldest first.
        created_at: When the instance was started.
        updated_at: When it last changed.
        meta: Whatever callers passed along, merged.
        workflow_schema: The workflow definition given at the start; None in records of programs that keep none.
    """

    instance_id: str
    feature_id: str
    workflow_name: str
    current_phase: str
    variables: dict[str, Any]
    status: str = "created"
    history: list[HistoryEntry] = field(default_factory=list)
    created_at: float = field(default_factory=time.time)
    updated_at: float = field(default_factory=time.time)
    meta: dict[str, Any] = field(default_factory=dict)
    workflow_schema: dict[str, Any] | None = None


class InstanceSummary(msgspec.Struct, frozen=True, gc=False):
    """One line about one instance, cheap enough to make and keep a hundred thousand of.

    Attributes:
        instance_id: As in the record; the file stem if the file is unreadable.
        feature_id: As in the record; empty if unreadable.
        workflow_name: As in the record; empty if unreadable.
        status: As in the record, or `UNREADABLE`.
        current_phase: As in the record; empty if unreadable.
        phases_done: How many phases of the schema lie behind the instance.
        phases_total: How many the schema has; None if no schema is known.
        created_at: As in the record; 0.0 if unreadable.
        updated_at: As in the record; the file's modification time if unreadable.
        phase_started_at: When the open phase began; None if none is open.
        last_error: The newest failure's reason, if the instance is failed.
        read_only: Why ChatFlow will not write this record; None if it will.
        problem: Why the file is unreadable; None if it is readable.
    """

    instance_id: str
    feature_id: str
    workflow_name: str
    status: str
    current_phase: str
    phases_done: int
    phases_total: int | None
    created_at: float
    updated_at: float
    phase_started_at: float | None = None
    last_error: str | None = None
    read_only: str | None = None
    problem: str | None = None


class FeatureSummary(msgspec.Struct, frozen=True, gc=False):
    """The instances of one feature, counted; made anew at every change of one of them.

    Attributes:
        feature_id: The feature.
        total_instances: How many instances it has, unreadable ones included.
        created_count: Instances nothing has happened in yet.
        running_count: Instances with an open phase.
        completed_count: Finished instances.
        failed_count: Instances whose current phase failed.
        other_count: Unreadable instances and those of unknown status.
        phases_done: Phases that lie behind all its instances together.
        phases_total: Phases of all its instances whose schema is known.
        latest_instance_id: The instance with the newest `created_at`.
        updated_at: When the newest change of any of its instances happened; 0.0 without any.
        status: ``"completed"`` if there are instances and every one is, else ``"in_progress"``.
    """

    feature_id: str
    total_instances: int
    created_count: int
    running_count: int
    completed_count: int
    failed_count: int
    other_count: int
    phases_done: int
    phases_total: int
    latest_instance_id: str | None
    updated_at: float
    status: str


@dataclass(frozen=True, slots=True)
class TaskArtifacts:
    """The texts of one attempt at one phase, with their record.

    Attributes:
        instance_id: The instance.
        phase_name: The phase, by its true name.
        attempt: Number of this attempt, from 1.
        attempts: How many attempts there are, this one included; 0 if nothing is there.
        prompt: The prompt; None if there is none.
        ai_response: The AI's response; None if there is none.
        prompt_size: Bytes of the prompt's file.
        response_size: Bytes of the response's file.
        record: The record that vouches for the texts; None if there is none.
        verdict: Whether both texts are the recorded ones: the worse of their verdicts.
        problem: What could not be read, in words; None if all could.
        prompt_verdict: Whether the prompt is the recorded one.
        response_verdict: Whether the AI's response is.
    """

    instance_id: str
    phase_name: str
    attempt: int
    attempts: int
    prompt: str | None
    ai_response: str | None
    prompt_size: int
    response_size: int
    record: TaskExecutionRecord | None
    verdict: Verdict
    problem: str | None = None
    prompt_verdict: Verdict = "not recorded"
    response_verdict: Verdict = "not recorded"


@dataclass(frozen=True, slots=True)
class StoredText:
    """One text of an attempt as it is stored.

    Attributes:
        phase_name: The phase, by its true name.
        kind: Which of its two texts.
        attempt: Number of the attempt if it is a former one; None for the current one.
        data: The text as UTF-8; empty if it cannot be read.
        problem: Why it cannot be read; None if it can.
    """

    phase_name: str
    kind: TextKind
    attempt: int | None
    data: bytes
    problem: str | None = None
