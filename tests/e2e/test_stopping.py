"""Ctrl+z goes back to the shell and fg comes back; whoever stops it otherwise does no harm either."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal, terminal
from tests.reliability.soak import can_look, held_by
from tests.seed_store import SeedStore
from tests.waiting import wait_until_sync

CTRL_Z = "\x1a"
ASKS = b"shell> "

needs_shell = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
needs_look = pytest.mark.skipif(not can_look(), reason="the system does not tell what a process holds")


@pytest.fixture
def filled(seed: SeedStore) -> SeedStore:
    seed.start("wfi_0", "user-auth")
    return seed


@contextmanager
def in_shell(base: Path) -> Iterator[Terminal]:
    """The program, started from a shell, which finds its terminal as it was when the program was quit."""
    with terminal(module="tests.e2e.shell") as shown:
        wait_for_shell(shown)
        shown.send(f"stty -a > {base}/before; {sys.executable} -m chatflow_tui {base}\n")
        shown.wait_for("● live")
        yield shown
        shown.send("q")
        wait_for_shell(shown)
        shown.send(f"stty -a > {base}/after; exit\n")
        assert shown.wait_for_end() == 0
    assert (base / "after").read_text() == (base / "before").read_text()


def wait_for_shell(shown: Terminal) -> None:
    wait_until_sync(lambda: shown.read() and shown.raw.endswith(ASKS), 60)


def wait_for_sent(shown: Terminal, what: bytes) -> None:
    wait_until_sync(lambda: shown.read() and what in shown.raw, 60)


@needs_shell
def test_ctrl_z_goes_to_the_shell_and_fg_comes_back(base: Path, filled: SeedStore) -> None:
    with in_shell(base) as shown:
        for number in range(2):
            shown.raw = b""
            shown.send(CTRL_Z)
            wait_for_shell(shown)
            assert b"\x1b[?1049l" in shown.raw
            shown.raw = b""
            filled.start(f"wfi_{number + 1}", f"meanwhile-{number}")
            shown.send("fg\n")
            shown.wait_for(f"meanwhile-{number}")
            assert "● live" in shown.text
            assert "Not suspended" not in shown.text


@needs_shell
def test_in_the_background_it_waits_for_the_terminal(base: Path, filled: SeedStore) -> None:
    with in_shell(base) as shown:
        shown.send(CTRL_Z)
        wait_for_shell(shown)
        shown.send("bg\n")
        shown.send("echo my''own\n")
        wait_for_sent(shown, b"myown")
        wait_for_shell(shown)
        assert shown.raw.rfind(b"\x1b[?1049l") > shown.raw.rfind(b"\x1b[?1049h")
        shown.raw = b""
        shown.send("fg\n")
        wait_for_sent(shown, b"\x1b[?1049h")
        shown.wait_for("● live")


@needs_shell
@needs_look
def test_a_stop_from_outside_leaves_the_terminal_as_it_was(base: Path, filled: SeedStore) -> None:
    with in_shell(base) as shown:
        (program,) = children_of(shown.process.pid)
        os.kill(program, signal.SIGSTOP)
        wait_for_sent(shown, b"Stopped")
        shown.raw = b""
        shown.send("fg\n")
        wait_for_sent(shown, b"\x1b[?1049h")
        shown.wait_for("● live")


@needs_look
def test_each_key_is_read_once_after_stops(base: Path, filled: SeedStore) -> None:
    with terminal(base) as shown:
        shown.wait_for("● live")
        before = held_by(shown.process.pid).threads
        for _ in range(5):
            shown.raw = b""
            os.kill(shown.process.pid, signal.SIGSTOP)
            os.kill(shown.process.pid, signal.SIGCONT)
            wait_for_sent(shown, b"\x1b[?1049h")
        shown.send("/")
        shown.wait_for("words, or  status:failed")
        shown.send("authentication" * 3)
        shown.wait_for("authentication" * 3)
        assert held_by(shown.process.pid).threads <= before + 1
        shown.send("\x11")
        assert shown.wait_for_end() == 0
        assert shown.is_restored


def test_without_a_shell_ctrl_z_says_that_it_cannot(base: Path, filled: SeedStore) -> None:
    with terminal(base) as shown:
        shown.wait_for("● live")
        shown.send(CTRL_Z)
        shown.wait_for("Not suspended")
        shown.send("q")
        assert shown.wait_for_end() == 0


def children_of(process_id: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()]
