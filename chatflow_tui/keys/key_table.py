"""The keys of the dashboard as a table for the README, written from the bindings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, zip_longest

from textual.binding import Binding

from chatflow_tui.keys.key_groups import KEY_GROUPS
from chatflow_tui.keys.key_words import key_labels

# Between these the table stands.
BEGIN, END = "<!-- keys: written by docs/keys.py -->", "<!-- end of keys -->"


def key_table(bindings: Mapping[str, Sequence[Binding]]) -> str:
    """Write the table in Markdown.

    Args:
        bindings: All bindings by their ids.
    """
    rows = ["| key | what it does |", "|---|---|"]
    for names in KEY_GROUPS.values():
        of_names = [bindings[name][0] for name in names]
        for _, together in groupby(of_names, key=lambda binding: binding.group or binding.id):
            rows.append(_row(list(together)))
    return "\n".join(rows) + "\n"


def _row(bindings: list[Binding]) -> str:
    group = bindings[0].group
    meaning = bindings[0].tooltip if group is None else group.description
    # The first key of each, then the second of each: j k, then the arrows.
    labels = zip_longest(*(key_labels(binding.key.split(",")) for binding in bindings))
    keys = dict.fromkeys(label for some in labels for label in some if label is not None)
    return f"| {' '.join(f'`{key}`' for key in keys)} | {meaning} |"


def with_table(document: str, table: str) -> str:
    """Put the table into a document in place of the one that is there.

    Args:
        document: The document, with `BEGIN` and `END` on lines of their own.
        table: The table.

    Raises:
        ValueError: The document has no place for the table.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no place for the table of keys: {BEGIN} and {END} are missing")
    return f"{before}{BEGIN}\n{table}{END}{after}"
