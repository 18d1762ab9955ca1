"""Full-text search: from the last letter typed to the first hit on the screen."""

from __future__ import annotations

from pathlib import Path

from chatflow_core import FileStateStore, WorkflowEngine
from tests.benchmarks.excess import Excess
from tests.benchmarks.measure import Comparison
from tests.benchmarks.stores import schema
from tests.benchmarks.tui.watched import watched

_WORD = "zeppelin"
_AFTER = ", as was found"
_TEXT = "The code is sent by e-mail, and expires after ten minutes.\n" * 70


def measure_search(home: Path, directory: Path, size: int, runs: int) -> list[Comparison]:
    """Search texts of 4 KB, a prompt and a response for each instance; every tenth has the word.

    Args:
        home: See `watched`.
        directory: Where to make a store.
        size: How many instances it has.
        runs: How often.
    """
    engine = WorkflowEngine(state_store=FileStateStore(directory / ".chatflow", durable=False))
    for number in range(size):
        instance_id = engine.start_workflow_instance(schema(), {}, f"feature-{number}")
        found = f"{_WORD}{_AFTER}\n" if number % 10 == 0 else ""
        engine.record_task(instance_id, prompt=_TEXT, ai_response=_TEXT + found)
    taken = []
    with watched(home, directory) as screen:
        screen.wait_for(f"{size:,} instances")
        for _ in range(runs):
            screen.settle()
            screen.time_key("S", "search all prompts")
            screen.settle()
            taken.append(screen.time_key(f"\x1b[200~{_WORD}\x1b[201~", _AFTER))
            screen.send("\x1b")
    return [Excess(f"first hit of a search in {2 * size:,} texts, on the screen", "", tuple(taken), (), aim=200)]
