"""Large texts: opening one, going to its end, finding a word in it; what a large text costs that is not looked at."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from textual import events

from chatflow_core import FileStateStore, WorkflowEngine
from chatflow_tui.app import ChatFlowApp
from chatflow_tui.screens.dashboard import Dashboard
from chatflow_tui.texts.text_search import find_hits
from tests.benchmarks.excess import Excess
from tests.benchmarks.measure import Comparison, interleave
from tests.benchmarks.stores import schema
from tests.benchmarks.tui.watched import watched

_MEGABYTE = 1_000_000

_WORD = "xylophone"

# What opening may take, in milliseconds.
_AIMS = {1: 80.0, 50: 250.0}

_THEMES = ("nord", "textual-dark")


def measure_texts(home: Path, directory: Path, megabytes: int, runs: int) -> list[Comparison]:
    """Open a large response, go to its end, and find a word.

    Args:
        home: See `watched`.
        directory: Where to make a store.
        megabytes: How large the response is.
        runs: How often.
    """
    write_texts(directory, megabytes)
    opened, ends, finds = [], [], []
    with watched(home, directory) as screen:
        screen.wait_for("SMALL-TEXT")
        for _ in range(runs):
            screen.settle()
            opened.append(screen.time_key("j", "BEGIN-OF-LARGE"))
            screen.rest()  # a huge one is laid out behind its beginning
            screen.send("5")
            screen.settle()
            ends.append(screen.time_key("G", "END-OF-LARGE"))
            screen.settle()
            screen.time_key("g/", "find in this text")
            screen.settle()
            finds.append(screen.time_key(f"\x1b[200~{_WORD}\x1b[201~", "1/1"))
            screen.settle()
            screen.send("\x1b")
            screen.settle()
            screen.time_key("g", "BEGIN-OF-LARGE")  # the place in a text is remembered
            screen.send("22k")
            screen.wait_for("SMALL-TEXT")
    what = f"response of {megabytes} MB"
    return [
        Excess(f"a {what} opened", "", tuple(opened), (), aim=_AIMS.get(megabytes)),
        Excess(f"end of a {what}", "", tuple(ends), (), aim=30),
        Excess(f"word found in a {what}, on the screen", "", tuple(finds), ()),
        _compare_finding(large_text(megabytes), what, runs),
    ]


def compare_whole_screen(directory: Path, runs: int) -> list[Comparison]:
    """Change the focus of the terminal, and the theme, with a text of 1 MB open and with a small one; processor time.

    Args:
        directory: Where to make a store.
        runs: How often.
    """
    write_texts(directory, 1)
    return asyncio.run(_compare_whole_screen(directory, runs))


async def _compare_whole_screen(directory: Path, runs: int) -> list[Comparison]:
    app = ChatFlowApp(
        lambda: str(directory / ".chatflow"), "", open_store=lambda base: FileStateStore(base, create=False)
    )
    async with app.run_test(size=(120, 40)) as pilot:

        async def until(condition: Callable[[], object]) -> None:
            while not condition():
                await pilot.pause(0.02)

        async def time_focus() -> float:
            return await timed(lambda: (app.post_message(events.AppBlur()), app.post_message(events.AppFocus())))

        async def time_theme() -> float:
            def change() -> None:
                for theme in _THEMES:
                    app.theme = theme

            return await timed(change)

        async def timed(change: Callable[[], object]) -> float:
            await pilot.pause(0.05)
            began = time.process_time()
            change()
            await pilot.pause(0.05)
            return time.process_time() - began

        await until(lambda: isinstance(app.screen, Dashboard))
        dashboard = app.screen
        assert isinstance(dashboard, Dashboard)
        response = dashboard.panels.texts.response
        await until(lambda: "SMALL-TEXT" in response.text)
        taken: dict[tuple[str, str], list[float]] = {}
        for _ in range(runs + 1):
            for key, mark in (("j", "BEGIN-OF-LARGE"), ("k", "SMALL-TEXT")):
                await pilot.press(key)
                await until(lambda mark=mark: mark in response.text[:100])  # type: ignore[misc]
                taken.setdefault(("focus", key), []).append(await time_focus())
                taken.setdefault(("theme", key), []).append(await time_theme())
    name = "the same with a small text"
    return [
        Comparison(what, name, tuple(taken[case, "j"][1:]), tuple(taken[case, "k"][1:]), aim=1.5)
        for case, what in (("focus", "focus in and out, 1 MB open"), ("theme", "theme changed, 1 MB open"))
    ]


def _compare_finding(text: str, what: str, runs: int) -> Comparison:
    raw, word = text.encode(), _WORD.encode()

    def find() -> float:
        began = time.perf_counter()
        assert len(find_hits(text, _WORD)) == 1
        return time.perf_counter() - began

    def count() -> float:
        began = time.perf_counter()
        assert raw.count(word) == 1
        return time.perf_counter() - began

    taken = interleave({"find": find, "count": count}, runs)
    return Comparison(f"word found in a {what}", "bytes.count", taken["find"], taken["count"], aim=2.0)


def large_text(megabytes: int) -> str:
    """Make a text as an AI writes them, some code in every two kilobytes; one word in its middle occurs once."""
    prose = "The code is sent by e-mail, and expires after ten minutes; a second request replaces it.\n\n"
    paragraph = (
        f"{prose * 20}"
        "```python\ndef verify(code: str) -> bool:\n    return compare_digest(code, expected)\n```\n\n"
        "- [x] rate limit: five requests an hour\n- [ ] translation of the message\n\n"
    )
    half = paragraph * (megabytes * _MEGABYTE // len(paragraph) // 2)
    return f"BEGIN-OF-LARGE\n\n{half}{_WORD}\n\n{half}\nEND-OF-LARGE\n"


def write_texts(directory: Path, megabytes: int) -> None:
    """Make a store of two instances: the upper one in the list has a small response, the other a large one."""
    engine = WorkflowEngine(state_store=FileStateStore(directory / ".chatflow", durable=False))
    for text in (large_text(megabytes), "SMALL-TEXT\n"):
        instance_id = engine.start_workflow_instance(schema(), {}, "texts")
        engine.record_task(instance_id, prompt="A prompt.\n", ai_response=text)
