"""A text in which something can be found: hits marked, counted, stepped through, ticked on the scroll bar."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.message import Message
from textual.worker import Worker, WorkerState

from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.texts.text_document import AT_ONCE_ASCII, AT_ONCE_OTHER, Document
from chatflow_tui.texts.text_layout import Row
from chatflow_tui.texts.text_search import Hits, find_hits
from chatflow_tui.widgets.scroll_ticks import Ticks, ticked_renderer
from chatflow_tui.widgets.text_canvas import TextCanvas
from chatflow_tui.widgets.text_rows import Mark

_WORKERS = "find-in-text"

# A hit that has to be scrolled to stands this part of the height below the top: what led to it shows.
_PART_ABOVE_HIT = 3


class FoundText(TextCanvas, can_focus=True, inherit_bindings=False):
    """A canvas that marks where a pattern occurs, and goes there.

    The pattern stays when another text, or another version, is shown; the reader is moved only
    when they ask for a hit.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"text-view--hit", "text-view--hit-current", "text-view--tick"}

    DEFAULT_CSS = """
    FoundText {
        & > .text-view--hit { color: $text-warning; background: $warning-muted; text-style: underline; }
        & > .text-view--hit-current { color: $text-warning; background: $background; text-style: bold reverse; }
        & > .text-view--tick { color: $text-warning; }
        &:ansi > .text-view--hit { background: $background; }
    }
    """

    class HitsChanged(Message):
        """What was found, or the current hit, has changed.

        Attributes:
            view: The text; see its `hit_count`, `hit_number` and `hit_words`.
        """

        def __init__(self, view: FoundText) -> None:
            """Say which text."""
            super().__init__()
            self.view = view

        @property
        def control(self) -> FoundText:
            """The text, for `on` handlers with a selector."""
            return self.view

        def can_replace(self, message: Message) -> bool:
            """Only the last of a burst need arrive."""
            return isinstance(message, FoundText.HitsChanged) and message.view is self.view

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's
        """Make an empty canvas in which nothing is looked for."""
        super().__init__(id=id, classes=classes)
        self._pattern = ""
        self._hits = Hits("")
        self._current: int | None = None  # index of the current hit
        self._searched: str | None = None  # the text the hits are those of
        self._searching = False
        self._goal: int | None = None  # go to the first hit from this offset on, once they are known
        self._awaited: tuple[Hashable, int] | None = None  # key and line of a text that is yet to be shown
        # Meant to be set on an instance too, as its documentation says.
        self.vertical_scrollbar.renderer = ticked_renderer(self._ticks)  # type: ignore[misc]

    @property
    def pattern(self) -> str:
        """What is looked for; empty if nothing is."""
        return self._pattern

    @property
    def is_awaited(self) -> bool:
        """Whether a place in a text that is yet to be shown is to be gone to."""
        return self._awaited is not None

    @property
    def hit_count(self) -> int:
        """Number of hits kept."""
        return len(self._hits)

    @property
    def hit_number(self) -> int:
        """Number of the current hit, from 1; 0 if there is none."""
        return self._current + 1 if self._current is not None else 0

    @property
    def is_searching(self) -> bool:
        """Whether the hits are not known yet."""
        return bool(self._pattern) and self._searched is not self.text

    @property
    def hit_line(self) -> int:
        """The line of the current hit, from 1; 0 if there is none."""
        if self._current is None or self._document is None:
            return 0
        return self._document.layout.line_at(self._hits.starts[self._current]) + 1

    @property
    def visible_hit(self) -> int | None:
        """Offset of the current hit; None if there is none, or the reader has scrolled away from it."""
        if self._current is None or self._document is None:
            return None
        layout, start = self._document.layout, self._hits.starts[self._current]
        last_row = self.scroll_offset.y + self.scrollable_content_region.height - 1
        last = layout.row(min(last_row, layout.row_count - 1)).end
        return start if self.first_offset <= start < last else None

    @property
    def hit_words(self) -> str:
        """Which hit of how many, such as ``"3/17"``."""
        if not self._pattern or self._document is None:
            return ""
        if self.is_searching:
            return "searching…"
        if not self._hits:
            return "no hits"
        count = f"{len(self._hits):,}"
        # Not `100,000+`: the reader must know that stepping never reaches the others.
        return f"{self.hit_number or '–'}/{f'first {count}' if self._hits.is_cut else count}"

    @property
    def first_offset(self) -> int:
        """Offset of the first visible character."""
        if self._document is None:
            return 0
        layout = self._document.layout
        return layout.row(min(self.scroll_offset.y, layout.row_count - 1)).start

    def find(self, pattern: str, *, start: int | None = None, line: int | None = None, key: Hashable = None) -> None:
        """Mark a pattern and go to a hit; an empty one ends finding.

        Args:
            pattern: Literal characters; upper and lower case differ only if it has an upper-case letter.
            start: Go to the first hit from this offset on; as a rule, from the first visible row on.
            line: Go to the first hit from this line on, counted from 0; to the line itself if it has none.
            key: The text that the line is in, if it may not be shown yet: wait for it, and leave this one alone.
        """
        self._pattern = plain_name(pattern)
        self._searched, self._hits, self._current = None, Hits(self._pattern), None
        self._goal, self._awaited = None, None
        if line is not None and (self._document is None or key not in (None, self._document.wanted.key)):
            self._awaited = (key, line)
        elif self._document is not None:
            if line is not None:
                self.show_place(self._document.layout.offset_at(line, 0))
                start = self._document.layout.offset_at(line, 0)
            self._goal = self.first_offset if start is None else start
        else:
            self._goal = start  # gone to once the text is there
        self._search()

    def show_place(self, offset: int) -> None:
        """Scroll to a place in the text, if it is not visible."""
        if self._document is None:
            return
        layout, (left, top) = self._document.layout, self.scroll_offset
        number = layout.row_at(offset)
        height = self.scrollable_content_region.height
        width = self.scrollable_content_region.width - self._document.gutter
        if not top <= number < top + height:
            top = number - height // _PART_ABOVE_HIT
        column = cell_len(self.text[layout.row(number).start : offset])
        if not left <= column < left + width:
            left = max(0, column - width // _PART_ABOVE_HIT) if column >= width else 0
        self.scroll_to(x=left, y=top, animate=False, force=True)

    def step_hit(self, step: int, *, round_and_round: bool = True) -> bool:
        """Go to the next hit (the previous one, if negative).

        A reader who has scrolled away from the current hit goes on from where they are.

        Args:
            step: 1 or -1.
            round_and_round: Whether the first hit follows the last one.

        Returns:
            Whether there is one, or may be.
        """
        if self._document is None or self.is_searching:
            return True
        if self._current is not None and self.visible_hit is not None:
            index = self._current + step
        else:
            index = self._hits.at_or_after(self.first_offset) - (step < 0)
        is_there = 0 <= index < len(self._hits)
        if is_there or (round_and_round and self._hits):
            self._go_to(index % len(self._hits))
        return is_there or round_and_round

    def set_document(self, document: Document | None, beginning: Document | None = None) -> None:
        """Paint another document from now on, and find in it what was looked for."""
        super().set_document(document, beginning)
        if self._pattern:
            self._search()

    def go_to_awaited(self) -> None:
        """Go where `find` was asked to go before this text was shown."""
        if self._awaited is None or self._document is None or self._awaited[0] != self._document.wanted.key:
            return
        line, self._awaited = self._awaited[1], None
        self.show_place(self._document.layout.offset_at(line, 0))
        self._goal = self._document.layout.offset_at(line, 0)
        self._go_to_goal()

    def _search(self) -> None:
        text, pattern = self.text, self._pattern
        if self._document is None or not self.is_searching:
            self._tell()
        elif len(text) <= (AT_ONCE_ASCII if text.isascii() else AT_ONCE_OTHER):
            self._take_hits(text, find_hits(text, pattern))
        else:
            # One thread at most: it holds the interpreter. It ends early once nobody waits for it.
            if not self._searching:
                self._searching = True
                self.run_worker(
                    lambda: (text, find_hits(text, pattern, is_stale=lambda: self._pattern != pattern)),
                    name="find",
                    group=_WORKERS,
                    thread=True,
                    exit_on_error=False,
                )
            self._tell()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Mark what a thread has found, or search again if something else is wanted by now."""
        if event.worker.group != _WORKERS or not event.worker.is_finished:
            return
        event.stop()
        self._searching = False
        if event.state is not WorkerState.SUCCESS or event.worker.result is None:
            return
        text, hits = event.worker.result
        if text is self.text and hits.pattern == self._pattern:
            self._take_hits(text, hits)
        else:
            self._search()

    def _take_hits(self, text: str, hits: Hits) -> None:
        former = self._hits.starts[self._current] if self._current is not None else None
        self._hits, self._searched, self._current = hits, text, None
        if former is not None and (index := hits.at_or_after(former)) < len(hits) and hits.starts[index] == former:
            self._current = index  # another version of the text: the same hit, and nobody moves
        self._go_to_goal()
        self._tell()

    def _go_to_goal(self) -> None:
        if self._goal is not None and not self.is_searching:
            goal, self._goal = self._goal, None
            if self._hits:
                self._go_to(self._hits.at_or_after(goal) % len(self._hits))

    def _go_to(self, index: int) -> None:
        self._current = index
        self.show_place(self._hits.starts[index])
        self._tell()

    def _tell(self) -> None:
        self._repaint()
        self.vertical_scrollbar.refresh()
        self.post_message(self.HitsChanged(self))

    def _hits_in(self, row: Row) -> Sequence[Mark]:
        if not self._hits or self._searched is not self.text:
            return ()
        plain, current = self._style_of("hit"), self._style_of("hit-current")
        return [
            Mark(*self._hits.span(index), current if index == self._current else plain)
            for index in self._hits.touching(row.start, row.end)
        ]

    def _ticks(self, height: int) -> Ticks:
        if not self._hits or self._document is None or self._searched is not self.text or height < 1:
            return Ticks()
        layout = self._document.layout
        edges = [layout.row(cell * layout.row_count // height).start for cell in range(height)] + [len(self.text)]
        found = [self._hits.at_or_after(edge) for edge in edges]
        cells = frozenset(cell for cell in range(height) if found[cell] < found[cell + 1])
        current = None
        if self._current is not None:
            current = next((cell for cell in range(height) if found[cell] <= self._current < found[cell + 1]), None)
        return Ticks(cells, current, self._style_of("tick"))
