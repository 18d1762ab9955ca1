"""Texts and task records from callers: checked and completed before anything is written."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from chatflow_core.artifacts import checksum
from chatflow_core.errors import InvalidValueError
from chatflow_core.json_values import plain_object
from chatflow_core.models import TaskExecutionRecord


def task_record(phase_name: str, data: dict[str, Any], texts: tuple[bytes, bytes]) -> dict[str, Any]:
    """Complete what a caller gives as the record of a task.

    Args:
        phase_name: The phase.
        data: Keys of a `TaskExecutionRecord` and others.
        texts: Prompt and response as UTF-8, whose checksums are added where they are missing.

    Raises:
        InvalidValueError: It is not plain JSON, a key has the wrong type, or a checksum is of another text.
    """
    record = {"phase_name": phase_name, "status": "completed", "started_at": time.time(), "ended_at": None}
    record.update(plain_object(data, "task_record_data"))
    for key, text in zip(("prompt_checksum", "response_checksum"), texts, strict=True):
        found = checksum(text)
        if record.get(key) not in (None, "", found):
            raise InvalidValueError(f"task_record_data.{key} is not the SHA-256 of the text given; leave it out")
        record[key] = found
    try:
        msgspec.convert(record, TaskExecutionRecord)
    except msgspec.ValidationError as error:
        raise InvalidValueError(f"task_record_data: {error}") from None
    return record


def utf8(text: str, name: str) -> bytes:
    """Give a text's bytes; `name` is what to call it in messages.

    Raises:
        InvalidValueError: It is not text, or cannot be written as UTF-8.
    """
    if not isinstance(text, str):
        raise InvalidValueError(f"{name}: expected text, got {type(text).__name__}")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidValueError(
            f"{name}: a lone surrogate at position {error.start} cannot be written as UTF-8"
        ) from None
