from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static

from chatflow_core import IWorkflowStateStore
from chatflow_core.models import StoredText
from chatflow_tui.screens import search as search_module
from chatflow_tui.screens.search import SearchScreen
from chatflow_tui.texts.hit_list import HitList
from tests.tui.list_hosts import instance, screen_lines
from tests.waiting import wait_until

HOSTILE = ["[/", "[@click=app.quit]x", "\x1b]2;x\x07", "\u202eevil", "👨‍👩‍👧 认证" * 20]


class TextStore(IWorkflowStateStore):
    """A store with the texts a test gives it; `gate` can hold a search up."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__()
        self.texts = texts
        self.gate = threading.Event()
        self.gate.set()
        self.gated_at: str | None = None
        self.asked: list[str] = []

    def save_state(self, instance_id: str, state_data: dict[str, Any]) -> None: ...

    def load_state(self, instance_id: str) -> dict[str, Any] | None:
        return None

    def list_instances_by_feature(self, feature_id: str) -> list[str]:
        return []

    def save_task_artifacts(self, *_: Any) -> None: ...

    def iterate_texts(
        self, instance_id: str, wanted: Callable[[bytes], bool], *, former: bool = False
    ) -> Iterator[StoredText]:
        if instance_id == self.gated_at:
            assert self.gate.wait(10)
        self.asked.append(instance_id)
        data = self.texts.get(instance_id, "").encode()
        if wanted(data):
            yield StoredText("design", "response", None, data)


class Host(App[None]):
    def __init__(self, store: IWorkflowStateStore, count: int = 200) -> None:
        super().__init__()
        self.search = SearchScreen(store, [instance(number) for number in range(count)])
        self.results: list[HitList | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.search, self.results.append)

    @property
    def progress(self) -> str:
        return str(self.search.query_one("#progress", Static).render())

    @property
    def around(self) -> str:
        return str(self.search.query_one("#around", Static).render())


def every_tenth(text: str = "zero\nA needle here\nlast") -> TextStore:
    return TextStore({instance(number).instance_id: text for number in range(0, 200, 10)})


async def typed(app: Host, pilot: Pilot[None], words: str) -> None:
    await wait_until(pilot, lambda: app.screen is app.search and app.focused is not None)
    app.search.query_one("#needle", Input).value = words
    await wait_until(pilot, lambda: app.search.is_searching)


async def test_hits_are_listed_with_what_stands_around_the_one_under_the_cursor() -> None:
    app = Host(every_tenth())
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(app, pilot, "needle")
        await wait_until(pilot, lambda: not app.search.is_searching)
        assert "20 lines found · 200 instances" in app.progress
        assert screen_lines(app.search.hits)[1].split()[:5] == ["feature", "10", "design", "response", "2"]
        assert "A needle here" in screen_lines(app.search.hits)[1]
        await wait_until(pilot, lambda: app.around)
        assert app.around.splitlines() == ["1   zero", "2 ▸ A needle here", "3   last"]
        for number in (10, 20):  # those of one feature are told apart by their ids
            await pilot.press("down")
            top = app.search.query_one("#around").region.y
            shown = app.search._compositor.render_strips()[top].text
            assert f"─ {instance(number).instance_id} ─" in shown


async def test_enter_opens_the_hit_that_the_arrows_went_to_while_typing() -> None:
    app = Host(every_tenth())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen is app.search and app.focused is not None)
        await pilot.press(*"needle")
        await wait_until(pilot, lambda: app.search.hits.row_count == 20 and not app.search.is_searching)
        await pilot.press("down", "down", "up", "enter")
        await wait_until(pilot, lambda: app.results)
        (hits,) = app.results
        assert hits is not None
        assert (len(hits.hits), hits.needle, hits.is_part) == (20, "needle", False)
        hit = hits.hit
        assert (hit.instance_id, hit.phase_name, hit.kind, hit.line, hit.column) == (
            instance(10).instance_id,
            "design",
            "response",
            2,
            2,
        )


async def test_hits_stream_in_and_the_progress_with_them() -> None:
    store = every_tenth()
    store.gated_at = instance(151).instance_id
    store.gate.clear()
    app = Host(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(app, pilot, "needle")
        await wait_until(pilot, lambda: len(store.asked) == 151)
        assert app.search.is_searching
        await pilot.press("x")  # the screen is alive
        assert app.search.query_one("#needle", Input).value == "needlex"
        store.gate.set()
        await wait_until(pilot, lambda: not app.search.is_searching)
        assert "0 lines found · 200 instances" in app.progress


async def test_typing_again_ends_the_search_before() -> None:
    store = every_tenth()
    store.gated_at = instance(5).instance_id
    store.gate.clear()
    app = Host(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(app, pilot, "needle")
        await wait_until(pilot, lambda: len(store.asked) == 5)
        app.search.query_one("#needle", Input).value = "last"
        await pilot.pause()
        store.gated_at = None
        store.gate.set()
        await wait_until(pilot, lambda: app.search.hits.row_count == 20 and not app.search.is_searching)
        hit = app.search.hits.hit
        assert hit is not None
        assert hit.line == 3
        assert len(store.asked) <= 206, "the first search ended where it was"


async def test_escape_ends_the_search_and_opens_nothing() -> None:
    store = every_tenth()
    store.gated_at = instance(5).instance_id
    store.gate.clear()
    app = Host(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(app, pilot, "needle")
        await wait_until(pilot, lambda: len(store.asked) == 5)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.results == [None])
        store.gate.set()
    assert len(store.asked) <= 6


async def test_nothing_typed_finds_nothing_and_enter_does_nothing() -> None:
    app = Host(every_tenth())
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(app, pilot, "needle")
        app.search.query_one("#needle", Input).value = " "
        await wait_until(pilot, lambda: not app.search.is_searching)
        await pilot.press("enter")
        assert app.results == []
        assert app.progress == "200 instances to search"


async def test_no_more_hits_than_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "MOST_HITS", 7)
    app = Host(every_tenth())
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(app, pilot, "needle")
        await wait_until(pilot, lambda: not app.search.is_searching)
        assert app.search.hits.row_count == 7
        assert "the first 7 lines found" in app.progress


async def test_a_store_that_cannot_be_searched_says_so() -> None:
    class Bare(TextStore):
        iterate_texts = IWorkflowStateStore.iterate_texts

    app = Host(Bare({}))
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(app, pilot, "needle")
        await wait_until(pilot, lambda: not app.search.is_searching)
        assert "needs the method phases_with_texts()" in app.progress


@pytest.mark.parametrize("width", [20, 40, 80, 200])
async def test_every_line_is_harmless_and_shows_the_needle(width: int) -> None:
    texts = {instance(n).instance_id: f"{evil * 3} needle {evil}" for n, evil in enumerate([*HOSTILE, "y" * 5000])}
    app = Host(TextStore(texts))
    async with app.run_test(size=(width, 24)) as pilot:
        await typed(app, pilot, "needle")
        await wait_until(pilot, lambda: not app.search.is_searching)
        assert app.search.hits.row_count == 6
        for y, line in enumerate(screen_lines(app.search.hits)[:6]):
            assert line.isprintable()
            assert app.search.hits.render_line(y).cell_length == app.search.hits.line_width
            assert width < 80 or "needle" in line
        for _ in range(6):
            await pilot.press("down")
            assert "needle" in app.around
