"""What was said in one run: its prompt beside its response."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content

from chatflow_tui.instance.history import StepTexts
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.texts.text_facts import byte_size
from chatflow_tui.widgets.text_pane import TextPane


class StepTextPanes(Container):
    """Two text panes that show what was recorded in a step of the history."""

    DEFAULT_CSS = """
    StepTextPanes {
        height: 1fr;
        layout: horizontal;
        & > TextPane { width: 1fr; height: 1fr; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Make empty panes."""
        super().__init__(id=id)
        self.shown: StepTexts | None = None
        self.prompt = TextPane(id="said-prompt", classes="panel")
        self.response = TextPane(id="said-response", classes="panel")

    def compose(self) -> ComposeResult:
        """Place both panes."""
        yield self.prompt
        yield self.response

    def show(self, texts: StepTexts | None) -> None:
        """Show what was read; None: nothing has happened."""
        self.shown = texts
        artifacts = texts.artifacts if texts is not None else None
        self._show(self.prompt, "prompt", artifacts.prompt if artifacts else None)
        self._show(self.response, "response", artifacts.ai_response if artifacts else None)
        self.prompt.border_subtitle = Content(_size(artifacts.prompt_size if artifacts else 0))
        self.response.border_subtitle = Content(_size(artifacts.response_size if artifacts else 0))

    def _show(self, pane: TextPane, kind: str, text: str | None) -> None:
        texts = self.shown
        artifacts = texts.artifacts if texts is not None else None
        title = ["4 Prompt" if pane is self.prompt else "5 Response"]
        if artifacts is not None:
            title.append(plain_name(artifacts.phase_name))
            if artifacts.attempts > 1:
                title.append(f"attempt {artifacts.attempt}/{artifacts.attempts}")
        pane.border_title = Content(" · ".join(title))
        key = (texts.number if texts else None, artifacts.attempt if artifacts else None, kind)
        if text is not None:
            pane.show(text, key)
        else:
            pane.show_note(_missing(kind, texts), key)


def _size(size: int) -> str:
    return byte_size(size) if size else ""


def _missing(kind: str, texts: StepTexts | None) -> str:
    if texts is None:
        return "Nothing has happened yet."
    problem = texts.problem or (texts.artifacts.problem if texts.artifacts is not None else None)
    if problem is not None:
        return f"The {kind} cannot be read.\n{problem}"
    return f"No {kind} was recorded in this run."
