"""ChatFlow's engine: workflow instances, prompts and AI responses as plain files, for several processes at once.

import chatflow_core as chatflow

engine = chatflow.engine                          # the default engine, on ./.chatflow
engine = chatflow.init("./my_project/.chatflow")  # another one, the default from now on
"""

from __future__ import annotations

# Type checkers take this for true. Importing `typing` takes longer than everything else that `--version` needs.
TYPE_CHECKING = False

if TYPE_CHECKING:
    import os
    from typing import Any

    from chatflow_core.catalog import Catalog, CatalogChange
    from chatflow_core.engine_interface import IWorkflowEngine
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
    from chatflow_core.store_check import CheckFinding, CheckReport, check_store
    from chatflow_core.timeline import PhaseRun, PhaseTimeline, build_timeline
    from chatflow_core.workflow_engine import WorkflowEngine

__version__ = "0.1.0"

__all__ = [
    "Catalog",
    "CatalogChange",
    "ChatFlowError",
    "CheckFinding",
    "CheckReport",
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
    "check_store",
    "engine",
    "init",
]

# Where each name is defined. Modules are imported when a name of theirs is first asked for: all of them together
# take a tenth of a second, and a command that lists instances needs few.
_HOMES = {
    "catalog": "Catalog CatalogChange",
    "engine_interface": "IWorkflowEngine",
    "errors": "ChatFlowError CorruptStateError InstanceFinishedError InstanceNotFoundError InvalidNameError "
    "InvalidTransitionError InvalidValueError LockTimeoutError PhaseConflictError ReadOnlyRecordError "
    "SchemaError StorageError",
    "file_store": "FileStateStore",
    "models": "FeatureSummary HistoryEntry InstanceSummary TaskArtifacts TaskExecutionRecord WorkflowInstanceState",
    "schema": "PhaseDefinition WorkflowSchema",
    "store": "IWorkflowStateStore Subscription",
    "store_check": "CheckFinding CheckReport check_store",
    "timeline": "PhaseRun PhaseTimeline build_timeline",
    "workflow_engine": "WorkflowEngine",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

#: The default engine: that of the last `init`, else one on ``./.chatflow``, made when it is first asked for.
engine: WorkflowEngine


def init(storage_dir: str | os.PathLike[str] = ".chatflow") -> WorkflowEngine:
    """Give the engine of a directory and make it the default from now on; nothing is made on disk yet.

    Args:
        storage_dir: The store's directory, such as ``"./my_project/.chatflow"``.
    """
    global engine  # noqa: PLW0603 - `chatflow.engine` is the API
    from chatflow_core.workflow_engine import WorkflowEngine  # noqa: PLC0415 - see `_HOMES`

    engine = WorkflowEngine(storage_dir)
    return engine


def __getattr__(name: str) -> Any:
    # Importing must not touch the disk or settle on a directory, so the default engine is made at first use.
    if name == "engine":
        return init()
    if name in _HOME_OF:
        from importlib import import_module  # noqa: PLC0415 - see above

        value = globals()[name] = getattr(import_module(f"chatflow_core.{_HOME_OF[name]}"), name)
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
