"""An instance as one Markdown document: what it is about, its timeline, data, prompts and responses. Pure.

Texts and data stand in fences longer than any run of backticks in them, byte for byte; names are escaped. So a
reader of the document sees them as they are, whatever they hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from chatflow_core.harmless_text import plain_name
from chatflow_core.models import TaskArtifacts, WorkflowInstanceState
from chatflow_core.timeline import PhaseRun, PhaseTimeline, build_timeline

_BACKTICKS = re.compile("`+")

# Of an underscore within a word Markdown makes nothing.
_MEANT = re.compile(r"[\\`*\[\]<>|~&#]|(?<![^\W_])_|_(?![^\W_])")


def instance_markdown(
    state: WorkflowInstanceState,
    artifacts_by_phase: Mapping[str, Sequence[TaskArtifacts]],
    zone: tzinfo | None = None,
) -> str:
    """Tell everything about an instance in one document.

    Args:
        state: The instance.
        artifacts_by_phase: The texts of its phases, by name: the attempts to show, oldest first. Phases that are
            not in its schema may be among them and come last.
        zone: The time zone to give times in; None for this machine's.

    Returns:
        CommonMark with tables; every line ends with a newline.
    """
    # A record that is shown and not written may hold halves of characters, which no file and no clipboard takes.
    return "\n".join(_document(state, artifacts_by_phase, zone)).encode(errors="backslashreplace").decode()


def fenced(text: str, language: str = "") -> str:
    """Put a text in a code fence that nothing in it can close.

    Args:
        text: Any text.
        language: What to write behind the opening fence.
    """
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    end = "" if not text or text.endswith("\n") else "\n"
    return f"{fence}{language}\n{text}{end}{fence}\n"


def _document(
    state: WorkflowInstanceState, artifacts_by_phase: Mapping[str, Sequence[TaskArtifacts]], zone: tzinfo | None
) -> Iterator[str]:
    timeline = build_timeline(state)
    yield f"# Instance {_name(state.instance_id)}\n"
    yield "\n".join(
        (
            f"- Feature: {_name(state.feature_id)}",
            f"- Workflow: {_name(state.workflow_name)}",
            f"- Status: {_name(state.status)}",
            f"- Current phase: {_name(state.current_phase)}",
            f"- Started: {_time(state.created_at, zone)}",
            f"- Last changed: {_time(state.updated_at, zone)}\n",
        )
    )
    yield "## Timeline\n"
    yield "| phase | status | began | ended | took |\n| --- | --- | --- | --- | --- |"
    for phase in timeline:
        for run in phase.runs:
            yield _row(phase.title, run.status, _time(run.started_at, zone), *_end(run, zone))
        if not phase.runs:
            yield _row(phase.title, phase.status, "", "", "")
    yield ""
    for title, data in (("Context", state.variables), ("Meta", state.meta)):
        if data:
            yield f"## {title}\n"
            yield _data(data)
    for phase in timeline:
        yield from _phase(phase, artifacts_by_phase.get(phase.phase, ()), zone)
    told = {phase.phase for phase in timeline}
    for name, attempts in artifacts_by_phase.items():
        if name not in told:
            yield f"## {_name(name)} (not a phase of the workflow)\n"
            yield from _texts(attempts)
    if state.workflow_schema is not None:
        yield "## Workflow definition\n"
        yield _data(state.workflow_schema)


def _phase(phase: PhaseTimeline, attempts: Sequence[TaskArtifacts], zone: tzinfo | None) -> Iterator[str]:
    title = phase.title if phase.title == phase.phase else f"{phase.title} ({phase.phase})"
    yield f"## {_name(title)}: {_name(phase.status)}\n"
    for run in phase.runs:
        if run.error is not None:
            yield f"Failed at {_time(run.ended_at or run.started_at, zone)}:\n"
            yield fenced(run.error)
        if run.trigger_data:
            yield f"Result given at {_time(run.ended_at or run.started_at, zone)}:\n"
            yield _data(run.trigger_data)
    yield from _texts(attempts)


def _texts(attempts: Sequence[TaskArtifacts]) -> Iterator[str]:
    for artifacts in attempts:
        number = f" (attempt {artifacts.attempt} of {artifacts.attempts})" if artifacts.attempts > 1 else ""
        if artifacts.problem is not None:
            yield f"Not all of it could be read{number}:\n"
            yield fenced(artifacts.problem)
        if artifacts.verdict == "changed":
            yield f"**The texts below are not those that were recorded{number}.**\n"
        for kind, text in (("Prompt", artifacts.prompt), ("Response", artifacts.ai_response)):
            if text:
                yield f"### {kind}{number}\n"
                yield fenced(text, "markdown")


def _row(title: str, *cells: str) -> str:
    return f"| {' | '.join((_name(title), *cells))} |"


def _end(run: PhaseRun, zone: tzinfo | None) -> tuple[str, str]:
    if run.ended_at is None:
        return "", ""
    return _time(run.ended_at, zone), _duration(run.ended_at - run.started_at)


def _duration(seconds: float) -> str:
    try:
        return str(timedelta(seconds=max(0, round(seconds))))
    except (OverflowError, ValueError):
        return f"{seconds!r} s"


def _time(seconds: float, zone: tzinfo | None) -> str:
    try:
        moment = datetime.fromtimestamp(seconds, zone)
        return (moment if zone is not None else moment.astimezone()).isoformat(" ", "seconds")
    except (OverflowError, ValueError, OSError):
        return repr(seconds)  # a record may hold any number


def _name(text: str) -> str:
    return _MEANT.sub(r"\\\g<0>", plain_name(text))


def _data(data: Any) -> str:
    return fenced(json.dumps(data, ensure_ascii=False, indent=2), "json")
