"""The README says only what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatflow_tui.screens.help import KEYS

_ROOT = Path(__file__).parents[2]
_README = (_ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_of_the_api_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", _README, re.DOTALL)

    names: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), names)  # noqa: S102 - our own text

    assert (tmp_path / "my_project" / ".chatflow" / "instances" / f"{names['instance_id']}.json").is_file()


def test_the_keys_are_those_of_the_help_page() -> None:
    rows = re.findall(r"^\| (`.+`) \| (.+) \|$", _README, re.MULTILINE)
    in_readme = [(re.findall(r"[^`\s-]+", keys.replace("`", " ")), meaning) for keys, meaning in rows]
    in_help = [(re.findall(r"[^\s-]+", keys), meaning) for group in KEYS.values() for keys, meaning in group]

    assert in_readme == in_help


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", _README)

    assert pictures
    assert all((_ROOT / picture).is_file() for picture in pictures)


def test_the_first_line_that_names_the_test_runner_is_the_command_for_all_tests() -> None:
    line = next(line for line in _README.splitlines() if "pytest" in line)

    assert line.startswith("python3 -m venv .venv && ")
    assert line.endswith(".venv/bin/python -m pytest")
