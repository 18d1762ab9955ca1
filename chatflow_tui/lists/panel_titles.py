"""What the borders of the panels say. Pure; every text of a record is made harmless."""

from __future__ import annotations

from chatflow_core import CatalogChange, InstanceSummary
from chatflow_tui.instance.read_only_words import read_only_badge, read_only_mark
from chatflow_tui.lists.instance_filter import InstanceFilter
from chatflow_tui.texts.plain_text import plain_name

# As much of an error as any border has room for; errors may be megabytes.
_MOST_OF_ERROR = 300


def instances_title(title: str, wanted: InstanceFilter, typed: str, shown: int, marked: str = "") -> str:
    """Say which instances are shown, and which one is marked.

    Args:
        title: The panel's own title.
        wanted: The filter that is in force.
        typed: What stands in the line in which it is typed.
        shown: How many instances it lets pass.
        marked: The mark, and what is marked for a comparison; empty if nothing is.
    """
    parts = [title]
    if wanted.feature_id is not None:
        parts.append(plain_name(wanted.feature_id))
    words = plain_name(wanted.words.strip())
    if wanted.problem is not None:
        parts.append(f"/{plain_name(typed.strip())} not in force" + (f", still /{words}" if words else ""))
    elif words:
        parts.append(f"/{words}")
    if not wanted.is_empty:
        parts.append(f"{shown:,} shown")
    if marked:
        parts.append(plain_name(marked))
    return " · ".join(parts)


def no_instances_words(known: int, store: CatalogChange, *, read_only: bool) -> tuple[str, ...]:
    """Say why no instance is shown, and what can be done, a line each.

    Args:
        known: How many instances there are.
        store: What was told of the store last.
        read_only: Whether nothing can be written from this screen.
    """
    if known:
        return ("No instance matches the filter.", "esc drops the filter")
    if store.problem is not None:
        return ("The store cannot be read.", "As soon as it can, what is in it is shown.")
    if store.is_loading:
        return ("Loading…",)
    if store.mode == "waiting":
        return ("The store is away, or has never had an instance.", "What comes is shown at once.")
    if read_only:
        return ("No instance yet: ChatCoder starts them.",)
    return ("No instance yet.", "ChatCoder starts them, or c does, from a schema.")


def timeline_title(title: str, instance_id: str, row: InstanceSummary | None, *, is_gone: bool, is_lost: bool) -> str:
    """Say whose timeline it is, and what is special about its record.

    Args:
        title: The panel's own title.
        instance_id: The instance.
        row: What is known of it.
        is_gone: Whether its record was removed.
        is_lost: Whether it could be read, and cannot be any more.
    """
    parts = [title]
    # The marks come first: in a narrow panel the end of the title is cut off.
    if is_gone:
        parts.append("gone")
    elif is_lost:
        parts.append("last good state")
    if row is not None and row.read_only:
        parts.append(read_only_mark(row.read_only))
    parts.append(plain_name(instance_id))
    if row is not None and row.workflow_name:
        parts.append(plain_name(row.workflow_name))
    return " · ".join(parts)


def timeline_subtitle(row: InstanceSummary | None, legend: str, lost: str | None) -> str:
    """Say what the marks of a timeline mean, and what is wrong with its instance.

    Args:
        row: What is known of the instance; None says nothing of it.
        legend: What the marks mean.
        lost: Why the instance cannot be read any more; None if it can be.
    """
    # The list's is the shorter: it leaves out the path.
    problem = (row.problem if row is not None else None) or lost
    if row is None or problem is not None:
        reason = None
    else:
        is_told_above = row.read_only is None or read_only_mark(row.read_only) == read_only_badge(row.read_only)
        reason = row.last_error or (None if is_told_above else read_only_badge(row.read_only or ""))
    # What keeps the instance from being read is worth more than a legend.
    words = (plain_name((problem or "")[:_MOST_OF_ERROR]), legend, plain_name((reason or "")[:_MOST_OF_ERROR]))
    return " · ".join(filter(None, words))
