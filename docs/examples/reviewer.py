"""A reviewer: waits for instances in the phase ``review``, reads what was written in ``implement``, and judges it.

    python reviewer.py .chatflow          # until Ctrl-C
    python reviewer.py .chatflow --once   # until one is reviewed

It is told of changes by `subscribe`. The callback runs in the store's thread, so it only passes on which instances
may have changed; the work is done here.
"""

from __future__ import annotations

import sys
from queue import SimpleQueue

import chatflow_core as chatflow

PHASE = "review"


def judge(code: str) -> str:
    """Stand for a model that reviews code."""
    return "TODO is left in it" if "TODO" in code else ""


def review(engine: chatflow.WorkflowEngine, instance_id: str) -> bool:
    """Review an instance if it waits for that; tell whether it did."""
    state = engine.get_workflow_instance_status(instance_id)
    if state is None or state.status != "running" or state.current_phase != PHASE:
        return False
    written = engine.load_artifacts(instance_id, "implement").ai_response or ""
    complaint = judge(written)
    engine.record_task(instance_id, f"Review this:\n\n{written}", complaint or "Nothing to complain about.", PHASE)
    if complaint:
        engine.fail_current_phase(instance_id, complaint, expected_phase=PHASE)
    else:
        engine.trigger_next_step(instance_id, {"verdict": "good"}, expected_phase=PHASE)
    print(f"{instance_id}: {complaint or 'good'}", flush=True)
    return True


def main() -> None:
    """Review what waits already, then what comes."""
    engine = chatflow.init(sys.argv[1])
    changed: SimpleQueue[set[str] | None] = SimpleQueue()
    subscription = engine.state_store.subscribe(changed.put)  # says None at once: look at everything
    try:
        while True:
            ids = changed.get()
            for instance_id in sorted(ids) if ids is not None else [one.instance_id for one in engine.list_instances()]:
                try:
                    if review(engine, instance_id) and "--once" in sys.argv:
                        return
                except chatflow.InvalidTransitionError as error:
                    print(error, flush=True)  # another reviewer was faster
                except chatflow.CorruptStateError as error:
                    print(error, file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        subscription.close()


if __name__ == "__main__":
    main()
