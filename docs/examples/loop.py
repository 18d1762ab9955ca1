"""A minimal ChatCoder: for each phase of a workflow a prompt, a response, and on to the next phase.

    python loop.py .chatflow user-auth "sign-up by e-mail"

`ask` stands for the model. Whatever interrupts the loop, the next run goes on with the instance where it is.
"""

from __future__ import annotations

import sys

import chatflow_core as chatflow

SCHEMA = {
    "name": "code_generation",
    "phases": [
        {"name": "analyse", "task": "Say what is asked for, and what is not clear."},
        {"name": "implement", "task": "Write the code."},
        {"name": "review", "task": "Say what is wrong with it."},
    ],
}


def ask(prompt: str) -> str:
    """Stand for a model that answers a prompt."""
    return f"# Answer\n\nAll of it, in {len(prompt.split())} words.\n"


def unfinished(engine: chatflow.WorkflowEngine, feature: str) -> str | None:
    """Give the newest instance of a feature that is not completed."""
    found = [one for one in engine.list_instances() if one.feature_id == feature and one.status != "completed"]
    return found[0].instance_id if found else None


def run(engine: chatflow.WorkflowEngine, instance_id: str) -> None:
    """Do phase after phase until the instance is completed."""
    while True:
        state = engine.get_workflow_instance_status(instance_id)
        if state is None or state.status == "completed":
            return
        if state.status == "failed":
            state = engine.retry_phase(instance_id, expected_phase=state.current_phase)
        phase = state.current_phase
        tasks = {one["name"]: one["task"] for one in SCHEMA["phases"]}  # type: ignore[index]
        prompt = f"# {phase}\n\n{tasks[phase]}\n\nRequest: {state.variables['request']}\n"
        engine.record_task(instance_id, prompt=prompt)  # kept before the answer is there
        answer = ask(prompt)
        engine.record_task(instance_id, ai_response=answer)
        # Refused if another program, or somebody at the screen, has moved the instance meanwhile.
        engine.trigger_next_step(instance_id, {"characters": len(answer)}, expected_phase=phase)
        print(f"{instance_id}: {phase} done")


def main() -> None:
    """Go on with the feature's instance, or start one."""
    directory, feature, request = sys.argv[1:]
    engine = chatflow.init(directory)
    instance_id = unfinished(engine, feature)
    if instance_id is None:
        instance_id = engine.start_workflow_instance(SCHEMA, {"request": request}, feature)
    run(engine, instance_id)


if __name__ == "__main__":
    main()
