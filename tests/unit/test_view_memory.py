"""How a store was looked at comes back the next time, and losing it is never an error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatflow_tui.settings import view_memory
from chatflow_tui.settings.store_view import StoreView
from chatflow_tui.settings.view_memory import ViewMemory

VIEW = StoreView(prompt_width=0.25, prompt_height=0.7, upper_height=0.4)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "state" / "chatflow"


def test_each_store_is_looked_at_as_it_was_left(directory: Path, tmp_path: Path) -> None:
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    memory = ViewMemory(directory)

    assert memory.recall(one) == StoreView()
    assert not directory.exists()  # to look is not to write
    memory.keep(one, VIEW)

    assert ViewMemory(directory).recall(one) == VIEW
    assert ViewMemory(directory).recall(other) == StoreView()


def test_a_store_is_the_same_by_whatever_path(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "link").symlink_to("store")
    ViewMemory(directory).keep(str(tmp_path / "store"), VIEW)

    assert ViewMemory(directory).recall(str(tmp_path / "link")) == VIEW
    assert ViewMemory(directory).recall(str(tmp_path / "nothing" / ".." / "store")) == VIEW
    assert list((tmp_path / "store").iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"view": {"prompt_width": "wide"}}',
        b'{"view": {"prompt_width": 7}}',
        b'{"view": {"upper_height": NaN}}',
        b" " * 200_000,
    ],
)
def test_what_cannot_be_read_is_as_if_it_had_never_been_kept(directory: Path, content: bytes) -> None:
    memory = ViewMemory(directory)
    memory.keep("store", VIEW)
    (file,) = (directory / "views").iterdir()
    file.write_bytes(content)

    assert memory.recall("store") == StoreView()
    memory.keep("store", VIEW)
    assert memory.recall("store") == VIEW


def test_what_a_later_version_has_kept_besides_is_left_out(directory: Path) -> None:
    memory = ViewMemory(directory)
    memory.keep("store", VIEW)
    (file,) = (directory / "views").iterdir()
    file.write_text('{"store": "store", "view": {"prompt_width": 0.25, "colour": "red"}, "more": 1}')

    assert memory.recall("store") == StoreView(prompt_width=0.25)


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    memory = ViewMemory(tmp_path / "file" / "chatflow")

    memory.keep("store", VIEW)

    assert memory.recall("store") == StoreView()


def test_the_stores_looked_at_longest_ago_are_forgotten(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_memory, "MOST_STORES", 3)
    memory = ViewMemory(directory)
    for number in range(5):
        memory.keep(f"store {number}", VIEW)
        for age, file in enumerate(sorted((directory / "views").iterdir(), key=lambda file: -file.stat().st_mtime_ns)):
            os.utime(file, (1e9 - age, 1e9 - age))  # clocks of file systems are coarse

    kept = [number for number in range(5) if memory.recall(f"store {number}") == VIEW]
    assert kept == [2, 3, 4]
