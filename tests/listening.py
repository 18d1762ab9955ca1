"""A listener to a catalog that keeps all it is told."""

from __future__ import annotations

from chatflow_core import CatalogChange, FeatureSummary, InstanceSummary


class Told:
    """Everything a catalog told, and what it adds up to."""

    def __init__(self) -> None:
        self.changes: list[CatalogChange] = []
        self.instances: dict[str, InstanceSummary] = {}
        self.features: dict[str, FeatureSummary] = {}

    def __call__(self, change: CatalogChange) -> None:
        self.instances.update({summary.instance_id: summary for summary in change.changed})
        self.features.update({feature.feature_id: feature for feature in change.features})
        for instance_id in change.removed:
            del self.instances[instance_id]
        for feature_id in change.removed_features:
            del self.features[feature_id]
        self.changes.append(change)

    @property
    def is_loaded(self) -> bool:
        return bool(self.changes) and not self.changes[-1].is_loading
