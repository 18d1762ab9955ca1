"""Recording a text for a phase: what it would come to, where the text comes from, and doing it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from chatflow_core import ChatFlowError, CorruptStateError, InvalidValueError, WorkflowEngine
from chatflow_core.artifacts import MAX_TEXT_BYTES
from chatflow_core.atomic_files import read_file
from chatflow_core.models import TextKind
from chatflow_tui.acting.steps import Done, StepPlan, look_at
from chatflow_tui.texts.plain_text import plain_text
from chatflow_tui.texts.text_facts import byte_size, estimate_tokens, token_words

# As much as a preview has room for.
_SHOWN_LINES, _SHOWN_CHARACTERS = 40, 400


@dataclass(frozen=True, slots=True)
class RecordPlan(StepPlan):
    """What recording a text would do, as the store was a moment ago.

    Attributes:
        target: The phase the text is recorded for, be the instance in it still or not.
        attempts: How many attempts at it there are.
        has_prompt: Whether the current attempt has a prompt.
        has_response: Whether it has a response.
        is_unreadable: Whether it has a text that cannot be read, so that it can only be left as it is.
    """

    target: str = ""
    attempts: int = 0
    has_prompt: bool = False
    has_response: bool = False
    is_unreadable: bool = False

    def number(self, kind: TextKind) -> int:
        """Number of the attempt that the text would belong to."""
        return self.attempts + 1 if self._opens(kind) else max(1, self.attempts)

    def lines(self, kind: TextKind) -> tuple[str, ...]:
        """What would be written, in lines of words; not yet made harmless."""
        said = [f"● records  the {kind} of {self.target}, attempt {self.number(kind)}"]
        if self.attempts and self._opens(kind):
            why = "cannot be read" if self.is_unreadable else f"has a {kind} already"
            said.append(f"           attempt {self.attempts} {why}; it is kept as it is")
        if self.status == "completed":
            said.append("! the instance is completed")
        elif self.phase != self.target:
            said.append(f"! the instance is in {self.phase} by now")
        return tuple(said)

    def _opens(self, kind: TextKind) -> bool:
        return self.is_unreadable or (self.has_prompt if kind == "prompt" else self.has_response)


@dataclass(frozen=True, slots=True)
class TakenText:
    """A text that is to be recorded, and what is shown of it.

    Attributes:
        text: The text.
        facts: Where it is from and how much it is, in a line; not yet made harmless.
        head: Its first lines, harmless.
    """

    text: str
    facts: str
    head: str


def plan_record(engine: WorkflowEngine, instance_id: str, target: str | None = None) -> RecordPlan:
    """Find out what recording a text would do; nothing is written. Blocks; for a worker thread.

    Args:
        engine: The engine.
        instance_id: The instance.
        target: The phase; None for the current one.

    Raises:
        ChatFlowError: Nothing can be recorded; the message says why.
    """
    state = look_at(engine, instance_id)
    target = state.current_phase if target is None else target
    present = engine.load_artifacts(instance_id, target)
    return RecordPlan(
        state.instance_id,
        state.feature_id,
        state.current_phase,
        state.status,
        state.updated_at,
        (),
        target,
        present.attempts,
        present.prompt is not None,
        present.ai_response is not None,
        present.problem is not None,
    )


def record(engine: WorkflowEngine, plan: RecordPlan, kind: TextKind, text: str) -> Done:
    """Record a text as planned. Blocks; for a worker thread.

    Raises:
        ChatFlowError: It was not recorded, or the store is no longer as the plan found it; the message says what is.
    """
    look_at(engine, plan.instance_id)  # so that nothing is locked for an instance that is gone
    with engine.state_store.lock(plan.instance_id):
        now = plan_record(engine, plan.instance_id, plan.target)
        if now.number(kind) != plan.number(kind):
            raise ChatFlowError("Another program recorded a text for this phase meanwhile. Nothing was written")
        texts = {"prompt": text} if kind == "prompt" else {"ai_response": text}
        engine.record_task(plan.instance_id, phase_name=plan.target, **texts)
    size = byte_size(len(text.encode()))
    words = f"{plan.feature_id}: {kind} of {plan.target} recorded ({size}, attempt {plan.number(kind)})"
    return Done(plan.instance_id, words)


def take_text(text: str, source: str, *, from_terminal: bool = False) -> TakenText:
    """Look at a text that was handed over. May take long; for a worker thread.

    Args:
        text: The text.
        source: Where it is from, such as ``"from the clipboard"``.
        from_terminal: Whether its lines are ended as terminals end them.

    Raises:
        InvalidValueError: It is blank, or larger than what is read back.
    """
    if from_terminal:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InvalidValueError(f"There is no text {source}")
    size = len(text.encode(errors="replace"))
    if size > MAX_TEXT_BYTES:
        raise InvalidValueError(
            f"{byte_size(size)} {source} are more than a text may have ({byte_size(MAX_TEXT_BYTES)})"
        )
    count = text.count("\n") + (not text.endswith("\n"))
    lines = "1 line" if count == 1 else f"{count:,} lines"
    start = text[: _SHOWN_LINES * _SHOWN_CHARACTERS].split("\n")[:_SHOWN_LINES]
    head = plain_text("\n".join(line[:_SHOWN_CHARACTERS] for line in start))
    return TakenText(text, f"{byte_size(size)} · {lines} · {token_words(estimate_tokens(text))} · {source}", head)


def read_text_file(place: str) -> str:
    """Read a text that is to be recorded. Blocks; for a worker thread.

    Args:
        place: The file; ``~`` is the home directory, and relative paths begin where the program was started.

    Raises:
        InvalidValueError: It is not a text that could be recorded; the message says why.
        StorageError: The system refused.
    """
    if not place.strip():
        raise InvalidValueError("name a file")
    try:
        # Links are the user's own here.
        path = os.path.realpath(Path(place.strip()).expanduser())
        data, _ = read_file(path, MAX_TEXT_BYTES)
    except FileNotFoundError:
        raise InvalidValueError(f"{place}: there is no such file") from None
    except CorruptStateError as error:
        raise InvalidValueError(f"{error.path}: {error.reason}") from None
    except (RuntimeError, ValueError) as error:
        raise InvalidValueError(f"{place}: {error}") from None
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise InvalidValueError(f"{place} is not UTF-8 text: byte {error.start:,} is none") from None
    if "\0" in text:
        raise InvalidValueError(f"{place} is not text: it holds a NUL byte")
    return text
