"""What can be taken elsewhere of what is shown: texts, code blocks, names, paths, Python calls. For worker threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from chatflow_core import TaskArtifacts, WorkflowEngine
from chatflow_core.code_blocks import code_blocks
from chatflow_core.harmless_text import plain_lines
from chatflow_core.models import TextKind
from chatflow_core.whole_instance import read_whole
from chatflow_tui.instance.details import Details
from chatflow_tui.store_errors import STORE_ERRORS
from chatflow_tui.texts.text_facts import byte_size

# Looking for code blocks goes line by line.
_MOST_CHARACTERS_WITH_BLOCKS = 5_000_000

_DIGITS = "123456789"

#: The key of the entry that is written to a file, and not copied.
EXPORT = "e"


@dataclass(frozen=True, slots=True)
class Takeable:
    """One thing that can be taken.

    Attributes:
        key: The key that takes it; empty for those beyond the ninth code block.
        name: What it is, for the menu and for the toast.
        hint: What is known about it; not yet made harmless.
        make: Gives the text, harmless. Blocks, and may raise what a store does.
    """

    key: str
    name: str
    hint: str
    make: Callable[[], str]


def takeables(engine: WorkflowEngine, shown: Details, kind: TextKind) -> list[Takeable]:
    """List what can be taken of what is shown.

    Args:
        engine: The engine to read with.
        shown: What is shown.
        kind: The text whose code blocks and path are meant.
    """
    instance_id, artifacts = shown.selection.instance_id, shown.artifacts
    found: list[Takeable] = []
    if artifacts is not None:
        found += _texts(artifacts)
    if shown.state is not None:
        whole = partial(_harmless_whole, engine, instance_id)
        found.append(Takeable("m", "whole instance", "as Markdown: timeline, data, prompts, responses", whole))
        found.append(Takeable(EXPORT, "export", "the whole instance to a Markdown file …", whole))
    found.append(Takeable("i", "instance id", instance_id, partial(plain_lines, instance_id)))
    found += _paths(engine, shown, kind)
    found += _calls(engine, shown)
    if artifacts is not None:
        found += _blocks(_text_of(artifacts, kind) or "", kind)  # last, because there may be many
    return found


def _harmless_whole(engine: WorkflowEngine, instance_id: str) -> str:
    return plain_lines(read_whole(engine.state_store, instance_id))


def _text_of(artifacts: TaskArtifacts, kind: TextKind) -> str | None:
    return artifacts.prompt if kind == "prompt" else artifacts.ai_response


def _texts(artifacts: TaskArtifacts) -> Iterator[Takeable]:
    kinds: tuple[tuple[str, TextKind, int], ...] = (
        ("p", "prompt", artifacts.prompt_size),
        ("r", "response", artifacts.response_size),
    )
    for key, kind, size in kinds:
        text = _text_of(artifacts, kind)
        if text is not None:
            of_attempt = f", attempt {artifacts.attempt}/{artifacts.attempts}" if artifacts.attempts > 1 else ""
            hint = f"of {artifacts.phase_name}{of_attempt} · {byte_size(size)}"
            yield Takeable(key, kind, hint, partial(plain_lines, text))


def _blocks(text: str, kind: TextKind) -> Iterator[Takeable]:
    if len(text) > _MOST_CHARACTERS_WITH_BLOCKS:
        return
    for number, block in enumerate(code_blocks(text), 1):
        first = next((line.strip() for line in block.text.split("\n") if line.strip()), "")
        hint = f"{block.language or 'text'} · {first}"
        key = str(number) if number <= len(_DIGITS) else ""
        yield Takeable(key, f"code block {number} of the {kind}", hint, partial(plain_lines, block.text))


def _paths(engine: WorkflowEngine, shown: Details, kind: TextKind) -> Iterator[Takeable]:
    store, instance_id, artifacts = engine.state_store, shown.selection.instance_id, shown.artifacts
    with suppress(*STORE_ERRORS):
        record = store.locate(instance_id)
        if record is not None:
            yield Takeable("f", "path of the record", _in_store(engine, record), partial(plain_lines, record))
    if artifacts is None or _text_of(artifacts, kind) is None:
        return
    with suppress(*STORE_ERRORS):
        text = store.locate(instance_id, artifacts.phase_name, kind, _former(artifacts))
        if text is not None:
            yield Takeable("t", f"path of the {kind}", _in_store(engine, text), partial(plain_lines, text))


def _in_store(engine: WorkflowEngine, path: str) -> str:
    """The part of a path that tells: the end."""
    return path.removeprefix(engine.state_store.locate() or "").lstrip("/\\")


def _calls(engine: WorkflowEngine, shown: Details) -> Iterator[Takeable]:
    """The Python that reads what is shown, and that does what the key for advancing does."""
    directory, state, artifacts = engine.state_store.locate(), shown.state, shown.artifacts
    if directory is None:
        return
    start = f"import chatflow_core as chatflow\n\nengine = chatflow.init({directory!r})\n"
    if artifacts is not None:
        former = _former(artifacts)
        attempt = "" if former is None else f", attempt={former}"
        read = f"engine.load_artifacts({artifacts.instance_id!r}, {artifacts.phase_name!r}{attempt})"
        yield Takeable("c", "Python call that reads it", read, partial(plain_lines, f"{start}texts = {read}\n"))
    if state is not None and state.status != "completed" and not _is_read_only(engine, state.instance_id):
        advance = f"engine.trigger_next_step({state.instance_id!r}, expected_phase={state.current_phase!r})"
        yield Takeable("a", "Python call that advances", advance, partial(plain_lines, f"{start}state = {advance}\n"))


def _is_read_only(engine: WorkflowEngine, instance_id: str) -> bool:
    try:
        return engine.state_store.read_only_reason(instance_id) is not None
    except STORE_ERRORS:
        return True


def _former(artifacts: TaskArtifacts) -> int | None:
    return None if artifacts.attempt == artifacts.attempts else artifacts.attempt
