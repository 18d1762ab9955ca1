"""A short cut to the summary of a record.

It decodes straight into structs, which costs a fraction of decoding, checking
and converting, and takes only records of exactly our keys that `decode_record`
reads too and would allow to be written. For all others it gives None and the
long way is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from sys import intern
from typing import Any

import msgspec

from chatflow_core.models import InstanceSummary, WorkflowInstanceState
from chatflow_core.summaries import schema_phase_names, summarize_by

#: Largest record read and written, in bytes. It holds context and trigger data; texts lie in files of their own.
#: Decoded, three bytes may become seventy: this is what a listing can take without running out of memory.
MAX_RECORD_BYTES = 16 * 1024 * 1024


# Decoded values have no cycles, so the collector need not walk them.
class _Entry(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    phase: str
    task: str
    started_at: float
    ended_at: float | None = None
    status: str = "running"
    trigger_data_snapshot: dict[str, Any] | None = None
    error: str | None = None


class _Header(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    instance_id: str
    feature_id: str
    workflow_name: str
    current_phase: str
    variables: dict[str, Any]
    created_at: float
    updated_at: float
    status: str = "created"
    history: list[_Entry] = []
    meta: dict[str, Any] = {}
    workflow_schema: msgspec.Raw = msgspec.Raw(b"null")


_decoder = msgspec.json.Decoder(_Header)


def summarize_bytes(
    data: bytes, instance_id: str, phases_of: Callable[[str], tuple[str, ...] | None] | None = None
) -> InstanceSummary | None:
    """Summarize the content of a record's file, if the short cut can.

    Args:
        data: The file's content.
        instance_id: The id its file name gives it.
        phases_of: Gives the phases of a workflow by its name, as for `summarize`.
    """
    try:
        header = _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if header.instance_id != instance_id:
        return None
    try:
        phase_names = _phase_names(bytes(header.workflow_schema))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    # Of thousands of instances most have the same few texts here, which need not be kept thousands of times; nor need
    # the id beside the one that was listed.
    header.instance_id = instance_id
    header.feature_id = intern(header.feature_id)
    header.workflow_name = intern(header.workflow_name)
    header.current_phase = intern(header.current_phase)
    header.status = intern(header.status)
    # The header has the attributes of a state.
    state: WorkflowInstanceState = header  # type: ignore[assignment]
    return summarize_by(phase_names, state, phases_of=phases_of)


@lru_cache(maxsize=256)
def _phase_names(schema: bytes) -> tuple[str, ...] | None:
    # Instances of one workflow have one and the same definition: it is decoded once.
    document = msgspec.json.decode(schema, type=dict[str, Any] | None)
    return None if document is None else schema_phase_names(document)
