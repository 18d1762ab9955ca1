"""Everything there is about an instance: its texts under the true names of their phases, all of it as Markdown."""

from __future__ import annotations

from contextlib import suppress

from chatflow_core.errors import InstanceNotFoundError, InvalidNameError
from chatflow_core.layout import phase_stem
from chatflow_core.models import TaskArtifacts, WorkflowInstanceState
from chatflow_core.store import IWorkflowStateStore
from chatflow_core.timeline import build_timeline


def names_with_texts(store: IWorkflowStateStore, state: WorkflowInstanceState) -> list[str]:
    """Give the phases of an instance that have texts: those of its timeline in their order, then others.

    Where no record tells the true name of a phase, a store knows its texts by the stem of their files.
    Of a store that does not tell which have texts, it is all of the timeline.
    """
    of_timeline = [phase.phase for phase in build_timeline(state)]
    try:
        others = {_stem(name): name for name in store.phases_with_texts(state.instance_id)}
    except NotImplementedError:
        return of_timeline
    found = [name for name in of_timeline if others.pop(_stem(name), None) is not None]
    return [*found, *others.values()]


def read_whole(store: IWorkflowStateStore, instance_id: str) -> str:
    """Read everything about an instance, as one Markdown document; what is in the texts is as it was recorded.

    Raises:
        InstanceNotFoundError: It is gone.
        ChatFlowError: It cannot be read.
    """
    from chatflow_core.instance_markdown import instance_markdown  # noqa: PLC0415 - only where it is exported

    state = store.read_state(instance_id)
    if state is None:
        raise InstanceNotFoundError(instance_id, repr(store))
    texts: dict[str, list[TaskArtifacts]] = {}
    with suppress(NotImplementedError):  # of a store that only writes texts there is nothing more to tell
        for name in names_with_texts(store, state):
            current = store.load_artifacts(instance_id, name)
            if current.attempts:
                former = (store.load_artifacts(instance_id, name, number) for number in range(1, current.attempts))
                texts[name] = [*former, current]
    return instance_markdown(state, texts)


def _stem(phase_name: str) -> str:
    try:
        return phase_stem(phase_name)
    except InvalidNameError:
        return phase_name  # a record may hold any name; no file can have this one
