"""Records to and from bytes.

Reading is tolerant in what it takes and honest about what it cannot:

- JSON that msgspec decodes into `WorkflowInstanceState` is a record.
- JSON that only the standard library reads (NaN, lone surrogates, a byte order
  mark) is shown with a reason and never written, because writing it back would
  change it.
- Everything else is a `CorruptStateError` with the position.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from chatflow_core.errors import CorruptStateError, InvalidValueError
from chatflow_core.json_values import plain_object
from chatflow_core.models import TaskExecutionRecord, WorkflowInstanceState
from chatflow_core.record_headers import MAX_RECORD_BYTES
from chatflow_core.state_copies import decode_state, encode_state

_decode_errors = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

# The fields of a record that are left out of the file when they say nothing: the
# constructors of older programs take no others than the original format's.
_OPTIONAL_KEYS = ("workflow_schema",)

# The model fills these in for a new instance; in a record, a time that is not there must not become now.
_REQUIRED_TIMES = ("created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class LoadedRecord:
    """A record as it was read.

    Attributes:
        document: The decoded file with all its keys, known or not, in the shape of our records.
        state: The same, typed.
        read_only: Why it is not to be written; None if it may be.
    """

    document: dict[str, Any]
    state: WorkflowInstanceState
    read_only: str | None = None

    def own_state(self) -> WorkflowInstanceState:
        """Give the state as a copy, if it may be written: what is done to it must not be saved with the document."""
        return self.state if self.read_only is not None else decode_state(encode_state(self.state))


def decode_record(data: bytes, path: str, instance_id: str) -> LoadedRecord:
    """Read a record.

    Args:
        data: The file's content.
        path: The file's path, for the error.
        instance_id: The id its file name gives it.

    Raises:
        CorruptStateError: It is not a record, or that of another instance.
    """
    document, read_only = decode_document(data, path)
    state = convert_state(document, path)
    check_identity(state.instance_id, path, instance_id)
    return LoadedRecord(document, state, read_only)


def decode_document(data: bytes, path: str) -> tuple[dict[str, Any], str | None]:
    """Read a JSON object, and the reason why it must not be written if there is one.

    Raises:
        CorruptStateError: It is not JSON, or not an object.
    """
    read_only = None
    try:
        document = msgspec.json.decode(data)
    except _decode_errors as error:
        document = _decode_leniently(data, path, error)
        read_only = f"its JSON is out of the standard ({_reason(error)}), so it is shown and not written"
    if not isinstance(document, dict):
        raise CorruptStateError(path, f"expected a JSON object, got {type(document).__name__}")
    return document, read_only


def convert_state(document: dict[str, Any], path: str) -> WorkflowInstanceState:
    """Give a decoded document its types.

    Raises:
        CorruptStateError: A value has the wrong type or is missing; the reason gives its path.
    """
    for key in _REQUIRED_TIMES:
        if key not in document:
            raise CorruptStateError(path, f"not a workflow record: Object missing required field {key}")
    try:
        return msgspec.convert(document, WorkflowInstanceState)
    except (msgspec.ValidationError, RecursionError) as error:
        raise CorruptStateError(path, f"not a workflow record: {_reason(error)}") from None


def check_identity(found: str, path: str, instance_id: str) -> None:
    """Refuse a record whose own id is not the one its file name gives.

    Raises:
        CorruptStateError: It is a copy under another name, or was renamed.
    """
    if found != instance_id:
        raise CorruptStateError(path, f"it is the record of instance {found!r} under another file name")


def _decode_leniently(data: bytes, path: str, refusal: Exception) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise CorruptStateError(path, f"not JSON: {_reason(refusal)} in {len(data)} bytes") from None


def _reason(error: Exception) -> str:
    return str(error).replace("`", "")


def state_document(state: WorkflowInstanceState) -> dict[str, Any]:
    """Give a state as plain values that share nothing with it, as `IWorkflowStateStore.save_state` takes it."""
    document: dict[str, Any] = msgspec.to_builtins(state)
    for key in _OPTIONAL_KEYS:
        if document[key] is None:
            del document[key]
    return document


def check_state_document(instance_id: str, state_data: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a state given as plain values, after checking that it is one of this instance.

    Raises:
        InvalidValueError: It is not plain JSON, not a state, or of another instance.
    """
    document = plain_object(state_data, "state_data")
    try:
        state = msgspec.convert(document, WorkflowInstanceState)
    except msgspec.ValidationError as error:
        raise InvalidValueError(f"state_data is not the state of an instance: {_reason(error)}") from None
    if state.instance_id != instance_id:
        raise InvalidValueError(
            f"state_data is of instance {state.instance_id!r}, but is to be saved as {instance_id!r}"
        )
    for key in _OPTIONAL_KEYS:
        if document.get(key, ...) is None:
            del document[key]
    return document


def check_times(document: Mapping[str, Any]) -> None:
    """Refuse to save what could not be read back: a state without its times.

    Raises:
        InvalidValueError: A time is missing.
    """
    for key in _REQUIRED_TIMES:
        if key not in document:
            raise InvalidValueError(f"state_data.{key} is missing; give the time in Unix seconds")


def overlay(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Lay new values over a decoded document, so that keys of other programs survive.

    History entries are laid over one another by index; all other values replace the old.
    """
    merged = {**document, **changes}
    former = document.get("history")
    if isinstance(former, list) and isinstance(changes.get("history"), list):
        merged["history"] = [
            {**former[index], **entry} if index < len(former) and isinstance(former[index], dict) else entry
            for index, entry in enumerate(changes["history"])
        ]
    return merged


def encode_document(document: Mapping[str, Any], limit: int | None = None) -> bytes:
    """Write a document as indented UTF-8 JSON, keys in the order given.

    Args:
        document: The document.
        limit: The most bytes that would be read back; None for any number.

    Raises:
        InvalidValueError: It is larger.
    """
    data = msgspec.json.format(msgspec.json.encode(document), indent=2)
    if limit is not None:
        check_size(data, "a record", limit)
    return data


def encode_record(document: Mapping[str, Any]) -> bytes:
    """Write the record of an instance, if it is not larger than what is read back.

    Raises:
        InvalidValueError: It is larger.
    """
    return encode_document(document, MAX_RECORD_BYTES)


def check_size(data: bytes, kind: str, limit: int) -> None:
    """Refuse to write what would not be read back.

    Raises:
        InvalidValueError: It is larger.
    """
    if len(data) > limit:
        raise InvalidValueError(
            f"With this, {kind} would have {len(data):,} bytes, and {limit:,} are the most read back. "
            "Nothing was changed; long texts belong into record_task, longer ones into files of their own"
        )


def decode_task_record(data: bytes, path: str) -> TaskExecutionRecord:
    """Read the record of an attempt.

    Raises:
        CorruptStateError: It is not one.
    """
    try:
        return msgspec.json.decode(data, type=TaskExecutionRecord)
    except _decode_errors as error:
        raise CorruptStateError(path, f"not the record of a task: {_reason(error)}") from None
