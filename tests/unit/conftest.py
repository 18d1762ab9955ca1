"""What tests of the command share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_runs import Command


@pytest.fixture
def chatflow(base: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The `chatflow` command on the project whose store is `base`."""
    base.parent.mkdir(parents=True)
    return Command(base.parent, monkeypatch)
