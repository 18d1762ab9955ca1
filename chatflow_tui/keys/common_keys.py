"""The keys that every screen with panels has."""

from __future__ import annotations

from textual.binding import Binding

HELP = Binding(
    "question_mark,？",
    "app.help",
    "Help",
    key_display="?",
    id="help",
    tooltip="the keys of the focused panel, and of all; enter runs one",
)
PALETTE = Binding(
    "colon,：",
    "app.command_palette",
    "Commands",
    key_display=":",
    show=False,
    id="palette",
    tooltip="commands, instances and features by name (also ctrl+p)",
)
