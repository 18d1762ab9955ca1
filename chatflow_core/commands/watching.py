"""`watch`: a line of JSON for every change, until it is interrupted."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

from chatflow_core.catalog import Catalog, CatalogChange
from chatflow_core.commands.console import Console
from chatflow_core.commands.exit_codes import OK
from chatflow_core.commands.json_shapes import instance_row
from chatflow_core.commands.store_choice import open_engine, store_directory
from chatflow_core.models import InstanceSummary


def watch(options: Namespace, console: Console) -> int:
    """Write what is added, changed and removed, as it happens."""
    changes: SimpleQueue[CatalogChange] = SimpleQueue()
    catalog = Catalog(open_engine(store_directory(options)).state_store, changes.put)
    left = options.count
    catalog.start()
    try:
        for line in _lines(changes, options, console):
            console.json_lines([line])
            if left is not None:
                left -= 1
                if left <= 0:
                    break
    finally:
        catalog.close()
    return OK


def _lines(changes: SimpleQueue[CatalogChange], options: Namespace, console: Console) -> Iterator[dict[str, Any]]:
    known: dict[str, InstanceSummary] = {}
    is_loaded = False
    problem = mode = None
    while True:
        change = changes.get()
        if change.problem is not None and change.problem != problem:
            console.say(change.problem)
        if change.mode == "polling" and mode != "polling":
            console.say(f"Looking at the files from time to time: {change.reason}")
        problem, mode = change.problem, change.mode
        for summary in change.changed:
            is_known = summary.instance_id in known
            if is_loaded or options.initial:
                yield from _line("changed" if is_known else "added" if is_loaded else "initial", summary, options)
            known[summary.instance_id] = summary
        for instance_id in change.removed:
            if instance_id in known:
                yield from _line("removed", known.pop(instance_id), options)
        if not is_loaded and not change.is_loading:
            is_loaded = True
            console.say(f"Watching (instances: {len(known):,}); Ctrl-C ends it")


def _line(kind: str, summary: InstanceSummary, options: Namespace) -> Iterator[dict[str, Any]]:
    if options.feature in (None, summary.feature_id):
        yield {"kind": kind, "time": time.time(), **instance_row(summary)}
