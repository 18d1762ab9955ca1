"""Values from callers: checked to be plain JSON, and copied, before anything is written."""

from __future__ import annotations

import math
from typing import Any

from chatflow_core.errors import InvalidValueError

#: Deepest nesting taken. Decoders refuse deep documents by how much stack is left,
#: so what one program could just write another could not read.
MAX_DEPTH = 64

# Python converts integers of up to 4,300 decimal digits; this is a little less.
_MAX_INTEGER_BITS = 13_000


def plain_json(value: Any, path: str) -> Any:
    """Copy a value that is plain JSON: text, numbers, booleans, null, lists and objects with text keys.

    Tuples become lists and subclasses of text and numbers their plain selves,
    as any JSON encoder would write them.

    Args:
        value: The value.
        path: What it is called in the error message, such as ``"trigger_data"``.

    Returns:
        A copy that shares nothing mutable with the value.

    Raises:
        InvalidValueError: Something in it is not plain JSON; the message gives the path to it.
    """
    try:
        return _copy_usual([value], MAX_DEPTH + 1)[0]
    except (_UnusualError, UnicodeEncodeError):
        return _copy(value, path, MAX_DEPTH)


def plain_object(value: Any, path: str) -> dict[str, Any]:
    """Copy a value that is a plain JSON object.

    Raises:
        InvalidValueError: It is not an object, or something in it is not plain JSON.
    """
    if not isinstance(value, dict):
        raise InvalidValueError(f"{path}: expected an object (a dict), got {_kind(value)}")
    copied: dict[str, Any] = plain_json(value, path)
    return copied


class _UnusualError(Exception):
    """A value needs the careful copy, which knows the path to it."""


def _copy_usual(container: Any, depth: int) -> Any:
    """Copy a list or object of what nearly all are made of.

    A record is copied at every step, so values are looked at where they stand: a call for each takes twice as long.
    """
    if depth == 0:
        raise _UnusualError
    is_object = type(container) is dict
    copied = {}
    for key, item in container.items() if is_object else enumerate(container):
        if is_object:
            if type(key) is not str:
                raise _UnusualError
            if not key.isascii():
                key.encode()
        kind = type(item)
        if kind is str:
            if not item.isascii():
                item.encode()
        elif kind is dict or kind is list:
            item = _copy_usual(item, depth - 1)  # noqa: PLW2901 - the copy takes its place
        elif not (
            item is None
            or kind is bool
            or (kind is float and math.isfinite(item))
            or (kind is int and item.bit_length() <= _MAX_INTEGER_BITS)
        ):
            raise _UnusualError
        copied[key] = item
    return copied if is_object else list(copied.values())


def _copy(value: Any, path: str, depth: int) -> Any:
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, int):
        if value.bit_length() > _MAX_INTEGER_BITS:
            raise InvalidValueError(f"{path}: an integer of that many digits is not read back; write it as text")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidValueError(f"{path}: {value} is not JSON; leave it out or write it as text")
        return float(value)
    if depth == 0:
        raise InvalidValueError(f"{path}: nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        copied = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise InvalidValueError(f"{path}: the key {key!r} is {_kind(key)}; JSON keys are text")
            copied[_text(key, path)] = _copy(item, f"{path}.{key}", depth - 1)
        return copied
    if isinstance(value, list | tuple):
        return [_copy(item, f"{path}[{index}]", depth - 1) for index, item in enumerate(value)]
    raise InvalidValueError(f"{path}: {_kind(value)} is not JSON; give text, a number, a list or a dict")


def _text(value: str, path: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidValueError(
            f"{path}: the text has a lone surrogate at position {error.start}, which UTF-8 cannot hold"
        ) from None
    return str.__str__(value)


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
