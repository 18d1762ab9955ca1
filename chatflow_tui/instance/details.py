"""Reading what the screen shows of one instance: its timeline and the texts of one phase."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from chatflow_core import (
    PhaseTimeline,
    TaskArtifacts,
    WorkflowEngine,
    WorkflowInstanceState,
    build_timeline,
)
from chatflow_core.timeline import PENDING
from chatflow_core.whole_instance import names_with_texts
from chatflow_tui.store_errors import STORE_ERRORS


@dataclass(frozen=True, slots=True)
class Selection:
    """What the reader looks at.

    Attributes:
        instance_id: The instance.
        phase: The phase; None for the current one.
        attempt: The attempt at it, from 1; None for the current one.
    """

    instance_id: str
    phase: str | None = None
    attempt: int | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What was read for a selection.

    Attributes:
        selection: What was asked for.
        timeline: The instance's phases; then those that have texts and are not among them.
        phase: The phase whose texts were read; None if the instance could not be read.
        artifacts: Its texts.
        state: The state of the instance.
        problem: Why the instance, or its texts, could not be read, in words.
    """

    selection: Selection
    timeline: tuple[PhaseTimeline, ...] = ()
    phase: str | None = None
    artifacts: TaskArtifacts | None = None
    state: WorkflowInstanceState | None = None
    problem: str | None = None


def last_good(shown: Details | None, found: Details) -> Details | None:
    """Give what was read last of an instance that cannot be read any more, so that it stays under the reader's eyes.

    Args:
        shown: What was read before.
        found: What was read now.

    Returns:
        The same phases, and the same texts if those are asked for, else the reason why there are none; None if the
        instance could be read now, or could not be read before either.
    """
    wanted = found.selection
    if found.state is not None or shown is None or shown.state is None:
        return None
    if shown.selection.instance_id != wanted.instance_id:
        return None
    if wanted.phase in (None, shown.phase) and wanted.attempt == shown.selection.attempt:
        return replace(shown, selection=wanted)
    return replace(shown, selection=wanted, phase=wanted.phase, artifacts=None, problem=found.problem)


def read_details(engine: WorkflowEngine, selection: Selection) -> Details:
    """Read an instance and the texts of one of its phases. Blocks; for a worker thread."""
    try:
        state = engine.get_workflow_instance_status(selection.instance_id)
    except STORE_ERRORS as error:
        return Details(selection, problem=str(error))
    if state is None:
        return Details(selection, problem="This instance is gone: its record was removed.")
    phase = selection.phase or state.current_phase
    # A definition or a text that cannot be read does not hide what happened.
    timeline = _timeline(engine, state)
    try:
        artifacts = engine.load_artifacts(selection.instance_id, phase, selection.attempt)
    except STORE_ERRORS as error:
        return Details(selection, timeline, phase, state=state, problem=str(error))
    return Details(selection, timeline, phase, artifacts, state)


def with_schema(engine: WorkflowEngine, state: WorkflowInstanceState) -> WorkflowInstanceState:
    """Give a state that keeps no definition the stored one of its workflow's name, if that can be read. Blocks."""
    if state.workflow_schema is None and state.workflow_name.strip():
        with suppress(*STORE_ERRORS):
            schema = engine.state_store.load_schema(state.workflow_name)
            return replace(state, workflow_schema=schema.to_dict() if schema is not None else None)
    return state


def _timeline(engine: WorkflowEngine, state: WorkflowInstanceState) -> tuple[PhaseTimeline, ...]:
    state = with_schema(engine, state)
    timeline = build_timeline(state)
    known = {row.phase for row in timeline}
    others: list[str] = []
    with suppress(*STORE_ERRORS):
        others = [name for name in names_with_texts(engine.state_store, state) if name not in known]
    return timeline + tuple(
        PhaseTimeline(name, f"{name} (other text)", PENDING, (), is_current=False) for name in others
    )


class DetailLoader:
    """Reads one selection at a time in a thread; of those asked for meanwhile only the last is read."""

    def __init__(self, engine: WorkflowEngine, on_loaded: Callable[[Details], object]) -> None:
        """Make a loader.

        Args:
            engine: The engine to read with.
            on_loaded: Called in the event loop with what was read.
        """
        self._engine = engine
        self._on_loaded = on_loaded
        self._wanted: Selection | None = None
        self.is_running = False

    def want(self, selection: Selection) -> bool:
        """Ask for a selection, again if it may have changed.

        Returns:
            Whether `run` is to be started, because it is not running.
        """
        self._wanted = selection
        # Noted here, because `run` begins later: two of them would deliver out of order.
        was_running, self.is_running = self.is_running, True
        return not was_running

    async def run(self) -> None:
        """Read what is wanted until nothing more is."""
        try:
            while (selection := self._wanted) is not None:
                self._wanted = None
                self._on_loaded(await asyncio.to_thread(read_details, self._engine, selection))
        finally:
            self.is_running = False
