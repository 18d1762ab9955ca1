"""Records of ChatCoder v1.1, read into our shape and never written.

They have a short ``instances/<id>.json`` without ``workflow_name`` and the whole in
``instances/<id>/full_state.json``, whose history is a list of events:
``workflow_started`` opens the first phase, ``phase_started`` each following one,
and an event's ``data`` says when and how its phase ended.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from chatflow_core.errors import CorruptStateError
from chatflow_core.records import LoadedRecord, check_identity, convert_state

#: Why these records are not written.
READ_ONLY = "it is a record of ChatCoder v1.1, which only ChatCoder writes"


def is_chatcoder_header(document: dict[str, Any]) -> bool:
    """Tell whether a record is ChatCoder's short one."""
    return "workflow_name" not in document


def read_chatcoder_record(
    header: dict[str, Any], full_state: dict[str, Any] | None, path: str, instance_id: str
) -> LoadedRecord:
    """Read a record of ChatCoder v1.1.

    Args:
        header: The decoded ``<id>.json``.
        full_state: The decoded ``full_state.json``; None if there is none.
        path: Path of the file the content comes from, for the error.
        instance_id: The id the file name gives it.

    Returns:
        A read-only record whose history has an entry for every phase opened.

    Raises:
        CorruptStateError: A value has the wrong type or is missing.
    """
    document = dict(full_state if full_state is not None else header)
    if full_state is None:
        document.setdefault("workflow_name", "")
        document.setdefault("variables", {})
    events = document.get("history", [])
    if not isinstance(events, list):
        raise CorruptStateError(path, "not a ChatCoder v1.1 record: history is not a list")
    document["history"] = _entries(events, document, path)
    state = convert_state(document, path)
    check_identity(state.instance_id, path, instance_id)
    return LoadedRecord(document, state, READ_ONLY)


def _entries(events: list[Any], document: dict[str, Any], path: str) -> list[dict[str, Any]]:
    opened: list[dict[str, Any]] = []
    for index, event in enumerate(events):
        if not isinstance(event, dict):
            raise CorruptStateError(path, f"not a ChatCoder v1.1 record: history[{index}] is not an object")
        if event.get("event_type") in ("workflow_started", "phase_started"):
            opened.append(_entry(event))
    for entry, following in pairwise(opened):
        if entry["ended_at"] is None:
            entry["ended_at"] = following["started_at"]
            entry["status"] = "completed"
    if opened and opened[-1]["ended_at"] is None and document.get("status") == "created":
        # The event says that the workflow was entered, not that its first phase has run.
        opened.pop()
    return opened


def _entry(event: dict[str, Any]) -> dict[str, Any]:
    data = event.get("data")
    data = data if isinstance(data, dict) else {}
    return {
        "phase": event.get("phase"),
        "task": event.get("task", "unknown"),
        "started_at": event.get("timestamp"),
        "ended_at": data.get("ended_at"),
        "status": data.get("status", "running"),
        "trigger_data_snapshot": data.get("trigger_data_snapshot"),
        "error": data.get("error"),
    }
