"""Which two texts there are to compare, and reading them."""

from __future__ import annotations

from dataclasses import dataclass

from chatflow_core import PhaseTimeline, TaskArtifacts, WorkflowEngine
from chatflow_core.models import TextKind
from chatflow_tui.texts.text_diff import TitledText


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the reader sees when they ask for a comparison.

    Attributes:
        artifacts: The texts of the phase shown.
        timeline: The phases of the instance.
        kind: The text with the focus.
        marked_id: The instance marked for comparison; None if none is.
    """

    artifacts: TaskArtifacts
    timeline: tuple[PhaseTimeline, ...]
    kind: TextKind
    marked_id: str | None


def read_pair(engine: WorkflowEngine, wanted: Comparison) -> tuple[TitledText, TitledText] | None:
    """Read the two texts that are best compared. Blocks; for a worker thread.

    These are, in this order: the same phase of the marked instance; the
    attempt before this one; the response of the phase before and this
    phase's prompt.

    Returns:
        The older and the newer text; None if there is nothing to compare.

    Raises:
        ChatFlowError: A text cannot be read.
    """
    shown = wanted.artifacts
    if wanted.marked_id is not None and wanted.marked_id != shown.instance_id:
        other = engine.load_artifacts(wanted.marked_id, shown.phase_name)
        return _pair(other, wanted.kind, shown, wanted.kind)
    if shown.attempt > 1:
        former = engine.load_artifacts(shown.instance_id, shown.phase_name, shown.attempt - 1)
        return _pair(former, wanted.kind, shown, wanted.kind)
    before = _phase_before(wanted.timeline, shown.phase_name)
    if before is None:
        return None
    return _pair(engine.load_artifacts(shown.instance_id, before), "response", shown, "prompt")


def _phase_before(timeline: tuple[PhaseTimeline, ...], phase: str) -> str | None:
    names = [row.phase for row in timeline]
    position = names.index(phase) if phase in names else 0
    return names[position - 1] if position else None


def _pair(
    one: TaskArtifacts, one_kind: TextKind, other: TaskArtifacts, other_kind: TextKind
) -> tuple[TitledText, TitledText] | None:
    pair = _titled(one, one_kind), _titled(other, other_kind)
    return pair if pair[0].text and pair[1].text else None


def _titled(artifacts: TaskArtifacts, kind: TextKind) -> TitledText:
    text = artifacts.prompt if kind == "prompt" else artifacts.ai_response
    attempt = f" · attempt {artifacts.attempt}" if artifacts.attempts > 1 else ""
    return TitledText(f"{artifacts.instance_id} · {artifacts.phase_name} · {kind}{attempt}", text or "")
