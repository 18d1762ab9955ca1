"""What recording a text of a phase comes to: another attempt, or the completion of the current one. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from chatflow_core.models import TaskArtifacts, TaskExecutionRecord, WorkflowInstanceState


@dataclass(frozen=True, slots=True)
class Recording:
    """What is to be written.

    Attributes:
        record: What will vouch for the texts, without their checksums.
        prompt: The prompt; empty for none.
        ai_response: The AI's response; empty for none.
        new_attempt: Whether this is another attempt, so that the former one is kept.
    """

    record: TaskExecutionRecord
    prompt: str
    ai_response: str
    new_attempt: bool


def plan_recording(
    state: WorkflowInstanceState,
    present: TaskArtifacts,
    prompt: str,
    ai_response: str,
    status: str | None,
    now: float,
) -> Recording:
    """Decide what becomes of texts that are given for a phase.

    Args:
        state: The instance.
        present: The current attempt at the phase.
        prompt: The prompt given; empty for none.
        ai_response: The response given; empty for none.
        status: The status given; None for ``"completed"`` with a response and ``"running"`` without.
        now: The time in Unix seconds.
    """
    # What cannot be read is neither written again nor written over: it becomes a former attempt.
    new_attempt = bool(present.problem or (prompt and present.prompt) or (ai_response and present.ai_response))
    if not new_attempt:
        prompt, ai_response = prompt or present.prompt or "", ai_response or present.ai_response or ""
    if present.record is not None and not new_attempt:
        began = present.record.started_at
    else:
        began = _began(state, present.phase_name, now) if ai_response else now
    record = TaskExecutionRecord(
        phase_name=present.phase_name,
        status=status or ("completed" if ai_response else "running"),
        started_at=began,
        ended_at=now if ai_response else None,
    )
    return Recording(record, prompt, ai_response, new_attempt)


def _began(state: WorkflowInstanceState, phase: str, now: float) -> float:
    """Say when an attempt began whose texts come at once: with its phase."""
    opened = [entry.started_at for entry in state.history if entry.phase == phase]
    if opened:
        return min(opened[-1], now)
    return now if state.history else min(state.created_at, now)
