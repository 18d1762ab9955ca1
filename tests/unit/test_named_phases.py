"""The progress of records that keep no definition follows the definition of their workflow's name."""

from __future__ import annotations

import json
import os
from pathlib import Path

from chatflow_core import FileStateStore, WorkflowEngine
from tests.files import SCHEMA


def test_progress_follows_the_definition_of_that_name(
    base: Path, store: FileStateStore, engine: WorkflowEngine
) -> None:
    instance_id = engine.start_workflow_instance({**SCHEMA, "name": "flow", "phases": [{"name": "a"}]}, {}, "f")
    record = base / "instances" / f"{instance_id}.json"
    document = json.loads(record.read_text())
    del document["workflow_schema"]
    record.write_text(json.dumps(document))
    os.utime(record, (1, 1))
    definition = base / "schemas" / "flow.yaml"
    definition.parent.mkdir()

    def totals() -> tuple[int | None, int | None]:
        (scanned,) = [summary for batch in store.scan() for summary in batch]
        summary = store.read_summary(instance_id)
        assert summary is not None
        return scanned.phases_total, summary.phases_total

    assert totals() == (None, None)
    # Long ago, so that what was read of them is kept until they are others.
    for count, written_at in ((1, 1), (2, 2), (3, 3)):
        phases = [{"name": name} for name in "abc"[:count]]
        definition.write_text(json.dumps({"phases": phases}))
        os.utime(definition, (written_at, written_at))
        assert totals() == totals() == (count, count)
    definition.write_text("phases: [")
    assert totals() == (None, None)
    definition.unlink()
    assert totals() == (None, None)
