"""A store with only the original's four methods is a valid one."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from typing import Any

import pytest

from chatflow_core import InstanceFinishedError, IWorkflowStateStore, WorkflowEngine, WorkflowInstanceState
from tests.files import SCHEMA


class FourMethods(IWorkflowStateStore):
    """Keeps what it is given, does not copy, and calls no constructor of its base."""

    def __init__(self) -> None:
        self.states: dict[str, dict[str, Any]] = {}
        self.texts: dict[tuple[str, str], tuple[str, str]] = {}

    def save_state(self, instance_id: str, state_data: dict[str, Any]) -> None:
        self.states[instance_id] = state_data

    def load_state(self, instance_id: str) -> dict[str, Any] | None:
        return self.states.get(instance_id)

    def list_instances_by_feature(self, feature_id: str) -> list[str]:
        return sorted(key for key, state in self.states.items() if state["feature_id"] == feature_id)

    def save_task_artifacts(
        self,
        feature_id: str,
        instance_id: str,
        phase_name: str,
        task_record_data: dict[str, Any],
        prompt_content: str,
        ai_response_content: str,
    ) -> None:
        self.texts[instance_id, phase_name] = (prompt_content, ai_response_content)


@pytest.fixture
def four() -> WorkflowEngine:
    return WorkflowEngine(state_store=FourMethods())


def test_it_starts_advances_fails_retries_and_tells(four: WorkflowEngine) -> None:
    instance_id = four.start_workflow_instance(SCHEMA, {"a": 1}, "feat")
    assert four.trigger_next_step(instance_id, {"n": 1}, expected_phase="requirement_analysis").status == "running"
    assert four.fail_current_phase(instance_id, "no").status == "failed"
    assert four.retry_phase(instance_id).status == "running"
    four.trigger_next_step(instance_id)
    four.trigger_next_step(instance_id)
    with pytest.raises(InstanceFinishedError):
        four.trigger_next_step(instance_id)
    state = four.get_workflow_instance_status(instance_id)
    assert state is not None
    assert (state.status, len(state.history)) == ("completed", 4)
    assert four.get_feature_status("feat")["completed_count"] == 1
    assert four.get_workflow_instance_status("wfi_nobody") is None


@pytest.mark.parametrize(
    ("use", "method"),
    [
        (lambda engine, i: engine.list_instances(), "scan"),
        (lambda engine, i: engine.list_features(), "scan"),
        (lambda engine, i: engine.record_task(i, "p"), "load_artifacts"),
        (lambda engine, i: engine.load_artifacts(i, "design"), "load_artifacts"),
        (lambda engine, i: engine.start_workflow_instance("by_name", {}, "feat"), "load_schema"),
        (lambda engine, i: engine.state_store.subscribe(print), "subscribe"),
        (lambda engine, i: engine.state_store.phases_with_texts(i), "phases_with_texts"),
        (lambda engine, i: engine.state_store.list_schemas(), "list_schemas"),
    ],
)
def test_whatever_else_is_asked_says_which_method_to_add(four: WorkflowEngine, use: Any, method: str) -> None:
    instance_id = four.start_workflow_instance(SCHEMA, {}, "feat")
    with pytest.raises(NotImplementedError, match=rf"FourMethods.*\b{method}\(\)"):
        use(four, instance_id)


def test_a_step_that_is_refused_for_a_missing_method_changes_nothing(four: WorkflowEngine) -> None:
    instance_id = four.start_workflow_instance(SCHEMA, {}, "feat")
    with pytest.raises(NotImplementedError):
        four.record_task(instance_id, "p")
    store = four.state_store
    assert isinstance(store, FourMethods)
    assert store.states[instance_id]["status"] == "created"
    assert store.texts == {}


def test_states_are_snapshots_though_the_store_hands_out_its_own_objects(four: WorkflowEngine) -> None:
    instance_id = four.start_workflow_instance(SCHEMA, {"deep": [1]}, "feat")
    uses: list[Callable[[], WorkflowInstanceState | None]] = [
        lambda: four.get_workflow_instance_status(instance_id),
        lambda: four.trigger_next_step(instance_id, dry_run=True),
        lambda: four.trigger_next_step(instance_id),
        lambda: four.get_workflow_instance_status(instance_id),
    ]
    for use in uses:
        state = use()
        assert state is not None
        state.variables["deep"].append(2)
        state.history.clear()
    again = four.get_workflow_instance_status(instance_id)
    assert again is not None
    assert again.variables == {"deep": [1]}
    assert len(again.history) == 2


def test_its_lock_is_one_for_the_process_and_can_be_taken_again() -> None:
    store = FourMethods()
    with store.lock("a"), store.lock("a"), store.lock("b"):
        pass


def test_a_child_forked_while_another_thread_holds_its_lock_can_take_its_own() -> None:
    store, taken, done = FourMethods(), threading.Event(), threading.Event()

    def keep() -> None:
        with store.lock("a"):
            taken.set()
            done.wait(60)

    def child() -> None:
        with store.lock("a"):
            pass

    thread = threading.Thread(target=keep)
    thread.start()
    assert taken.wait(60)
    process = multiprocessing.get_context("fork").Process(target=child, daemon=True)
    process.start()
    process.join(60)
    done.set()
    thread.join()
    assert process.exitcode == 0


def test_a_store_without_one_of_the_four_cannot_be_made() -> None:
    class Three(IWorkflowStateStore):
        def save_state(self, instance_id: str, state_data: dict[str, Any]) -> None: ...

    with pytest.raises(TypeError, match="load_state"):
        Three()  # type: ignore[abstract]
