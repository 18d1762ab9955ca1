"""The loop with an AI in a browser, in a real terminal: copy the prompt, paste the answer, advance."""

from __future__ import annotations

import base64
import os
import re
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

import chatflow_core
from tests.e2e.terminal import Terminal, terminal
from tests.waiting import wait_until_sync

PROMPT = "# Analyse\n请分析 [b]\n"

# Were any of it taken for keys, the program would end, or advance.
ANSWER = "# Answer\n\x1b[31mq\na\n\n\x1b[200~" + "long line of the answer \x1b q a\n" * 20_000


def paste(shown: Terminal, text: str) -> None:
    """Paste as terminals do: between marks, with carriage returns. What they do not take at once waits in the pty."""
    data = f"\x1b[200~{text}\x1b[201~".replace("\n", "\r").encode()
    descriptor = shown.process.child_fd
    os.set_blocking(descriptor, False)
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            shown.read()
    os.set_blocking(descriptor, True)


def confirm(shown: Terminal, words: str) -> None:
    """Press enter as long as a dialog is there: it takes no answer before its first paint."""

    def is_gone() -> bool:
        shown.send("\r")
        patience = time.monotonic() + 2
        while words in shown.text and time.monotonic() < patience:
            assert shown.read()
        return words not in shown.text

    wait_until_sync(is_gone, 60)


def leave(shown: Terminal) -> int | None:
    """Press `q` until the program has ended: an enter too many may have opened something that it closes first."""

    def is_over() -> bool:
        with suppress(OSError):
            shown.send("q")
        return not shown.read(0.5)

    wait_until_sync(is_over, 60)
    return shown.wait_for_end()


def test_a_prompt_is_copied_the_answer_pasted_and_the_phase_advanced(base: Path) -> None:
    engine = chatflow_core.WorkflowEngine(state_store=chatflow_core.FileStateStore(base, durable=False))
    schema = {"name": "w", "phases": [{"name": "analyse"}, {"name": "design"}]}
    instance_id = engine.start_workflow_instance(schema, {}, "user-auth")
    engine.record_task(instance_id, prompt=PROMPT)
    with terminal(base, size=(80, 24), env={"TMUX": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}) as shown:
        shown.wait_for(f"3 Timeline · {instance_id}")
        paste(shown, "q\x1b[31mq\na\n")  # nothing takes it here
        shown.send("y")
        shown.wait_for("Copied the prompt of analyse")
        assert b"\x1b]52;c;" + base64.b64encode(PROMPT.encode()) + b"\x07" in shown.raw

        shown.send("p")
        shown.wait_for("● records  the response of analyse, attempt 1")
        paste(shown, ANSWER)
        shown.wait_for("600 KB · 20,004 lines")
        shown.wait_for("␛[31mq")
        confirm(shown, "● records")
        shown.wait_for("● begins  design")
        artifacts = engine.load_artifacts(instance_id, "analyse")
        assert (artifacts.prompt, artifacts.ai_response, artifacts.verdict) == (PROMPT, ANSWER, "intact")

        confirm(shown, "● begins")
        shown.wait_for("analyse ended")
        assert leave(shown) == 0

    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert [entry.phase for entry in state.history] == ["analyse", "design"]
    text = base / "instances" / instance_id / "tasks" / "analyse.ai_response.md"
    assert text.read_bytes() == ANSWER.encode()


def test_an_editor_gets_the_terminal_and_gives_it_back(base: Path, tmp_path: Path) -> None:
    engine = chatflow_core.WorkflowEngine(state_store=chatflow_core.FileStateStore(base, durable=False))
    instance_id = engine.start_workflow_instance({"name": "w", "phases": [{"name": "analyse"}]}, {}, "user-auth")
    engine.record_task(instance_id, prompt=PROMPT)
    editor = tmp_path / "editor"
    # Leaves the terminal as programs that are killed do: keys unread, a scroll region set, in raw mode.
    editor.write_text('#!/bin/sh\nprintf "\\033[5;9r"\nstty raw -echo\necho "ready: $(head -1 "$1")"\nhead -c 3\n')
    editor.chmod(0o700)
    with terminal(base, size=(80, 24), env={"VISUAL": str(editor)}) as shown:
        shown.wait_for(f"3 Timeline · {instance_id}")
        shown.send("o")
        shown.wait_for("ready: # Analyse")
        shown.send("123qqq")
        # What is typed before the screen is painted again is taken for keys that the editor has left.
        wait_until_sync(lambda: shown.read() and b"Timeline" in shown.raw.partition(b"\x1b[!p")[2], 60)
        assert shown.raw.rfind(b"\x1b[!p") > shown.raw.rfind(b"\x1b[5;9r")
        shown.send("?")
        shown.wait_for("Keys")
        shown.send("\x1b")
        wait_until_sync(lambda: shown.read() and "Keys" not in shown.text, 60)
        shown.send("q")
        assert shown.wait_for_end() == 0
    assert engine.load_artifacts(instance_id, "analyse").verdict == "intact"


def test_an_editor_ends_with_the_program_and_leaves_no_copy(base: Path, tmp_path: Path) -> None:
    engine = chatflow_core.WorkflowEngine(state_store=chatflow_core.FileStateStore(base, durable=False))
    instance_id = engine.start_workflow_instance({"name": "w", "phases": [{"name": "analyse"}]}, {}, "user-auth")
    engine.record_task(instance_id, prompt=PROMPT)
    (tmp_path / "copies").mkdir()
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "ready as $$."\nexec sleep 300\n')
    editor.chmod(0o700)
    with terminal(base, size=(80, 24), env={"VISUAL": str(editor), "TMPDIR": str(tmp_path / "copies")}) as shown:
        shown.wait_for(f"3 Timeline · {instance_id}")
        shown.send("o")
        shown.wait_for("ready as ")
        (number,) = re.findall(r"ready as (\d+)\.", shown.text)
        os.kill(shown.process.pid, signal.SIGTERM)
        shown.wait_for_end()
        with pytest.raises(ProcessLookupError):
            os.kill(int(number), 0)
    assert list((tmp_path / "copies").iterdir()) == []
