"""The last change in words."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow_core import InstanceSummary
from chatflow_core.models import UNREADABLE
from chatflow_tui.lists.change_words import describe_change, describe_removal


def summary(**changes: Any) -> InstanceSummary:
    fields = {
        "instance_id": "wfi_1",
        "feature_id": "user-auth",
        "workflow_name": "w",
        "status": "running",
        "current_phase": "design",
        "phases_done": 1,
        "phases_total": 3,
        "created_at": 1.0,
        "updated_at": 2.0,
    }
    return InstanceSummary(**{**fields, **changes})


BEFORE = summary()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"current_phase": "implement"}, "user-auth: design → implement"),
        ({"status": "failed"}, "user-auth: design failed"),
        ({"current_phase": "implement", "status": "failed"}, "user-auth: implement failed"),
        ({"status": "completed"}, "user-auth: design done, completed"),
        ({"status": "paused"}, "user-auth: design paused"),
        ({"updated_at": 3.0}, "user-auth: design updated"),
        ({"status": UNREADABLE, "problem": "torn"}, "user-auth: record unreadable"),
        ({"feature_id": ""}, "wfi_1: design updated"),
        ({"current_phase": "[/\x1b]2;x\x07\n"}, "user-auth: design → [/␛]2;x␇␊"),
    ],
)
def test_a_change(changes: dict[str, object], words: str) -> None:
    assert describe_change(BEFORE, summary(**changes)) == words


def test_a_retry() -> None:
    assert describe_change(summary(status="failed"), BEFORE) == "user-auth: design retried"


@pytest.mark.parametrize("before", [None, summary(status=UNREADABLE, problem="torn")])
def test_an_instance_that_was_not_known_or_not_readable(before: InstanceSummary | None) -> None:
    assert describe_change(before, BEFORE) == "user-auth: design running"


def test_a_removal() -> None:
    assert describe_removal(BEFORE, "wfi_1") == "user-auth: instance removed"
    assert describe_removal(None, "wfi\x1b_1") == "wfi␛_1: instance removed"
    assert describe_removal(BEFORE, "wfi_1", 1200) == "1,200 instances removed"
