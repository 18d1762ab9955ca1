"""`search`: lines of prompts and responses, as they are found."""

from __future__ import annotations

from argparse import Namespace

from chatflow_core.commands.console import Console, one_line
from chatflow_core.commands.exit_codes import NOT_FOUND, OK, USAGE, RefusedError
from chatflow_core.commands.json_shapes import plain
from chatflow_core.commands.store_choice import open_engine, store_directory
from chatflow_core.search import MOST_HITS_PER_TEXT, SearchHit, SearchProgress, search_texts


def search(options: Namespace, console: Console) -> int:
    """Search all prompts and responses; each hit is written as soon as it is found."""
    if not options.text.strip():
        raise RefusedError("search: a blank text is in every line; give more", USAGE)
    store = open_engine(store_directory(options)).state_store
    ids = None
    if options.feature is not None:
        newest_first = sorted(store.read_feature(options.feature), key=lambda one: one.updated_at, reverse=True)
        ids = [summary.instance_id for summary in newest_first]
    count = 0
    progress = None
    for found in search_texts(store, options.text, instance_ids=ids, former=options.former):
        if isinstance(found, SearchProgress):
            progress = found
            continue
        count += 1
        if options.json:
            console.json_lines([plain(found)])
        else:
            console.line(_line(found, console))
            console.flush()
    if progress is not None and progress.cut:
        console.say(f"Texts with more than {MOST_HITS_PER_TEXT} hits, not all of them written: {progress.cut}")
    if progress is not None and progress.unreadable:
        console.say(f"Texts that cannot be read: {progress.unreadable}; `chatflow check` says why")
    return OK if count else NOT_FOUND


def _line(hit: SearchHit, console: Console) -> str:
    attempt = "" if hit.attempt is None else f"#{hit.attempt}"
    place = f"{one_line(hit.instance_id)}:{one_line(hit.phase_name)}{attempt}:{hit.kind}:{hit.line}"
    pieces, end = [], 0
    for start, stop in hit.spans:
        pieces += [one_line(hit.text[end:start]), console.styled(one_line(hit.text[start:stop]), "red", "bold")]
        end = stop
    return f"{console.styled(place, 'dim')}: {''.join(pieces)}{one_line(hit.text[end:])}"
