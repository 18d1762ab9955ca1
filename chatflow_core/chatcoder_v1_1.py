"""Records of ChatCoder v1.1, read into our shape and never written.

They have a short ``instances/<id>.json`` without ``workflow_name`` and the whole in
``instances/<id>/full_state.json``, whose history is a list of events; the same
events stand line by line in ``instances/<id>/history.ndjson``, which tells what
happened if the full state is lost. ``workflow_started`` opens the first phase,
``phase_started`` each following one, and an event's ``data`` says when and how
its phase ended. While the phase is open, the data is what the trigger that
opened it was given: the result of the phase before.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from chatflow_core.errors import CorruptStateError

if TYPE_CHECKING:
    from chatflow_core.records import LoadedRecord

#: Why these records are not written.
READ_ONLY = "it is a record of ChatCoder v1.1, which only ChatCoder writes"


def is_chatcoder_header(document: dict[str, Any]) -> bool:
    """Tell whether a record is ChatCoder's short one."""
    return "workflow_name" not in document


def read_chatcoder_record(
    header: dict[str, Any],
    full_state: dict[str, Any] | None,
    path: str,
    instance_id: str,
    read_events: Callable[[], list[Any]] = list,
) -> LoadedRecord:
    """Read a record of ChatCoder v1.1.

    Args:
        header: The decoded ``<id>.json``.
        full_state: The decoded ``full_state.json``; None if there is none.
        path: Path of the file the content comes from, for the error.
        instance_id: The id the file name gives it.
        read_events: Reads the events of ``history.ndjson``; called if there are none in the other two.

    Returns:
        A read-only record whose history has an entry for every phase opened.

    Raises:
        CorruptStateError: A value has the wrong type or is missing.
    """
    from chatflow_core.records import LoadedRecord, check_identity, convert_state  # noqa: PLC0415 - see `RecordFiles`

    document = dict(full_state if full_state is not None else header)
    if full_state is None:
        document.setdefault("workflow_name", "")
        document.setdefault("variables", {})
    events = document.get("history", [])
    if not isinstance(events, list):
        raise CorruptStateError(path, "not a ChatCoder v1.1 record: history is not a list")
    document["history"] = _entries(events or read_events(), document, path)
    state = convert_state(document, path)
    check_identity(state.instance_id, path, instance_id)
    return LoadedRecord(document, state, READ_ONLY)


def decode_events(data: bytes, path: str) -> list[Any]:
    """Read the lines of a ``history.ndjson``; the last one may not have been written to its end yet.

    An event that was written again, when its phase ended, counts once.

    Raises:
        CorruptStateError: A line before the last is not JSON.
    """
    events: dict[object, Any] = {}
    lines = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = msgspec.json.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            if number == len(lines):
                break
            raise CorruptStateError(path, f"line {number} is not JSON: {error}") from None
        key: object = number
        if isinstance(event, dict):
            key = repr([event.get(name) for name in ("event_type", "phase", "timestamp")])
        events[key] = event
    return list(events.values())


def _entries(events: list[Any], document: dict[str, Any], path: str) -> list[dict[str, Any]]:
    opened: list[dict[str, Any]] = []
    for index, event in enumerate(events):
        if not isinstance(event, dict):
            raise CorruptStateError(path, f"not a ChatCoder v1.1 record: history[{index}] is not an object")
        if event.get("event_type") in ("workflow_started", "phase_started"):
            opened.append(_entry(event))
    opened_with = [entry["trigger_data_snapshot"] if entry["ended_at"] is None else None for entry in opened]
    for entry, data in zip(opened, [*opened_with[1:], None], strict=False):
        if entry["ended_at"] is None or entry["trigger_data_snapshot"] is None:
            entry["trigger_data_snapshot"] = data
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
