"""What is imported before the first paint, and before the dashboard: every module more is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.files import run_python

_PRINT = "import sys; print(*sys.modules)"

# Used by what is opened later, by few, or never.
_LATER = {
    "chatflow_core.instance_markdown",
    "chatflow_tui.screens.advance_dialog",
    "chatflow_tui.screens.create_dialog",
    "chatflow_tui.screens.diff",
    "chatflow_tui.screens.history",
    "chatflow_tui.screens.key_menu",
    "chatflow_tui.screens.record_dialog",
    "chatflow_tui.screens.search",
    "chatflow_tui.screens.step_dialog",
    "chatflow_tui.keys.actions",
    "chatflow_tui.keys.palette",
    "chatflow_tui.texts.text_diff",
    "chatflow_tui.terminal.crash_log",
    "chatflow_tui.widgets.rendered_text",
    "filelock",
    "markdown_it",
    "pygments",
    "statistics",
    "textual.widgets._markdown",
    "textual.widgets._text_area",
    "yaml",
}

# Imported while the first screen is there already.
_WITH_THE_DASHBOARD = {
    "chatflow_core.catalog",
    "chatflow_core.file_store",
    "chatflow_tui.screens.dashboard",
    "chatflow_tui.widgets.panels",
    "watchdog",
}


@pytest.mark.parametrize(
    ("imported", "not_yet"),
    [
        ("chatflow_tui.app, chatflow_tui.terminal.ending, chatflow_tui.settings.settings_file", _WITH_THE_DASHBOARD),
        ("chatflow_tui.screens.dashboard, chatflow_core.workflow_engine", {"watchdog"}),
    ],
    ids=["the first screen", "the dashboard"],
)
def test_nothing_is_imported_before_it_is_needed(tmp_path: Path, imported: str, not_yet: set[str]) -> None:
    loaded = set(run_python(f"import {imported}; {_PRINT}", tmp_path).split())

    assert loaded & (_LATER | not_yet) == set()


def test_what_is_opened_later_is_there_by_name(tmp_path: Path) -> None:
    code = "from chatflow_tui import screens; print([getattr(screens, name).__name__ for name in screens.__all__])"

    assert run_python(code, tmp_path).count("'") >= 2 * 16
