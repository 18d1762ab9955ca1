"""`ls`, `features`, `schemas`: what is in a store.

Listing instances reads their records and nothing else: the store's locks and watches take longer to import than a
thousand records to read.
"""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from chatflow_core.commands.console import Console, one_line
from chatflow_core.commands.exit_codes import OK
from chatflow_core.commands.json_shapes import instance_row, plain
from chatflow_core.commands.store_choice import store_directory
from chatflow_core.commands.tables import age, table
from chatflow_core.layout import StoreLayout
from chatflow_core.models import UNREADABLE, InstanceSummary
from chatflow_core.record_files import RecordFiles

_STATUS_STYLES = {"running": "cyan", "completed": "green", "failed": "red", UNREADABLE: "red", "in_progress": "cyan"}


def ls(options: Namespace, console: Console) -> int:
    """List instances, the last changed first."""
    found = list(_wanted(options, store_directory(options)))
    if options.ids:
        for summary in found:
            console.line(one_line(summary.instance_id))
    elif options.json:
        console.json_array(map(instance_row, found))
    elif found:
        _write_table(found, console)
    if not found and not options.json:
        console.say("No instances")
    unreadable = sum(summary.status == UNREADABLE for summary in found)
    if unreadable:
        console.say(f"Records that cannot be read: {unreadable}; `chatflow check` says why")
    return OK


def _wanted(options: Namespace, directory: Path) -> Iterator[InstanceSummary]:
    left = options.number
    for batch in RecordFiles(StoreLayout(directory)).scan():
        for summary in batch:
            if options.feature is not None and summary.feature_id != options.feature:
                continue
            if options.status is not None and summary.status != options.status:
                continue
            if left is not None:
                if left <= 0:
                    return
                left -= 1
            yield summary


def _write_table(found: list[InstanceSummary], console: Console) -> None:
    now = time.time()
    headings = ("ID", "FEATURE", "WORKFLOW", "PHASE", "DONE", "STATUS", "CHANGED")
    rows = [
        (
            one_line(summary.instance_id),
            one_line(summary.feature_id),
            one_line(summary.workflow_name),
            one_line(summary.current_phase),
            f"{summary.phases_done}/{'?' if summary.phases_total is None else summary.phases_total}",
            one_line(summary.status),
            age(summary.updated_at, now),
        )
        for summary in found
    ]

    def paint(column: int, text: str) -> str:
        return console.styled(text, "bold" if column < 0 else _STATUS_STYLES.get(text, "") if column == 5 else "")

    # A status is whatever the record says.
    for line in table(
        headings,
        rows,
        width=console.width,
        flexible=(1, 2, 3, 5),
        spare=(2, 6, 4),
        paint=paint if console.is_coloured else None,
    ):
        console.line(line)


def features(options: Namespace, console: Console) -> int:
    """List features, in alphabetical order."""
    from chatflow_core.summaries import summarize_features  # noqa: PLC0415 - listing instances does without

    layout = StoreLayout(store_directory(options))
    found = summarize_features(summary for batch in RecordFiles(layout).scan() for summary in batch)
    if options.json:
        console.json_array(map(plain, found))
        return OK
    if not found:
        console.say("No features")
        return OK
    now = time.time()
    headings = ("FEATURE", "STATUS", "INSTANCES", "RUNNING", "FAILED", "COMPLETED", "PHASES", "CHANGED", "LATEST")
    rows = [
        (
            one_line(feature.feature_id),
            feature.status,
            str(feature.total_instances),
            str(feature.running_count),
            str(feature.failed_count),
            str(feature.completed_count),
            f"{feature.phases_done}/{feature.phases_total}",
            age(feature.updated_at, now),
            one_line(feature.latest_instance_id or ""),
        )
        for feature in found
    ]

    def paint(column: int, text: str) -> str:
        return console.styled(text, "bold" if column < 0 else _STATUS_STYLES.get(text, "") if column == 1 else "")

    for line in table(
        headings,
        rows,
        width=console.width,
        flexible=(0, 8),
        spare=(8, 7, 6, 2, 5),
        paint=paint if console.is_coloured else None,
    ):
        console.line(line)
    return OK


def schemas(options: Namespace, console: Console) -> int:
    """List the workflow definitions that can be named."""
    from chatflow_core.errors import ChatFlowError  # noqa: PLC0415 - see above
    from chatflow_core.schema_files import SchemaFiles  # noqa: PLC0415 - YAML is imported for nothing else

    files = SchemaFiles(StoreLayout(store_directory(options)))
    found = []
    for name in files.names():
        row: dict[str, object] = {"name": name, "description": None, "phases": [], "problem": None}
        try:
            schema = files.load(name)
        except ChatFlowError as error:
            row["problem"] = str(error)
        else:
            if schema is None:
                continue  # removed since it was listed
            row |= {"description": schema.description, "phases": schema.phase_names}
        found.append(row)
    if options.json:
        console.json_array(found)
        return OK
    if not found:
        console.say("No workflow definitions in schemas/; `start` also takes a file")
    for row in found:
        shown = row["problem"] or " → ".join(map(str, row["phases"]))  # type: ignore[call-overload]
        console.line(f"{console.styled(one_line(str(row['name'])), 'bold')}  {one_line(str(shown))}")
    return OK
