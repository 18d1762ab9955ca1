"""The README says only what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatflow_tui.keys.actions import known_actions, known_bindings
from chatflow_tui.keys.key_groups import KEY_GROUPS
from chatflow_tui.keys.key_table import key_table, with_table

_ROOT = Path(__file__).parents[2]
_README = (_ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_of_the_api_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", _README, re.DOTALL)

    names: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), names)  # noqa: S102 - our own text

    assert (tmp_path / "my_project" / ".chatflow" / "instances" / f"{names['instance_id']}.json").is_file()


def test_the_table_of_keys_is_that_of_the_bindings() -> None:
    assert with_table(_README, key_table(known_bindings())) == _README, "python docs/keys.py writes it anew"


def test_the_table_has_every_key_of_the_dashboard_and_says_what_it_does() -> None:
    bindings = known_bindings()
    dashboard = {name for place in known_actions().places if "instance.advance" in place for name in place}
    listed = [name for names in KEY_GROUPS.values() for name in names]

    assert sorted(listed) == sorted(dashboard)
    assert all(binding.tooltip for each in bindings.values() for binding in each if binding.id in listed)


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", _README)

    assert pictures
    assert all((_ROOT / picture).is_file() for picture in pictures)


def test_the_first_line_that_names_the_test_runner_is_the_command_for_all_tests() -> None:
    line = next(line for line in _README.splitlines() if "pytest" in line)

    assert line.startswith("python3 -m venv .venv && ")
    assert line.endswith(".venv/bin/python -m pytest -n auto")
