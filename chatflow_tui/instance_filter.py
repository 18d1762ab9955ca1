"""Which instances a list shows: those of one feature, and those that have all the words typed."""

from __future__ import annotations

from dataclasses import dataclass

from chatflow_core import InstanceSummary


@dataclass(frozen=True, slots=True)
class InstanceFilter:
    """A filter over instances.

    Attributes:
        feature_id: Only instances of this feature; None for all.
        words: Only instances in whose feature, workflow, phase, status or id each of these is found;
            a word after ``!`` must not be found. Case does not matter.
    """

    feature_id: str | None = None
    words: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether every instance passes."""
        return self.feature_id is None and not self.words.split()

    def __call__(self, summary: InstanceSummary) -> bool:
        """Tell whether an instance passes."""
        if self.feature_id is not None and summary.feature_id != self.feature_id:
            return False
        words = self.words.casefold().split()
        if not words:
            return True
        text = "\n".join(
            (
                summary.feature_id,
                summary.workflow_name,
                summary.current_phase,
                summary.status,
                summary.instance_id,
            )
        ).casefold()
        return all(
            (word[1:] not in text) if len(word) > 1 and word.startswith("!") else (word in text) for word in words
        )
