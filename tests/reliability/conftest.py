"""Where these tests keep their stores."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatflow_core import artifacts

_MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of one's own is made in it


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A directory in memory where there is one: thousands of stores are made and flushed, and no power is cut."""
    where = _MEMORY if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="chatflow-", dir=where))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def hasty_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers that find texts apart do not wait for a writer: nobody is writing."""
    monkeypatch.setattr(artifacts, "_SECONDS_BETWEEN_LOOKS", 0.0)
