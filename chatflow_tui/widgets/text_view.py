"""The view in which prompts and AI responses are read."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.worker import Worker, WorkerState

from chatflow_tui.keys.key_groups import ENDS, LEFT, LINES, PAGES, RIGHT, hidden
from chatflow_tui.texts.text_document import Document, Wanted, prepare
from chatflow_tui.widgets.selected_lines import SelectedLines

REMEMBERED_PLACES = 500
COLUMN_STEP = 8
LAYING_OUT = "laying out…"

_WORKERS = "text-view"


class TextView(SelectedLines, can_focus=True):
    """Shows one text, lightly coloured as Markdown, and never disturbs its reader."""

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("down,j", "scroll_rows(1)", "Line down", "text.down", "one line down", LINES),
        hidden("up,k", "scroll_rows(-1)", "Line up", "text.up", "one line up", LINES),
        hidden("pagedown,space", "scroll_pages(1)", "Page down", "text.page-down", "one page down", PAGES),
        hidden("pageup,b", "scroll_pages(-1)", "Page up", "text.page-up", "one page up", PAGES),
        hidden("home,g", "scroll_to_start", "Start", "text.start", "to the start", ENDS),
        hidden("end,G", "scroll_to_end", "End", "text.end", "to the end", ENDS),
        hidden("left,h", "scroll_columns(-1)", "Left", "text.left", "scroll left, where lines are not wrapped", LEFT),
        hidden(
            "right,l", "scroll_columns(1)", "Right", "text.right", "scroll right, where lines are not wrapped", RIGHT
        ),
        Binding("w", "toggle_wrap", "Wrap", id="text.wrap", tooltip="wrap long lines, or not (then ← → scroll)"),
        Binding(
            "number_sign,＃",
            "toggle_numbers",
            "Numbers",
            key_display="#",
            show=False,
            id="text.numbers",
            tooltip="line numbers",
        ),
    ]

    wrap: reactive[bool] = reactive(True, init=False)
    """Whether long lines continue in the next row."""

    numbers: reactive[bool] = reactive(False, init=False)
    """Whether lines are numbered at the left."""

    class Moved(Message):
        """The reader's place, or the number of rows, has changed.

        Attributes:
            view: The view.
            first_row, rows, at_end, percent: As the view's properties, at the time of posting.
        """

        def __init__(self, view: TextView) -> None:
            """Take down where the reader is now."""
            super().__init__()
            self.view = view
            self.first_row, self.rows = view.first_row, view.rows
            self.at_end, self.percent = view.at_end, view.percent

        @property
        def control(self) -> TextView:
            """The view, for `on` handlers with a selector."""
            return self.view

        def can_replace(self, message: Message) -> bool:
            """Only the last of a burst need arrive."""
            return isinstance(message, TextView.Moved) and message.view is self.view

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's
        """Make an empty view; see `show` and `show_note`."""
        super().__init__(id=id, classes=classes)
        self._raw: str | None = None  # the text that is to be shown; None: only a note
        self._key: Hashable = None
        self._places: dict[Hashable, int] = {}  # offsets in texts shown before, the latest last
        self._top = 0  # offset of a character in the first visible row
        self._follows = False  # whether the reader has scrolled to the end
        self._preparing = False

    def show(self, text: str, key: Hashable) -> None:
        """Show a text.

        If it is a new version of what is shown, the reader stays where they are, unless they
        were at its end: then they see its new end. Another text is shown from where it was
        left, at first from its top. A large one (see `Wanted.is_large`) appears a little later.

        Args:
            text: The text, from anywhere: it is made harmless here.
            key: What the text is, for example instance, phase and kind: the same for every version.
        """
        if key == self._key and text == self._raw:
            return
        self._remember_place()
        self._raw, self._key = text, key
        self._lay_out()

    def show_note(self, note: str, key: Hashable) -> None:
        """Show, dimmed in the middle, why there is no text.

        Args:
            note: One line or more; made harmless here.
            key: What the missing text would be.
        """
        if key == self._key and note == self._note and self._raw is None:
            return
        self._remember_place()
        self._raw, self._key = None, key
        self._show_only(note)

    @property
    def first_row(self) -> int:
        """Number of the first visible row, from 0."""
        return self.scroll_offset.y

    @property
    def rows(self) -> int:
        """Number of rows of the text; 0 if there is only a note."""
        return self._document.layout.row_count if self._document is not None else 0

    @property
    def at_end(self) -> bool:
        """Whether the last row is visible."""
        return self.first_row + self.scrollable_content_region.height >= self.rows

    @property
    def lines(self) -> int:
        """Number of logical lines of the text; 0 if there is only a note."""
        return self._document.layout.line_count if self._document is not None else 0

    @property
    def is_laid_out(self) -> bool:
        """Whether what is seen, and said of it, is of the version that was given last."""
        return self._document is not None and self._document.wanted.raw is self._raw

    @property
    def is_laying_out(self) -> bool:
        """Whether there is a text, and nothing of it is there yet but its beginning to look at."""
        return self._raw is not None and self._document is None

    @property
    def tokens(self) -> int:
        """An estimate of the text's tokens."""
        return self._document.tokens if self._document is not None else 0

    @property
    def percent(self) -> int:
        """How much of the text has been passed, its visible rows included: 0 to 100."""
        passed = self.first_row + self.scrollable_content_region.height
        return 100 if self.at_end else min(99, 100 * passed // self.rows)

    def tell_moved(self) -> None:
        """Tell that what is said of this text has changed."""
        self.post_message(self.Moved(self))

    def _wanted(self) -> Wanted | None:
        width = self.scrollable_content_region.width
        if not width or self._raw is None:
            return None
        return Wanted(self._raw, self._key, width, self.wrap, self.numbers)

    def _lay_out(self) -> None:
        wanted, shown = self._wanted(), self._document
        if wanted is None or (shown is not None and wanted == shown.wanted):
            return
        if not wanted.is_large:
            self._take(prepare(wanted, shown))
            return
        if shown is None or shown.wanted.key != self._key:
            # Who has been elsewhere in it will find that, and not the beginning.
            is_at_start = not self._places.get(self._key) and not self.is_awaited
            self._show_only(LAYING_OUT, prepare(wanted.beginning) if is_at_start else None)
        # One thread at most: it holds the interpreter, and what it makes may be outdated.
        if not self._preparing:
            self._preparing = True
            # Not a `partial`: Textual describes a worker by its repr, which would hold the text.
            self.run_worker(
                lambda: prepare(wanted, shown), name="prepare", group=_WORKERS, thread=True, exit_on_error=False
            )

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show what a thread has laid out, or begin again if something else is wanted by now."""
        if event.worker.group != _WORKERS or not event.worker.is_finished:
            return
        event.stop()
        self._preparing = False
        document = event.worker.result
        if event.state is WorkerState.ERROR:
            self._show_only(f"This text cannot be laid out: {event.worker.error}")
        elif isinstance(document, Document):
            if document.wanted == self._wanted():
                self._take(document)
            else:
                self._lay_out()

    def _take(self, document: Document) -> None:
        """Show a document; the reader's place in the former one decides theirs in this one."""
        former = self._document
        at_end, left = self._follows, self.scroll_offset.x
        if former is None or document.wanted.key != former.wanted.key:
            self._top = self._places.get(self._key, 0)
            at_end, left = False, 0
            self.deselect()
        elif document.text != former.text:
            at_end = bool(former.text) and (at_end or self.at_end)
            line = former.layout.line_at(self._top)
            column = self._top - former.layout.line_span(line)[0]
            self._top = document.layout.offset_at(line, column)
        self.set_document(document)
        if former is not None and document.wanted.key == former.wanted.key and document.text != former.text:
            self.carry_selection(former)
        # Who is selecting lines is not moved; the end is followed again afterwards.
        goes_on = at_end and not self.is_selecting
        row = self.max_scroll_y if goes_on else document.layout.row_at(self._top)
        self.scroll_to(x=left, y=row, animate=False, force=True)
        self._follows = (self.max_scroll_y > 0 and self.at_end) or at_end
        if goes_on:
            # A horizontal scrollbar that comes with this text takes a row once it is there.
            self.call_after_refresh(self._scroll_to_end)
        self.go_to_awaited()
        self.tell_moved()

    def _show_only(self, note: str, beginning: Document | None = None) -> None:
        self._note = note
        self._top, self._follows = 0, False
        self.deselect()
        self.set_document(None, beginning)
        self.tell_moved()

    def _remember_place(self) -> None:
        if self._document is None:
            return
        self._places.pop(self._document.wanted.key, None)
        self._places[self._document.wanted.key] = self._top
        if len(self._places) > REMEMBERED_PLACES:
            del self._places[next(iter(self._places))]

    def on_resize(self) -> None:
        """Lay out for the new width; a reader at the end stays there."""
        follows = self._follows
        self._lay_out()
        if follows:
            self._scroll_to_end()
        self.tell_moved()

    def watch_wrap(self) -> None:
        """Lay out anew; the same text stays at the top."""
        self._lay_out()

    def watch_numbers(self) -> None:
        """Lay out anew, beside the numbers; the same text stays at the top."""
        self._lay_out()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Take down where the reader is."""
        super().watch_scroll_y(old_value, new_value)
        if self._document is None or round(old_value) == round(new_value):
            return
        layout = self._document.layout
        row = min(round(new_value), layout.row_count - 1)
        if layout.row_at(self._top) != row:
            self._top = layout.row(row).start
        self._follows = self.max_scroll_y > 0 and self.at_end
        self.tell_moved()

    def action_scroll_rows(self, rows: int) -> None:
        """Scroll down by a number of rows (up, if negative), or select lines."""
        if self.is_selecting:
            self.action_extend_rows(rows)
        else:
            self.scroll_to(y=self.scroll_offset.y + rows, animate=False)

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll by pages, each with one row in common with the last, or select lines."""
        if self.is_selecting:
            self.action_extend_pages(pages)
        else:
            self.action_scroll_rows(pages * max(1, self.scrollable_content_region.height - 1))

    def action_scroll_columns(self, steps: int) -> None:
        """Scroll sideways, if lines are not wrapped."""
        self.scroll_to(x=self.scroll_offset.x + steps * COLUMN_STEP, animate=False)

    def action_scroll_to_start(self) -> None:
        """Scroll to the first row, or select up to it."""
        if self.is_selecting:
            self.action_extend_to_start()
        else:
            self.scroll_to(x=0, y=0, animate=False)

    def action_scroll_to_end(self) -> None:
        """Scroll to the last row, or select down to it; new rows are then followed."""
        if self.is_selecting:
            self.action_extend_to_end()
        elif self._raw is not None and self.is_laying_out:
            self._places[self._key] = len(self._raw)  # it is being laid out, and will be shown from there
        else:
            self._scroll_to_end()

    def _scroll_to_end(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def action_toggle_wrap(self) -> None:
        """Wrap long lines, or no longer."""
        if self.require_text():
            self.wrap = not self.wrap

    def action_toggle_numbers(self) -> None:
        """Number the lines, or no longer."""
        if self.require_text():
            self.numbers = not self.numbers
