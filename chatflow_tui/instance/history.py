"""Reading what the history screen shows: the steps of an instance, and the texts of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from chatflow_core import TaskArtifacts, WorkflowEngine
from chatflow_core.timeline import HistoryStep, build_history
from chatflow_tui.instance.details import with_schema
from chatflow_tui.store_errors import STORE_ERRORS
from chatflow_tui.texts.history_texts import texts_of_run


@dataclass(frozen=True, slots=True)
class History:
    """What was read of an instance.

    Attributes:
        workflow_name: Its workflow.
        steps: Its history, the oldest run first.
        meta: Its meta.
        variables: Its variables.
    """

    workflow_name: str
    steps: tuple[HistoryStep, ...]
    meta: dict[str, Any]
    variables: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepTexts:
    """What was recorded in one run.

    Attributes:
        number: Its place in the history.
        artifacts: The texts; None if none were recorded in it, or they cannot be read.
        problem: Why they cannot be read, in words.
    """

    number: int
    artifacts: TaskArtifacts | None
    problem: str | None = None


def read_history(engine: WorkflowEngine, instance_id: str) -> History | None:
    """Read the history of an instance. Blocks; for a worker thread.

    Returns:
        The history; None if there is no such instance any more.

    Raises:
        ChatFlowError: It cannot be read.
    """
    state = engine.get_workflow_instance_status(instance_id)
    if state is None:
        return None
    steps = build_history(with_schema(engine, state))
    return History(state.workflow_name, steps, state.meta, state.variables)


def read_texts(
    engine: WorkflowEngine, instance_id: str, steps: tuple[HistoryStep, ...], step: HistoryStep
) -> StepTexts:
    """Read what was recorded in one step. Blocks; for a worker thread."""
    starts = [each.run.started_at for each in steps if each.phase == step.phase]
    load = partial(engine.load_artifacts, instance_id, step.phase)
    try:
        return StepTexts(step.number, texts_of_run(step.run_number, starts, load))
    except STORE_ERRORS as error:
        return StepTexts(step.number, None, str(error))
