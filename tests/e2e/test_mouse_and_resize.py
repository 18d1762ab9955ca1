"""The mouse and the size of a real terminal: what is selected is what is copied, and nothing is lost in any size."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from chatflow_core import WorkflowEngine
from tests.e2e.terminal import Terminal, terminal
from tests.waiting import wait_until_sync

SCHEMA = {"name": "w", "phases": [{"name": "analyse"}, {"name": "design"}]}

# Longer than the panel is wide, with characters of two cells, a blank line, and brackets that are no markup.
PROMPT = """# Analyse

Work on it from BEGIN of this paragraph, which is wrapped wherever the panel ends, as often as the panel is narrow.

请分析这段代码，并说明它在并发时为什么会失败；不要修改任何文件，也不要添加新的依赖项。[b] is no markup.
The last line has its END before these words.
"""
SELECTED = PROMPT[PROMPT.index("BEGIN") : PROMPT.index(" before these")]


@pytest.fixture
def ids(base: Path, engine: WorkflowEngine) -> list[str]:
    """Three instances, the latest last; the second has texts."""
    found = [engine.start_workflow_instance(SCHEMA, {}, f"feature-{number}") for number in range(3)]
    engine.record_task(found[1], prompt=PROMPT, ai_response="THE RESPONSE\n" * 3)
    for instance_id in (found[0], found[2]):
        engine.record_task(instance_id, prompt="of another")
    return found


def until(shown: Terminal, *words: str, without: str | None = None) -> None:
    """Read until all of these words, and none of the others, are on the screen."""
    wait_until_sync(
        lambda: shown.read() and all(word in shown.text for word in words) and (without or "\0") not in shown.text, 60
    )


def cell_of(shown: Terminal, words: str) -> tuple[int, int]:
    """Column and line of the first of some words, from 0; what stands before them must be of one cell a character."""
    line = shown.line_with(words)
    return shown.lines[line].index(words), line


def drag(shown: Terminal, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Press, move and release the left button, as terminals report it."""
    middle = ((start[0] + end[0]) // 2, (start[1] + end[1]) // 2)
    for button, (column, line), ending in ((0, start, "M"), (32, middle, "M"), (32, end, "M"), (0, end, "m")):
        shown.send(f"\x1b[<{button};{column + 1};{line + 1}{ending}")


def copied(shown: Terminal) -> list[str]:
    """What was sent to the clipboard of the terminal."""
    return [base64.b64decode(data).decode() for data in re.findall(rb"\x1b\]52;c;([^\x07\x1b]*)", shown.raw)]


def go_to_the_second(shown: Terminal, ids: list[str]) -> None:
    shown.wait_for("● live")
    shown.wait_for("feature-2")
    # It is the last of three: it changed first.
    shown.send("G")
    shown.wait_for(f"3 Timeline · {ids[1]}")


def test_a_drag_selects_and_y_copies_exactly_that_and_a_border_can_be_dragged(base: Path, ids: list[str]) -> None:
    with terminal(base, size=(120, 40)) as shown:
        go_to_the_second(shown, ids)
        until(shown, "BEGIN", "END before", "THE RESPONSE")
        start, end = cell_of(shown, "BEGIN"), cell_of(shown, "END before")
        assert end[1] - start[1] > 4, "the paragraphs are wrapped"
        drag(shown, start, (end[0] + len("END") - 1, end[1]))
        shown.send("y")
        wait_until_sync(lambda: shown.read() and copied(shown), 60)
        assert copied(shown) == [SELECTED]

        border = cell_of(shown, "5 Response")
        column = shown.lines[border[1]].rindex("╭")
        drag(shown, (column, border[1] + 3), (column - 25, border[1] + 3))
        wait_until_sync(lambda: shown.read() and cell_of(shown, "5 Response")[0] == border[0] - 25, 60)
        until(shown, "BEGIN", "THE RESPONSE")
        shown.send("q")
        assert shown.wait_for_end() == 0


def test_cursor_and_texts_are_the_same_in_every_size(base: Path, ids: list[str]) -> None:
    def is_on_the_second() -> bool:
        return any("▌" in line and "feature-1" in line for line in shown.lines)

    with terminal(base, size=(120, 40)) as shown:
        go_to_the_second(shown, ids)
        until(shown, "BEGIN", "THE RESPONSE")
        assert is_on_the_second()

        shown.resize(60, 20)
        until(shown, "2 Instances", without="4 Prompt")
        wait_until_sync(lambda: shown.read() and is_on_the_second(), 60)
        shown.send("4")
        until(shown, "4 Prompt", "BEGIN")

        shown.resize(59, 19)
        shown.wait_for("59×19, needs 60×20")
        assert "BEGIN" not in shown.text

        shown.resize(200, 60)
        until(shown, "BEGIN", "END before", "THE RESPONSE", f"3 Timeline · {ids[1]}", without="needs 60×20")
        wait_until_sync(lambda: shown.read() and is_on_the_second(), 60)
        shown.send("q")
        assert shown.wait_for_end() == 0
