"""The user's own editor and pager, given the terminal for as long as they run.

While one runs, the screen neither reads nor paints: two programs on one terminal garble each
other. The text goes through a private file in a private directory, removed afterwards.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from textual.app import App, SuspendNotSupported

from chatflow_core import ChatFlowError
from chatflow_core.artifacts import MAX_TEXT_BYTES
from chatflow_core.atomic_files import read_file
from chatflow_tui.terminal.terminal_modes import modes_of, put_back
from chatflow_tui.texts.plain_text import plain_name, plain_text

_EDITORS = ("VISUAL", "EDITOR")
_PAGERS = ("less", "more")

# Undoes what a program may have left behind that would garble the screen: scroll region, character set, styles.
_SOFT_RESET = b"\x1b[!p"

# These come to all programs in the foreground, so to this one too: they are meant for the other.
_FOR_THE_OTHER = ("SIGINT", "SIGQUIT")

_ENDING = ("SIGTERM", "SIGHUP")


class ProgramError(ChatFlowError):
    """An editor or a pager could not be run; the message says what to do."""


async def edit_text(app: App[Any], text: str, suffix: str = ".yaml", *, name: str = "text") -> str | None:
    """Have a text changed in the user's editor.

    Args:
        app: The application, which gives its terminal away meanwhile.
        text: The text to begin with.
        suffix: Ends the file's name, so that the editor knows what it is.
        name: Begins the file's name, for the reader.

    Returns:
        The new text; None if it is as it was, or the editor failed (which is told in a toast).

    Raises:
        ProgramError: There is no editor, it cannot be run, or what it left cannot be read.
    """
    command = _editor()
    directory, path = _write(text, f"{name}{suffix}", 0o600)
    keep = False
    try:
        code = _run(app, [*command, path])
        if code != 0:
            words = f"{command[0]} ended with exit code {code}: nothing was taken over"
            app.notify(plain_name(words), severity="warning", markup=False)
            return None
        try:
            changed = _read(path)
        except (ChatFlowError, UnicodeDecodeError, FileNotFoundError) as error:
            keep = True  # it is the user's work
            raise ProgramError(f"What the editor left in {path} cannot be read: {error}") from error
    finally:
        if not keep:
            _remove(directory)
    # Editors end the last line, be there anything new or not.
    return None if changed.rstrip("\n") == text.rstrip("\n") else changed


async def view_text(app: App[Any], text: str, suffix: str = ".md", *, name: str = "text") -> None:
    """Show a text in the user's editor: a copy that cannot be written, and is not read back.

    Args:
        app: The application, which gives its terminal away meanwhile.
        text: The text, as it was recorded.
        suffix: Ends the file's name, so that the editor knows what it is.
        name: Begins the file's name, for the reader.

    Raises:
        ProgramError: There is no editor, or it cannot be run.
    """
    await _show(app, _editor(), text, f"{name}{suffix}", pause=False)


async def page_text(app: App[Any], text: str, suffix: str = ".md", *, name: str = "text") -> None:
    """Show a text in the user's pager, made harmless: some pagers pass on what a terminal obeys.

    Args:
        app: The application, which gives its terminal away meanwhile.
        text: The text, as it was recorded.
        suffix: Ends the file's name.
        name: Begins the file's name, for the reader.

    Raises:
        ProgramError: There is no pager, or it cannot be run.
    """
    command = _command_in("PAGER") or next(([pager] for pager in _PAGERS if shutil.which(pager)), None)
    if command is None:
        raise ProgramError("No pager: set PAGER, or install less")
    harmless = await asyncio.to_thread(plain_text, text)
    is_less = Path(command[0]).stem == "less"
    if is_less:
        command.append("-+F")  # with -F a text of one page would be gone before it is read
    # Other pagers may end with the last line, or write all of it at once.
    await _show(app, command, harmless, f"{name}{suffix}", pause=not is_less)


async def _show(app: App[Any], command: list[str], text: str, file_name: str, *, pause: bool) -> None:
    directory, path = _write(text, file_name, 0o400)
    try:
        code = _run(app, [*command, path], pause=pause)
    finally:
        _remove(directory)
    if code != 0:
        app.notify(plain_name(f"{command[0]} ended with exit code {code}"), severity="warning", markup=False)


def _editor() -> list[str]:
    for variable in _EDITORS:
        command = _command_in(variable)
        if command is not None:
            return command
    raise ProgramError("No editor: set VISUAL or EDITOR, such as EDITOR=nano, and start chatflow-tui again")


def _command_in(variable: str) -> list[str] | None:
    """The command in an environment variable, with its arguments; None if it is not set."""
    value = os.environ.get(variable, "")
    try:
        return shlex.split(value) or None
    except ValueError as error:
        raise ProgramError(f"{variable}={value} is not a command: {error}") from error


def _write(text: str, file_name: str, mode: int) -> tuple[str, str]:
    """Write a text into a directory of its own; give both paths.

    In the thread of the screen, which stands still for the program anyway, as are the reading and the removal: a thread
    may be called off before it has begun, when the application ends, and would leave the copy.
    """
    directory = None
    try:
        directory = tempfile.mkdtemp(prefix="chatflow-")  # 0700
        path = Path(directory) / file_name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode(errors="replace"))
    except OSError as error:
        if directory is not None:
            _remove(directory)
        raise ProgramError(f"A copy of the text cannot be written: {error.strerror or error}") from error
    return directory, str(path)


def _read(path: str) -> str:
    data, _ = read_file(path, MAX_TEXT_BYTES)
    return data.decode()


def _remove(directory: str) -> None:
    if sys.platform == "win32":
        for path in Path(directory).iterdir():
            path.chmod(0o600)  # what cannot be written cannot be removed there
    shutil.rmtree(directory, ignore_errors=True)


def _run(app: App[Any], command: list[str], *, pause: bool = False) -> int:
    """Run a program on the app's terminal and wait for it; give its exit code.

    Waits in the thread of the screen on purpose, so that nothing is painted meanwhile.
    """
    code, failure = 0, None
    try:
        with app.suspend():
            # An exception that left this block would leave the app suspended.
            try:
                with _lent_terminal():
                    with _ended_with_us() as note, subprocess.Popen(command) as program:  # noqa: S603 - the user's own
                        note(program)
                        code = program.wait()
                    if pause:
                        _wait_for_enter()
            except BaseException as error:  # noqa: BLE001 - raised again below
                failure = error
    except SuspendNotSupported as error:
        raise ProgramError("This terminal cannot be given to another program") from error
    if isinstance(failure, OSError):
        raise ProgramError(f"{command[0]} cannot be started: {failure.strerror or failure}") from failure
    if failure is not None:
        raise failure
    return code


@contextmanager
def _lent_terminal() -> Iterator[None]:
    """Let signals of the keyboard pass, and put the terminal right afterwards."""
    handlers = {}
    if threading.current_thread() is threading.main_thread():
        for name in _FOR_THE_OTHER:
            number = getattr(signal, name, None)
            if number is not None:
                # Not SIG_IGN, which the other program would inherit.
                handlers[number] = signal.signal(number, lambda *_: None)
        if sys.platform != "win32":
            # Textual would stop this process even where there is no shell that could let it go on.
            handlers[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    keyboard = _terminal_of(sys.__stdin__)
    modes = None if keyboard is None else modes_of(keyboard)
    try:
        yield
    finally:
        if keyboard is not None:
            with suppress(OSError):
                _say(_SOFT_RESET)
            # What was typed at the other program's end is not for us: another `q` would quit.
            put_back(keyboard, modes, drops_input=True)
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def _ended_with_us() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """End a program with this one: it would be left on a terminal that belongs to another by then.

    Yields:
        What to note the program with, as soon as it is there: a signal may come before.
    """
    former, programs, come = {}, list[subprocess.Popen[bytes]](), list[int]()
    if threading.current_thread() is threading.main_thread():
        for number in (getattr(signal, name) for name in _ENDING if hasattr(signal, name)):
            former[number] = signal.getsignal(number)

    def note(program: subprocess.Popen[bytes]) -> None:
        programs.append(program)
        for number in come:
            program.send_signal(number)

    def end(number: int, frame: FrameType | None) -> None:
        come.append(number)
        for program in programs:
            program.send_signal(number)
        handler = former[number]
        if callable(handler):
            handler(number, frame)

    for number in former:
        signal.signal(number, end)
    try:
        yield note
    finally:
        for number, handler in former.items():
            # The handler may have put another in its place, so that a second signal is not waited for.
            if signal.getsignal(number) is end:
                signal.signal(number, handler)


def _wait_for_enter() -> None:
    keyboard = _terminal_of(sys.__stdin__)
    if keyboard is not None:
        _say(b"\n[enter] goes back to ChatFlow")
        os.read(keyboard, 1024)


def _say(data: bytes) -> None:
    """Write to where the screen is drawn."""
    screen = _terminal_of(sys.__stderr__)
    if screen is not None:
        os.write(screen, data)


def _terminal_of(stream: TextIO | None) -> int | None:
    return stream.fileno() if stream is not None and stream.isatty() else None
