"""Which texts were recorded in one run of a phase. Pure but for what it is given to load them with."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from chatflow_core.models import TaskArtifacts


def texts_of_run(
    run_number: int, starts: Sequence[float], load: Callable[[int | None], TaskArtifacts]
) -> TaskArtifacts | None:
    """Find the last attempt that began in a run.

    Attempts are numbered by their texts, and runs by the history: a run may
    have had several attempts, or none. What began before the first run belongs
    to that one. Of what nobody recorded the time of, the newest attempt belongs
    to the newest run, and so on back.

    Args:
        run_number: Which run of the phase, from 1.
        starts: When each run of the phase began, in Unix seconds.
        load: Reads an attempt by its number from 1, or the newest for None.

    Returns:
        The texts; None if no attempt began in the run.
    """
    loaded: dict[int, TaskArtifacts] = {}

    def began(number: int) -> float:
        if number not in loaded:
            loaded[number] = load(number)
        record = loaded[number].record
        if record is not None and math.isfinite(record.started_at):
            return record.started_at
        return starts[max(0, len(starts) - 1 - (newest.attempts - number))]

    newest = load(None)
    if not newest.attempts:
        return None
    loaded[newest.attempts] = newest
    earliest = starts[run_number - 1] if run_number > 1 else -math.inf
    until = starts[run_number] if run_number < len(starts) else math.inf
    least, most = 0, newest.attempts
    while least < most:
        middle = (least + most + 1) // 2
        if began(middle) < until:
            least = middle
        else:
            most = middle - 1
    return loaded[least] if least and began(least) >= earliest else None
