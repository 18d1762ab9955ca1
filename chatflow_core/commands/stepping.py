"""`start`, `next`, `fail`, `retry`: moving instances on."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from chatflow_core.commands.console import Console, one_line
from chatflow_core.commands.data_arguments import data_given, text_given
from chatflow_core.commands.exit_codes import NOT_FOUND, OK, RefusedError
from chatflow_core.commands.instance_names import instance_named
from chatflow_core.commands.json_shapes import instance_row
from chatflow_core.commands.store_choice import open_engine, store_directory, store_to_start_in
from chatflow_core.layout import SCHEMA_SUFFIXES
from chatflow_core.models import WorkflowInstanceState
from chatflow_core.schema import WorkflowSchema
from chatflow_core.store import IWorkflowStateStore
from chatflow_core.summaries import summarize


def start(options: Namespace, console: Console) -> int:
    """Start an instance and write its id."""
    directory, is_new = store_to_start_in(options)
    engine = open_engine(directory)
    schema = _schema(options.schema, engine.state_store)
    context = data_given(options.context, "context", console) or {}
    meta = data_given(options.meta, "meta", console)
    instance_id = engine.start_workflow_instance(schema, context, options.feature, meta)
    if is_new:
        console.say(f"Made the store {directory.absolute()}")
    if options.json:
        state = engine.get_workflow_instance_status(instance_id)
        if state is not None:
            console.json(instance_row(summarize(state)))
    else:
        console.line(instance_id)
    return OK


def _schema(given: str, store: IWorkflowStateStore) -> WorkflowSchema:
    if given.endswith(SCHEMA_SUFFIXES) or os.sep in given:
        return WorkflowSchema.from_text(text_given(given), given, default_name=Path(given).stem)
    schema = store.load_schema(given)
    if schema is None:
        known = ", ".join(store.list_schemas()) or "none"
        raise RefusedError(
            f"There is no workflow definition named {given!r}; those there are: {known}. "
            "A file is given by its path, such as ./workflow.yaml",
            NOT_FOUND,
        )
    return schema


def next_(options: Namespace, console: Console) -> int:
    """End the current phase with its result, and open the next."""
    directory = store_directory(options)
    instance_id = instance_named(options.id, directory)
    data = data_given(options.data, "data", console)
    meta = data_given(options.meta, "meta", console)
    state = open_engine(directory).trigger_next_step(
        instance_id, data, meta, dry_run=options.dry_run, expected_phase=options.expect
    )
    ended = next((entry.phase for entry in reversed(state.history) if entry.ended_at is not None), "")
    follows = "the instance is completed" if state.status == "completed" else f"{state.current_phase} begins"
    _tell(state, options, console, f"{ended} is completed, {follows}", ended_phase=ended)
    return OK


def fail(options: Namespace, console: Console) -> int:
    """End the current phase as failed."""
    directory = store_directory(options)
    instance_id = instance_named(options.id, directory)
    reason = text_given("-").strip() if options.reason == "-" else options.reason
    meta = data_given(options.meta, "meta", console)
    state = open_engine(directory).fail_current_phase(instance_id, reason, meta, expected_phase=options.expect)
    _tell(state, options, console, f"{state.current_phase} failed", ended_phase=state.current_phase)
    return OK


def retry(options: Namespace, console: Console) -> int:
    """Open the failed phase again."""
    directory = store_directory(options)
    instance_id = instance_named(options.id, directory)
    meta = data_given(options.meta, "meta", console)
    state = open_engine(directory).retry_phase(instance_id, meta, expected_phase=options.expect)
    _tell(state, options, console, f"{state.current_phase} begins again", ended_phase=None)
    return OK


def _tell(
    state: WorkflowInstanceState, options: Namespace, console: Console, words: str, *, ended_phase: str | None
) -> None:
    is_dry_run = getattr(options, "dry_run", False)
    if options.json:
        console.json({**instance_row(summarize(state)), "ended_phase": ended_phase, "dry_run": is_dry_run})
    else:
        console.line(f"{state.instance_id} {one_line(state.status)} {one_line(state.current_phase)}")
    console.say(f"{state.instance_id}: {words}" + (" - if it were done; nothing was written" if is_dry_run else ""))
