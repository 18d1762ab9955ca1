"""The documents say only what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_DOCUMENTS = [
    *_ROOT.glob("*.md"),
    *(_ROOT / "docs").glob("**/*.md"),
    *(_ROOT / ".github").glob("*.md"),
]


def test_the_guide_to_the_engine_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    guide = (_ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)

    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/engine.md", "exec"), names)  # noqa: S102 - our own text

    assert len(blocks) > 10


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: str(path.relative_to(_ROOT)))
def test_whatever_a_document_links_to_in_the_repository_is_there(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))

    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert not missing


def test_every_module_named_in_the_architecture_is_there() -> None:
    text = (_ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:chatflow_core|chatflow_tui)/[a-z_/]+\.py)`", text)

    assert named
    assert all((_ROOT / name).is_file() for name in named)


def test_the_record_in_the_description_of_the_files_can_be_read_and_advanced(tmp_path: Path) -> None:
    from chatflow_core import WorkflowEngine  # noqa: PLC0415 - the other tests read documents only

    text = (_ROOT / "docs" / "file-format.md").read_text(encoding="utf-8")
    (record,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    instances = tmp_path / "instances"
    instances.mkdir()
    (instances / "wfi_e28547b0d39e.json").write_text(record, encoding="utf-8")

    state = WorkflowEngine(tmp_path).trigger_next_step("wfi_e28547b0d39e", expected_phase="test")

    assert state.status == "completed"


def test_every_picture_is_shown_somewhere() -> None:
    shown = {
        picture for document in _DOCUMENTS for picture in re.findall(r"([a-z]+\.svg)\)", document.read_text("utf-8"))
    }

    assert {picture.name for picture in (_ROOT / "docs").glob("*.svg")} == shown
