from __future__ import annotations

from pathlib import Path

from chatflow_core import (
    FileStateStore,
    PhaseTimeline,
    WorkflowEngine,
    WorkflowInstanceState,
    WorkflowSchema,
    build_timeline,
    transitions,
)
from chatflow_core.timeline import build_history
from tests.seed_store import SeedStore

SCHEMA = WorkflowSchema.from_dict(
    {
        "name": "flow",
        "phases": [{"name": "analyse", "title": "需求分析"}, {"name": "build", "title": " "}, {"name": "check"}],
    }
)


def started() -> WorkflowInstanceState:
    return transitions.start("wfi_1", SCHEMA, {}, "feat", {}, 100.0)


def rows(state: WorkflowInstanceState) -> list[tuple[str, str, list[tuple[float, float | None]], bool]]:
    return [
        (row.phase, row.status, [(run.started_at, run.ended_at) for run in row.runs], row.is_current)
        for row in build_timeline(state)
    ]


def test_a_created_instance_has_only_pending_phases() -> None:
    assert rows(started()) == [
        ("analyse", "pending", [], True),
        ("build", "pending", [], False),
        ("check", "pending", [], False),
    ]
    assert [row.title for row in build_timeline(started())] == ["需求分析", "build", "check"]


def test_a_running_instance_has_one_open_run_and_it_is_the_current_phases() -> None:
    state = transitions.advance(started(), SCHEMA, {"n": 1}, None, 110.0)
    assert rows(state) == [
        ("analyse", "completed", [(100.0, 110.0)], False),
        ("build", "running", [(110.0, None)], True),
        ("check", "pending", [], False),
    ]
    assert build_timeline(state)[0].runs[0].trigger_data == {"n": 1}


def test_a_retried_phase_has_a_run_for_each_try_with_the_error_of_the_failed_one() -> None:
    state = transitions.fail(started(), SCHEMA, "no network", None, 105.0)
    assert rows(state)[0] == ("analyse", "failed", [(100.0, 105.0)], True)
    state = transitions.retry(state, SCHEMA, None, 107.0)
    assert rows(state)[0] == ("analyse", "running", [(100.0, 105.0), (107.0, None)], True)
    assert [run.error for run in build_timeline(state)[0].runs] == ["no network", None]


def test_a_completed_instance_has_no_open_run() -> None:
    state = started()
    for clock in (110.0, 120.0, 130.0):
        state = transitions.advance(state, SCHEMA, None, None, clock)
    assert [row[1] for row in rows(state)] == ["completed"] * 3
    assert all(run.ended_at is not None for row in build_timeline(state) for run in row.runs)


def _of_the_original(seed: SeedStore, base: Path, triggers: int) -> tuple[PhaseTimeline, ...]:
    phases = ("one", "two", "three")
    seed.start("wfi_seed", phases=phases)
    for number in range(triggers):
        seed.trigger("wfi_seed", {"n": number}, phases)
    state = WorkflowEngine(state_store=FileStateStore(base, create=False)).get_workflow_instance_status("wfi_seed")
    assert state is not None
    return build_timeline(state)


def test_a_lagging_record_of_the_original_shows_the_phase_that_really_runs(seed: SeedStore, base: Path) -> None:
    one, two = _of_the_original(seed, base, 1)
    updated_at = seed.clock
    assert (one.status, two.status) == ("completed", "running")
    assert [(run.ended_at, run.trigger_data) for run in one.runs] == [(updated_at, {"n": 0})]
    assert [(run.started_at, run.ended_at) for run in two.runs] == [(updated_at, None)]
    assert (one.is_current, two.is_current) == (False, True)


def test_a_completed_record_of_the_original_shows_nothing_running_though_its_last_entry_is_open(
    seed: SeedStore, base: Path
) -> None:
    timeline = _of_the_original(seed, base, 3)
    assert [(row.phase, row.status) for row in timeline] == [
        ("one", "completed"),
        ("two", "completed"),
        ("three", "completed"),
    ]
    assert all(run.ended_at is not None for row in timeline for run in row.runs)


def test_what_the_timeline_of_a_lagging_record_shows_is_what_our_first_write_makes_of_it(
    seed: SeedStore, base: Path, engine: WorkflowEngine
) -> None:
    shown = _of_the_original(seed, base, 1)
    state = engine.fail_current_phase("wfi_seed", "stop")
    after = build_timeline(state)
    assert after[0] == shown[0]
    assert after[1].runs[0].started_at == shown[1].runs[0].started_at
    assert after[1].status == "failed"


def steps(state: WorkflowInstanceState) -> list[tuple[int, str, int, str, float]]:
    return [(step.number, step.phase, step.run_number, step.run.status, step.idle) for step in build_history(state)]


def test_the_history_has_every_run_in_its_order_with_what_was_idle_before() -> None:
    state = transitions.advance(started(), SCHEMA, None, None, 110.0)
    state = transitions.fail(state, SCHEMA, "no network", None, 120.0)
    state = transitions.retry(state, SCHEMA, None, 150.0)
    assert steps(state) == [
        (1, "analyse", 1, "completed", 0.0),
        (2, "build", 1, "failed", 0.0),
        (3, "build", 2, "running", 30.0),
    ]
    assert build_history(state)[0].title == "需求分析"
    assert build_history(started()) == ()


def test_what_no_clock_can_say_is_no_idle_time() -> None:
    state = transitions.advance(started(), SCHEMA, None, None, 110.0)
    for moment in (float("nan"), float("inf"), 5.0):
        state.history[1].started_at = moment
        assert build_history(state)[1].idle == 0.0


def test_the_history_of_a_lagging_record_ends_with_the_phase_that_really_runs(seed: SeedStore, base: Path) -> None:
    _of_the_original(seed, base, 1)
    state = WorkflowEngine(state_store=FileStateStore(base, create=False)).get_workflow_instance_status("wfi_seed")
    assert state is not None
    assert [step[:4] for step in steps(state)] == [(1, "one", 1, "completed"), (2, "two", 1, "running")]


def test_phases_that_are_not_in_the_schema_follow_those_that_are() -> None:
    state = transitions.advance(started(), SCHEMA, None, None, 110.0)
    state.history[0].phase = "hotfix"
    assert [row.phase for row in build_timeline(state)] == ["analyse", "build", "check", "hotfix"]


def test_a_stored_definition_of_nonsense_does_not_break_the_timeline() -> None:
    for phases in ("x", [1, {}, {"name": 5}, {"name": "analyse", "title": 7}], None):
        state = started()
        state.workflow_schema = {"phases": phases}
        assert [row.title for row in build_timeline(state)] == ["analyse"]
