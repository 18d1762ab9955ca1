"""Removing what writers that died left in the directory of records."""

from __future__ import annotations

from contextlib import suppress

from chatflow_core.atomic_files import leftovers, remove_leftover
from chatflow_core.errors import ChatFlowError
from chatflow_core.layout import StoreLayout, instance_id_of
from chatflow_core.locks import hold


def sweep(layout: StoreLayout) -> None:
    """Remove temporary files of records, each under its instance's lock: whoever fills one holds it."""
    for file_name, path in leftovers(layout.instances_dir):
        owner = instance_id_of(file_name)
        if owner is None:
            continue
        # Anybody may have put it there, under any name; whatever keeps us from it does not concern the caller.
        with suppress(ChatFlowError), hold(layout.lock(owner), f"instance {owner}", timeout=0):
            remove_leftover(path)
