"""A short cut to the summary of a record: decodes what a summary needs and skips the rest.

It takes only records that `decode_record` reads too and would allow to be
written; for all others it gives None and the long way is gone. One thing it
does not see is a number beyond a double inside a skipped value, which makes the
record read-only: that is found when the record itself is read.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from chatflow_core.models import InstanceSummary, WorkflowInstanceState
from chatflow_core.summaries import summarize

_NULL = msgspec.Raw(b"null")
_EMPTY = msgspec.Raw(b"{}")


class _Entry(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    phase: str
    task: str
    started_at: float
    ended_at: float | None = None
    status: str = "running"
    trigger_data_snapshot: msgspec.Raw = _NULL
    error: str | None = None


class _Header(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    instance_id: str
    feature_id: str
    workflow_name: str
    current_phase: str
    variables: msgspec.Raw
    created_at: float
    updated_at: float
    status: str = "created"
    history: list[_Entry] = []
    meta: msgspec.Raw = _EMPTY
    workflow_schema: msgspec.Raw = _NULL


_decoder = msgspec.json.Decoder(_Header)


def summarize_bytes(data: bytes, instance_id: str) -> InstanceSummary | None:
    """Summarize the content of a record's file, if the short cut can.

    Args:
        data: The file's content.
        instance_id: The id its file name gives it.
    """
    try:
        header = _decoder.decode(data)
        if not data.isascii():
            data.decode()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    objects = (header.variables, header.meta)
    optional = (header.workflow_schema, *(entry.trigger_data_snapshot for entry in header.history))
    if header.instance_id != instance_id or not all(map(_is_object, objects)):
        return None
    if not all(_is_object(raw) or bytes(raw) == b"null" for raw in optional):
        return None
    # The header has the attributes of a state that a summary is made from.
    state: WorkflowInstanceState = header  # type: ignore[assignment]
    state.workflow_schema = _schema(bytes(header.workflow_schema))
    return summarize(state)


def _is_object(raw: msgspec.Raw) -> bool:
    return bytes(memoryview(raw)[:1]) == b"{"


@lru_cache(maxsize=256)
def _schema(data: bytes) -> dict[str, object] | None:
    # Instances of one workflow have one and the same definition.
    schema: dict[str, object] | None = msgspec.json.decode(data)
    return schema
