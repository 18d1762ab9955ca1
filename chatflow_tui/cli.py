"""The `chatflow-tui` command. Answers what needs no screen before anything large is imported."""

from __future__ import annotations

import sys

from chatflow_tui import __version__

# Type checkers take this for true. Importing `typing` takes longer than everything else that `--version` needs.
TYPE_CHECKING = False

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import TextIO

    from chatflow_tui.settings.settings import Known

USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What follows the command's name; None for those of this process.

    Returns:
        The exit code: 0 for success, 1 after a crash, 2 for wrong usage, 128 and its number after a signal.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:
        print(f"chatflow-tui {__version__}")  # noqa: T201 - this is the command's output
        return 0
    options = _parser().parse_args(given)
    if options.print_config:
        return _print_config()
    # The screen is drawn on standard error, so that one counts as well.
    elsewhere = [name for name in ("stdin", "stdout", "stderr") if not _is_terminal(getattr(sys, name))]
    if elsewhere:
        return _refuse(
            f"this is not a terminal ({', '.join(elsewhere)}); run it in one, "
            "or read the store with the command chatflow"
        )
    return _run(options)


def _is_terminal(stream: TextIO | None) -> bool:
    # A program started without a stream has None in its place.
    return stream is not None and not stream.closed and stream.isatty()


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
    parser.add_argument("--no-animation", action="store_true", help="let nothing glow, blink or slide; for slow lines")
    parser.add_argument("--config", metavar="FILE", help="settings, instead of those of config.yaml")
    parser.add_argument("--print-config", action="store_true", help="print all settings with their defaults, and end")
    parser.add_argument("--version", action="version", version=f"chatflow-tui {__version__}")
    return parser


def _run(options: argparse.Namespace) -> int:
    # Textual takes a fifth of a second to import: only now, when a screen is wanted.
    import os  # noqa: PLC0415
    from functools import partial  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from chatflow_tui.collecting import collect_seldom  # noqa: PLC0415

    collect_seldom()

    import platformdirs  # noqa: PLC0415

    from chatflow_core.store_finder import find_store, store_at  # noqa: PLC0415
    from chatflow_tui.app import ChatFlowApp  # noqa: PLC0415
    from chatflow_tui.settings.kept_summaries import open_with_summaries  # noqa: PLC0415
    from chatflow_tui.settings.settings_file import default_path, load_settings  # noqa: PLC0415
    from chatflow_tui.settings.view_memory import ViewMemory  # noqa: PLC0415
    from chatflow_tui.terminal.ending import run_to_end  # noqa: PLC0415

    if options.demo and options.directory is not None:
        return _refuse("--demo makes its own store; leave DIR out")
    directory = Path(options.directory or ".")
    if not os.path.isdir(directory):  # noqa: PTH112 - `is_dir` raises where it may not look
        return _refuse(f"{directory} is not a directory")
    if options.config is not None and not os.path.exists(options.config):  # noqa: PTH110 - likewise
        return _refuse(f"--config: {options.config} does not exist")
    settings, mistakes = load_settings(Path(options.config) if options.config else default_path(), _known)
    if options.no_animation:
        settings = settings.without_animation()
    make_app = partial(ChatFlowApp, read_only=options.read_only, settings=settings, mistakes=mistakes)
    if options.demo:
        from chatflow_tui.demo import start_demo  # noqa: PLC0415

        with start_demo() as demo:
            return run_to_end(make_app(lambda: str(demo.directory), "at the demo", is_demo=True))
    search = find_store if options.directory is None else store_at

    def find() -> str | None:
        store = search(directory)
        return None if store is None else str(store)

    place = f"in {directory.absolute()}" if options.directory else f"from {directory.absolute()} upward"
    memory = ViewMemory(platformdirs.user_state_path("chatflow"))
    open_store = partial(open_with_summaries, platformdirs.user_cache_path("chatflow"))
    return run_to_end(make_app(find, place, memory=memory, open_store=open_store))


def _known() -> Known:
    from textual.theme import BUILTIN_THEMES  # noqa: PLC0415

    from chatflow_tui.keys.actions import known_actions  # noqa: PLC0415
    from chatflow_tui.settings.settings import Known  # noqa: PLC0415

    return Known(BUILTIN_THEMES, known_actions())


def _print_config() -> int:
    from chatflow_tui.settings.settings import print_settings  # noqa: PLC0415
    from chatflow_tui.settings.settings_file import default_path  # noqa: PLC0415

    print(print_settings(_known(), str(default_path())), end="")  # noqa: T201 - this is the command's output
    return 0


def _refuse(reason: str) -> int:
    print(f"chatflow-tui: {reason}", file=sys.stderr)  # noqa: T201 - the reader is at a shell
    return USAGE_ERROR
