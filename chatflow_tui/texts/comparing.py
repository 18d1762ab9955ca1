"""Which two texts there are to compare, reading them, and telling them apart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from chatflow_core import InstanceSummary, PhaseTimeline, TaskArtifacts, WorkflowEngine
from chatflow_core.models import TextKind
from chatflow_tui.texts.text_diff import TitledText

_SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the reader sees when they ask for a comparison.

    Attributes:
        artifacts: The texts of the phase shown.
        timeline: The phases of the instance.
        kind: The text with the focus.
        feature_id: The feature of the instance.
        marked: The instance marked for comparison; None if none is.
    """

    artifacts: TaskArtifacts
    timeline: tuple[PhaseTimeline, ...]
    kind: TextKind
    feature_id: str
    marked: InstanceSummary | None


def read_pair(engine: WorkflowEngine, wanted: Comparison) -> tuple[TitledText, TitledText] | str:
    """Read the two texts that are best compared. Blocks; for a worker thread.

    These are, in this order: the same phase of the marked instance; the
    attempt before this one; the response of the phase before and this
    phase's prompt.

    Returns:
        The older and the newer text; or, from anywhere, why there is nothing to compare.

    Raises:
        ChatFlowError: A text cannot be read.
    """
    shown, kind, marked = wanted.artifacts, wanted.kind, wanted.marked
    titled = _titled(wanted.feature_id, shown, kind)
    if marked is not None and marked.instance_id != shown.instance_id:
        other = engine.load_artifacts(marked.instance_id, shown.phase_name)
        return _pair(_titled(marked.feature_id, other, kind), titled)
    if shown.attempt > 1:
        former = engine.load_artifacts(shown.instance_id, shown.phase_name, shown.attempt - 1)
        return _pair(_titled(wanted.feature_id, former, kind), titled)
    before = _phase_before(wanted.timeline, shown.phase_name)
    if before is None:
        return "Nothing before this text to compare it with: v marks an instance to compare with"
    answered = engine.load_artifacts(shown.instance_id, before)
    return _pair(
        _titled(wanted.feature_id, answered, "response"),
        _titled(wanted.feature_id, shown, "prompt"),
    )


def _phase_before(timeline: tuple[PhaseTimeline, ...], phase: str) -> str | None:
    names = [row.phase for row in timeline]
    position = names.index(phase) if phase in names else 0
    return names[position - 1] if position else None


def _pair(older: TitledText, newer: TitledText) -> tuple[TitledText, TitledText] | str:
    for titled in (older, newer):
        if not titled.text:
            return f"Nothing to compare: there is no text of {_SEPARATOR.join(filter(None, titled.parts))}"
    return older, newer


def _titled(feature_id: str, artifacts: TaskArtifacts, kind: TextKind) -> TitledText:
    text = artifacts.prompt if kind == "prompt" else artifacts.ai_response
    attempt = f"attempt {artifacts.attempt}" if artifacts.attempts > 1 else ""
    return TitledText((feature_id, artifacts.instance_id, artifacts.phase_name, kind, attempt), text or "")


def tell_apart(left: TitledText, right: TitledText) -> tuple[str, str, str]:
    """Say what two texts have in common, and what either is: where there is little room, that is what counts.

    Returns:
        What both are, what only the left one is, and what only the right one is; from anywhere.
    """
    pairs = list(zip_longest(left.parts, right.parts, fillvalue=""))
    common = [one for one, other in pairs if one == other]
    apart = [pair for pair in pairs if pair[0] != pair[1]]
    lefts, rights = [one for one, _ in apart], [other for _, other in apart]
    said, of_left, of_right = (_SEPARATOR.join(filter(None, parts)) for parts in (common, lefts, rights))
    return said, of_left, of_right
