"""The shapes of the command's JSON. They are documented in ``docs/command.md``: keys may be added and none changes."""

from __future__ import annotations

from typing import Any

import msgspec

from chatflow_core.models import InstanceSummary


def instance_row(summary: InstanceSummary) -> dict[str, Any]:
    """Give one line about an instance: the attributes of `InstanceSummary`."""
    return msgspec.structs.asdict(summary)


def plain(value: Any) -> Any:
    """Give one of the dataclasses of `chatflow_core.models` as plain values, under its attributes' names."""
    return msgspec.to_builtins(value)
