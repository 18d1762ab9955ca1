"""What comes faster than it can be shown: passed on so that keys, painting and the reader have their turn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Told = TypeVar("Told")

# A key goes through four queues before it is answered, and what has just been shown is painted after the last. Were the
# next told right after the last, each of these would wait for one.
_BREATH_SECONDS = 0.005


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
        """Have the next passed on, after what else is to be done now."""
        self._loop.call_later(_BREATH_SECONDS, self._pass_on)

    def _pass_on(self) -> None:
        with self._guard:
            if not self._waiting:
                self._is_busy = False
                return
            told = self._waiting.popleft()
        self._take(told)


class Unhurried:
    """Does something when it is asked for, but not again before some seconds have passed: then once for all."""

    def __init__(self, seconds: float, act: Callable[[], object]) -> None:
        """Do nothing yet.

        Args:
            seconds: The least time from one time to the next.
            act: What to do; called in the event loop, also after the wait.
        """
        self._seconds = seconds
        self._act = act
        self._last = -seconds
        self._waiting: asyncio.TimerHandle | None = None

    def ask(self) -> None:
        """Do it now, or as soon as its time has come."""
        wait = self._last + self._seconds - monotonic()
        if wait <= 0:
            self.act_now()
        elif self._waiting is None:
            self._waiting = asyncio.get_running_loop().call_later(wait, self.act_now)

    def act_now(self) -> None:
        """Do it without any wait; what was waiting is done with."""
        self.cancel()
        self._last = monotonic()
        self._act()

    def hurry(self) -> None:
        """Do it now if it is waiting."""
        if self._waiting is not None:
            self.act_now()

    def cancel(self) -> None:
        """Do not do what is waiting."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
