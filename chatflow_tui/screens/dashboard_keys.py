"""The keys of the dashboard. Chinese input methods give full-width punctuation for the same keys."""

from __future__ import annotations

from dataclasses import replace

from textual.binding import Binding, BindingType

from chatflow_tui.keys.common_keys import HELP, PALETTE
from chatflow_tui.keys.key_groups import ATTEMPT, BACK, FIND, HITS, NEED, NEXT_PANEL, OPEN, PANEL, PHASE, SHARE, hidden
from chatflow_tui.widgets.panels import PANELS
from chatflow_tui.widgets.shown_text import ShownText
from chatflow_tui.widgets.text_pane import TextPane

_ACTS = (
    Binding(
        "a", "advance", "Advance", id="instance.advance", tooltip="advance the instance: end its phase, begin the next"
    ),
    Binding("x", "fail", "Fail", id="instance.fail", tooltip="fail the phase of the instance, with a reason"),
    Binding("r", "retry", "Retry", id="instance.retry", tooltip="retry the phase that failed"),
    Binding("c", "create", "New", id="instance.create", tooltip="create an instance from a schema"),
    Binding(
        "p", "record", "Record", id="phase.record", tooltip="record a response for the current phase, or its prompt"
    ),
)

# The keys of a text, whichever of its widgets has them.
_OF_TEXTS = [
    binding
    for binding in (*ShownText.BINDINGS, *TextPane.BINDINGS)
    if isinstance(binding, Binding)
    and binding.id in ("text.wrap", "text.rendered", "text.select-lines", "text.numbers")
]

KEYS_OF_DASHBOARD: list[BindingType] = [
    *_ACTS,
    Binding(
        "slash,／",
        "filter",
        "Filter",
        key_display="/",
        id="instances.filter",
        tooltip="filter the instances as you type",
        group=FIND,
    ),
    Binding("S", "search", "Search", id="texts.search", tooltip="search all prompts and responses"),
    Binding(
        "d", "compare", "Diff", id="texts.compare", tooltip="diff: marked instance, attempt before, or phase before"
    ),
    Binding("z", "zoom", "Zoom", id="panel.zoom", tooltip="the focused panel alone, and back"),
    Binding("y", "copy", "Copy", id="text.copy", tooltip="copy the selection, the text in focus, or the prompt"),
    hidden("Y", "copy_menu", "Copy …", "text.copy-menu", "copy code blocks, paths, Python, all of it; export"),
    hidden("o", "open_text", "Open", "text.open", "open the text in $EDITOR (a copy)", OPEN),
    hidden("O", "page_text", "Page", "text.page", "open the text in $PAGER", OPEN),
    HELP,
    Binding("q", "app.quit", "Quit", id="quit", tooltip="quit"),
    PALETTE,
    hidden("left_square_bracket,【,［", "step_phase(-1)", "Phase", "phase.previous", "previous phase", PHASE),
    hidden("right_square_bracket,】,］", "step_phase(1)", "Phase", "phase.next", "next phase", PHASE),
    hidden(
        "left_curly_bracket,｛",
        "step_attempt(-1)",
        "Attempt",
        "attempt.previous",
        "previous attempt at the phase",
        ATTEMPT,
    ),
    hidden(
        "right_curly_bracket,｝", "step_attempt(1)", "Attempt", "attempt.next", "next attempt at the phase", ATTEMPT
    ),
    hidden("less_than_sign,《,＜", "share(-1)", "Narrower", "texts.narrower", "less room for the prompt", SHARE),
    hidden("greater_than_sign,》,＞", "share(1)", "Wider", "texts.wider", "more room for the prompt", SHARE),
    hidden("n", "step_hit(1)", "Next hit", "text.next-hit", "next hit of the last search", HITS),
    hidden("N", "step_hit(-1)", "Previous hit", "text.previous-hit", "previous hit of the last search", HITS),
    # Reached where no text has the focus.
    *(replace(binding, action="need_text", description="", show=False) for binding in _OF_TEXTS),
    hidden("full_stop,。,．", "sort_again", "Sort again", "instances.sort-again", "sort again, with what is new"),
    hidden("s", "sort", "Sort", "instances.sort", "what instances are sorted by (or click on a heading)"),
    hidden("e", "next_need(1)", "Next in need", "instances.next-need", "next instance that needs you", NEED),
    hidden(
        "E", "next_need(-1)", "Previous in need", "instances.previous-need", "previous instance that needs you", NEED
    ),
    hidden("f", "freeze", "Freeze", "view.freeze", "freeze the view, and catch up"),
    hidden("v", "mark", "Mark", "instance.mark", "mark the instance for a diff with another"),
    hidden("i", "inspect", "Inspect", "phase.inspect", "details: runs of the phase with data, meta, errors"),
    hidden("H", "history", "History", "instance.history", "history: what happened, in order, and what was said"),
    hidden("t", "statistics", "Times", "workflows.statistics", "how long the phases of each workflow take"),
    hidden("escape", "back", "Back", "back", "back; leaves the zoom; drops the filter", BACK),
    hidden("tab", "next_panel(1)", "Next panel", "panel.next", "next panel", NEXT_PANEL),
    hidden("shift+tab", "next_panel(-1)", "Previous panel", "panel.previous", "previous panel", NEXT_PANEL),
    *(
        hidden(str(number), f"panel('{panel}')", panel.title(), f"panel.{panel}", f"to the {panel}", PANEL)
        for number, panel in enumerate(PANELS, 1)
    ),
    # Reached where the keys that write are hidden.
    *(replace(binding, action=f"refuse('{binding.action}')", description="", show=False) for binding in _ACTS),
]
