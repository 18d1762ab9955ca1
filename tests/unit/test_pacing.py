"""What a thread tells is passed on one by one, and whatever else is ready comes in between."""

from __future__ import annotations

import asyncio
import threading

from chatflow_tui.screens.pacing import OneByOne


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
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert taken == ["one"]
    queue.next()
    await asyncio.sleep(0)
    queue.next()
    queue.put("three")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert taken == ["one", "two", "three"]
