"""ChatFlow's engine: workflow instances, prompts and AI responses as plain files, for several processes at once.

import chatflow_core as chatflow

engine = chatflow.engine                          # the default engine, on ./.chatflow
engine = chatflow.init("./my_project/.chatflow")  # another one, the default from now on
"""

from __future__ import annotations

import os
from typing import Any

from chatflow_core.catalog import Catalog, CatalogChange
from chatflow_core.errors import (
    ChatFlowError,
    CorruptStateError,
    InstanceFinishedError,
    InstanceNotFoundError,
    InvalidNameError,
    InvalidTransitionError,
    InvalidValueError,
    LockTimeoutError,
    PhaseConflictError,
    ReadOnlyRecordError,
    SchemaError,
    StorageError,
)
from chatflow_core.file_store import FileStateStore
from chatflow_core.models import (
    FeatureSummary,
    HistoryEntry,
    InstanceSummary,
    TaskArtifacts,
    TaskExecutionRecord,
    WorkflowInstanceState,
)
from chatflow_core.schema import PhaseDefinition, WorkflowSchema
from chatflow_core.store import IWorkflowStateStore, Subscription
from chatflow_core.timeline import PhaseRun, PhaseTimeline, build_timeline
from chatflow_core.workflow_engine import IWorkflowEngine, WorkflowEngine

__all__ = [
    "Catalog",
    "CatalogChange",
    "ChatFlowError",
    "CorruptStateError",
    "FeatureSummary",
    "FileStateStore",
    "HistoryEntry",
    "IWorkflowEngine",
    "IWorkflowStateStore",
    "InstanceFinishedError",
    "InstanceNotFoundError",
    "InstanceSummary",
    "InvalidNameError",
    "InvalidTransitionError",
    "InvalidValueError",
    "LockTimeoutError",
    "PhaseConflictError",
    "PhaseDefinition",
    "PhaseRun",
    "PhaseTimeline",
    "ReadOnlyRecordError",
    "SchemaError",
    "StorageError",
    "Subscription",
    "TaskArtifacts",
    "TaskExecutionRecord",
    "WorkflowEngine",
    "WorkflowInstanceState",
    "WorkflowSchema",
    "build_timeline",
    "engine",
    "init",
]

#: The default engine: that of the last `init`, else one on ``./.chatflow``, made when it is first asked for.
engine: WorkflowEngine


def init(storage_dir: str | os.PathLike[str] = ".chatflow") -> WorkflowEngine:
    """Give the engine of a directory and make it the default from now on; nothing is made on disk yet.

    Args:
        storage_dir: The store's directory, such as ``"./my_project/.chatflow"``.
    """
    global engine  # noqa: PLW0603 - `chatflow.engine` is the API
    engine = WorkflowEngine(storage_dir)
    return engine


def __getattr__(name: str) -> Any:
    # Importing must not touch the disk or settle on a directory, so the default engine is made at first use.
    if name == "engine":
        return init()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
