"""Waiting for a condition: the one way tests wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot


async def wait_until(pilot: Pilot[Any], condition: Callable[[], object], timeout: float = 10.0) -> None:
    """Let the app run until a condition holds.

    Args:
        pilot: The app's pilot.
        condition: Returns something true when it holds.
        timeout: Seconds after which to give up.

    Raises:
        AssertionError: The condition did not hold in time.
    """
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "the condition did not hold in time"
        await pilot.pause(0.01)


async def wait_beside(condition: Callable[[], object], timeout: float = 30.0) -> None:
    """Wait until a condition holds, whatever the app is at: a pilot waits in vain for widgets that are coming or going.

    Args:
        condition: Returns something true when it holds.
        timeout: Seconds after which to give up.

    Raises:
        AssertionError: The condition did not hold in time.
    """
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "the condition did not hold in time"
        await asyncio.sleep(0.005)


def wait_until_sync(condition: Callable[[], object], timeout: float = 10.0) -> None:
    """Wait until a condition holds.

    Args:
        condition: Returns something true when it holds.
        timeout: Seconds after which to give up.

    Raises:
        AssertionError: The condition did not hold in time.
    """
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "the condition did not hold in time"
        time.sleep(0.005)
