"""What the command's exit codes mean."""

from __future__ import annotations

from chatflow_core.errors import (
    ChatFlowError,
    CorruptStateError,
    InstanceNotFoundError,
    InvalidNameError,
    InvalidTransitionError,
    InvalidValueError,
)

OK = 0
ERROR = 1
USAGE = 2
NOT_FOUND = 3
CONFLICT = 4
CORRUPT = 5

#: As shells have it: 128 and the number of the signal.
INTERRUPTED = 130
BROKEN_PIPE = 141

_CODES: tuple[tuple[type[ChatFlowError], int], ...] = (
    (InstanceNotFoundError, NOT_FOUND),
    (InvalidTransitionError, CONFLICT),
    (CorruptStateError, CORRUPT),
    (InvalidNameError, USAGE),
    (InvalidValueError, USAGE),
)


class RefusedError(Exception):
    """The command does not do what it was asked; its text says why and what to do."""

    def __init__(self, reason: str, code: int) -> None:
        """Keep the exit code beside the reason."""
        super().__init__(reason)
        self.code = code


def exit_code_of(error: ChatFlowError) -> int:
    """Give the exit code that tells of an error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), ERROR)
