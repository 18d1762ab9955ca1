"""YAML from strangers, within bounds.

The events are checked before anything is built: 50,000 nested brackets crash the
C loader, a few hundred bytes of aliases unfold to gigabytes, and merge keys to
minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chatflow_core.errors import InvalidValueError
from chatflow_core.json_values import MAX_DEPTH, plain_json

if TYPE_CHECKING:
    import yaml

#: Largest document read, in bytes of UTF-8.
MAX_YAML_BYTES = 1024 * 1024


def load_yaml(text: str, source: str) -> Any:
    """Read one YAML (or JSON) document into plain JSON values.

    Args:
        text: The document.
        source: What to call it in messages, such as its file name.

    Returns:
        The value; None for an empty document.

    Raises:
        InvalidValueError: It is too large, too deep, has aliases, is not YAML, or holds what JSON cannot
            (such as dates); the message names the source and the line.
    """
    if len(text) > MAX_YAML_BYTES or len(text.encode(errors="replace")) > MAX_YAML_BYTES:
        raise InvalidValueError(f"{source}: larger than {MAX_YAML_BYTES // 1024} KiB, which is the most read")
    if text.lstrip()[:1] in ("{", "["):
        # JSON proper, which allows a few things YAML does not, such as tabs between values.
        try:
            return plain_json(msgspec.json.decode(text), source)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            pass
    import yaml  # noqa: PLC0415 - takes as long as reading 500 records, and listing them needs none of it

    try:
        _check_events(text, source)
        value = yaml.load(text, Loader=_loader())  # noqa: S506 - it is the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InvalidValueError(f"{source}: not YAML{where}: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, InvalidValueError):
            raise
        # PyYAML lets errors of its constructors through: int("0x"), dates such as 2026-99-99, unhashable keys.
        raise InvalidValueError(f"{source}: not YAML that can be read: {error}") from None
    return plain_json(value, source)


def _loader() -> Any:
    import yaml  # noqa: PLC0415 - see above

    # The C loader is in every wheel of PyYAML; builds without libyaml have the slow one.
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _check_events(text: str, source: str) -> None:
    import yaml  # noqa: PLC0415 - see above

    depth = 0
    for event in yaml.parse(text, Loader=_loader()):
        if isinstance(event, yaml.AliasEvent):
            raise InvalidValueError(
                f"{source}: line {_line(event)} uses an alias (*{event.anchor}), which is not read; write the value out"
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise InvalidValueError(f"{source}: line {_line(event)} is nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0
