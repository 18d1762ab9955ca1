"""The tests that README and SECURITY.md name as proofs are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_proof_the_readme_names_is_a_test_in_that_file() -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Durability and locking")[1].split("\n## ")[0]
    named = re.findall(r"\[(test_\w+)\]\((\S+?)\)", section)
    assert len(named) > 10
    missing = [name for name, path in named if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")]
    assert not missing
    rows = [row for row in section.splitlines() if row.startswith("| ") and not row.startswith("| what holds")]
    assert all("](tests/" in row for row in rows)


def test_every_file_that_is_named_as_a_proof_is_there() -> None:
    text = (ROOT / ".github" / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests/e2e/)?test_\w+\.py)`", text)
    assert len(named) > 8
    assert not [
        name for name in named if not (ROOT / "tests/reliability" / name).exists() and not (ROOT / name).exists()
    ]
