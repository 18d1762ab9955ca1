"""What other processes write appears, and the reader is not disturbed."""

from __future__ import annotations

import json
import os
import shutil
import threading
from pathlib import Path

import pytest

from chatflow_core import FileStateStore, WorkflowEngine, WorkflowInstanceState
from chatflow_tui.screens.phase_details import PhaseDetails
from tests.seed_store import SeedStore
from tests.tui.dashboard_host import SCHEMA, SIZES, PollingStore, running


def id_of(number: int) -> str:
    return f"wfi_{number:012x}"


def fill(seed: SeedStore, count: int) -> None:
    """Start instances, number 0 first, so that it comes last in the list."""
    for number in range(count):
        seed.start(id_of(number), f"feature-{number}")


@pytest.mark.parametrize("size", SIZES)
async def test_a_row_changes_in_place_and_everything_else_stays(
    base: Path, seed: SeedStore, size: tuple[int, int]
) -> None:
    fill(seed, 100)
    async with running(base, size, count=100) as view:
        await view.press("G", *"kkk")
        table = view.instances
        order, top, cursor = list(table.visible_keys), table.scroll_offset.y, table.cursor_key
        changed = next(key for key in order if key != cursor)

        seed.trigger(changed, {})
        await view.until(lambda: "phase2" in view.row(changed))

        assert table.visible_keys == order
        assert (table.scroll_offset.y, table.cursor_key, view.focused) == (top, cursor, "instances")
        assert table.held_back == 0
        assert top > 0


async def test_a_new_instance_is_counted_until_the_list_is_sorted_again(base: Path, seed: SeedStore) -> None:
    fill(seed, 30)
    async with running(base, count=30) as view:
        await view.press("j", "j", "j")
        cursor, line = view.instances.cursor_key, view.row(id_of(26))

        seed.start(id_of(1000), "newcomer")
        await view.until(lambda: view.shows("+1 new"))
        assert view.instances.row_count == 30
        assert view.row(id_of(26)) == line
        assert view.instances.cursor_key == cursor

        await view.press(".")
        assert view.instances.row_count == 31
        assert view.instances.cursor_key == cursor
        assert not view.shows("+1 new")
        await view.press("g")
        assert view.instances.cursor_key == id_of(1000)


async def test_on_the_first_row_the_list_is_live(base: Path, seed: SeedStore) -> None:
    fill(seed, 30)
    async with running(base, count=30) as view:
        assert view.instances.cursor_key == id_of(29)
        seed.trigger(id_of(3), {})
        await view.until(lambda: view.instances.visible_keys[0] == id_of(3))
        assert view.instances.cursor_key == id_of(3)
        await view.until(lambda: id_of(3) in str(view.timeline.border_title))

        await view.press("5")  # what is read there stays, whatever else changes
        seed.trigger(id_of(28), {})
        await view.until(lambda: "phase2" in view.row(id_of(28)))
        assert view.instances.cursor_key == id_of(3)
        await view.press("2")
        seed.trigger(id_of(9), {})
        await view.until(lambda: view.instances.cursor_key == id_of(9))


async def test_a_removed_instance_goes_and_the_one_under_the_cursor_says_so(base: Path, seed: SeedStore) -> None:
    fill(seed, 10)
    async with running(base, count=10) as view:
        await view.press("j", "j")
        cursor = view.instances.cursor_key
        assert cursor is not None
        seed.record(id_of(1)).unlink()
        await view.until(lambda: id_of(1) not in view.instances.visible_keys)
        await view.until(lambda: "feature-1: instance removed" in view.status_line)
        assert view.instances.cursor_key == cursor

        seed.record(cursor).unlink()
        await view.until(lambda: "gone" in view.row(cursor))
        await view.until(lambda: view.shows("This instance is gone"))
        assert view.instances.cursor_key == cursor
        assert "· gone ·" in view.panel("timeline")[0]
        assert any("phase1" in line for line in view.panel("timeline")[1:-1]), "what was read last stays"
        await view.press("j")
        assert cursor not in view.instances.visible_keys


async def test_an_unreadable_file_shows_as_such_with_the_reason_and_heals(base: Path, seed: SeedStore) -> None:
    fill(seed, 5)
    whole = seed.record(id_of(4)).read_bytes()
    async with running(base, (200, 60), count=5) as view:
        torn = base / "torn"
        torn.write_bytes(whole[:100])
        torn.replace(seed.record(id_of(4)))
        await view.until(lambda: view.row(id_of(4)).startswith("▌!"))
        assert "phase1 (unr" in view.row(id_of(4)), "what was known last stays"
        await view.until(lambda: "in 100 bytes" in view.panel("timeline")[-1])
        await view.until(lambda: "· last good state ·" in view.panel("timeline")[0])
        assert any("phase1" in line for line in view.panel("timeline")[1:-1])
        await view.until(lambda: "!1" in view.status_line)
        assert "record unreadable" in view.status_line
        await view.press("i")
        await view.until(lambda: "mend" in view.text)  # the whole reason, in lines
        await view.press("escape")
        await view.press("z")
        assert "not JSON: Input data was truncated" in view.row(id_of(4))
        await view.press("z")

        torn.write_bytes(whole)
        torn.replace(seed.record(id_of(4)))
        await view.until(lambda: not view.row(id_of(4)).startswith("▌!"))
        await view.until(lambda: "last good state" not in view.panel("timeline")[0])
        await view.until(lambda: "!1" not in view.status_line)


