"""However it ends, the terminal is given back and one line says why."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.crashing import TOLD
from tests.e2e.terminal import Terminal, terminal
from tests.seed_store import SeedStore
from tests.waiting import wait_until_sync


def last_words(shown: Terminal) -> str:
    """What was printed after the terminal was given back, in one line."""
    after = shown.raw.rpartition(b"\x1b[?1049l")[2].decode()
    return " ".join(line for line in after.replace("\r", "").split("\n") if "chatflow-tui:" in line or line.strip())


@pytest.fixture
def filled(seed: SeedStore) -> SeedStore:
    seed.start("wfi_0", "user-auth")
    return seed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_gives_the_terminal_back_and_is_told(base: Path, filled: SeedStore, number: signal.Signals) -> None:
    with terminal(base) as shown:
        shown.wait_for("● live")
        os.kill(shown.process.pid, number)
        assert shown.wait_for_end() == 128 + number
        assert shown.is_restored
        assert f"chatflow-tui: ended by {number.name}" in last_words(shown)


def test_it_ends_when_the_terminal_is_closed(base: Path, filled: SeedStore) -> None:
    with terminal(base) as shown:
        shown.wait_for("● live")
        shown.process.ptyproc.fileobj.close()
        wait_until_sync(lambda: not shown.process.ptyproc.isalive(), 60)


def test_a_crash_gives_the_terminal_back_and_is_written_down(base: Path, filled: SeedStore, tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    state = tmp_path / "state"
    with terminal(base, stop, module="tests.e2e.crashing", env={"XDG_STATE_HOME": str(state)}) as shown:
        shown.wait_for("● live")
        stop.touch()
        assert shown.wait_for_end() == 1
        assert shown.is_restored

    (log,) = (state / "chatflow" / "log").iterdir()
    assert "chatflow-tui: crashed: ValueError" in last_words(shown)
    assert log.name in last_words(shown).replace(" ", "")
    assert "Traceback" not in last_words(shown)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "in clock" in log.read_text()
    assert "Python" in log.read_text()
    assert TOLD not in shown.raw.decode() + log.read_text()


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_a_stream_that_is_no_terminal_is_named(tmp_path: Path, stream: str) -> None:
    ours, theirs = os.openpty()
    read, write = os.pipe()
    try:
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
        streams[stream] = read if stream == "stdin" else write
        command = [sys.executable, "-m", "chatflow_tui", str(tmp_path)]
        assert subprocess.run(command, **streams, timeout=60, check=False).returncode == 2  # type: ignore[call-overload]
        os.set_blocking(ours, False)
        os.set_blocking(read, False)
        told = os.read(read if stream == "stderr" else ours, 10_000).decode()
    finally:
        for descriptor in (ours, theirs, read, write):
            os.close(descriptor)

    assert told.startswith(f"chatflow-tui: this is not a terminal ({stream})")


def test_a_terminal_too_small_says_so_and_what_is_there_comes_back(base: Path, filled: SeedStore) -> None:
    with terminal(base, size=(50, 10)) as shown:
        shown.wait_for("50×10, needs 60×20")
        shown.resize(59, 20)
        shown.wait_for("59×20, needs 60×20")
        assert "Instances" not in shown.text
        shown.resize(80, 24)
        shown.wait_for("● live")
        shown.send("/")
        shown.wait_for("words, or  status:failed")
        shown.send("user")
        shown.wait_for("1 shown")
        shown.wait_for("3 Timeline · wfi_0")

        shown.resize(20, 3)
        shown.wait_for("20×3")
        shown.resize(80, 24)
        shown.wait_for("1 shown")
        shown.wait_for("▌○  user-auth")
        shown.wait_for("3 Timeline · wfi_0")
        assert shown.line_with("✗") == shown.line_with("Too small") == -1
        shown.resize(20, 3)
        shown.wait_for("20×3")
        shown.send("\x11")
        assert shown.wait_for_end() == 0
