"""What a run has tried, counted, so that it can be told in figures."""

from __future__ import annotations

from collections import Counter


class Figures(Counter[str]):
    """Counts by kind of trial; prints as one line."""

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.items())) or "nothing yet"
