"""The keys of the dashboard. Chinese input methods give full-width punctuation for the same keys."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from chatflow_tui.widgets.panels import PANELS

KEYS_OF_DASHBOARD: list[BindingType] = [
    Binding("a", "advance", "Advance", id="instance.advance"),
    Binding("x", "fail", "Fail", id="instance.fail"),
    Binding("r", "retry", "Retry", id="instance.retry"),
    Binding("c", "create", "New", id="instance.create"),
    Binding("p", "record", "Record", id="phase.record"),
    Binding("slash,／", "filter", "Filter", key_display="/", id="instances.filter"),
    Binding("S", "search", "Search", id="texts.search"),
    Binding("d", "compare", "Diff", id="texts.compare"),
    Binding("z", "zoom", "Zoom", id="panel.zoom"),
    Binding("y", "copy", "Copy", id="text.copy"),
    Binding("Y", "copy_menu", "Copy …", show=False, id="text.copy-menu"),
    Binding("o", "open_text", "Open", show=False, id="text.open"),
    Binding("O", "page_text", "Page", show=False, id="text.page"),
    Binding("question_mark,？", "help", "Help", key_display="?", id="help"),
    Binding("q", "app.quit", "Quit", id="quit"),
    Binding("left_square_bracket,【,［", "step_phase(-1)", "Phase", show=False, id="phase.previous"),
    Binding("right_square_bracket,】,］", "step_phase(1)", "Phase", show=False, id="phase.next"),
    Binding("left_curly_bracket,｛", "step_attempt(-1)", "Attempt", show=False, id="attempt.previous"),
    Binding("right_curly_bracket,｝", "step_attempt(1)", "Attempt", show=False, id="attempt.next"),
    Binding("less_than_sign,《,＜", "share(-1)", "Narrower", show=False, id="texts.narrower"),
    Binding("greater_than_sign,》,＞", "share(1)", "Wider", show=False, id="texts.wider"),
    Binding("n", "step_hit(1)", "Next hit", show=False, id="text.next-hit"),
    Binding("N", "step_hit(-1)", "Previous hit", show=False, id="text.previous-hit"),
    # Reached where no text has the focus.
    *(
        Binding(keys, "need_text", show=False, id=f"text.{name}")
        for keys, name in (("w", "wrap"), ("m", "rendered"), ("V", "select-lines"), ("number_sign,＃", "numbers"))
    ),
    Binding("full_stop,。,．", "sort_again", "Sort again", show=False, id="instances.sort-again"),
    Binding("s", "sort", "Sort", show=False, id="instances.sort"),
    Binding("e", "next_need(1)", "Next in need", show=False, id="instances.next-need"),
    Binding("E", "next_need(-1)", "Previous in need", show=False, id="instances.previous-need"),
    Binding("f", "freeze", "Freeze", show=False, id="view.freeze"),
    Binding("v", "mark", "Mark", show=False, id="instance.mark"),
    Binding("i", "inspect", "Inspect", show=False, id="phase.inspect"),
    Binding("H", "history", "History", show=False, id="instance.history"),
    Binding("t", "statistics", "Times", show=False, id="workflows.statistics"),
    Binding("escape", "back", "Back", show=False, id="back"),
    Binding("tab", "next_panel(1)", "Next panel", show=False, id="panel.next"),
    Binding("shift+tab", "next_panel(-1)", "Previous panel", show=False, id="panel.previous"),
    *(
        Binding(str(number), f"panel('{panel}')", panel.title(), show=False, id=f"panel.{panel}")
        for number, panel in enumerate(PANELS, 1)
    ),
    # Reached where the keys that write are hidden.
    *(
        Binding(key, "refuse", show=False, id=name)
        for key, name in (
            ("a", "instance.advance"),
            ("x", "instance.fail"),
            ("r", "instance.retry"),
            ("c", "instance.create"),
            ("p", "phase.record"),
        )
    ),
]
