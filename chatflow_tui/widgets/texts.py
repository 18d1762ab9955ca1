"""Prompt and response of one phase, side by side."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content

from chatflow_core import TaskArtifacts
from chatflow_tui.details import Details
from chatflow_tui.plain_text import plain_name
from chatflow_tui.widgets.text_view import TextView

_TITLES = {"prompt": "4 Prompt", "response": "5 Response"}

_VERDICTS = {"intact": "✓ intact", "changed": "! changed since recorded", "not recorded": "not recorded"}


class Texts(Container):
    """Two text views that show what was read for a selection."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Make the views; they say that nothing is selected."""
        super().__init__(id=id)
        self.prompt = TextView(id="prompt", classes="panel")
        self.response = TextView(id="response", classes="panel")
        self._artifacts: TaskArtifacts | None = None

    def compose(self) -> ComposeResult:
        """Place both views."""
        yield self.prompt
        yield self.response

    def on_mount(self) -> None:
        """Say that nothing is selected."""
        self.show(None)

    @property
    def attempt(self) -> tuple[int, int]:
        """The attempt shown, from 1, and how many there are; both 0 if nothing is shown."""
        return (self._artifacts.attempt, self._artifacts.attempts) if self._artifacts else (0, 0)

    def show(self, details: Details | None) -> None:
        """Show the texts that were read; None: nothing is selected."""
        self._artifacts = details.artifacts if details else None
        for view in (self.prompt, self.response):
            self._show_text(view, details)
            self._title(view, details)

    def on_text_view_moved(self, event: TextView.Moved) -> None:
        """Say how far the reader is."""
        self._subtitle(event.view)

    def _show_text(self, view: TextView, details: Details | None) -> None:
        artifacts = self._artifacts
        if details is None or artifacts is None:
            view.show_note(details.problem or "" if details else "No instance is selected.", key=None)
            return
        text = artifacts.prompt if view is self.prompt else artifacts.ai_response
        key = (artifacts.instance_id, artifacts.phase_name, artifacts.attempt or 1, view.id)
        if text is not None:
            view.show(text, key)
        else:
            view.show_note(_missing("prompt" if view is self.prompt else "response", artifacts), key)

    def _title(self, view: TextView, details: Details | None) -> None:
        title = _TITLES[view.id or ""]
        if details is not None and details.phase is not None:
            title += f" · {plain_name(details.phase)}"
            number, attempts = self.attempt
            if attempts > 1:
                title += f" · attempt {number}/{attempts}"
        view.border_title = Content(title)
        self._subtitle(view)

    def _subtitle(self, view: TextView) -> None:
        artifacts = self._artifacts
        size = 0
        if artifacts is not None:
            size = artifacts.prompt_size if view is self.prompt else artifacts.response_size
        if artifacts is None or not size:
            view.border_subtitle = Content("")
            return
        verdict = _VERDICTS[artifacts.verdict]
        view.border_subtitle = Content(f"{byte_size(size)} · {view.percent} % · {verdict}")


def _missing(kind: str, artifacts: TaskArtifacts) -> str:
    if artifacts.problem is not None:
        return f"The {kind} cannot be read.\n{artifacts.problem}"
    if artifacts.attempts == 0:
        return f"No {kind} has been recorded for this phase."
    return f"This attempt has no {kind} yet."


def byte_size(count: int) -> str:
    """Say a number of bytes in a few characters, such as ``"1.2 KB"``."""
    if count < 1000:
        return f"{count} B"
    size, unit = count / 1000, "KB"
    for larger in ("MB", "GB"):
        if size >= 999.5:
            size, unit = size / 1000, larger
    return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"
