"""The list of features: how far each is, and what its instances do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from chatflow_core.models import FeatureSummary
from chatflow_tui.cells import fit, progress_bar
from chatflow_tui.plain_text import plain_name
from chatflow_tui.status_style import status_style
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell

#: Key of the first row, which stands for every feature.
ALL_FEATURES = ""

# The counts in the order they are shown, and how long each is kept when room is short.
_COUNTS = (
    ("completed", "completed_count", 1),
    ("running", "running_count", 3),
    ("created", "created_count", 0),
    ("failed", "failed_count", 4),
    ("unreadable", "other_count", 2),
)

_SUMMED = (
    "total_instances",
    "created_count",
    "running_count",
    "completed_count",
    "failed_count",
    "other_count",
    "phases_done",
    "phases_total",
)


class FeatureList(LineList[FeatureSummary]):
    """All features on the first row, then each by name; the order never depends on what happens in them."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Make a list with the row for all features only.

        Args:
            id: The widget's id.
            classes: Its style classes.
        """
        super().__init__(id=id, classes=classes)
        self._features: dict[str, FeatureSummary] = {}
        self._sums = dict.fromkeys(_SUMMED, 0)
        self._places: dict[str, tuple[str, str]] = {}

    def on_mount(self) -> None:
        """Show the first row even before there is a feature."""
        self.apply(())

    @property
    def feature(self) -> str | None:
        """The feature under the cursor; None for all features."""
        return self.cursor_key or None

    def apply(self, changed: Iterable[FeatureSummary], removed: Iterable[str] = ()) -> None:
        """Take over changes of the catalog.

        Args:
            changed: Features that are new or have changed.
            removed: Features that no longer exist.
        """
        for feature in changed:
            self._forget(feature.feature_id)
            self._features[feature.feature_id] = feature
            self._add(feature, 1)
        for feature_id in removed:
            self._forget(feature_id)
        with self.holding_still():
            # The instances no feature can be read of are counted in the sums only.
            self._rows = {**self._features, ALL_FEATURES: self._total()}
            if self._places.keys() != self._rows.keys():
                self._places = {key: self._places.get(key) or _place(key) for key in self._rows}
                self._order = sorted(self._places, key=self._places.__getitem__)

    def render_row(self, key: str, row: FeatureSummary, width: int) -> Sequence[Cell]:
        """Render one feature: its name, how many phases are done, and its instances by status."""
        bar_width, counts_width = (4, 8) if width < 32 else (6, 12) if width < 48 else (10, 20)
        name_width = max(0, width - bar_width - counts_width - 2)
        is_completed = row.status == "completed"
        name_class = "line-list--dim" if is_completed else "line-list--strong" if key == ALL_FEATURES else ""
        name = "All features" if key == ALL_FEATURES else plain_name(row.feature_id)
        done, rest = progress_bar(row.phases_done, row.phases_total, bar_width)
        return [
            (fit(name, name_width), name_class),
            (" ", ""),
            (done, status_style("completed" if is_completed else "running").component_class),
            (rest, "line-list--track"),
            (" ", ""),
            *_counts(row, counts_width, is_dim=is_completed),
        ]

    def _forget(self, feature_id: str) -> None:
        former = self._features.pop(feature_id, None)
        if former is not None:
            self._add(former, -1)

    def _add(self, feature: FeatureSummary, sign: int) -> None:
        for name in _SUMMED:
            self._sums[name] += sign * getattr(feature, name)

    def _total(self) -> FeatureSummary:
        total = self._sums["total_instances"]
        is_completed = 0 < total == self._sums["completed_count"]
        return FeatureSummary(
            feature_id="",
            **self._sums,
            latest_instance_id=None,
            updated_at=0.0,
            status="completed" if is_completed else "in_progress",
        )


def _place(key: str) -> tuple[str, str]:
    # Alphabetical as the names are seen; the empty key of the first row sorts before all.
    return (plain_name(key).casefold() if key else "", key)


def _counts(row: FeatureSummary, width: int, *, is_dim: bool) -> list[Cell]:
    texts = [
        (kept, status_style(status), _short(getattr(row, count)))
        for status, count, kept in _COUNTS
        if getattr(row, count) > 0
    ]
    is_cut = _length(texts) > width
    while texts and _length(texts) + 2 * is_cut > width:
        texts.remove(min(texts, key=lambda text: text[0]))
    # Counts that are left out are not passed over in silence.
    cells: list[Cell] = [(" " * (width - _length(texts) - 2 * is_cut) + "… " * is_cut, "line-list--dim")]
    for position, (_, style, number) in enumerate(texts):
        cells.append((" " * (position > 0) + style.glyph, style.component_class))
        cells.append((number, "line-list--dim" if is_dim else ""))
    return cells


def _length(texts: Sequence[tuple[int, object, str]]) -> int:
    return sum(2 + cell_len(number) for _, _, number in texts) - 1 if texts else 0


def _short(count: int) -> str:
    return str(count) if count < 10_000 else f"{count // 1000}k"
