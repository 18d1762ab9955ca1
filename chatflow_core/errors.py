"""Every error ChatFlow raises on purpose.

Children also derive from the builtin a caller would expect, and all of them
survive pickling, so that they can cross from a worker process:

    ChatFlowError
    ├── InstanceNotFoundError (ValueError)
    ├── SchemaError (ValueError)
    ├── InvalidNameError (ValueError)
    ├── InvalidValueError (ValueError)
    ├── InvalidTransitionError
    │   ├── InstanceFinishedError
    │   └── PhaseConflictError
    ├── CorruptStateError
    ├── ReadOnlyRecordError
    ├── LockTimeoutError (TimeoutError)
    └── StorageError (OSError)
"""

from __future__ import annotations

from typing import Any


class ChatFlowError(Exception):
    """Root of all errors ChatFlow raises on purpose; its text says what to do."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by state, because the constructors of children take fields and not the message."""
        return _rebuild, (type(self), self.args, self.__dict__)

    #: What is known about the state on disk beyond what the error itself says.
    fact: str | None = None

    def add_fact(self, fact: str) -> None:
        """Say one more thing that is known about the state on disk."""
        self.fact = fact
        self.args = (*self.args[:-1], f"{self}. {fact}")


def _rebuild(kind: type[ChatFlowError], args: tuple[Any, ...], fields: dict[str, Any]) -> ChatFlowError:
    error = kind.__new__(kind, *args)
    # Past the constructors of our own classes: the builtin parent keeps errno and strerror outside of __dict__.
    super(ChatFlowError, error).__init__(*args)
    error.__dict__.update(fields)
    return error


class InstanceNotFoundError(ChatFlowError, ValueError):
    """No record of that id is in the store."""

    def __init__(self, instance_id: str, where: str) -> None:
        """Say which id was looked for in which store."""
        super().__init__(f"Instance {instance_id!r} not found in {where}; list_instances() shows what is there")
        self.instance_id = instance_id


class SchemaError(ChatFlowError, ValueError):
    """A workflow definition cannot be used; the message names the phase and key."""


class InvalidNameError(ChatFlowError, ValueError):
    """A name (feature, phase, instance id, schema) cannot be used."""


class InvalidValueError(ChatFlowError, ValueError):
    """A value is not plain JSON; the message names the path to it."""


class InvalidTransitionError(ChatFlowError):
    """The instance is in a status that does not allow this step."""

    def __init__(self, instance_id: str, message: str) -> None:
        """Keep the instance beside the message."""
        super().__init__(message)
        self.instance_id = instance_id


class InstanceFinishedError(InvalidTransitionError):
    """The instance is completed; nothing more can happen to it."""

    def __init__(self, instance_id: str) -> None:
        """Say which instance is finished."""
        super().__init__(
            instance_id,
            f"Instance {instance_id} is completed; start a new instance to run the workflow again",
        )


class PhaseConflictError(InvalidTransitionError):
    """The instance is not in the phase the caller expected: another program moved it."""

    def __init__(self, instance_id: str, expected_phase: str, current_phase: str) -> None:
        """Say which phase was expected and which one the instance is in."""
        super().__init__(
            instance_id,
            f"Instance {instance_id} is in phase {current_phase!r}, not {expected_phase!r}: "
            "another program moved it meanwhile. Nothing was changed; look at it again, then decide",
        )
        self.expected_phase = expected_phase
        self.current_phase = current_phase


class CorruptStateError(ChatFlowError):
    """A file exists but is not a record; it is never overwritten."""

    def __init__(self, path: str, reason: str) -> None:
        """Say which file is broken, where and how."""
        super().__init__(f"{path}: {reason}. The file is left as it is; mend it or move it away")
        self.path = path
        self.reason = reason


class ReadOnlyRecordError(ChatFlowError):
    """The record can be shown but not written by ChatFlow."""

    def __init__(self, instance_id: str, reason: str) -> None:
        """Say which instance, and why it is not written."""
        super().__init__(f"Instance {instance_id} is read-only: {reason}")
        self.instance_id = instance_id
        self.reason = reason


class LockTimeoutError(ChatFlowError, TimeoutError):
    """Another program or thread held the lock for longer than the timeout."""

    def __init__(self, lock_file: str, subject: str, timeout: float) -> None:
        """Say which lock file was waited for, on whose behalf, and for how many seconds.

        Args:
            lock_file: Path of the lock file.
            subject: What the lock guards, such as ``"instance wfi_1"``.
            timeout: Seconds waited.
        """
        self._reason = f"Could not lock {subject} within {timeout:g} s: another program holds {lock_file}"
        super().__init__(f"{self._reason}. Nothing was changed; try again when it is done")
        self.lock_file = lock_file
        self.subject = subject
        self.timeout = timeout

    def add_fact(self, fact: str) -> None:
        """Say what is known about the state on disk: something was changed after all."""
        self.args = (self._reason,)
        super().add_fact(fact)


class StorageError(ChatFlowError, OSError):
    """The operating system refused to read or write a file of the store."""

    def __init__(self, path: str, doing: str, cause: OSError, advice: str = "Nothing was changed") -> None:
        """Say what was being done to which file and what the system answered.

        Args:
            path: The file.
            doing: What was tried, such as ``"replacing"``.
            cause: The error of the operating system.
            advice: What is known about the state on disk, and what to do; empty where nothing could be changed.
        """
        text = f"{doing} {path} failed: {cause.strerror or cause}{f'. {advice}' if advice else ''}"
        super().__init__(cause.errno, text)
        self.path = path

    def __str__(self) -> str:
        """Give the whole sentence, without the bracketed number OSError puts before it."""
        return str(self.args[1])
