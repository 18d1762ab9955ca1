"""`export`: a whole instance as one Markdown document."""

from __future__ import annotations

import os
from argparse import Namespace

from chatflow_core.commands.console import Console
from chatflow_core.commands.exit_codes import ERROR, OK, RefusedError
from chatflow_core.commands.instance_names import instance_named
from chatflow_core.commands.store_choice import open_engine, store_directory
from chatflow_core.whole_instance import read_whole


def export(options: Namespace, console: Console) -> int:
    """Write the document to standard output, or to a file that is not there yet."""
    directory = store_directory(options)
    store = open_engine(directory).state_store
    instance_id = instance_named(options.id, directory)
    document = read_whole(store, instance_id).encode()
    if options.output in (None, "-"):
        console.text(document)
        return OK
    try:
        # Opened so that a file that appears this very moment is not overwritten either.
        with open(options.output, "wb" if options.force else "xb", opener=_private) as file:
            file.write(document)
    except FileExistsError:
        raise RefusedError(f"{options.output} is there already; --force overwrites it", ERROR) from None
    except OSError as error:
        raise RefusedError(f"{options.output}: {error.strerror or error}", ERROR) from None
    console.say(f"Wrote {len(document):,} bytes to {options.output}")
    return OK


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # prompts are nobody else's business
