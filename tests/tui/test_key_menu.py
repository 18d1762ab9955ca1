"""`?` lists what the keys do where the reader is, and does it."""

from __future__ import annotations

from pathlib import Path

from chatflow_core import WorkflowEngine
from chatflow_tui.keys.key_choices import KeyChoice
from chatflow_tui.screens.advance_dialog import AdvanceDialog
from chatflow_tui.screens.diff import DiffScreen
from chatflow_tui.screens.history import HistoryScreen
from chatflow_tui.screens.key_menu import KeyMenu
from chatflow_tui.screens.workflow_statistics import WorkflowStatistics
from chatflow_tui.texts.text_diff import TitledText
from tests.tui.dashboard_host import SCHEMA, View, running


def start(engine: WorkflowEngine) -> str:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    engine.record_task(instance_id, prompt="a prompt", ai_response="a response\n" * 100)
    return instance_id


async def open_menu(view: View, key: str = "question_mark") -> KeyMenu:
    await view.press(key)
    await view.until(lambda: isinstance(view.app.screen, KeyMenu) and view.app.screen.keys.row_count)
    assert isinstance(view.app.screen, KeyMenu)
    return view.app.screen


def is_back(view: View) -> bool:
    return view.app.screen is view.dashboard


def find(menu: KeyMenu, name: str) -> tuple[str, KeyChoice]:
    return next((heading, row) for heading, rows in menu.sections.items() for row in rows if row.name == name)


async def test_it_lists_the_keys_of_the_panel_first_and_does_what_is_chosen_there(
    base: Path, engine: WorkflowEngine
) -> None:
    start(engine)
    async with running(base, (80, 24), count=1) as view:
        # Any way out leads back.
        for way_in, way_out in (("question_mark", "escape"), ("？", "q"), ("question_mark", "？")):
            await open_menu(view, way_in)
            await view.press(way_out)
            assert is_back(view)

        menu = await open_menu(view)
        assert list(menu.sections) == ["Instances", "Explain", "Find", "Read", "Move", "Else", "Not now"]
        assert view.shows("enter        to the timeline of the instance")
        assert find(menu, "instance.advance")[0] == "Instances"
        heading, retry = find(menu, "instance.retry")
        assert (heading, retry.refusal) == ("Not now", "analyse has not failed, so there is nothing to retry")
        # Every line comes into sight, the marks at last; the headings are passed over.
        await view.press("G")
        await view.until(lambda: view.shows("the median of its workflow"))
        await view.press("g")
        await view.until(lambda: view.shows("│ Instances"))
        kinds = set()
        for _ in range(menu.keys.row_count):
            line = menu.keys.get_row(menu.keys.cursor_key or "")
            assert line is not None
            kinds.add(line.kind)
            menu.keys.action_cursor_by(1)
        assert kinds == {"key", "mark"}

        # Chosen with the cursor, after a word was typed; what is listed is done in the panel it was opened from.
        await view.press("slash", *"line", "space", *"timel")
        await view.until(lambda: menu.keys.choice is not None and menu.keys.choice.name == "list.choose")
        await view.press("down", "up", "enter")
        await view.until(lambda: view.focused == "timeline")
        assert is_back(view)

        # By the key itself.
        await view.press("5")
        menu = await open_menu(view)
        assert next(iter(menu.sections)) == "Response"
        assert find(menu, "text.find")[0] == "Response"
        await view.press("V")
        await view.until(lambda: view.response.is_selecting)
        assert not view.prompt.is_selecting
        await view.press("escape", "question_mark", "a")
        await view.until(lambda: isinstance(view.app.screen, AdvanceDialog))
        await view.press("escape")


async def test_what_may_not_be_done_says_why(base: Path, engine: WorkflowEngine) -> None:
    start(engine)
    async with running(base, (60, 20), count=1, read_only=True) as view:
        menu = await open_menu(view)
        for name in ("instance.advance", "instance.fail", "instance.retry", "instance.create", "phase.record"):
            assert find(menu, name)[0] == "Not now"
            assert find(menu, name)[1].refusal == "chatflow-tui was started with --read-only"
        await view.press("slash", *"advance")
        await view.until(lambda: view.shows("Not now"))
        assert view.shows("begin the next –")
        assert view.shows("chatflow-tui was started")
        # The first escape shows all lines again.
        await view.press("escape")
        assert view.app.screen is menu
        assert menu.keys.row_count > 30
        await view.press("escape")
        assert is_back(view)


async def test_other_screens_list_theirs(base: Path, engine: WorkflowEngine) -> None:
    start(engine)
    async with running(base, (80, 24), count=1) as view:
        await view.press("H")
        await view.until(lambda: isinstance(view.app.screen, HistoryScreen) and view.app.screen.steps.row_count)
        menu = await open_menu(view)
        assert find(menu, "history.choose")[0] == "History"
        assert find(menu, "history.zoom")[0] == "This screen"
        await view.press("z")
        await view.until(lambda: view.app.screen.has_class("-alone"))
        await view.press("q", "t")
        await view.until(lambda: isinstance(view.app.screen, WorkflowStatistics))
        menu = await open_menu(view)
        assert list(menu.sections) == ["This screen", "Move", "Else"]
        await view.press("escape", "escape")
        await view.app.push_screen(DiffScreen(TitledText(("one",), "a\nb"), TitledText(("two",), "a\nc")))
        await view.until(lambda: view.shows("change 1/1"))
        menu = await open_menu(view)
        assert find(menu, "diff.next")[0] == "Here"
        await view.press("c")
        await view.until(lambda: view.shows("all lines"))
