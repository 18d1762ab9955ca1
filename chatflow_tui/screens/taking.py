"""The part of the dashboard that takes things elsewhere: to the clipboard, to other programs, to files."""

from __future__ import annotations

from chatflow_tui.screens.following import Following
from chatflow_tui.text_facts import byte_size


class Taking(Following):
    """Copies what is shown."""

    def action_copy(self) -> None:
        """Copy what is selected, else the text in focus, else the id of the instance."""
        pane = self.panels.text_pane
        if pane is not None and pane.text:
            text, what = pane.view.selected_text, "selection"
            if not text:
                text, what = pane.text, pane.id or "text"
        else:
            text, what = self.panels.instances.cursor_key or "", "instance id"
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(f"Copied the {what} ({byte_size(len(text.encode()))}) to the clipboard", markup=False)
