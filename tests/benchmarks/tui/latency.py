"""From the replacement of a record by another program to the new bytes of its row in the terminal."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from tests.benchmarks.excess import Excess
from tests.benchmarks.measure import Comparison
from tests.benchmarks.tui.made_stores import MadeStore
from tests.benchmarks.tui.watched import watched

# The row that changes is this far down the list, the cursor between it and the top: nothing moves.
_CHANGED_ROW, _CURSOR_ROW = 6, 3


def measure_latency(home: Path, store: MadeStore, changes: int) -> list[Comparison]:
    """Replace one record again and again, and wait for its row each time.

    Args:
        home: See `watched`.
        store: The store to change.
        changes: How often.
    """
    taken = tuple(_time_changes(home, store, changes))
    what = "record replaced until its row is painted"
    return [
        Excess(what, "", taken, (), aim=60, size=store.size),
        Excess(what, "", taken, (), aim=120, share=0.95, size=store.size),
    ]


def _time_changes(home: Path, store: MadeStore, changes: int) -> list[float]:
    changed = store.latest[_CHANGED_ROW]
    path = str(store.record_path(changed.instance_id))
    taken = []
    with watched(home, store.directory) as screen:
        screen.wait_for(f"{store.size:,} instances")
        screen.rest()
        screen.send("j" * _CURSOR_ROW)
        for number in range(changes):
            # At any moment of the second, as other programs write: also beside what is done once a second.
            screen.settle()
            screen.skip(number % 7 / 20)
            mark = f"mark{number:03}"
            # The original's bare format: no schema, no lock, a temporary file beside the record.
            state = {key: value for key, value in changed.record.items() if key != "workflow_schema"}
            state |= {"current_phase": mark, "updated_at": state["updated_at"] + number / 1000}
            with open(path + ".tmp", "w") as file:  # noqa: PTH123
                json.dump(state, file, indent=2)
            began = time.perf_counter()
            os.replace(path + ".tmp", path)  # noqa: PTH105
            screen.wait_for(mark)
            taken.append(time.perf_counter() - began)
    path_of_record = store.record_path(changed.instance_id)
    path_of_record.write_text(json.dumps(changed.record, indent=2))
    return taken
