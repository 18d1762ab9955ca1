from __future__ import annotations

import errno
import inspect
import pickle

import pytest

import chatflow_core
from chatflow_core import (
    ChatFlowError,
    CorruptStateError,
    InstanceFinishedError,
    InstanceNotFoundError,
    InvalidNameError,
    InvalidTransitionError,
    InvalidValueError,
    LockTimeoutError,
    PhaseConflictError,
    ReadOnlyRecordError,
    SchemaError,
    StorageError,
    errors,
)

EXAMPLES: list[ChatFlowError] = [
    ChatFlowError("anything"),
    InstanceNotFoundError("wfi_1", "a store"),
    SchemaError("phases[0]: name"),
    InvalidNameError("empty"),
    InvalidValueError("trigger_data.k: nan"),
    InvalidTransitionError("wfi_1", "retry it first"),
    InstanceFinishedError("wfi_1"),
    PhaseConflictError("wfi_1", "design", "code"),
    CorruptStateError("/s/instances/wfi_1.json", "not JSON (byte 5)"),
    ReadOnlyRecordError("wfi_1", "it is another program's"),
    LockTimeoutError("/s/.locks/wfi_1.lock", "instance wfi_1", 10.0),
    StorageError("/s/instances/wfi_1.json", "Writing", OSError(errno.ENOSPC, "No space left"), "It is as before"),
]

BUILTIN_PARENTS = {
    InstanceNotFoundError: ValueError,
    SchemaError: ValueError,
    InvalidNameError: ValueError,
    InvalidValueError: ValueError,
    LockTimeoutError: TimeoutError,
    StorageError: OSError,
}


def test_there_is_an_example_of_every_error_and_all_are_public() -> None:
    kinds = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ChatFlowError)}
    assert {type(example) for example in EXAMPLES} == kinds
    assert all(getattr(chatflow_core, kind.__name__) is kind for kind in kinds)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling_with_its_text_and_fields(error: ChatFlowError) -> None:
    copied = pickle.loads(pickle.dumps(error))  # noqa: S301 - what was just dumped
    assert type(copied) is type(error)
    assert str(copied) == str(error)
    assert copied.args == error.args
    assert vars(copied) == vars(error)


def test_a_storage_error_keeps_the_systems_number_through_pickling() -> None:
    error = EXAMPLES[-1]
    copied = pickle.loads(pickle.dumps(error))  # noqa: S301 - what was just dumped
    assert isinstance(error, OSError)
    assert copied.errno == error.errno == errno.ENOSPC


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_is_also_the_builtin_a_caller_expects(error: ChatFlowError) -> None:
    parent = BUILTIN_PARENTS.get(type(error), ChatFlowError)
    assert isinstance(error, parent)
    assert isinstance(error, ChatFlowError)


def test_finished_and_conflict_are_invalid_transitions() -> None:
    assert issubclass(InstanceFinishedError, InvalidTransitionError)
    assert issubclass(PhaseConflictError, InvalidTransitionError)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (EXAMPLES[1], ["'wfi_1'", "a store"]),
        (EXAMPLES[7], ["'design'", "'code'", "wfi_1"]),
        (EXAMPLES[8], ["/s/instances/wfi_1.json", "byte 5"]),
        (EXAMPLES[10], ["/s/.locks/wfi_1.lock", "wfi_1", "10 s"]),
        (EXAMPLES[11], ["/s/instances/wfi_1.json", "No space left", "It is as before"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_text_names_what_it_is_about(error: ChatFlowError, words: list[str]) -> None:
    for word in words:
        assert word in str(error)
