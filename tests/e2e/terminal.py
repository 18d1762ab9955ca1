"""The program in a real terminal: a pty, what a terminal would show of it, and every byte it was sent."""

from __future__ import annotations

import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pexpect
import pyte

# What a terminal would obey. The kind of a sequence is what remains of it without its numbers and texts.
_SEQUENCES = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, DCS, SOS, PM, APC
    rb"|\x1b[ -/]*[0-~]"
)
_BLANKS = b"\r\n\x0f\x0e"

_OWN_TITLE = re.compile(rb"\x1b\]2;ChatFlow( \(\d+\))?\x07")


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, process: pexpect.spawn, width: int, height: int) -> None:
        self.process = process
        self.raw = b""
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)

    def read(self, seconds: float = 0.02) -> bool:
        """Take what the program has written, waiting so long at most; False once it has closed the terminal."""
        try:
            data = self.process.read_nonblocking(1 << 16, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        # Colours with colons and the keyboard protocol are beyond pyte, and change no character.
        self._stream.feed(re.sub(rb"\x1b\[[<>=?][0-9;]*[a-gi-km-z]|\x1b\[[0-9;]*:[0-9:;]*m", b"", data))
        return True

    @property
    def lines(self) -> list[str]:
        # As `Screen.display`, which trips over half a wide character: a smaller size leaves such until all is painted.
        columns, rows = range(self.screen.columns), range(self.screen.lines)
        return ["".join(self.screen.buffer[row][column].data for column in columns).rstrip() for row in rows]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def line_with(self, words: str) -> int:
        """Number of the first line with these words, from 0; -1 if there is none."""
        return next((number for number, line in enumerate(self.lines) if words in line), -1)

    def wait_for(self, words: str, timeout: float = 60.0) -> None:
        """Read until these words are on the screen."""
        deadline = time.monotonic() + timeout
        while words not in self.text:
            assert self.read(), f"the program ended before it showed {words!r}:\n{self.text}"
            assert time.monotonic() < deadline, f"{words!r} was not shown in time:\n{self.text}"

    def wait_for_end(self, timeout: float = 60.0) -> int | None:
        """Read until the program has ended; give its exit code, or None if a signal ended it."""
        deadline = time.monotonic() + timeout
        while self.read():
            assert time.monotonic() < deadline, f"the program did not end:\n{self.text}"
        self.process.wait()
        status: int | None = self.process.exitstatus
        return status

    @property
    def is_restored(self) -> bool:
        """Whether the terminal was left as it was found: main screen, cursor shown, mouse and paste reports off."""
        switches = {
            b"1049": (b"\x1b[?1049h", b"\x1b[?1049l"),
            b"25": (b"\x1b[?25l", b"\x1b[?25h"),
            b"1000": (b"\x1b[?1000h", b"\x1b[?1000l"),
            b"2004": (b"\x1b[?2004h", b"\x1b[?2004l"),
        }
        return all(self.raw.rfind(off) > self.raw.rfind(on) >= 0 for on, off in switches.values())

    def send(self, keys: str) -> None:
        self.process.send(keys)

    def resize(self, width: int, height: int) -> None:
        self.screen.resize(height, width)
        self.process.setwinsize(height, width)

    @property
    def untitled(self) -> bytes:
        """What was sent but the program's own title, which holds its name and a number and nothing of any file."""
        return _OWN_TITLE.sub(b"", self.raw)

    @property
    def kinds(self) -> set[bytes]:
        """The kinds of all sequences and control characters the program has sent."""
        found = set()
        for sequence in _SEQUENCES.findall(self.raw):
            if sequence[1:2] in b"]PX^_":
                found.add(sequence[:2] + sequence[2:].split(b";")[0])
            else:
                found.add(re.sub(rb"[0-9;:]+", b"", sequence) if sequence[-1:] in b"mHABCDJK" else sequence)
        rest = _SEQUENCES.sub(b"", self.raw)
        text = rest.decode(errors="replace")
        return found | {c.encode() for c in text if (c < " " or "\x7f" <= c <= "\x9f") and c.encode() not in _BLANKS}


def _hear_signals() -> None:
    # A shell that runs the tests in the background has them ignore what a terminal sends.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def terminal(
    *arguments: str | Path,
    size: tuple[int, int] = (120, 40),
    module: str = "chatflow_tui",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[Terminal]:
    """Run a module of Python in a terminal; it is killed at the end if it is still there."""

    width, height = size
    # What the program keeps for its user never goes into a real home.
    home = tempfile.TemporaryDirectory(prefix="chatflow-home-", ignore_cleanup_errors=True)
    settings = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    homes = dict.fromkeys(("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), home.name)
    # What a runner of tests says of its own terminal would be believed before the size of this one.
    inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environment = {**inherited, **settings, **homes, **(env or {})}
    process = pexpect.spawn(
        sys.executable,
        ["-m", module, *map(str, arguments)],
        dimensions=(height, width),
        env=environment,
        cwd=None if cwd is None else str(cwd),
        timeout=60,
        preexec_fn=_hear_signals,
    )
    process.delaybeforesend = None
    try:
        yield Terminal(process, width, height)
    finally:
        with suppress(pexpect.ExceptionPexpect):
            process.close(force=True)
        home.cleanup()
