"""What all tests share."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from chatflow_core import FileStateStore, WorkflowEngine
from tests.seed_store import SeedStore

# Machines differ in speed, so no example has a deadline; no database, so that a run leaves no files.
settings.register_profile(
    "chatflow",
    deadline=None,
    # The same examples every time, so that a run tells of the change and not of the dice;
    # CHATFLOW_RANDOM=1 looks for new ones.
    derandomize="CHATFLOW_RANDOM" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("chatflow")


@pytest.fixture
def in_utc() -> Iterator[None]:
    """The same time of day on every machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(autouse=True)
def _no_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what tests copy from the clipboard of whoever runs them."""
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The directory of a store that does not exist yet."""
    return tmp_path / "project" / ".chatflow"


@pytest.fixture
def store(base: Path) -> FileStateStore:
    """A store that does not wait for the disk."""
    return FileStateStore(base, durable=False)


@pytest.fixture
def engine(store: FileStateStore) -> WorkflowEngine:
    """An engine on that store."""
    return WorkflowEngine(state_store=store)


@pytest.fixture
def seed(base: Path) -> SeedStore:
    """Another program on the same files, which follows the original format."""
    return SeedStore(base)
