"""What is different on Windows, as far as it can be tried elsewhere; names there are in `test_layout`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from chatflow_core import StorageError, WorkflowEngine
from chatflow_core.atomic_files import replace_file
from tests.files import PHASES, SCHEMA, age, run_python

# Modules and functions that Windows has not.
_WITHOUT_POSIX = """
import os, signal, sys, warnings
for name in ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
for name in ("fchmod", "fork", "register_at_fork", "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW",
             "O_NONBLOCK"):
    vars(os).pop(name, None)
for name in ("SIGHUP", "SIGQUIT", "SIGWINCH", "SIGCONT"):
    vars(signal).pop(name, None)
warnings.simplefilter("ignore")  # filelock asks for fcntl, and for what Windows has only by the platform's name
import chatflow_core
for name in chatflow_core.__all__:
    getattr(chatflow_core, name)
import chatflow_core.commands.main, chatflow_core.commands.listing, chatflow_core.commands.watching
import chatflow_tui.app, chatflow_tui.cli, chatflow_tui.demo, chatflow_tui.terminal.ending
"""


def test_everything_imports_without_what_only_posix_has(tmp_path: Path) -> None:
    run_python(_WITHOUT_POSIX, tmp_path)


def test_a_file_that_is_being_read_is_replaced_when_its_reader_has_closed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "record.json"
    file.write_text("old")
    rename, readers = os.replace, [1, 2, 3]

    def refused_while_read(source: Path, target: Path) -> None:
        if readers:
            readers.pop()
            raise PermissionError(13, "The process cannot access the file because it is being used", str(target))
        rename(source, target)

    monkeypatch.setattr(os, "replace", refused_while_read)
    with pytest.raises(StorageError):
        replace_file(file, b"new", durable=False)
    assert file.read_text() == "old"

    monkeypatch.setattr("chatflow_core.atomic_files._ON_WINDOWS", True)
    replace_file(file, b"new", durable=False)
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_former_attempts_are_kept_where_links_cannot_be_made(
    engine: WorkflowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise NotImplementedError("link: follow_symlinks unavailable on this platform")

    monkeypatch.setattr(os, "link", refuse)
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f")
    engine.record_task(instance_id, "first", "one")
    engine.record_task(instance_id, "second", "two")

    assert engine.load_artifacts(instance_id, PHASES[0], 1).ai_response == "one"
    assert engine.load_artifacts(instance_id, PHASES[0]).ai_response == "two"


def test_what_has_not_changed_is_not_read_again_though_a_listing_tells_no_inodes(
    engine: WorkflowEngine, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatflow_core.file_stamps._ON_WINDOWS", True)
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f")
    age(base)
    store, opened, open_file = engine.state_store, [], os.open

    def look() -> None:
        engine.get_workflow_instance_status(instance_id)
        engine.get_feature_status("f")
        store.read_summary(instance_id)
        list(store.scan())

    def note(path: Path, *arguments: Any, **options: Any) -> int:
        opened.append(path)
        return open_file(path, *arguments, **options)

    look()
    monkeypatch.setattr(os, "open", note)
    look()
    assert not opened
