"""Workflow definitions: which phases there are, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatflow_core.bounded_yaml import load_yaml
from chatflow_core.errors import InvalidNameError, InvalidValueError, SchemaError
from chatflow_core.json_values import plain_object
from chatflow_core.layout import phase_stem
from chatflow_core.models import NO_PHASE

#: The name of a workflow that gives none.
DEFAULT_NAME = "default"

_PHASE_TEXTS = ("task", "title", "description", "template")


@dataclass(frozen=True)
class PhaseDefinition:
    """One phase of a workflow.

    Attributes:
        name: Its name, unique in the workflow, also as a file name.
        task: What is to be done in it.
        title: Its name for people.
        description: What it is about.
        template: Name of the prompt template the caller uses for it.
        extra: Keys of the definition that ChatFlow does not know, kept as given.
    """

    name: str
    task: str | None = None
    title: str | None = None
    description: str | None = None
    template: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give the definition as it is stored: only the keys that were given."""
        texts = {key: getattr(self, key) for key in _PHASE_TEXTS if getattr(self, key) is not None}
        return {"name": self.name, **texts, **self.extra}


@dataclass(frozen=True)
class WorkflowSchema:
    """A workflow definition, validated when it is made.

    Attributes:
        name: Its name.
        phases: Its phases in order. Empty: instances start at `NO_PHASE` and complete at the first trigger.
        description: What it is for.
        extra: Keys that ChatFlow does not know, kept as given.

    Raises:
        SchemaError: Two phases share a name or a file name, or a value has the wrong type.
    """

    name: str
    phases: Sequence[PhaseDefinition] = ()
    description: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what the types alone cannot say."""
        _check_text(self.name, "schema: name")
        _check_text(self.description, f"schema {self.name!r}: description", optional=True)
        stems: dict[str, str] = {}
        for index, phase in enumerate(self.phases):
            where = f"schema {self.name!r}: phases[{index}]"
            if not isinstance(phase, PhaseDefinition):
                raise SchemaError(f"{where}: expected a PhaseDefinition, got {type(phase).__name__}")
            stem = _check_phase(phase, where)
            if stem in stems:
                raise SchemaError(
                    f"{where}: phase {phase.name!r} and phase {stems[stem]!r} would share the files "
                    f"{stem}.*; rename one of them"
                )
            stems[stem] = phase.name

    @classmethod
    def from_dict(cls, document: Any, source: str = "schema", default_name: str = DEFAULT_NAME) -> WorkflowSchema:
        """Read a definition from plain values.

        Args:
            document: An object with ``phases`` (objects with ``name``) and optionally ``name``.
            source: What to call it in messages, such as its file name.
            default_name: Its name if it gives none.

        Raises:
            SchemaError: It is not a definition; the message names the phase and key.
        """
        try:
            known = plain_object(document, source)
        except InvalidValueError as error:
            raise SchemaError(str(error)) from None
        name = known.pop("name", default_name)
        description = known.pop("description", None)
        phases = known.pop("phases", [])
        if not isinstance(phases, list):
            raise SchemaError(f"{source}: phases: expected a list of phases, got {_shown(phases)}")
        try:
            definitions = tuple(_read_phase(phase, f"{source}: phases[{i}]") for i, phase in enumerate(phases))
            return cls(name, definitions, description, known)
        except SchemaError as error:
            text = str(error)
            raise SchemaError(text if text.startswith(source) else f"{source}: {text}") from None

    @classmethod
    def from_text(cls, text: str, source: str = "schema", default_name: str = DEFAULT_NAME) -> WorkflowSchema:
        """Read a definition from YAML or JSON text, within the bounds of `load_yaml`.

        Args:
            text: The document.
            source: What to call it in messages, such as its file name.
            default_name: Its name if it gives none.

        Raises:
            SchemaError: It is not YAML or JSON, or not a definition.
        """
        try:
            document = load_yaml(text, source)
        except InvalidValueError as error:
            raise SchemaError(str(error)) from None
        return cls.from_dict(document, source, default_name)

    def to_dict(self) -> dict[str, Any]:
        """Give the definition as it is stored with an instance."""
        described = {} if self.description is None else {"description": self.description}
        return {
            "name": self.name,
            **described,
            "phases": [phase.to_dict() for phase in self.phases],
            **self.extra,
        }

    @property
    def phase_names(self) -> list[str]:
        """Names of the phases an instance goes through, in order; `NO_PHASE` alone if none is defined."""
        return [phase.name for phase in self.phases] or [NO_PHASE]

    def task_of(self, phase_name: str) -> str:
        """Give the task of a phase; ``"unknown"`` if the schema names none."""
        tasks = (phase.task for phase in self.phases if phase.name == phase_name)
        return next(tasks, None) or "unknown"


def _read_phase(phase: Any, where: str) -> PhaseDefinition:
    if not isinstance(phase, dict):
        raise SchemaError(f"{where}: expected an object with a name, got {_shown(phase)}")
    if "name" not in phase:
        raise SchemaError(f"{where}: the key name is missing")
    known = {key: phase[key] for key in ("name", *_PHASE_TEXTS) if key in phase}
    extra = {key: value for key, value in phase.items() if key not in known}
    definition = PhaseDefinition(**known, extra=extra)
    _check_phase(definition, where)
    return definition


def _check_phase(phase: PhaseDefinition, where: str) -> str:
    _check_text(phase.name, f"{where}: name")
    for key in _PHASE_TEXTS:
        _check_text(getattr(phase, key), f"{where} ({phase.name!r}): {key}", optional=True)
    try:
        return phase_stem(phase.name)
    except InvalidNameError as error:
        raise SchemaError(f"{where}: name: {error}") from None


def _check_text(value: Any, where: str, *, optional: bool = False) -> None:
    if value is None and optional:
        return
    if not isinstance(value, str):
        hint = "; put it in quotes" if isinstance(value, bool | int | float) else ""
        raise SchemaError(f"{where}: expected text, got {_shown(value)}{hint}")
    if not optional and not value.strip():
        raise SchemaError(f"{where}: must not be empty")


def _shown(value: Any) -> str:
    names = {bool: "a boolean", dict: "an object", list: "a list", type(None): "nothing", str: "text"}
    kind = names.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)
    text = repr(value)
    return kind if value is None else f"{kind} ({text if len(text) <= 40 else text[:37] + '...'})"
