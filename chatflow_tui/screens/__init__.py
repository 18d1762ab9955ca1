"""The screens and dialogs. What is opened from another screen is imported when it is first opened.

All of them together take longer to import than Textual, and the dashboard is to be there at once:

    from chatflow_tui import screens

    app.push_screen(screens.SortMenu(sort), ...)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatflow_tui.screens.advance_dialog import AdvanceDialog
    from chatflow_tui.screens.copy_menu import CopyMenu
    from chatflow_tui.screens.create_dialog import CreateDialog
    from chatflow_tui.screens.diff import DiffScreen
    from chatflow_tui.screens.export_dialog import ExportDialog
    from chatflow_tui.screens.fail_dialog import FailDialog
    from chatflow_tui.screens.history import HistoryScreen
    from chatflow_tui.screens.key_menu import KeyMenu
    from chatflow_tui.screens.mistakes import MistakesDialog
    from chatflow_tui.screens.phase_details import PhaseDetails
    from chatflow_tui.screens.record_dialog import RecordDialog
    from chatflow_tui.screens.retry_dialog import RetryDialog
    from chatflow_tui.screens.search import SearchScreen
    from chatflow_tui.screens.sort_menu import SortMenu
    from chatflow_tui.screens.waiting import WaitingScreen
    from chatflow_tui.screens.workflow_statistics import WorkflowStatistics

__all__ = [
    "AdvanceDialog",
    "CopyMenu",
    "CreateDialog",
    "DiffScreen",
    "ExportDialog",
    "FailDialog",
    "HistoryScreen",
    "KeyMenu",
    "MistakesDialog",
    "PhaseDetails",
    "RecordDialog",
    "RetryDialog",
    "SearchScreen",
    "SortMenu",
    "WaitingScreen",
    "WorkflowStatistics",
]

# The module of each.
_HOMES = {
    "AdvanceDialog": "advance_dialog",
    "CopyMenu": "copy_menu",
    "CreateDialog": "create_dialog",
    "DiffScreen": "diff",
    "ExportDialog": "export_dialog",
    "FailDialog": "fail_dialog",
    "HistoryScreen": "history",
    "KeyMenu": "key_menu",
    "MistakesDialog": "mistakes",
    "PhaseDetails": "phase_details",
    "RecordDialog": "record_dialog",
    "RetryDialog": "retry_dialog",
    "SearchScreen": "search",
    "SortMenu": "sort_menu",
    "WaitingScreen": "waiting",
    "WorkflowStatistics": "workflow_statistics",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value
