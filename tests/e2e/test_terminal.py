"""The whole program, in a real terminal, beside other processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import chatflow_core
from tests.e2e.terminal import Terminal, terminal
from tests.seed_store import SeedStore
from tests.waiting import wait_until_sync

COUNT = 50

# What the original format's own code would write, in a process of its own.
_WRITER = """
import json, os, sys
path, phase = sys.argv[1:]
state = json.load(open(path))
state.update(current_phase=phase, status="running", updated_at=state["updated_at"] + 1000)
with open(path + ".tmp", "w") as file:
    json.dump(state, file, indent=2)
os.replace(path + ".tmp", path)
"""


@pytest.fixture
def filled(seed: SeedStore) -> SeedStore:
    for number in range(COUNT):
        seed.start(f"wfi_{number:012x}", f"feature-{number:03}")
    return seed


def write_from_another_process(path: Path, phase: str) -> None:
    subprocess.run([sys.executable, "-c", _WRITER, str(path), phase], check=True)


def test_what_another_process_writes_appears_and_the_cursor_stays(base: Path, filled: SeedStore) -> None:
    with terminal(base) as shown:
        shown.wait_for(f"feature-{COUNT - 1:03}")
        shown.wait_for("● live")
        shown.send("jjjj")
        shown.wait_for(f"3 Timeline · wfi_{COUNT - 5:012x}")
        cursor = next(number for number, line in enumerate(shown.lines) if "▌○" in line)
        changed = shown.line_with(f"feature-{COUNT - 3:03}   ")

        write_from_another_process(filled.record(f"wfi_{COUNT - 3:012x}"), "phase two")
        shown.wait_for("phase two")

        assert "phase two" in shown.lines[changed]
        assert f"feature-{COUNT - 3:03}" in shown.lines[changed]
        assert "▌○" in shown.lines[cursor]
        assert f"feature-{COUNT - 5:03}" in shown.lines[cursor]
        shown.send("q")
        assert shown.wait_for_end() == 0


def run_with_names(base: Path, names: list[str]) -> Terminal:
    """Show every panel of a store with these names of features, then quit."""
    seed = SeedStore(base)
    for number, name in enumerate(names):
        state = seed.start(f"wfi_{number}", f"feature-{number}")
        state.update(feature_id=name, workflow_name=name, current_phase=name)
        temporary = base / "temporary"
        temporary.write_text(json.dumps(state))
        temporary.replace(seed.record(f"wfi_{number}"))
        tasks = base / "instances" / f"wfi_{number}" / "tasks"
        tasks.mkdir(parents=True)
        (tasks / "phase1.prompt.md").write_text(name)
        (tasks / "phase1.ai_response.md").write_text(name)
    with terminal(base) as shown:
        shown.wait_for("● live")
        for number in range(len(names)):
            shown.wait_for(f"3 Timeline · wfi_{len(names) - 1 - number}")
            shown.send("]")
            shown.wait_for("5 Response · phase1")
            shown.send("j")
        shown.send("1")
        shown.send("j")
        shown.send("a")
        shown.wait_for("Cannot advance")
        shown.send("/")
        shown.wait_for("!word leaves out")
        shown.send("\x1b")
        wait_until_sync(lambda: shown.read() and "!word leaves out" not in shown.text, 60)
        shown.send("q")
        assert shown.wait_for_end() == 0
    return shown


def test_hostile_names_reach_the_terminal_as_harmless_characters(tmp_path: Path) -> None:
    hostile = run_with_names(tmp_path / "a", ["[/", "\x1b]2;x\x07", "\x1b]52;c;eA==\x07", "\x9b2J[@click=app.quit]y"])
    harmless = run_with_names(tmp_path / "b", ["one", "two", "three", "four"])

    assert "[/" in hostile.raw.decode()
    assert "␛]2;x␇" in hostile.raw.decode()
    for sequence in (b"\x1b]2;", b"\x1b]0;", b"\x1b]8;", b"\x1b]52;", b"\x9d", b"\x9b2J"):
        assert sequence not in hostile.untitled.replace("\x9d".encode(), b"C1")
    assert "\x9b" not in hostile.raw.decode()
    assert "\x9d" not in hostile.raw.decode()
    assert hostile.screen.title == harmless.screen.title
    assert hostile.kinds <= harmless.kinds, hostile.kinds - harmless.kinds


def test_quitting_restores_the_terminal(base: Path, filled: SeedStore) -> None:
    with terminal(base) as shown:
        shown.wait_for("● live")
        shown.send("q")
        assert shown.wait_for_end() == 0
        assert shown.is_restored


def test_it_follows_the_size_of_the_terminal(base: Path, filled: SeedStore) -> None:
    with terminal(base, size=(120, 40)) as shown:
        shown.wait_for("4 Prompt")
        shown.resize(80, 24)
        wait_until_sync(lambda: shown.read() and "4 Prompt" not in shown.text and "2 Instances" in shown.text, 60)
        shown.resize(200, 60)
        wait_until_sync(lambda: shown.read() and "4 Prompt" in shown.text, 60)
        shown.send("q")
        assert shown.wait_for_end() == 0


def test_advancing_from_the_keyboard(base: Path) -> None:
    engine = chatflow_core.WorkflowEngine(state_store=chatflow_core.FileStateStore(base, durable=False))
    schema = {"name": "w", "phases": [{"name": "analyse"}, {"name": "design"}]}
    instance_id = engine.start_workflow_instance(schema, {}, "user-auth")
    with terminal(base, size=(80, 24)) as shown:
        shown.wait_for("user-auth")
        shown.wait_for(f"3 Timeline · {instance_id}")
        shown.send("a")
        shown.wait_for("● begins  design")
        shown.send("\r")  # it counts as soon as the question can be read
        shown.wait_for("user-auth: analyse ended, design began")
        shown.send("q")
        assert shown.wait_for_end() == 0
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert [entry.phase for entry in state.history] == ["analyse", "design"]


def children_of(process_id: int) -> list[int]:
    """The child processes of a process, with their own children."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = [child for child, parent in parents if parent == process_id]
    return found + [deeper for child in found for deeper in children_of(child)]


def is_running(process_id: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process_id)], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] not in ("", "Z")


@pytest.mark.parametrize("end", ["q", signal.SIGTERM, signal.SIGKILL])
def test_the_demo_shows_a_living_store_and_leaves_nothing_behind(tmp_path: Path, end: str | signal.Signals) -> None:
    with terminal("--demo", env={"TMPDIR": str(tmp_path)}, cwd=tmp_path) as shown:
        shown.wait_for("● live")
        # Running, failed, completed and created ones: each by its glyph and number in the status bar.
        wait_until_sync(lambda: shown.read() and all(glyph in shown.lines[-2] for glyph in "●✗✓○"), 60)
        (directory,) = tmp_path.glob("chatflow-demo-*")
        children = children_of(shown.process.pid)
        assert len(children) == 1
        if isinstance(end, str):
            shown.send(end)
        else:
            os.kill(shown.process.pid, end)
        shown.wait_for_end()

    wait_until_sync(lambda: not any(map(is_running, children)), 60)
    wait_until_sync(lambda: not directory.exists(), 60)
    assert list(tmp_path.iterdir()) == []
