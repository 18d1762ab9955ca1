"""Running the screen until it ends, however it ends: the terminal is given back, and one line says why."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from types import FrameType

from chatflow_tui.app import ChatFlowApp
from chatflow_tui.terminal.terminal_modes import modes_of, put_back

CRASHED = 1

# Shells tell an end by a signal so.
_BY_SIGNAL = 128

# A file system that hangs, or a terminal that is gone, can keep the screen from ending: Textual waits for every
# write, and for threads that wait for a file.
_MOST_SECONDS_TO_END = 5.0

# Mouse, focus and paste reports off, the keyboard as usual, the main screen, the cursor.
_RESTORE = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?2048l\x1b[<u\x1b[?1049l\x1b[?7h\x1b[?25h"
)

# SIGHUP comes when the terminal is closed or the connection lost; Windows has none.
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)]


def run_to_end(app: ChatFlowApp) -> int:
    """Run the application.

    Returns:
        The exit code: 0 if the user quit, 1 after a crash, 128 and its number after a signal.
    """
    try:
        with _ended_by_signals(app):
            app.run()
    except SystemExit:
        if app.ended_by is None:
            raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told and written down
        app.crash = app.crash or error
    if app.ended_by is not None:
        # What goes wrong after that is of no interest: most often the terminal is gone.
        _tell(f"ended by {app.ended_by.name}")
        return _BY_SIGNAL + app.ended_by
    if app.crash is not None:
        from chatflow_tui.terminal.crash_log import describe_crash  # noqa: PLC0415 - hardly ever needed

        _tell(f"crashed: {describe_crash(app.crash)}; {_where_logged(app.crash)}")
        return CRASHED
    return app.return_code or 0


@contextmanager
def _ended_by_signals(app: ChatFlowApp) -> Iterator[None]:
    terminal = _GivenBack()

    def end(number: int, _frame: FrameType | None) -> None:
        # Whoever asks again will not wait.
        signal.signal(number, signal.SIG_DFL)
        _cut_short(terminal, signal.Signals(number))
        app.end_by(signal.Signals(number))

    former = {number: signal.signal(number, end) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _cut_short(terminal: _GivenBack, number: signal.Signals) -> None:
    """End the process if it has not ended in order after a while."""

    def end_now() -> None:
        terminal.give_back(f"chatflow-tui: ended by {number.name}\r\n")
        os._exit(_BY_SIGNAL + number)

    guard = Timer(_MOST_SECONDS_TO_END, end_now)
    guard.daemon = True
    guard.start()


class _GivenBack:
    """The terminal as it was found, to be given back by hand when the screen cannot do it any more."""

    def __init__(self) -> None:
        self._number = sys.__stderr__.fileno() if sys.__stderr__ is not None else 2
        self._modes = modes_of(self._number)

    def give_back(self, words: str) -> None:
        with suppress(OSError, AttributeError):  # Windows has it since Python 3.12, and not for consoles
            os.set_blocking(self._number, False)  # a terminal that is stopped, or gone, must not hold this up too
        with suppress(OSError):
            os.write(self._number, _RESTORE + words.encode())
        put_back(self._number, self._modes)


def _where_logged(error: BaseException) -> str:
    from chatflow_tui.terminal.crash_log import write_crash_log  # noqa: PLC0415 - as `describe_crash`

    try:
        return f"a log is in {write_crash_log(error)}"
    except OSError as problem:
        return f"no log could be written: {problem.strerror}"


def _tell(words: str) -> None:
    # There is nobody to tell if the terminal was closed.
    with suppress(OSError):
        print(f"chatflow-tui: {words}", file=sys.stderr, flush=True)  # noqa: T201 - the reader is at a shell
