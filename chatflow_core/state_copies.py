"""Copies of a state that share nothing with it. Decoding what was encoded is the fastest way to one."""

from __future__ import annotations

import msgspec

from chatflow_core.models import WorkflowInstanceState


def encode_state(state: WorkflowInstanceState) -> bytes:
    """Write a state for `decode_state`. It must have been read from standard JSON."""
    return msgspec.json.encode(state)


#: Gives a new copy of the state that `encode_state` wrote.
decode_state = msgspec.json.Decoder(WorkflowInstanceState).decode
