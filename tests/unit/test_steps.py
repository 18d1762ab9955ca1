"""What a step would write, and why it cannot be done, in words."""

from __future__ import annotations

import errno
import os

import pytest

from chatflow_core import (
    ChatFlowError,
    InstanceFinishedError,
    InstanceNotFoundError,
    InvalidTransitionError,
    LockTimeoutError,
    PhaseConflictError,
    ReadOnlyRecordError,
    StorageError,
    WorkflowEngine,
)
from chatflow_core.chatcoder_v1_1 import READ_ONLY
from chatflow_tui.acting.steps import StepPlan, plan_advance, plan_fail, plan_retry, refusal
from tests.files import PHASES, SCHEMA, tree

PLAN = StepPlan("wfi_1", "f", "design", "running", 0.0, ())
FULL = StorageError("/s/x.json", "Replacing", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
LATE = LockTimeoutError("/s/.locks/features.lock", "the index", 10.0)
LATE.add_fact("The texts are recorded")
FORBIDDEN = StorageError("/s/x.json", "Opening", OSError(errno.EROFS, os.strerror(errno.EROFS)))


@pytest.fixture
def instance_id(engine: WorkflowEngine) -> str:
    return engine.start_workflow_instance(SCHEMA, {}, "f")


def test_plans_say_what_will_be_written_and_write_nothing(engine: WorkflowEngine, instance_id: str) -> None:
    before = tree(engine.state_store.base_dir)  # type: ignore[attr-defined]
    first, second = PHASES[:2]
    assert plan_advance(engine, instance_id).writes == (f"✓ ends    {first}", f"● begins  {second}")
    assert plan_fail(engine, instance_id).writes[0] == f"✗ fails   {first}, with the reason below"
    assert tree(engine.state_store.base_dir) == before  # type: ignore[attr-defined]

    for number in (2, 3):
        engine.fail_current_phase(instance_id, "no\n\ttests")
        plan = plan_retry(engine, instance_id)
        assert plan.writes == ("✗ failed  no tests", f"● begins  {first} again, as attempt {number}")
        assert (plan.phase, plan.status) == (first, "failed")
        engine.retry_phase(instance_id)
    engine.trigger_next_step(instance_id)
    engine.trigger_next_step(instance_id)
    assert plan_advance(engine, instance_id).writes[1] == "● begins  nothing: the instance is completed"


def test_what_the_status_does_not_allow_is_refused_with_what_to_do(engine: WorkflowEngine, instance_id: str) -> None:
    phase = PHASES[0]
    with pytest.raises(InvalidTransitionError, match=f"^{phase} has not failed, so there is nothing to retry$"):
        plan_retry(engine, instance_id)
    engine.fail_current_phase(instance_id, "no")
    for find_plan, already in ((plan_advance, ""), (plan_fail, " already")):
        with pytest.raises(InvalidTransitionError, match=f"^{phase} has failed{already}; r retries it$"):
            find_plan(engine, instance_id)
    engine.retry_phase(instance_id)
    for _ in PHASES:
        engine.trigger_next_step(instance_id)
    for find_plan in (plan_advance, plan_fail, plan_retry):
        with pytest.raises(InvalidTransitionError, match=r"^the instance is completed; c makes a new one$"):
            find_plan(engine, instance_id)
        with pytest.raises(InstanceNotFoundError):
            find_plan(engine, "wfi_gone")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PhaseConflictError("wfi_1", "design", "\x1b[31mtest"), "design: moved to ␛[31mtest by another program"),
        (InstanceFinishedError("wfi_1"), "design: completed by another program meanwhile. Nothing was changed."),
        (LockTimeoutError("/s/.locks/x", "instance x", 10.0), "Locked by another program for 10 s. Nothing was"),
        (LATE, "Locked by another program for 10 s. The texts are recorded."),
        (InstanceNotFoundError("wfi_1", "a store"), "This instance is gone: its record was removed."),
        (ReadOnlyRecordError("wfi_1", READ_ONLY), "read only: ChatCoder v1.1"),
        (ReadOnlyRecordError("wfi_1", "it holds NaN"), "read only: it holds NaN"),
        (FULL, "Disk full: Replacing /s/x.json failed: No space left on device. Nothing was changed"),
        (FORBIDDEN, "No permission: Opening /s/x.json failed: Read-only file system. Nothing was changed"),
        (ChatFlowError("else\n"), "else␊"),
    ],
)
def test_every_refusal_is_a_harmless_line(error: ChatFlowError, words: str) -> None:
    assert refusal(error, PLAN).startswith(words)
