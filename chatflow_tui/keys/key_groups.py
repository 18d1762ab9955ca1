"""The keys of the dashboard by what they are for: the order in which the menu of keys and the README have them.

What a key does stands where it is bound, as its `Binding.tooltip`. What keys that belong together do is the
description of their `Binding.group`.
"""

from __future__ import annotations

from textual.binding import Binding

LINES = Binding.Group("one line down, up")
PAGES = Binding.Group("one page down, up")
ENDS = Binding.Group("first, last line")
DEEPER = Binding.Group("deeper: feature → its instances → timeline → details")
RIGHT = Binding.Group("feature: show its instances beneath; timeline: to the texts")
LEFT = Binding.Group("feature: hide its instances; instance: back to its feature")
BACK = Binding.Group("back; leaves the zoom; drops the filter")
NEXT_PANEL = Binding.Group("next, previous panel")
PANEL = Binding.Group("features, instances, timeline, prompt, response")
PHASE = Binding.Group("previous, next phase")
ATTEMPT = Binding.Group("previous, next attempt at the phase")
SHARE = Binding.Group("less, more of the room for the prompt (or drag a border)")
SELECT = Binding.Group("begin to select lines, or extend what is selected")
OPEN = Binding.Group("open the text in $EDITOR (a copy), in $PAGER")
FIND = Binding.Group("in a text: find as you type; elsewhere: filter instances")
HITS = Binding.Group("next, previous hit: in the text, then of the last search")
NEED = Binding.Group("next, previous instance that needs you: failed, unreadable, stalled")

#: Ids of bindings by what they are for. Neighbours with one `Binding.group` are one row of the README.
KEY_GROUPS: dict[str, tuple[str, ...]] = {
    "Act": ("instance.advance", "instance.fail", "instance.retry", "instance.create", "phase.record"),
    "Explain": ("phase.inspect", "instance.history", "workflows.statistics", "texts.compare", "instance.mark"),
    "Find": (
        *("text.find", "instances.filter"),
        *("text.next-hit", "text.previous-hit"),
        "texts.search",
        "instances.sort",
        "instances.sort-again",
        *("instances.next-need", "instances.previous-need"),
        "view.freeze",
    ),
    "Read": (
        *("phase.previous", "phase.next"),
        *("attempt.previous", "attempt.next"),
        "text.wrap",
        "text.numbers",
        "text.rendered",
        *("texts.narrower", "texts.wider"),
        "text.select-lines",
        *("text.select-down", "text.select-up", "text.select-page-down", "text.select-page-up"),
        *("text.select-to-end", "text.select-to-start"),
        "text.copy",
        "text.copy-menu",
        *("text.open", "text.page"),
    ),
    "Move": (
        *("list.down", "list.up", "text.down", "text.up"),
        *("list.page-down", "list.page-up", "text.page-down", "text.page-up"),
        *("list.first", "list.last", "text.start", "text.end"),
        "list.choose",
        *("features.open", "timeline.texts", "text.right"),
        *("features.close", "text.left"),
        *("back", "text.end-find"),
        *("panel.next", "panel.previous"),
        *("panel.features", "panel.instances", "panel.timeline", "panel.prompt", "panel.response"),
        "panel.zoom",
    ),
    "Else": ("palette", "help", "suspend", "quit"),
}


def hidden(keys: str, action: str, word: str, name: str, meaning: str, group: Binding.Group | None = None) -> Binding:
    """Bind keys that the line at the bottom has no room for.

    Args:
        keys: The keys, separated by commas.
        action: What they call.
        word: What they do, in a word or two.
        name: The id of the binding.
        meaning: What they do, in a line.
        group: The keys that they belong to; None for none.
    """
    return Binding(keys, action, word, show=False, id=name, tooltip=meaning, group=group)
