"""The clipboard: the terminal's by OSC 52, the desktop's through its own programs, and tmux's buffer.

OSC 52 goes through SSH, but nobody tells whether the terminal took it; the programs do tell, but
only where they run. So a text is given to both. Only programs can give the clipboard back.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Any, TypeAlias

from textual.app import App

from chatflow_core import ChatFlowError
from chatflow_core.artifacts import MAX_TEXT_BYTES
from chatflow_tui.texts.text_facts import byte_size

#: Many terminals take at most 100,000 characters, which are this many bytes in base64.
TERMINAL_TAKES = 74_994

#: More would hold up the screen for seconds over a slow line, and hardly any terminal takes it.
MOST_SENT = 8_000_000

# A display that is gone lets a program wait for ever; PowerShell takes a second to start.
_SECONDS_TO_WRITE, _SECONDS_TO_READ = 3.0, 8.0


class ClipboardError(ChatFlowError):
    """The clipboard cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class _Program:
    """A program that writes or reads a clipboard.

    Attributes:
        command: What to run.
        encoding: What it writes or reads.
    """

    command: tuple[str, ...]
    encoding: str = "utf-8"

    @property
    def name(self) -> str:
        """What to call it."""
        return self.command[0]


# By the variable that tells that there is such a clipboard; None: wherever the program is. The first one counts.
_Programs: TypeAlias = tuple[tuple[str | None, tuple[_Program, ...]], ...]
_WRITERS: _Programs = (
    ("WAYLAND_DISPLAY", (_Program(("wl-copy",)),)),
    ("DISPLAY", (_Program(("xclip", "-selection", "clipboard")), _Program(("xsel", "--clipboard", "--input")))),
    (None, (_Program(("pbcopy",)), _Program(("clip.exe",), "utf-16-le"))),
)
_READERS: _Programs = (
    ("WAYLAND_DISPLAY", (_Program(("wl-paste", "--no-newline", "--type", "text")),)),
    (
        "DISPLAY",
        (
            _Program(("xclip", "-selection", "clipboard", "-out")),
            _Program(("xsel", "--clipboard", "--output")),
        ),
    ),
    (
        None,
        (
            _Program(("pbpaste",)),
            _Program(
                (
                    "powershell.exe",
                    "-NoProfile",
                    "-Command",
                    "[Console]::OutputEncoding=[Text.Encoding]::UTF8;[Console]::Out.Write((Get-Clipboard -Raw))",
                )
            ),
        ),
    ),
)

# With -w tmux gives it to the terminal outside as well, whatever `set-clipboard` is; older ones do not know -w.
_TO_TMUX = _Program(("tmux", "load-buffer", "-w", "-"))
_TO_OLD_TMUX = _Program(("tmux", "load-buffer", "-"))
_FROM_TMUX = _Program(("tmux", "show-buffer"))


async def copy_text(app: App[Any], text: str, what: str) -> str:
    """Copy a text by every way there is.

    Args:
        app: The application, whose terminal is asked.
        text: Harmless text: whoever pastes it into a shell must not be surprised.
        what: What it is, such as ``"response"``.

    Returns:
        What was copied and how, for the reader.
    """
    data = text.encode()
    ways, remarks = [], []
    if len(data) > MOST_SENT:
        remarks.append(f"too large for OSC 52 (over {byte_size(MOST_SENT)})")
    else:
        app.copy_to_clipboard(text)
        ways.append("OSC 52")
        if len(data) > TERMINAL_TAKES:
            remarks.append(f"many terminals drop more than {byte_size(TERMINAL_TAKES)} of OSC 52")
    written, failed = await asyncio.to_thread(_write, text)
    ways += written
    remarks += failed
    said = f"Copied the {what} ({byte_size(len(data))}) by {_joined(ways)}" if ways else f"Did not copy the {what}"
    return "; ".join([said, *remarks])


async def read_clipboard() -> tuple[str, str]:
    r"""Read the clipboard through the first program that can.

    Returns:
        The text, its lines ended by ``\n``, and whose clipboard it is.

    Raises:
        ClipboardError: No program can, or there is no text.
    """
    return await asyncio.to_thread(_read)


def _joined(ways: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(ways[:-1]), ways[-1])))


def _first(groups: _Programs) -> list[_Program]:
    """The first program that is there, and its clipboard too; none if there is no such one."""
    for variable, programs in groups:
        if variable is None or os.environ.get(variable):
            found = [program for program in programs if shutil.which(program.name)]
            if found:
                return found[:1]
    return []


def _has_tmux() -> bool:
    return bool(os.environ.get("TMUX")) and shutil.which("tmux") is not None


def _write(text: str) -> tuple[list[str], list[str]]:
    """Give a text to every program there is; give the names of those that took it, and what went wrong."""
    written: list[str] = []
    failed: list[str] = []
    for program in _first(_WRITERS):
        problem = _give(program, text)
        (failed if problem else written).append(problem or program.name)
    if _has_tmux():
        problem = _give(_TO_TMUX, text) and _give(_TO_OLD_TMUX, text)
        (failed if problem else written).append(problem or "tmux")
    return written, failed


def _give(program: _Program, text: str) -> str | None:
    """Run a program that takes a text; None if it did, else why not."""
    try:
        # Some stay in the background to serve the text: they get no pipe that would be waited for, and no terminal.
        done = subprocess.run(  # noqa: S603 - a fixed command
            program.command,
            input=text.encode(program.encoding),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS_TO_WRITE,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{program.name} did not answer within {_SECONDS_TO_WRITE:g} s"
    except OSError as error:
        return f"{program.name} cannot be started: {error.strerror or error}"
    return None if done.returncode == 0 else f"{program.name} failed (exit code {done.returncode})"


def _read() -> tuple[str, str]:
    readers = [(program, "the clipboard") for program in _first(_READERS)]
    if _has_tmux():
        readers.append((_FROM_TMUX, "tmux's buffer"))
    if not readers:
        raise ClipboardError(
            "No program here reads the clipboard (wl-paste, xclip, xsel, pbpaste, powershell.exe or tmux); "
            "paste into this dialog instead"
        )
    problems = []
    for program, whose in readers:
        try:
            return _take(program), whose
        except ClipboardError as error:
            problems.append(str(error))
    raise ClipboardError("; ".join(problems) + ". Paste into this dialog instead")


def _take(program: _Program) -> str:
    """Run a program that writes the clipboard's text."""
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(  # noqa: S603 - a fixed command
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS_TO_READ,
                start_new_session=True,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ClipboardError(f"{program.name} did not answer within {_SECONDS_TO_READ:g} s") from error
        except OSError as error:
            raise ClipboardError(f"{program.name} cannot be started: {error.strerror or error}") from error
        if done.returncode != 0:
            raise ClipboardError(f"{program.name} found no text (exit code {done.returncode})")
        if output.tell() > MAX_TEXT_BYTES:
            raise ClipboardError(f"{program.name}: more than {byte_size(MAX_TEXT_BYTES)}")
        output.seek(0)
        data = output.read()
    try:
        text = data.decode(program.encoding).replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ClipboardError(f"{program.name}: what is there is not text") from error
    if not text.strip():
        raise ClipboardError(f"{program.name}: it is empty")
    return text
