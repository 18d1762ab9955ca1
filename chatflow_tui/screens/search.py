"""Full-text search over all prompts and responses, shown while it goes on."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from threading import Event
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from chatflow_core import ChatFlowError, InstanceSummary, IWorkflowStateStore
from chatflow_core.search import SearchHit, SearchProgress, search_texts
from chatflow_tui.keys.key_groups import LINES, PAGES, hidden
from chatflow_tui.screens.closing import ClosingScreen
from chatflow_tui.texts.hit_list import HitList
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.key_bar import KeyBar
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.search_hits import SearchHits, around

#: No more hits are shown: nobody reads them, and a longer needle finds fewer.
MOST_HITS = 5000

# A search begins when no key was pressed for so long, and tells what it has found so often.
_PAUSE_SECONDS = 0.1
_TELL_SECONDS = 0.1


class SearchScreen(ClosingScreen[HitList | None]):
    """Asks for a needle and shows where it is; dismissed with what was found, at the hit to open, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open", id="search.open", tooltip="open what was found there"),
        hidden("down", "move(1)", "Down", "search.down", "the hit below", LINES),
        hidden("up", "move(-1)", "Up", "search.up", "the hit above", LINES),
        hidden("pagedown", "page(1)", "Page down", "search.page-down", "one page down", PAGES),
        hidden("pageup", "page(-1)", "Page up", "search.page-up", "one page up", PAGES),
        hidden(
            "tab,shift+tab",
            "switch",
            "List",
            "search.switch",
            "from the list to the line that is searched for, and back",
        ),
        Binding("escape", "leave", "Back", id="search.close", tooltip="back; a search that goes on ends"),
    ]

    AUTO_FOCUS = "#needle"

    DEFAULT_CSS = """
    SearchScreen {
        layout: vertical;
        & > #needle { height: 1; border: none; padding: 0 1; background: $boost; }
        & > #needle:focus { border: none; background-tint: $foreground 5%; }
        & > #progress { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #hits { height: 1fr; background: $background; }
        & > #around {
            height: 8;
            padding: 0 1;
            border-top: solid $foreground 25%;
            border-title-color: $text-muted;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
    }
    """

    class Told(Message):
        """A search has found something, is further, or has ended."""

        def __init__(
            self,
            search: Event,
            hits: Sequence[SearchHit],
            progress: SearchProgress | None,
            *,
            is_over: bool = False,
            problem: str | None = None,
        ) -> None:
            """Carry news of a search."""
            super().__init__()
            self.search = search
            self.hits = hits
            self.progress = progress
            self.is_over = is_over
            self.problem = problem

    def __init__(self, store: IWorkflowStateStore, instances: Iterable[InstanceSummary], needle: str = "") -> None:
        """Make the screen.

        Args:
            store: The store to search.
            instances: The instances to search, in the order in which hits are wanted.
            needle: What to search for at first.
        """
        super().__init__()
        self._store = store
        self._features = {summary.instance_id: summary.feature_id for summary in instances}
        self._needle = needle
        # One event for each search: set, it ends that search and no other.
        self._search: Event | None = None
        self._pause: Timer | None = None
        self._progress: SearchProgress | None = None
        self.hits = SearchHits(self._features, id="hits")

    @property
    def needle(self) -> str:
        """What is searched for."""
        return self._needle

    @property
    def is_searching(self) -> bool:
        """Whether a search goes on, or is about to begin."""
        return self._search is not None or self._pause is not None

    def compose(self) -> ComposeResult:
        """Place the input above the hits and what stands around one of them."""
        yield Input(
            self._needle, placeholder="search all prompts and responses; a capital makes case matter", id="needle"
        )
        yield Static(id="progress", markup=False)
        yield self.hits
        yield Static(id="around", markup=False)
        yield KeyBar()

    def on_unmount(self) -> None:
        """End the search."""
        self._stop()

    # Searching

    @on(Input.Changed, "#needle")
    def _type(self, event: Input.Changed) -> None:
        self._stop()
        self._needle = event.value
        self._progress = None
        self.hits.set_rows({})
        self._show_hit()
        if self._needle.strip():
            self._pause = self.set_timer(_PAUSE_SECONDS, self._begin)
        self._show_progress()

    def _stop(self) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        if self._search is not None:
            self._search.set()
            self._search = None

    def _begin(self) -> None:
        self._pause = None
        self._search = search = Event()
        needle = self._needle
        self.run_worker(lambda: self._run(needle, search), group="search", thread=True, exit_on_error=False)

    def _run(self, needle: str, search: Event) -> None:
        """Search in a thread, and tell what was found: the first hit at once, then in batches."""
        hits: list[SearchHit] = []
        progress: SearchProgress | None = None
        told, count = 0.0, 0
        try:
            for found in search_texts(
                self._store, needle, instance_ids=list(self._features), is_cancelled=search.is_set
            ):
                if isinstance(found, SearchHit):
                    hits.append(found)
                    count += 1
                else:
                    progress = found
                if count == MOST_HITS:
                    break
                is_first = count == 1 and len(hits) == 1
                if (now := time.monotonic()) - told >= _TELL_SECONDS or is_first:
                    self.post_message(self.Told(search, tuple(hits), progress))
                    told, hits = now, []
        except (ChatFlowError, NotImplementedError) as error:
            self.post_message(self.Told(search, tuple(hits), progress, is_over=True, problem=str(error)))
            return
        self.post_message(self.Told(search, tuple(hits), progress, is_over=True))

    @on(Told)
    def _take(self, event: Told) -> None:
        if event.search is not self._search:
            return  # of a needle that is no longer the one
        if event.hits:
            self.hits.add(event.hits)
        self._progress = event.progress or self._progress
        if event.is_over:
            self._search = None
        self._show_progress(event.problem)

    def _show_progress(self, problem: str | None = None) -> None:
        progress, parts = self._progress, []
        if problem is not None:
            parts.append(plain_name(problem))
        elif not self._needle.strip():
            parts.append(f"{len(self._features):,} instances to search")
        else:
            count = self.hits.row_count
            first = "the first " if count == MOST_HITS else ""
            parts.append(f"{first}{count:,} {'line' if count == 1 else 'lines'} found")
        if progress is not None and progress.total:
            is_part = self.is_searching or self.hits.row_count == MOST_HITS
            of = f"{progress.done:,} of {progress.total:,}" if is_part else f"{progress.total:,}"
            parts.append(f"{of} instances")
        if progress is not None and progress.unreadable:
            parts.append(f"{progress.unreadable:,} texts could not be read")
        if progress is not None and progress.cut:
            parts.append(f"{progress.cut:,} texts have more")
        if self.is_searching:
            parts.append("searching…")
        if self.is_attached:
            self.query_one("#progress", Static).update(Content(" · ".join(parts)))

    # The hits

    @on(LineList.CursorMoved, "#hits")
    def _show_hit(self) -> None:
        if not self.is_attached:
            return  # the list is emptied when the screen is closed
        hit = self.hits.hit
        excerpt = self.query_one("#around", Static)
        excerpt.update(around(hit) if hit is not None else Content(""))
        # Instances of one feature look the same in the list.
        excerpt.border_title = Content(f" {plain_name(hit.instance_id)} " if hit is not None else "")

    def action_move(self, rows: int) -> None:
        """Go to another hit."""
        self.hits.action_cursor_by(rows)

    def action_page(self, pages: int) -> None:
        """Go a screen of hits further."""
        self.hits.action_cursor_page(pages)

    def action_switch(self) -> None:
        """Go from the input to the hits and back."""
        # At once: the next key is for what has the focus then.
        self.set_focus(self.query_one("#needle") if self.hits.has_focus else self.hits)

    def action_choose(self) -> None:
        """Open the hit under the cursor."""
        hits = self.hits.hits
        if hits:
            is_part = self.is_searching or len(hits) == MOST_HITS
            self.dismiss(HitList(hits, self._needle, self.hits.cursor_index, is_part))

    @on(Input.Submitted, "#needle")
    @on(LineList.Chosen, "#hits")
    def _choose(self, event: Message) -> None:
        event.stop()
        self.action_choose()

    def action_leave(self) -> None:
        """Go back; a search that goes on ends."""
        self.dismiss(None)
