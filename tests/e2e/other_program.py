"""Another program on the same store: it does one thing for each line it reads, and tells what it did in a line.

``step`` does something by chance; ``hold ID`` takes the lock of an instance, ``move`` advances that one and lets it go.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from chatflow_core import FileStateStore, InvalidTransitionError, WorkflowEngine

KINDS = ("advance", "fail", "retry", "retry", "record")


def steps(engine: WorkflowEngine, instance_ids: list[str], seed: str) -> Iterator[dict[str, str]]:
    """Do one thing after another, and give what was done; ``refused`` if the state did not allow it."""
    chance = random.Random(seed)
    number = 0
    while True:
        number += 1
        kind, instance_id, token = chance.choice(KINDS), chance.choice(instance_ids), f"other{number}"
        try:
            if kind == "advance":
                engine.trigger_next_step(instance_id, {"token": token})
            elif kind == "fail":
                engine.fail_current_phase(instance_id, token)
            elif kind == "retry":
                engine.retry_phase(instance_id)
            else:
                engine.record_task(instance_id, f"prompt {token}", f"response {token}")
        except InvalidTransitionError:
            kind = "refused"
        yield {"kind": kind, "instance_id": instance_id, "token": token}


def main() -> None:
    base, seed, *instance_ids = sys.argv[1:]
    store = FileStateStore(Path(base), durable=False, create=False)
    engine = WorkflowEngine(state_store=store)
    done = steps(engine, instance_ids, seed)
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "step":
            print(json.dumps(next(done)), flush=True)
        else:
            with store.lock(arguments[0]):
                print("held", flush=True)
                assert sys.stdin.readline() == "move\n"
                engine.trigger_next_step(arguments[0], {"token": "moved"})
            print("moved", flush=True)


if __name__ == "__main__":
    main()
