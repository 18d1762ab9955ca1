"""`show`: one instance, its timeline, its data and which texts it has."""

from __future__ import annotations

import json
from argparse import Namespace
from datetime import datetime
from typing import Any

from chatflow_core.commands.console import Console, one_line
from chatflow_core.commands.exit_codes import OK
from chatflow_core.commands.instance_names import instance_named
from chatflow_core.commands.json_shapes import plain
from chatflow_core.commands.store_choice import open_engine, store_directory
from chatflow_core.commands.tables import table
from chatflow_core.errors import InstanceNotFoundError
from chatflow_core.models import TaskArtifacts, WorkflowInstanceState
from chatflow_core.timeline import PhaseRun, build_timeline
from chatflow_core.whole_instance import names_with_texts

_STATUS_STYLES = {"running": "cyan", "completed": "green", "failed": "red", "pending": "dim"}


def show(options: Namespace, console: Console) -> int:
    """Tell everything about an instance but its texts."""
    directory = store_directory(options)
    store = open_engine(directory).state_store
    instance_id = instance_named(options.id, directory)
    state = store.read_state(instance_id)
    if state is None:
        raise InstanceNotFoundError(instance_id, str(directory))
    read_only = store.read_only_reason(instance_id)
    texts = [store.load_artifacts(instance_id, phase) for phase in names_with_texts(store, state)]
    if options.json:
        console.json(
            {
                "instance": plain(state),
                "timeline": plain(build_timeline(state)),
                "texts": [text_facts(artifacts) for artifacts in texts],
                "read_only": read_only,
            }
        )
    else:
        _write(state, texts, read_only, console)
    return OK


def text_facts(artifacts: TaskArtifacts) -> dict[str, Any]:
    """Give what is known of the texts of a phase, without the texts."""
    return {
        "phase_name": artifacts.phase_name,
        "attempt": artifacts.attempt,
        "attempts": artifacts.attempts,
        "prompt_size": artifacts.prompt_size,
        "response_size": artifacts.response_size,
        "verdict": artifacts.verdict,
        "problem": artifacts.problem,
        "record": plain(artifacts.record),
    }


def _write(state: WorkflowInstanceState, texts: list[TaskArtifacts], read_only: str | None, console: Console) -> None:
    facts = {
        "instance": state.instance_id,
        "feature": state.feature_id,
        "workflow": state.workflow_name,
        "status": state.status,
        "phase": state.current_phase,
        "started": moment(state.created_at),
        "changed": moment(state.updated_at),
        "read-only": read_only,
        "context": _data(state.variables),
        "meta": _data(state.meta),
    }
    for name, value in facts.items():
        if value:
            style = _STATUS_STYLES.get(value, "") if name == "status" else ""
            console.line(f"{console.styled(f'{name:9}', 'bold')}  {console.styled(one_line(value), style)}")
    sizes = {artifacts.phase_name: artifacts for artifacts in texts}
    timeline = build_timeline(state)
    rows = []
    for phase in timeline:
        for run in phase.runs or (None,):
            is_last = run is None or run is phase.runs[-1]
            status = phase.status if run is None else run.status
            known = sizes.pop(phase.phase, None) if is_last else None
            rows.append((_title(phase.title, phase.phase), one_line(status), *_times(run), *_sizes(known)))
    rows += [(f"({one_line(name)})", "", "", "", *_sizes(artifacts)) for name, artifacts in sizes.items()]

    def paint(column: int, text: str) -> str:
        return console.styled(text, "bold" if column < 0 else _STATUS_STYLES.get(text, "") if column == 1 else "")

    console.line()
    headings = ("PHASE", "STATUS", "BEGAN", "TOOK", "PROMPT", "RESPONSE", "TEXTS")
    for line in table(
        headings,
        rows,
        width=console.width,
        flexible=(0, 1, 6),
        spare=(2, 6),
        paint=paint if console.is_coloured else None,
    ):
        console.line(line)
    for phase in timeline:
        for run in phase.runs:
            for name, value in (("result", _data(run.trigger_data or {})), ("error", run.error)):
                if value:
                    head = console.styled(f"{one_line(phase.phase)}: {name}", "bold")
                    console.line(f"\n{head}\n  {one_line(value)}")


def _title(title: str, name: str) -> str:
    return one_line(name if title == name else f"{name} ({title})")


def _times(run: PhaseRun | None) -> tuple[str, str]:
    if run is None:
        return "", ""
    return moment(run.started_at), "" if run.ended_at is None else f"{max(0.0, run.ended_at - run.started_at):,.0f}s"


def _sizes(artifacts: TaskArtifacts | None) -> tuple[str, str, str]:
    if artifacts is None:
        return "", "", ""
    number = f"attempt {artifacts.attempt}, " if artifacts.attempts > 1 else ""
    facts = f"{number}{artifacts.verdict}" + (", cannot all be read" if artifacts.problem else "")
    return _size(artifacts.prompt_size), _size(artifacts.response_size), facts


def _size(size: int) -> str:
    return f"{size:,} B" if size else "-"


def moment(seconds: float) -> str:
    """Give a time of this machine's zone, to the second."""
    try:
        return datetime.fromtimestamp(seconds).isoformat(" ", "seconds")
    except (OverflowError, ValueError, OSError):
        return repr(seconds)  # a record may hold any number


def _data(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False) if data else ""
