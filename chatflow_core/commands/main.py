"""The `chatflow` command: reads its arguments and hands them to the module that does what is asked.

Only that module is imported: a command for scripts has to start fast.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from chatflow_core import __version__
from chatflow_core.commands.console import Console, standard_console
from chatflow_core.commands.exit_codes import BROKEN_PIPE, ERROR, INTERRUPTED, OK, USAGE, RefusedError, exit_code_of
from chatflow_core.errors import ChatFlowError

# Imports and listings make many objects that stay: looking through them again and again takes a tenth of the time.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What follows the command's name; None for those of this process.

    Returns:
        The exit code; `chatflow_core.commands.exit_codes` says what they mean.
    """
    if arguments is None:
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)  # this process is nothing but the command
    given = list(sys.argv[1:] if arguments is None else arguments)
    console = standard_console()
    try:
        code = _answer(given, console)
        console.flush()
    except BrokenPipeError:
        _let_go_of_output()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        # Standard output may be a full disk.
        console.say(f"{error.strerror or error}")
        return ERROR
    return code


def _answer(given: list[str], console: Console) -> int:
    try:
        return _run(given, console)
    except RefusedError as refusal:
        console.say(str(refusal))
        return refusal.code
    except ChatFlowError as error:
        console.say(str(error))
        return exit_code_of(error)


def _run(given: list[str], console: Console) -> int:
    if given == ["--version"]:
        return _version(console)
    # As long to import as reading 300 records.
    from chatflow_core.commands.parser import build_parser  # noqa: PLC0415

    parser = build_parser(given)
    try:
        options = parser.parse_args(given)
    except SystemExit as end:  # help was asked for, or the usage is wrong; it has been told
        return end.code if isinstance(end.code, int) else USAGE
    if options.version:
        return _version(console)
    if options.command is None:
        parser.print_help(sys.stderr)
        return USAGE
    module = import_module(f"chatflow_core.commands.{options.module}")
    code: int = getattr(module, options.function)(options, console)
    return code


def _version(console: Console) -> int:
    console.line(f"chatflow {__version__}")
    return OK


def _let_go_of_output() -> None:
    # The interpreter flushes standard output when it ends, and would complain that nobody reads it any more.
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        return
