"""The program stays open while others write and somebody opens everything: it holds no more than before."""

from __future__ import annotations

import gc
import random
from pathlib import Path

import pytest
from textual.strip import Strip

from chatflow_core import FileStateStore, WorkflowEngine
from tests.e2e.terminal import terminal
from tests.reliability.soak import MOST_MORE, Held, Load, Reader, can_look, held_by
from tests.tui.dashboard_host import SCHEMA, View, running

# A view of a text, a list, a search, a screen, a dialog: the others are made of these.
SOME = ("i", "t", "S", "d", "a")

# The directory of records, that of the instance in focus, its tasks, their former attempts, and those of each phase.
MOST_WATCHES = 4 + 3

needs_look = pytest.mark.skipif(not can_look(), reason="the system does not tell what a process holds")


@needs_look
def test_what_was_opened_and_changed_leaves_no_descriptor_thread_or_watch(quick_path: Path) -> None:
    load = Load(quick_path / ".chatflow", "writer", random.Random(1), instances=10)
    with terminal(quick_path, size=(110, 30)) as shown:
        shown.wait_for("● live")
        reader = Reader(shown, random.Random(1))

        def go_round() -> Held:
            """Open everything beside a writer; give the most that was held of each kind."""
            taken = []
            for key in SOME:
                for _ in range(10):
                    load.step()
                reader.open(key)
                taken.append(held_by(shown.process.pid))
            return Held(*map(max, zip(*taken, strict=True)))

        go_round()  # what is needed once is kept, such as the threads of a pool
        before = go_round()
        after = go_round()
        assert after.descriptors <= before.descriptors
        assert after.threads <= before.threads + MOST_MORE
        assert after.watches <= MOST_WATCHES
        reader.look(0.5)  # right behind an escape it would be another key
        shown.send("q")
        assert shown.wait_for_end() == 0


@needs_look
def test_what_was_shown_before_takes_no_memory(quick_path: Path) -> None:
    """A rendered text is hundreds of widgets, which refer to each other, and no screen is closed with them."""
    engine = WorkflowEngine(state_store=FileStateStore(quick_path / ".chatflow"))
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    engine.record_task(instance_id, "prompt", "# heading\n\n" * 60)
    with terminal(quick_path, size=(110, 30)) as shown:
        shown.wait_for("# heading")

        def read(times: int) -> int:
            """Have the response rendered so often, and shown as it was written again; give the memory held."""
            for _ in range(times):
                shown.send("m")
                while "# heading" in shown.text:
                    assert shown.read(), f"the program ended:\n{shown.text}"
                shown.send("m")
                shown.wait_for("# heading")
            return held_by(shown.process.pid).memory

        shown.send("5")
        before = read(5)
        assert read(20) < before + 8 * 1024
        shown.send("q")
        assert shown.wait_for_end() == 0


async def test_a_screen_that_was_closed_is_forgotten_with_all_it_has_painted(
    base: Path, engine: WorkflowEngine
) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "user-auth")

    async def lines_kept_after_opening(view: View, times: int) -> int:
        for _ in range(times):
            await view.press("question_mark")
            await view.until(lambda: view.shows("/ narrows"))
            await view.press("escape")
            await view.until(lambda: not view.shows("/ narrows"))
        gc.collect()
        return sum(isinstance(kept, Strip) for kept in gc.get_objects())

    async with running(base, count=1) as view:
        before = await lines_kept_after_opening(view, 2)
        assert await lines_kept_after_opening(view, 4) < before + 200  # one painting of this page is some 500
