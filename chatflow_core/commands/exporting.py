"""`export`: a whole instance as one Markdown document."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from chatflow_core.commands.console import Console
from chatflow_core.commands.exit_codes import ERROR, OK, RefusedError
from chatflow_core.commands.instance_names import instance_named
from chatflow_core.commands.store_choice import open_engine, store_directory
from chatflow_core.errors import InstanceNotFoundError
from chatflow_core.instance_markdown import instance_markdown
from chatflow_core.models import TaskArtifacts
from chatflow_core.store import IWorkflowStateStore


def export(options: Namespace, console: Console) -> int:
    """Write the document to standard output, or to a file that is not there yet."""
    directory = store_directory(options)
    store = open_engine(directory).state_store
    instance_id = instance_named(options.id, directory)
    state = store.read_state(instance_id)
    if state is None:
        raise InstanceNotFoundError(instance_id, str(directory))
    texts = {phase: _attempts(store, instance_id, phase) for phase in store.phases_with_texts(instance_id)}
    document = instance_markdown(state, texts).encode()
    if options.output in (None, "-"):
        console.text(document)
        return OK
    try:
        # Opened so that a file that appears this very moment is not overwritten either.
        with Path(options.output).open("wb" if options.force else "xb") as file:
            file.write(document)
    except FileExistsError:
        raise RefusedError(f"{options.output} is there already; --force overwrites it", ERROR) from None
    except OSError as error:
        raise RefusedError(f"{options.output}: {error.strerror or error}", ERROR) from None
    console.say(f"Wrote {len(document):,} bytes to {options.output}")
    return OK


def _attempts(store: IWorkflowStateStore, instance_id: str, phase: str) -> list[TaskArtifacts]:
    current = store.load_artifacts(instance_id, phase)
    return [*(store.load_artifacts(instance_id, phase, number) for number in range(1, current.attempts)), current]
