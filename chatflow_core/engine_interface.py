"""What a program may ask of any engine; all that ours can do beside it is in `workflow_engine`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from chatflow_core.models import WorkflowInstanceState
from chatflow_core.schema import WorkflowSchema
from chatflow_core.summaries import EVERY_WORKFLOW


class IWorkflowEngine(ABC):
    """Starts workflow instances, moves them on and tells of them."""

    @abstractmethod
    def start_workflow_instance(
        self,
        workflow_schema: Mapping[str, Any] | WorkflowSchema | str,
        initial_context: dict[str, Any],
        feature_id: str,
        meta: dict[str, Any] | None = None,
    ) -> str:
        """Start an instance and give its id."""

    @abstractmethod
    def trigger_next_step(
        self,
        instance_id: str,
        trigger_data: dict[str, Any] | None = None,
        meta: dict[str, Any] | None = None,
        *,
        dry_run: bool = False,
        expected_phase: str | None = None,
    ) -> WorkflowInstanceState:
        """End the current phase with its result and open the next."""

    @abstractmethod
    def get_workflow_instance_status(self, instance_id: str) -> WorkflowInstanceState | None:
        """Give the state of an instance; None if there is none."""

    @abstractmethod
    def get_feature_status(self, feature_id: str, schema_name: str = EVERY_WORKFLOW) -> dict[str, Any]:
        """Count the instances of a feature."""
