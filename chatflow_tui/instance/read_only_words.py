"""Why an instance is read only, in the words of a badge."""

from __future__ import annotations

from chatflow_core.chatcoder_v1_1 import READ_ONLY

# In a title beside an id; the whole reason stands elsewhere.
_SHORT = "read only"

_CHATCODER = "read only: ChatCoder v1.1"


def read_only_badge(reason: str) -> str:
    """Say that a record is not written by ChatFlow, and why.

    Args:
        reason: As in `InstanceSummary.read_only`.

    Returns:
        A line that begins with ``read only:``; it may hold any text.
    """
    return _CHATCODER if reason == READ_ONLY else f"{_SHORT}: {reason}"


def read_only_mark(reason: str) -> str:
    """Give the badge if it is short, as ChatCoder's is, else its first two words."""
    return _CHATCODER if reason == READ_ONLY else _SHORT
