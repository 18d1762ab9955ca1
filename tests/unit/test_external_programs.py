"""The user's editor and pager: real programs, a private file, and an app that goes on whatever they do."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver

from chatflow_tui.terminal.external_programs import ProgramError, edit_text, page_text, view_text
from tests.waiting import wait_beside

HOSTILE = "one\x1b]52;c;eA==\x07\ttwo\r\nthree"


@pytest.fixture
async def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App[None]]:
    """An app on a terminal that can be lent, with a directory of its own for temporary files."""
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    for variable in ("VISUAL", "EDITOR", "PAGER"):
        monkeypatch.delenv(variable, raising=False)
    app = App[None]()
    async with app.run_test(notifications=True):
        yield app


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    return Program(tmp_path, monkeypatch)


class Program:
    """A script that stands for an editor or a pager, and leaves beside it what it was given."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory = directory
        self.path = directory / "my program"
        self._monkeypatch = monkeypatch

    def does(self, script: str, variable: str = "EDITOR", arguments: str = "") -> None:
        seen = f"cp \"$last\" '{self.directory}/seen'; stat -c '%a %n' \"$last\" > '{self.directory}/stat'"
        asked = f"echo \"$#\" > '{self.directory}/count'"
        self.path.write_text(f"#!/bin/sh\nfor last; do :; done\n{asked}\n{seen}\n{script}\n")
        self.path.chmod(0o700)
        self._monkeypatch.setenv(variable, f"'{self.path}' {arguments}")

    @property
    def was_given(self) -> bytes:
        return (self.directory / "seen").read_bytes()

    @property
    def mode_and_name(self) -> tuple[str, str]:
        mode, _, name = (self.directory / "stat").read_text().strip().partition(" ")
        return mode, Path(name).name

    @property
    def count(self) -> int:
        return int((self.directory / "count").read_text())

    @property
    def is_swept(self) -> bool:
        return not list((self.directory / "temporary").iterdir())


async def test_what_the_editor_saves_comes_back_and_nothing_stays(app: App[None], program: Program) -> None:
    program.does("printf 'new: \\344\\275\\240\\n' > \"$last\"", arguments="--wait '-o two'")

    assert await edit_text(app, HOSTILE) == "new: 你\n"

    assert program.was_given == HOSTILE.encode()
    assert program.mode_and_name == ("600", "text.yaml")
    assert program.count == 3
    assert program.is_swept


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("true", ""),
        ('echo >> "$last"', ""),
        ('echo new > "$last"; exit 3', "exit code 3"),
        ("kill -9 $$", "exit code -9"),
    ],
)
async def test_nothing_comes_back_if_nothing_was_changed_or_the_editor_failed(
    app: App[None], program: Program, script: str, told: str
) -> None:
    program.does(script)

    assert await edit_text(app, "old") is None

    assert program.is_swept
    await wait_beside(lambda: told in " ".join(notification.message for notification in app._notifications))


@pytest.mark.parametrize(
    ("value", "words"),
    [("", "set VISUAL or EDITOR"), ("/nowhere/ed -x", "/nowhere/ed cannot be started"), ("ed '", "is not a command")],
)
async def test_an_editor_that_is_not_there_is_told_and_the_app_goes_on(
    app: App[None], program: Program, monkeypatch: pytest.MonkeyPatch, value: str, words: str
) -> None:
    monkeypatch.setenv("EDITOR", value)
    resumed: list[object] = []
    app.app_resume_signal.subscribe(app, resumed.append)

    with pytest.raises(ProgramError, match=words):
        await edit_text(app, "old")

    await wait_beside(lambda: len(resumed) == value.startswith("/"))  # lent, and taken back
    assert program.is_swept


async def test_what_cannot_be_read_back_is_kept_for_its_writer(app: App[None], program: Program) -> None:
    program.does("printf 'work \\377' > \"$last\"")

    with pytest.raises(ProgramError, match="cannot be read") as raised:
        await edit_text(app, "old")

    (kept,) = (program.directory / "temporary").glob("*/*")
    assert str(kept) in str(raised.value)
    assert kept.read_bytes() == b"work \xff"


async def test_a_terminal_that_cannot_be_lent_is_told(
    app: App[None], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HeadlessDriver, "can_suspend", False)
    program.does("true")

    with pytest.raises(ProgramError, match="terminal"):
        await view_text(app, "text")

    assert program.is_swept


async def test_the_viewer_gets_the_text_as_recorded_in_a_file_that_cannot_be_written(
    app: App[None], program: Program
) -> None:
    program.does("true", variable="VISUAL")

    await view_text(app, HOSTILE, name="response")

    assert program.was_given == HOSTILE.encode()
    assert program.mode_and_name == ("400", "response.md")
    assert program.is_swept


async def test_the_pager_gets_the_harmless_text(app: App[None], program: Program) -> None:
    program.does("true", variable="PAGER", arguments="-R")

    await page_text(app, HOSTILE, name="response")

    assert program.was_given == "one␛]52;c;eA==␇ two\nthree".encode()
    assert program.is_swept
