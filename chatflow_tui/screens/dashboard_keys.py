"""The keys of the dashboard. Chinese input methods give full-width punctuation for the same keys."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from chatflow_tui.widgets.panels import PANELS

KEYS_OF_DASHBOARD: list[BindingType] = [
    Binding("a", "advance", "Advance", id="instance.advance"),
    Binding("slash,／", "filter", "Filter", key_display="/", id="instances.filter"),
    Binding("S", "search", "Search", id="texts.search"),
    Binding("d", "compare", "Diff", id="texts.compare"),
    Binding("z", "zoom", "Zoom", id="panel.zoom"),
    Binding("y", "copy", "Copy", id="text.copy"),
    Binding("question_mark,？", "help", "Help", key_display="?", id="help"),
    Binding("q", "app.quit", "Quit", id="quit"),
    Binding("left_square_bracket,【,［", "step_phase(-1)", "Phase", show=False, id="phase.previous"),
    Binding("right_square_bracket,】,］", "step_phase(1)", "Phase", show=False, id="phase.next"),
    Binding("left_curly_bracket,｛", "step_attempt(-1)", "Attempt", show=False, id="attempt.previous"),
    Binding("right_curly_bracket,｝", "step_attempt(1)", "Attempt", show=False, id="attempt.next"),
    Binding("less_than_sign,《,＜", "share(-1)", "Narrower", show=False, id="texts.narrower"),
    Binding("greater_than_sign,》,＞", "share(1)", "Wider", show=False, id="texts.wider"),
    Binding("full_stop,。,．", "sort_again", "Sort again", show=False, id="instances.sort-again"),
    Binding("s", "sort", "Sort", show=False, id="instances.sort"),
    Binding("f", "freeze", "Freeze", show=False, id="view.freeze"),
    Binding("v", "mark", "Mark", show=False, id="instance.mark"),
    Binding("i", "inspect", "Inspect", show=False, id="phase.inspect"),
    Binding("t", "statistics", "Times", show=False, id="workflows.statistics"),
    Binding("escape", "back", "Back", show=False, id="back"),
    Binding("tab", "next_panel(1)", "Next panel", show=False, id="panel.next"),
    Binding("shift+tab", "next_panel(-1)", "Previous panel", show=False, id="panel.previous"),
    *(
        Binding(str(number), f"panel('{panel}')", panel.title(), show=False, id=f"panel.{panel}")
        for number, panel in enumerate(PANELS, 1)
    ),
]
