"""What a thread tells, passed on to the screen one by one, so that keys and painting have their turn in between."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

Told = TypeVar("Told")


class OneByOne(Generic[Told]):
    """A queue from any thread to the event loop. The next is passed on when the last was dealt with.

    A screen that has fifty changes in its queue looks at no key before all of them are shown.
    """

    def __init__(self, take: Callable[[Told], object]) -> None:
        """Make an empty queue; to be called in the event loop.

        Args:
            take: Called in the event loop; whoever deals with what it was given calls `next`.
        """
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._guard = Lock()
        self._waiting: deque[Told] = deque()
        self._is_busy = False

    def put(self, told: Told) -> None:
        """Pass something on when its turn has come. To be called from any thread."""
        with self._guard:
            self._waiting.append(told)
            was_busy, self._is_busy = self._is_busy, True
        if not was_busy:
            with suppress(RuntimeError):  # the loop has ended, and so has the screen
                self._loop.call_soon_threadsafe(self._pass_on)

    def next(self) -> None:
        """Have the next passed on, after all that is ready to be done now."""
        self._loop.call_soon(self._pass_on)

    def _pass_on(self) -> None:
        with self._guard:
            if not self._waiting:
                self._is_busy = False
                return
            told = self._waiting.popleft()
        self._take(told)