async def test_why_one_instance_cannot_be_read_is_not_told_of_the_next(base: Path, seed: SeedStore) -> None:
    fill(seed, 2)
    readers: list[str] = []
    is_slow, may_read = threading.Event(), threading.Event()

    class SlowStore(FileStateStore):
        def read_state(self, instance_id: str) -> WorkflowInstanceState | None:
            readers.append(instance_id)
            if is_slow.is_set() and instance_id == id_of(0) and readers.count(id_of(0)) == 1:
                assert may_read.wait(30)  # what the dashboard shows comes later than what the key asks for
            return super().read_state(instance_id)

    async with running(base, count=2, open_store=lambda directory: SlowStore(directory, create=False)) as view:
        torn = base / "torn"
        torn.write_bytes(seed.record(id_of(1)).read_bytes()[:100])
        torn.replace(seed.record(id_of(1)))
        await view.until(lambda: "last good state" in view.panel("timeline")[0])

        readers.clear()
        is_slow.set()
        await view.press("j")
        await view.until(lambda: id_of(0) in readers)
        await view.press("i")
        await view.until(lambda: isinstance(view.app.screen, PhaseDetails))
        text = view.text
        may_read.set()
        assert "not JSON" not in text


async def test_a_frozen_view_holds_still_while_counts_and_last_change_go_on(base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    async with running(base, count=1) as view:
        await view.press("1", "j", "l", "f")
        engine.trigger_next_step(instance_id)
        await view.until(lambda: "analyse → design" in view.status_line)
        assert "●1" in view.status_line
        await view.until(lambda: view.shows("FROZEN · 1 change waiting"))
        assert view.status_line.startswith("◌ frozen")
        engine.trigger_next_step(instance_id)
        await view.until(lambda: "design → implement" in view.status_line)
        assert "analyse" in view.row(instance_id)
        assert any("○ analyse" in line for line in view.panel("features"))

        await view.press("f", "v")
        assert view.status_line.startswith("● live")
        await view.until(lambda: "implement" in view.row(instance_id))
        await view.until(lambda: any("● implement" in line for line in view.panel("features")))
        await view.until(lambda: view.shows("Marked"))
        assert view.lines[-2].strip() == view.status_line.strip(), "no toast covers it"


async def test_what_is_usual_is_told_soon_in_a_store_that_was_empty(base: Path, engine: WorkflowEngine) -> None:
    base.mkdir(parents=True, exist_ok=True)
    async with running(base, count=0) as view:
        for number in range(5):
            instance_id = engine.start_workflow_instance(SCHEMA, {}, f"feature-{number}")
            engine.trigger_next_step(instance_id)
        await view.until(lambda: view.instances.row_count == 5)
        await view.until(lambda: any("took     usual" in line for line in view.panel("timeline")))


async def test_a_store_that_appears_later_comes_alive(tmp_path: Path) -> None:
    base = tmp_path / ".chatflow"
    async with running(lambda: str(base) if base.is_dir() else None) as view:
        await view.until(lambda: view.shows("No ChatFlow store here yet"))
        assert view.shows("the project")
        SeedStore(base).start(id_of(1), "first-light")
        await view.until(lambda: view.shows("first-light"))
        await view.until(lambda: view.status_line.startswith("● live"))


async def test_a_store_that_goes_and_comes_back_is_followed_again(base: Path, seed: SeedStore) -> None:
    fill(seed, 3)
    async with running(base, count=3) as view:
        shutil.rmtree(base)
        await view.until(lambda: "waiting for the store" in view.status_line)
        SeedStore(base).start(id_of(77), "second-life")
        await view.until(lambda: view.shows("second-life"))
        await view.until(lambda: view.status_line.startswith("● live"))


async def test_polling_is_said_with_its_reason_and_follows_too(base: Path, seed: SeedStore) -> None:
    fill(seed, 3)
    async with running(
        base, count=3, open_store=lambda directory: PollingStore(directory, durable=False, create=False)
    ) as view:
        await view.until(lambda: "polling (asked for)" in view.status_line)
        seed.trigger(id_of(1), {})
        await view.until(lambda: "phase2" in view.row(id_of(1)))


async def test_the_last_change_is_told_in_words(base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    async with running(base, (200, 60), count=1) as view:
        await view.until(lambda: "user-auth: analyse created" in view.status_line)
        engine.trigger_next_step(instance_id)
        await view.until(lambda: "user-auth: analyse → design" in view.status_line)
        engine.fail_current_phase(instance_id, "no tests")
        await view.until(lambda: "user-auth: design failed" in view.status_line)
        await view.until(lambda: any("no tests" in line for line in view.panel("timeline")))
        engine.retry_phase(instance_id)
        await view.until(lambda: "user-auth: design retried" in view.status_line)
        for _ in range(3):
            engine.trigger_next_step(instance_id)
        await view.until(lambda: "user-auth: review done, completed" in view.status_line)
        await view.until(lambda: "1 instance ✓1" in view.status_line)


async def test_a_burst_of_changes_ends_with_the_right_counts(base: Path, seed: SeedStore) -> None:
    fill(seed, 40)
    async with running(base, count=40) as view:
        await view.press("j")
        for number in range(40):
            seed.trigger(id_of(number), {})
        for number in range(20):
            seed.trigger(id_of(number), {})
        await view.until(lambda: "●20" in view.status_line and "✓20" in view.status_line)
        await view.press("1")
        assert any("All features" in line and "✓20 ●20" in line for line in view.panel("features"))


async def test_a_record_written_in_place_by_another_process_shows(base: Path, seed: SeedStore) -> None:
    fill(seed, 3)
    async with running(base, count=3) as view:
        state = {**seed.load(id_of(0)), "status": "paused by hand"}
        temporary = seed.record(id_of(0)).with_suffix(".json.tmp")
        temporary.write_text(json.dumps(state), encoding="utf-8")
        os.replace(temporary, seed.record(id_of(0)))  # noqa: PTH105 - as the original does
        await view.until(lambda: "paused by hand" in view.status_line)


async def test_a_response_appears_while_its_phase_is_on_the_screen(base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    async with running(base, count=1) as view:
        await view.until(lambda: view.shows("No prompt has been recorded for this phase."))
        engine.record_task(instance_id, prompt="# What is asked\n")
        await view.until(lambda: any("# What is asked" in line for line in view.panel("prompt")))
        await view.until(lambda: view.shows("This attempt has no response yet."))
        engine.record_task(instance_id, ai_response="The answer is 42.")
        await view.until(lambda: any("The answer is 42." in line for line in view.panel("response")))
        await view.until(lambda: view.shows("✓ intact"))


async def test_a_text_that_was_changed_says_so_and_the_other_one_is_still_intact(
    base: Path, engine: WorkflowEngine
) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    engine.record_task(instance_id, prompt="p", ai_response="r")
    async with running(base, count=1) as view:
        texts = view.dashboard.panels.texts
        await view.until(lambda: "✓ intact" in str(texts.response.border_subtitle))
        (base / "instances" / instance_id / "tasks" / "analyse.ai_response.md").write_text("other")
        await view.until(lambda: "! changed" in str(texts.response.border_subtitle))
        assert "✓ intact" in str(texts.prompt.border_subtitle)


async def test_a_reader_in_the_middle_of_a_text_is_not_moved(base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    text = "\n".join(f"line {number} of the prompt" for number in range(300))
    engine.record_task(instance_id, prompt=text)
    async with running(base, count=1) as view:
        await view.until(lambda: view.prompt.rows == 300)
        await view.press("4", "space", "space", "j")
        await view.pilot.mouse_down("#prompt", offset=(3, 2))
        await view.pilot.hover("#prompt", offset=(9, 2))
        await view.pilot.mouse_up("#prompt", offset=(9, 2))
        first_row, selected = view.prompt.first_row, view.prompt.selected_text
        assert 0 < first_row < 200
        assert selected

        engine.record_task(instance_id, ai_response="an answer")
        await view.until(lambda: view.response.text == "an answer")
        engine.trigger_next_step(instance_id)
        await view.until(lambda: "design" in view.row(instance_id))
        await view.until(lambda: any("design" in line and "●" in line for line in view.panel("timeline")))

        # The text of the phase that was read stays, though another one is the current one now.
        assert (view.prompt.first_row, view.prompt.selected_text) == (first_row, selected)
        assert view.timeline.cursor_key == "analyse"
        assert view.focused == "prompt"


async def test_a_filter_being_typed_is_not_disturbed(base: Path, seed: SeedStore) -> None:
    fill(seed, 12)
    async with running(base, count=12) as view:
        await view.press("/", *"feature-1")
        seed.start(id_of(100), "feature-100")
        seed.start(id_of(200), "other")
        await view.until(lambda: "14 instances" in view.status_line)
        assert (view.focused, view.dashboard.filter_bar.value) == ("filter", "feature-1")
        await view.until(lambda: set(view.instances.visible_keys) <= {id_of(1), id_of(10), id_of(11), id_of(100)})


async def test_the_widths_of_a_session_do_not_matter(base: Path, seed: SeedStore) -> None:
    fill(seed, 100)
    async with running(base, (200, 60), count=100) as view:
        await view.select(id_of(50))
        cursor = view.instances.cursor_key
        for width, height in [(80, 24), (60, 15), (20, 6), (120, 40)]:
            await view.pilot.resize_terminal(width, height)
            await view.pilot.pause()
            assert view.instances.cursor_key == cursor
        await view.until(lambda: cursor in view.instances.visible_keys)
        assert (view.focused, view.app.is_running) == ("instances", True)
