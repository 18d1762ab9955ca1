"""Data given on the command line: a file, standard input, or pairs such as ``summary=done``."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chatflow_core.bounded_yaml import load_yaml
from chatflow_core.commands.console import Console
from chatflow_core.commands.exit_codes import ERROR, USAGE, RefusedError
from chatflow_core.errors import InvalidValueError

_PAIR = re.compile(r"([^\W\d][\w.-]*)=(.*)", re.DOTALL)


def data_given(arguments: Sequence[str] | None, name: str, console: Console) -> dict[str, Any] | None:
    """Read an object, and say what it was read as where that is not plain to see.

    Args:
        arguments: A file's name, ``-`` for standard input (YAML or JSON), or pairs of key and value.
        name: What it is, for messages, such as ``"data"``.
        console: Where to say it.

    Returns:
        The object; None if nothing was given.

    Raises:
        RefusedError: A file and pairs were given, or the file cannot be read.
        InvalidValueError: It is not an object of plain JSON values.
    """
    if not arguments:
        return None
    pairs = [_PAIR.fullmatch(argument) for argument in arguments]
    if all(pairs):
        read = {pair[1]: value_of(pair[2]) for pair in pairs if pair is not None}
    elif len(arguments) == 1:
        source = "standard input" if arguments[0] == "-" else arguments[0]
        read = load_yaml(text_given(arguments[0]), source)
        if not isinstance(read, dict):
            kind = {list: "a list", type(None): "nothing"}.get(type(read), repr(read))
            raise InvalidValueError(f"{source}: expected keys and values such as 'summary: done', got {kind}")
    else:
        wrong = next(argument for argument, pair in zip(arguments, pairs, strict=True) if pair is None)
        raise RefusedError(f"--{name}: expected one file, or pairs such as key=value; {wrong!r} is no pair", USAGE)
    console.say(f"{name} read as {_json(read)}")
    return read


def value_of(text: str) -> Any:
    """Read the value of a pair: a number, true, false or null as YAML has it, a list or an object in brackets.

    Everything else is the text itself, but for quotes around it: nothing in it is a comment, a date or a key.
    """
    try:
        value = load_yaml(text, "value")
    except InvalidValueError:
        return text
    if isinstance(value, str):
        return value if text[:1] in ("'", '"') else text
    if isinstance(value, dict | list):
        return value if text[:1] in ("{", "[") else text
    return text if value is None and text not in ("null", "~") else value


def text_given(file_name: str) -> str:
    """Read a file, or standard input for ``-``, as UTF-8.

    Raises:
        RefusedError: It cannot be read.
    """
    source = "standard input" if file_name == "-" else file_name
    if file_name == "-" and sys.stdin is None:
        raise RefusedError("standard input is closed", ERROR)
    try:
        data = sys.stdin.buffer.read() if file_name == "-" else Path(file_name).read_bytes()
        return data.decode()
    except UnicodeDecodeError as error:
        raise RefusedError(f"{source}: not UTF-8 at byte {error.start}", ERROR) from None
    except OSError as error:
        raise RefusedError(f"{source}: {error.strerror or error}", ERROR) from None


def _json(value: Any) -> str:
    import json  # noqa: PLC0415 - only where something was given

    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}… ({len(text):,} characters)"
