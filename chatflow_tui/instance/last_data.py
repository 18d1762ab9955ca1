"""The trigger data last given for a phase, to be offered again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from chatflow_core import ChatFlowError, InstanceSummary, WorkflowEngine

# Reading an instance takes about a millisecond, and what is older is hardly worth offering.
_MOST_READ = 50


@dataclass(frozen=True, slots=True)
class LastData:
    """Trigger data of a phase that ended.

    Attributes:
        data: The data.
        feature_id: The feature it was given for.
        ended_at: When, in Unix seconds.
    """

    data: dict[str, Any]
    feature_id: str
    ended_at: float


def where_to_look(summaries: Iterable[InstanceSummary], workflow_name: str) -> list[str]:
    """Give the ids of the instances of a workflow that changed last."""
    of_workflow = (summary for summary in summaries if summary.workflow_name == workflow_name)
    return [summary.instance_id for summary in nlargest(_MOST_READ, of_workflow, key=lambda each: each.updated_at)]


def last_data(engine: WorkflowEngine, instance_ids: Iterable[str], phase: str) -> LastData | None:
    """Find the trigger data last given for a phase; None if there is none. Blocks; for a worker thread.

    Args:
        engine: The engine.
        instance_ids: Where to look.
        phase: The phase.
    """
    newest: LastData | None = None
    for instance_id in instance_ids:
        try:
            state = engine.get_workflow_instance_status(instance_id)
        except ChatFlowError:
            continue  # it is an offer only, and the list says what is wrong with that record
        for entry in state.history if state is not None else ():
            data, ended_at = entry.trigger_data_snapshot, entry.ended_at
            if entry.phase == phase and data and ended_at is not None and (not newest or ended_at > newest.ended_at):
                newest = LastData(data, state.feature_id if state is not None else "", ended_at)
    return newest
