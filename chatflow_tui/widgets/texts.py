"""Prompt and response of one phase, side by side or one above the other."""

from __future__ import annotations

from collections.abc import Hashable

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from chatflow_core import TaskArtifacts
from chatflow_tui.instance.details import Details
from chatflow_tui.settings.store_view import StoreView
from chatflow_tui.texts.hit_list import HitList
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.texts.text_facts import TextFacts
from chatflow_tui.widgets.divided import Divided
from chatflow_tui.widgets.text_pane import TextPane
from chatflow_tui.widgets.text_view import TextView

_TITLES = {"prompt": "4 Prompt", "response": "5 Response"}

_VERDICTS = {"intact": "✓ intact", "changed": "! changed since recorded", "not recorded": "not recorded"}

# Keys share in tenths, so that there is an even division.
_TENTHS = 10

# The corners of the border, and a line beside each of them.
_BORDER_CELLS = 6


class Texts(Divided):
    """Two text panes that show what was read for a selection."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Make the panes; they say that nothing is selected."""
        super().__init__(id=id)
        self.prompt = TextPane(id="prompt", classes="panel")
        self.response = TextPane(id="response", classes="panel")
        self._artifacts: TaskArtifacts | None = None
        self._phase: str | None = None
        self._owner = ""
        self._is_zoomed = False
        default = StoreView()
        self.divide(default.prompt_width, stacked=False)
        self.divide(default.prompt_height, stacked=True)

    def compose(self) -> ComposeResult:
        """Place both panes."""
        yield self.prompt
        yield self.response

    def on_mount(self) -> None:
        """Say that nothing is selected."""
        self.show(None)

    @property
    def attempt(self) -> tuple[int, int]:
        """The attempt shown, from 1, and how many there are; both 0 if nothing is shown."""
        return (self._artifacts.attempt, self._artifacts.attempts) if self._artifacts else (0, 0)

    @property
    def artifacts(self) -> TaskArtifacts | None:
        """What is shown; None if nothing is."""
        return self._artifacts

    @property
    def parts(self) -> tuple[TextPane, TextPane]:
        """The prompt, and the response right of it or below."""
        return self.prompt, self.response

    def share(self, step: int) -> None:
        """Give the prompt more of the width, or of the height if it is above the response; or less."""
        share = self.share_of_first(stacked=self.is_stacked)
        tenths = round((share or 0) * _TENTHS) + step
        self.divide(tenths / _TENTHS, stacked=self.is_stacked)
        self.post_message(self.Shared())

    def show_zoomed(self, is_zoomed: bool) -> None:
        """Say in the titles that a text has the whole screen, or no longer."""
        self._is_zoomed = is_zoomed
        for pane in self.parts:
            self._title(pane)

    @property
    def first_to_read(self) -> str:
        """Id of the pane to go to: the response's, unless there is only a prompt."""
        shown = self._artifacts
        return "prompt" if shown and shown.prompt is not None and shown.ai_response is None else "response"

    def show(self, details: Details | None) -> None:
        """Show the texts that were read; None: nothing is selected."""
        self._artifacts = details.artifacts if details else None
        self._phase = details.phase if details else None
        state = details.state if details else None
        self._owner = (state.feature_id or state.instance_id) if state else ""
        for pane in self.parts:
            self._show_text(pane, details)
            self._title(pane)

    def find(self, hits: HitList) -> None:
        """Go to the current hit of a list, which is in one of the texts shown, and mark all that are in it."""
        if self._artifacts is not None:
            pane, other = self.parts if hits.hit.kind == "prompt" else self.parts[::-1]
            other.end_listed()
            pane.find(hits.needle, line=hits.hit.line - 1, key=_key(self._artifacts, pane), listed=hits.in_text)

    @on(TextView.Moved)
    @on(TextPane.RenderedChanged)
    def _say_how_far(self) -> None:
        for pane in self.parts:
            self._subtitle(pane)

    def _show_text(self, pane: TextPane, details: Details | None) -> None:
        artifacts = self._artifacts
        if details is None or artifacts is None:
            pane.show_note(details.problem or "" if details else "No instance is selected.", key=None)
            return
        text = artifacts.prompt if pane is self.prompt else artifacts.ai_response
        key = _key(artifacts, pane)
        if text is not None:
            pane.show(text, key)
        else:
            pane.show_note(_missing("prompt" if pane is self.prompt else "response", artifacts), key)

    def _title(self, pane: TextPane) -> None:
        title = _TITLES[pane.id or ""]
        if self._is_zoomed:
            title += " · zoomed"
        if self._phase is not None:
            title += f" · {plain_name(self._phase)}"
            number, attempts = self.attempt
            if attempts > 1:
                title += f" · attempt {number}/{attempts}"
            # Where there is no room for the lists, nothing else says it.
            title += f" · {plain_name(self._owner)}" if self._owner else ""
        pane.border_title = Content(title)
        self._subtitle(pane)

    def _subtitle(self, pane: TextPane) -> None:
        artifacts = self._artifacts
        room = pane.size.width - _BORDER_CELLS
        if selecting := pane.selecting_words(room):
            pane.border_subtitle = Content(selecting)
            return
        size, verdict = 0, ""
        if artifacts is not None:
            is_prompt = pane is self.prompt
            size = artifacts.prompt_size if is_prompt else artifacts.response_size
            verdict = _VERDICTS[artifacts.prompt_verdict if is_prompt else artifacts.response_verdict]
        if artifacts is None or not size:
            pane.border_subtitle = Content("")
            return
        lines, tokens = (pane.view.lines, pane.view.tokens) if pane.view.is_laid_out else (None, None)
        facts = TextFacts(size, lines, tokens, artifacts.record)
        # Of a large text nothing is to be seen before it is laid out.
        how_far = f"{pane.percent} %" if pane.is_rendered or pane.view.rows else ""
        pane.border_subtitle = Content(facts.words(room, how_far, verdict))


def _key(artifacts: TaskArtifacts, pane: TextPane) -> Hashable:
    return (artifacts.instance_id, artifacts.phase_name, artifacts.attempt or 1, pane.id)


def _missing(kind: str, artifacts: TaskArtifacts) -> str:
    if artifacts.problem is not None:
        return f"The {kind} cannot be read.\n{artifacts.problem}"
    if artifacts.attempts == 0:
        return f"No {kind} has been recorded for this phase."
    return f"This attempt has no {kind} yet."
