"""How the rows of the tree of features look, in whatever width there is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rich.cells import cell_len

from chatflow_core.models import UNREADABLE, FeatureSummary, InstanceSummary
from chatflow_tui.instance.read_only_words import read_only_badge
from chatflow_tui.lists.cells import fit, fit_name, progress_bar, short_name
from chatflow_tui.lists.feature_tree import FeatureRow, InstanceRow, TreeRow
from chatflow_tui.lists.status_style import status_style

_Cell: TypeAlias = tuple[str, str]

#: Cells of the mark before a feature that says whether it is opened.
MARKER_WIDTH = 2

_OPEN, _CLOSED, _LATEST, _READ_ONLY = "▾", "▸", "★", "⊘"

# From which width of a row on it has so many cells for the bar, the counts, the newest instance and the age.
_WIDTHS = ((104, 14, 20, 30, 4), (70, 10, 16, 18, 4), (48, 8, 14, 0, 4), (32, 6, 8, 0, 4), (0, 4, 8, 0, 0))

# What an instance's row has behind its phase: from which width on.
_SHORT_ID, _FULL_ID = 6, 16
_SHORT_ID_FROM, _FULL_ID_FROM, _COUNT_FROM = 28, 56, 48

_ID_PREFIX = "wfi_"

# The counts in the order they are shown, and how long each is kept when room is short.
_COUNTS = (
    ("completed", "completed_count", 1),
    ("running", "running_count", 3),
    ("created", "created_count", 0),
    ("failed", "failed_count", 4),
    (UNREADABLE, "other_count", 2),
)


def feature_cells(row: FeatureRow, age: str, width: int) -> list[_Cell]:
    """Render a feature: its name, how many phases are done, its instances by status, the newest, the last activity.

    Args:
        row: The feature.
        age: How long ago something happened in it; empty if nothing has.
        width: Cells to fill.
    """
    _, bar_width, counts_width, latest_width, age_width = next(widths for widths in _WIDTHS if width >= widths[0])
    behind = sum(part + 1 for part in (bar_width, counts_width, latest_width, age_width) if part)
    feature, is_all = row.summary, not row.summary.feature_id
    is_completed = feature.status == "completed"
    name_class = "line-list--dim" if is_completed else "line-list--strong" if is_all else ""
    marker = " " if is_all else _OPEN if row.is_open else _CLOSED
    done, rest = progress_bar(feature.phases_done, feature.phases_total, bar_width)
    cells: list[_Cell] = [
        (f"{marker} ", "line-list--dim"),
        (fit_name(row.summary.feature_id or "All features", max(0, width - MARKER_WIDTH - behind)), name_class),
        (" ", ""),
        (done, status_style("completed" if is_completed else "running").component_class),
        (rest, "line-list--track"),
        (" ", ""),
        *_counts(feature, counts_width, is_dim=is_completed, right=True),
    ]
    if latest_width:
        cells.append((" ", ""))
        cells.extend(_latest(row, latest_width))
    if age_width:
        cells.append((fit(age, age_width + 1, right=True), "line-list--dim"))
    return cells


def instance_cells(row: InstanceRow, age: str, width: int) -> list[_Cell]:
    """Render an instance beneath its feature: whether it is the newest, its status, its phase, its id, its age.

    Args:
        row: The instance.
        age: How long ago it changed.
        width: Cells to fill.
    """
    instance = row.instance
    style = status_style(instance.status)
    id_width = _FULL_ID if width >= _FULL_ID_FROM else _SHORT_ID if width >= _SHORT_ID_FROM else 0
    count_width = 5 if width >= _COUNT_FROM else 0
    badge_width = 2 if instance.read_only else 0
    phase_width = width - MARKER_WIDTH - 4 - badge_width - sum(part + 1 for part in (count_width, id_width, 4) if part)
    cells: list[_Cell] = [
        (" " * MARKER_WIDTH, ""),
        (f"{_LATEST if row.is_latest else ' '} ", "status--unreadable"),
        (f"{style.glyph} ", style.component_class),
    ]
    if badge_width:
        cells.append((f"{_READ_ONLY} ", "line-list--dim"))
    phase = instance.current_phase or style.word
    cells.append((fit_name(phase, phase_width), "line-list--strong" if row.is_latest else ""))
    if count_width:
        cells.append((fit(_progress(instance), count_width + 1, right=True), "line-list--dim"))
    if id_width:
        cells.append((" " + fit_name(_shown_id(instance.instance_id, id_width), id_width), "line-list--dim"))
    cells.append((fit(age, 5, right=True), "line-list--dim"))
    return cells


def roll_up(row: TreeRow, age: str, width: int) -> list[Sequence[_Cell]]:
    """Tell all there is to know about a row in two lines.

    Args:
        row: The row.
        age: How long ago something happened in it; empty if nothing has.
        width: Cells of each line.
    """
    ago = "" if not age else " · now" if age == "now" else f" · {age} ago"
    return _feature_lines(row, ago, width) if isinstance(row, FeatureRow) else _instance_lines(row, ago, width)


def _feature_lines(row: FeatureRow, ago: str, width: int) -> list[Sequence[_Cell]]:
    feature = row.summary
    total = feature.total_instances
    # The number of instances is the sum of the counts, so it goes first where room is short.
    whole = f"{total:,} instance{'' if total == 1 else 's'}{' · ' if total else ''}"
    phases = f" · {feature.phases_done:,}/{feature.phases_total:,} phases" if feature.phases_total else ""
    counts_width = sum(cell_len(text) for text, _ in _counts(feature, width, is_dim=False))
    whole = whole if len(whole) + counts_width + len(phases) <= width else ""
    phases = phases if len(phases) + min(counts_width, 8) <= width else ""
    room = max(0, width - len(whole) - len(phases))
    first = [(whole, ""), *_counts(feature, min(room, counts_width), is_dim=False), (phases, "")]
    if not feature.feature_id:
        second: list[_Cell] = [(f"{row.features:,} feature{'' if row.features == 1 else 's'}{ago}", "")]
    else:
        second = [*_latest(row, max(0, width - len(ago)), is_padded=False), (ago, "")]
    return [first, second]


def _instance_lines(row: InstanceRow, ago: str, width: int) -> list[Sequence[_Cell]]:
    instance = row.instance
    style = status_style(instance.status)
    first = instance.instance_id
    if instance.read_only:
        first += f" · {read_only_badge(instance.read_only)}"
    if instance.workflow_name:
        first += f" · {instance.workflow_name}"
    progress = _progress(instance)
    behind = (f" · {progress}" if progress else "") + ago
    room = max(0, width - len(behind) - 2)
    told = _phase_and_status(instance, room) if instance.problem is None else short_name(instance.problem, room)
    second = [(f"{style.glyph} ", style.component_class), (told, ""), (behind, "")]
    return [[(fit_name(first, width), "")], second]


def _latest(row: FeatureRow, width: int, *, is_padded: bool = True) -> list[_Cell]:
    """Say what the newest instance does; of all features, nothing is the newest."""
    instance = row.latest
    if instance is None or width < 5:
        return [(" " * width if is_padded else "", "")]
    style = status_style(instance.status)
    shown = _phase_and_status(instance, width - 4)
    shown = fit(shown, width - 4) if is_padded else shown
    return [(f"{_LATEST} ", "line-list--dim"), (f"{style.glyph} ", style.component_class), (shown, "line-list--dim")]


def _phase_and_status(instance: InstanceSummary, width: int) -> str:
    """Name the phase, and the status where there is room: its glyph says it already."""
    word = status_style(instance.status).word
    phase = short_name(instance.current_phase, width)
    both = f"{phase} {word}" if phase else word
    return both if cell_len(both) <= width else short_name(phase or word, width)


def _shown_id(instance_id: str, width: int) -> str:
    """Shorten an id as is usual: the first of its random digits tell it from others."""
    is_ours = width < _FULL_ID and instance_id.startswith(_ID_PREFIX)
    return instance_id[len(_ID_PREFIX) :][:width] if is_ours else instance_id


def _progress(instance: InstanceSummary) -> str:
    return f"{instance.phases_done}/{instance.phases_total}" if instance.phases_total is not None else ""


def _counts(feature: FeatureSummary, width: int, *, is_dim: bool, right: bool = False) -> list[_Cell]:
    texts = [
        (kept, status_style(status), _short(getattr(feature, count)))
        for status, count, kept in _COUNTS
        if getattr(feature, count) > 0
    ]
    is_cut = _length(texts) > width
    while texts and _length(texts) + 2 * is_cut > width:
        texts.remove(min(texts, key=lambda text: text[0]))
    # Counts that are left out are not passed over in silence.
    padding = width - _length(texts) - 2 * is_cut if right else 0
    cells: list[_Cell] = [(" " * padding + "… " * is_cut, "line-list--dim")]
    for position, (_, style, number) in enumerate(texts):
        cells.append((" " * (position > 0) + style.glyph, style.component_class))
        cells.append((number, "line-list--dim" if is_dim else ""))
    return cells


def _length(texts: Sequence[tuple[int, object, str]]) -> int:
    return sum(2 + cell_len(number) for _, _, number in texts) - 1 if texts else 0


def _short(count: int) -> str:
    return str(count) if count < 10_000 else f"{count // 1000}k"
