"""What a thread tells is passed on one by one, and whatever else is ready comes in between."""

from __future__ import annotations

import asyncio
import threading

from chatflow_tui.screens.pacing import OneByOne, Unhurried
from tests.waiting import wait_beside


async def test_the_next_waits_for_the_last_and_lets_others_go_first() -> None:
    done: list[str] = []
    loop = asyncio.get_running_loop()

    def take(told: str) -> None:
        # As a key that arrives while the screen is busy.
        loop.call_soon(done.append, f"key after {told}")
        done.append(told)
        queue.next()

    queue = OneByOne(take)

    def tell() -> None:
        for told in ("one", "two", "three"):
            queue.put(told)

    thread = threading.Thread(target=tell)
    thread.start()
    thread.join()
    while len(done) < 6:
        await asyncio.sleep(0)

    assert done == ["one", "key after one", "two", "key after two", "three", "key after three"]


async def test_what_is_told_while_another_is_dealt_with_waits() -> None:
    taken: list[str] = []
    queue = OneByOne(taken.append)

    queue.put("one")
    queue.put("two")
    await wait_beside(lambda: taken)
    assert taken == ["one"]
    queue.next()
    await wait_beside(lambda: len(taken) == 2)
    queue.next()
    queue.put("three")
    await wait_beside(lambda: len(taken) == 3)
    assert taken == ["one", "two", "three"]


async def test_what_is_asked_for_too_often_is_done_at_once_and_then_once_for_all() -> None:
    done: list[int] = []
    unhurried = Unhurried(3600.0, lambda: done.append(len(done)))
    unhurried.ask()
    assert done == [0]
    unhurried.ask()
    unhurried.ask()
    assert done == [0]
    unhurried.hurry()
    assert done == [0, 1]
    unhurried.hurry()  # nothing is waiting
    assert done == [0, 1]
    unhurried.ask()
    unhurried.act_now()
    assert done == [0, 1, 2]
    unhurried.hurry()
    unhurried.ask()
    unhurried.cancel()
    unhurried.hurry()
    assert done == [0, 1, 2]


async def test_what_waits_is_done_when_its_time_has_come() -> None:
    done: list[int] = []
    unhurried = Unhurried(0.01, lambda: done.append(len(done)))
    unhurried.ask()
    unhurried.ask()
    await wait_beside(lambda: len(done) == 2)
