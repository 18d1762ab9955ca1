"""The command, as far as no screen is needed; and which store a directory belongs to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatflow_core.store_finder import find_store, store_at
from chatflow_tui import __version__, cli
from tests.files import run_python

_IMPORTED = """
import contextlib, sys
from chatflow_tui.cli import main
with contextlib.suppress(SystemExit):
    main([sys.argv[1]])
print([name for name in sys.modules if name.split(".")[0] in ("textual", "rich", "watchdog", "msgspec")])
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command without a terminal."""
    command = [sys.executable, "-m", "chatflow_tui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_what_needs_no_screen_imports_none(tmp_path: Path, option: str) -> None:
    *shown, imported = run_python(_IMPORTED, tmp_path, option).splitlines()

    assert imported == "[]"
    assert shown
    assert list(tmp_path.iterdir()) == []


def test_the_version_imports_the_package_and_nothing_else(tmp_path: Path) -> None:
    code = (
        "import sys; before = set(sys.modules); from chatflow_tui.cli import main; main(['--version']); "
        "print(*(set(sys.modules) - before))"
    )
    imported = run_python(code, tmp_path).splitlines()[-1]
    assert set(imported.split()) <= {"__future__", "chatflow_core", "chatflow_tui", "chatflow_tui.cli"}


def test_the_version_is_that_of_the_package() -> None:
    found = run("--version")

    assert (found.returncode, found.stdout, found.stderr) == (0, f"chatflow-tui {__version__}\n", "")


def test_help_names_every_option() -> None:
    found = run("--help")

    assert found.returncode == 0
    options = ["DIR", "--demo", "--read-only", "--no-animation", "--config", "--print-config", "--version", "--help"]
    for option in options:
        assert option in found.stdout


def test_without_a_terminal_it_refuses_in_words(tmp_path: Path) -> None:
    found = run(str(tmp_path))

    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.startswith("chatflow-tui: this is not a terminal")
    assert list(tmp_path.iterdir()) == []


def test_the_defaults_are_printed_without_a_terminal_and_nothing_is_made(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "chatflow_tui", "--print-config"]
    home = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_STATE_HOME": str(tmp_path / "state")}
    found = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **home}, encoding="utf-8"
    )

    assert (found.returncode, found.stderr) == (0, "")
    assert str(tmp_path / "config" / "chatflow" / "config.yaml") in found.stdout
    assert '#   instance.advance: "a"  # advance the instance: end its phase, begin the next' in found.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_option_is_wrong_usage() -> None:
    found = run("--nonsense")

    assert found.returncode == 2
    assert "--nonsense" in found.stderr


class _Tty:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing"], "missing is not a directory"),
        (["file"], "file is not a directory"),
        (["--demo", "."], "--demo"),
        (["--config", "missing"], "--config: missing does not exist"),
    ],
)
def test_wrong_usage_in_a_terminal_is_told_on_standard_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", _Tty().isatty)

    assert cli.main(arguments) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("made", "asked", "store"),
    [
        ("project/.chatflow", "project", "project/.chatflow"),
        ("project/.chatflow", "project/.chatflow", "project/.chatflow"),
        ("anywhere/instances", "anywhere", "anywhere"),
        ("project/.chatcoder/workflow_instances", "project", "project/.chatcoder/workflow_instances"),
        ("project/src", "project", None),
    ],
)
def test_a_directory_is_a_store_or_has_one(tmp_path: Path, made: str, asked: str, store: str | None) -> None:
    (tmp_path / made).mkdir(parents=True)

    assert store_at(tmp_path / asked) == (None if store is None else tmp_path / store)


def test_our_own_store_comes_before_that_of_chatcoder(tmp_path: Path) -> None:
    (tmp_path / ".chatcoder" / "workflow_instances" / "instances").mkdir(parents=True)
    (tmp_path / ".chatflow").mkdir()

    assert store_at(tmp_path) == tmp_path / ".chatflow"


def test_the_nearest_store_upward_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "outer" / "inner" / "src" / "deep"
    deep.mkdir(parents=True)
    (tmp_path / "outer" / ".chatflow").mkdir()
    assert find_store(deep) == tmp_path / "outer" / ".chatflow"

    (tmp_path / "outer" / "inner" / ".chatflow").mkdir()
    assert find_store(deep) == tmp_path / "outer" / "inner" / ".chatflow"

    monkeypatch.chdir(deep)
    assert find_store(Path()) == tmp_path / "outer" / "inner" / ".chatflow"


def test_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / ".chatflow").touch()
    (tmp_path / "instances").touch()

    assert store_at(tmp_path) is None
