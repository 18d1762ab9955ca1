"""Which two texts `d` compares, and what they are called."""

from __future__ import annotations

import pytest

from chatflow_core import WorkflowEngine, build_timeline
from chatflow_core.models import TextKind
from chatflow_tui.texts.comparing import Comparison, read_pair, tell_apart
from chatflow_tui.texts.text_diff import TitledText

SCHEMA = {"name": "w", "phases": [{"name": "analyse"}, {"name": "design"}]}


@pytest.fixture
def ids(engine: WorkflowEngine) -> tuple[str, str]:
    """An instance whose design was tried twice, and one that is at its analysis."""
    one, other = (engine.start_workflow_instance(SCHEMA, {}, feature) for feature in ("one", "other"))
    for instance_id in (one, other):
        engine.record_task(instance_id, prompt=f"ask {instance_id}", ai_response=f"analysis {instance_id}")
    engine.trigger_next_step(one)
    for number in (1, 2):
        engine.record_task(one, prompt=f"design, please {number}", ai_response=f"design {number}")
    return one, other


def compared(
    engine: WorkflowEngine,
    instance_id: str,
    phase: str,
    kind: TextKind,
    *,
    attempt: int | None = None,
    marked: str = "",
) -> tuple[str, ...] | str:
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    artifacts = engine.load_artifacts(instance_id, phase, attempt)
    row = next((row for row in engine.list_instances() if row.instance_id == marked), None)
    wanted = Comparison(artifacts, tuple(build_timeline(state)), kind, state.feature_id, row)
    pair = read_pair(engine, wanted)
    return pair if isinstance(pair, str) else (pair[0].text, pair[1].text, *tell_apart(*pair))


def test_the_attempt_before(engine: WorkflowEngine, ids: tuple[str, str]) -> None:
    one, _ = ids
    said = (f"one · {one} · design · response", "attempt 1", "attempt 2")
    assert compared(engine, one, "design", "response") == ("design 1", "design 2", *said)
    # To mark the instance itself changes nothing.
    assert compared(engine, one, "design", "response", marked=one) == ("design 1", "design 2", *said)


def test_the_response_of_the_phase_before_and_the_prompt(engine: WorkflowEngine, ids: tuple[str, str]) -> None:
    one, _ = ids
    assert compared(engine, one, "design", "response", attempt=1) == (
        f"analysis {one}",
        "design, please 1",
        f"one · {one}",
        "analyse · response",
        "design · prompt · attempt 1",
    )


def test_the_same_phase_of_the_marked_instance(engine: WorkflowEngine, ids: tuple[str, str]) -> None:
    one, other = ids
    found = compared(engine, one, "analyse", "prompt", marked=other)
    assert found == (f"ask {other}", f"ask {one}", "analyse · prompt", f"other · {other}", f"one · {one}")


def test_why_there_is_nothing_to_compare(engine: WorkflowEngine, ids: tuple[str, str]) -> None:
    one, other = ids
    missing = f"Nothing to compare: there is no text of other · {other} · design · response"
    assert compared(engine, one, "design", "response", marked=other) == missing
    assert "v marks an instance" in compared(engine, other, "analyse", "response")


def test_texts_with_nothing_in_common_and_with_all() -> None:
    assert tell_apart(TitledText(("a",), ""), TitledText(("b", "c"), "")) == ("", "a", "b · c")
    assert tell_apart(TitledText(("a", "b"), ""), TitledText(("a", "b"), "")) == ("a · b", "", "")
