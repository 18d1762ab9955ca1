"""The `chatflow-tui` command. Answers what needs no screen before anything large is imported."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatflow_tui import __version__

if TYPE_CHECKING:
    import argparse

    from chatflow_tui.app import ChatFlowApp

USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What follows the command's name; None for those of this process.

    Returns:
        The exit code: 0 for success, 2 for wrong usage.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:
        print(f"chatflow-tui {__version__}")  # noqa: T201 - this is the command's output
        return 0
    options = _parser().parse_args(given)
    # The screen is drawn on standard error, so that one counts as well.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        return _refuse("this is not a terminal; run it in one, or read the store with chatflow_core from a program")
    return _run(options)


def _parser() -> argparse.ArgumentParser:
    import argparse  # noqa: PLC0415 - `--version` is asked often and needs none of it

    parser = argparse.ArgumentParser(
        prog="chatflow-tui",
        description="Watch workflow instances of ChatCoder live, read their prompts and responses, advance them.",
        epilog="Keys: ? in the program lists them.",
    )
    parser.add_argument(
        "directory",
        nargs="?",
        metavar="DIR",
        help="a project, a .chatflow, or any directory with instances/ in it; "
        "default: the nearest of these from here upward",
    )
    parser.add_argument("--demo", action="store_true", help="watch a scripted ChatCoder work on a temporary store")
    parser.add_argument("--read-only", action="store_true", help="offer nothing that writes")
    parser.add_argument("--version", action="version", version=f"chatflow-tui {__version__}")
    return parser


def _run(options: argparse.Namespace) -> int:
    # Textual takes a fifth of a second to import: only now, when a screen is wanted.
    import os  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from chatflow_core.store_finder import find_store, store_at  # noqa: PLC0415
    from chatflow_tui.app import ChatFlowApp  # noqa: PLC0415

    if options.demo:
        if options.directory is not None:
            return _refuse("--demo makes its own store; leave DIR out")
        from chatflow_tui.demo import start_demo  # noqa: PLC0415

        with start_demo() as demo:
            return _show(ChatFlowApp(lambda: str(demo.directory), "demo", read_only=options.read_only))
    directory = Path(options.directory or ".")
    if not os.path.isdir(directory):  # noqa: PTH112 - `is_dir` raises where it may not look
        return _refuse(f"{directory} is not a directory")
    search = find_store if options.directory is None else store_at

    def find() -> str | None:
        store = search(directory)
        return None if store is None else str(store)

    place = f"in {directory.absolute()}" if options.directory else f"from {directory.absolute()} upward"
    return _show(ChatFlowApp(find, place, read_only=options.read_only))


def _show(app: ChatFlowApp) -> int:
    app.run()
    return app.return_code or 0


def _refuse(reason: str) -> int:
    print(f"chatflow-tui: {reason}", file=sys.stderr)  # noqa: T201 - the reader is at a shell
    return USAGE_ERROR
