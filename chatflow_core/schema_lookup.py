"""Which workflow definition applies: the one given, the one stored with an instance, or one of that name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from chatflow_core.errors import SchemaError
from chatflow_core.models import WorkflowInstanceState
from chatflow_core.schema import WorkflowSchema
from chatflow_core.store import IWorkflowStateStore


def schema_given(store: IWorkflowStateStore, given: Mapping[str, Any] | WorkflowSchema | str) -> WorkflowSchema:
    """Read the definition that a caller gives, by value or by name.

    Raises:
        SchemaError: It is not a definition, or there is none of that name.
    """
    if isinstance(given, WorkflowSchema):
        return WorkflowSchema.from_dict(given.to_dict())
    if not isinstance(given, str):
        return WorkflowSchema.from_dict(given)
    schema = store.load_schema(given)
    if schema is None:
        known = ", ".join(map(repr, store.list_schemas())) or "none"
        raise SchemaError(f"There is no workflow definition named {given!r}; those there are: {known}")
    return schema


def schema_of(store: IWorkflowStateStore, state: WorkflowInstanceState) -> WorkflowSchema | None:
    """Read the definition of an instance: its own, else the store's of that name, else None.

    Raises:
        SchemaError: It is not a definition.
    """
    if state.workflow_schema is None:
        return store.load_schema(state.workflow_name) if state.workflow_name.strip() else None
    try:
        return _stored_schema(msgspec.json.encode(state.workflow_schema))
    except SchemaError:
        source = f"the definition stored with instance {state.instance_id}"
        return WorkflowSchema.from_dict(state.workflow_schema, source)


@lru_cache(maxsize=256)
def _stored_schema(data: bytes) -> WorkflowSchema:
    # Instances of one workflow have one and the same definition, which is validated at every step otherwise.
    return WorkflowSchema.from_dict(msgspec.json.decode(data))
