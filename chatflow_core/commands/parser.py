"""The command's arguments, with an example for each."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence

_Add = Callable[[argparse.ArgumentParser], None]

_ID_HELP = "an instance: its id, the beginning of one, @latest, or @FEATURE for that feature's newest"

_DESCRIPTION = """\
Read and steer workflow instances from scripts, hooks and other languages.
Data goes to standard output, words go to standard error."""

_EPILOG = """\
An ID may be the beginning of one (with or without wfi_), @latest, or @FEATURE.
The store is the nearest .chatflow from here upward, as git finds its repository.

exit codes: 0 done, 1 error, 2 wrong usage, 3 not found, 4 conflict (the instance
is not where it was expected; nothing was changed), 5 corrupt

examples:
  chatflow ls --feature user-auth
  chatflow show @latest
  chatflow log @user-auth design --response
  chatflow next @latest --expect test --data passed=214
  chatflow watch | jq -r 'select(.status == "failed") | .instance_id'"""


class _Help(argparse.RawDescriptionHelpFormatter):
    """The standard help, which otherwise imports much to ask for the terminal's width for each argument."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_help_width())


def _help_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdecimal():
        return max(40, int(columns) - 2)
    try:
        return max(40, os.get_terminal_size().columns - 2)
    except OSError:
        return 78


def build_parser(arguments: Sequence[str], prog: str = "chatflow") -> argparse.ArgumentParser:
    """Make the parser. The namespace it gives has `module` and `function`: what does the command.

    Args:
        arguments: What it will be given: commands that are not among it get no arguments of their own.
        prog: The command's name.
    """
    parser = argparse.ArgumentParser(
        prog=prog, description=_DESCRIPTION, epilog=_EPILOG, formatter_class=_Help, allow_abbrev=False
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    _add_store(parser, default=None)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", prog=prog)
    for name, (module, function, words, examples, add) in _COMMANDS.items():
        command = commands.add_parser(
            name,
            help=words,
            description=f"{words[0].upper()}{words[1:]}.",
            epilog="examples:\n" + "\n".join(f"  {line}" for line in examples.splitlines()),
            formatter_class=_Help,
            allow_abbrev=False,
        )
        if name not in arguments:
            continue
        _add_store(command, default=argparse.SUPPRESS)
        add(command)
        command.set_defaults(module=module, function=function)
    return parser


def _add_store(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument(
        "-C",
        "--store",
        metavar="DIR",
        default=default,
        help="a project, a .chatflow, or any directory with instances/ in it; default: the nearest from here upward",
    )


def _json(parser: argparse.ArgumentParser, words: str = "JSON, as documented") -> None:
    parser.add_argument("--json", action="store_true", help=words)


def _id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help=_ID_HELP)


def _object(parser: argparse.ArgumentParser, name: str, words: str) -> None:
    parser.add_argument(
        f"--{name}",
        nargs="+",
        action="extend",
        metavar="DATA",
        help=f"{words}: a YAML or JSON file, - for standard input, or pairs such as key=value",
    )


def _expect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--expect", metavar="PHASE", help="refuse (exit code 4) if the instance is in another phase")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text[:9])


def _ls(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--feature", metavar="F", help="only those of this feature")
    parser.add_argument("--status", metavar="S", help="only those of this status: created, running, completed, failed")
    parser.add_argument("-n", "--number", type=_count, metavar="N", help="only the first N")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--ids", action="store_true", help="only their ids, one a line")
    shape.add_argument("--json", action="store_true", help="JSON, as documented")


def _show(parser: argparse.ArgumentParser) -> None:
    _id(parser)
    _json(parser)


def _log(parser: argparse.ArgumentParser) -> None:
    _id(parser)
    parser.add_argument("phase", nargs="?", metavar="PHASE", help="default: the last one reached that has texts")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--prompt", action="store_true", help="the prompt alone, as it is stored")
    which.add_argument("--response", action="store_true", help="the AI's response alone, as it is stored")
    parser.add_argument(
        "--code", type=_count, metavar="N", help="the Nth code block of the response (or of the --prompt)"
    )
    parser.add_argument("--attempt", type=_count, metavar="N", help="a former attempt, from 1")
    _json(parser)


def _start(parser: argparse.ArgumentParser) -> None:
    # What takes any number of values would take the arguments behind it, too: so it is shown last.
    parser.usage = "%(prog)s SCHEMA --feature F [--json]\n       [--context DATA ...] [--meta DATA ...]"
    parser.add_argument("schema", metavar="SCHEMA", help="a name in schemas/, or the path of a YAML or JSON file")
    parser.add_argument("--feature", metavar="F", required=True, help="the feature the instance works on")
    _object(parser, "context", "the initial context")
    _object(parser, "meta", "the instance's meta")
    _json(parser)


def _next(parser: argparse.ArgumentParser) -> None:
    parser.usage = "%(prog)s ID [--expect PHASE] [--dry-run] [--json]\n       [--data DATA ...] [--meta DATA ...]"
    _id(parser)
    _object(parser, "data", "the result of the phase that ends")
    _object(parser, "meta", "merged into the instance's meta")
    _expect(parser)
    parser.add_argument("--dry-run", action="store_true", help="tell what would happen, and write nothing")
    _json(parser)


def _fail(parser: argparse.ArgumentParser) -> None:
    parser.usage = "%(prog)s ID REASON [--expect PHASE] [--json] [--meta DATA ...]"
    _id(parser)
    parser.add_argument("reason", metavar="REASON", help="why; - for standard input")
    _object(parser, "meta", "merged into the instance's meta")
    _expect(parser)
    _json(parser)


def _retry(parser: argparse.ArgumentParser) -> None:
    parser.usage = "%(prog)s ID [--expect PHASE] [--json] [--meta DATA ...]"
    _id(parser)
    _object(parser, "meta", "merged into the instance's meta")
    _expect(parser)
    _json(parser)


def _record(parser: argparse.ArgumentParser) -> None:
    _id(parser)
    parser.add_argument("--prompt", metavar="FILE|-", help="the prompt")
    parser.add_argument("--response", metavar="FILE|-", help="the AI's response")
    parser.add_argument("--phase", metavar="PHASE", help="default: the current one")
    parser.add_argument("--status", metavar="S", help="default: completed with a response, running without")
    _json(parser)


def _search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="as it stands; case matters if there is a capital letter")
    parser.add_argument("--feature", metavar="F", help="only in instances of this feature")
    parser.add_argument("--former", action="store_true", help="in former attempts, too")
    _json(parser, "one JSON object a hit, each on a line")


def _watch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--feature", metavar="F", help="only instances of this feature")
    parser.add_argument("--initial", action="store_true", help="first a line for every instance there is")
    parser.add_argument("--count", type=_count, metavar="N", help="end after N lines")


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--repair", action="store_true", help="make the index again where it is wrong, remove what dead writers left"
    )
    _json(parser)


def _export(parser: argparse.ArgumentParser) -> None:
    _id(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="default: standard output")
    parser.add_argument("--force", action="store_true", help="overwrite FILE if it is there")


_COMMANDS: dict[str, tuple[str, str, str, str, _Add]] = {
    "ls": (
        "listing",
        "ls",
        "list instances, the last changed first",
        "chatflow ls --status running\nchatflow ls --feature user-auth --json\nchatflow ls --ids -n 5",
        _ls,
    ),
    "show": (
        "showing",
        "show",
        "tell everything about an instance but its texts",
        "chatflow show @latest\nchatflow show 3f2a --json",
        _show,
    ),
    "features": ("listing", "features", "list features with their counts", "chatflow features --json", _json),
    "log": (
        "texts",
        "log",
        "write the prompt and the AI response of a phase",
        "chatflow log @latest\nchatflow log 3f2a design --response > design.md\n"
        "chatflow log @user-auth implement --code 1",
        _log,
    ),
    "start": (
        "stepping",
        "start",
        "start an instance and write its id",
        "chatflow start code_generation --feature user-auth --context request='sign-up by e-mail'\n"
        "id=$(chatflow start ./workflow.yaml --feature user-auth --context context.yaml)",
        _start,
    ),
    "next": (
        "stepping",
        "next_",
        "end the current phase with its result and open the next",
        "chatflow next @latest --expect test --data passed=214 failed=0\n"
        'echo \'{"summary": "done"}\' | chatflow next 3f2a --data -\nchatflow next @latest --dry-run',
        _next,
    ),
    "fail": (
        "stepping",
        "fail",
        "end the current phase as failed",
        "chatflow fail @latest '3 tests failed'\npytest 2>&1 | tail -20 | chatflow fail @latest -",
        _fail,
    ),
    "retry": ("stepping", "retry", "open the failed phase again", "chatflow retry @latest --expect test", _retry),
    "record": (
        "texts",
        "record",
        "record the prompt of a phase, the AI's response, or both",
        "chatflow record @latest --prompt prompt.md\nmy-model < prompt.md | chatflow record @latest --response -",
        _record,
    ),
    "search": (
        "searching",
        "search",
        "search all prompts and responses",
        "chatflow search 'one-time code'\nchatflow search TODO --feature user-auth --former",
        _search,
    ),
    "watch": (
        "watching",
        "watch",
        "write a line of JSON for every change, until interrupted",
        "chatflow watch --feature user-auth\nchatflow watch --count 1",
        _watch,
    ),
    "schemas": ("listing", "schemas", "list the workflow definitions in schemas/", "chatflow schemas --json", _json),
    "check": (
        "checking",
        "check",
        "check every record, every checksum and the index",
        "chatflow check\nchatflow check --repair",
        _check,
    ),
    "export": (
        "exporting",
        "export",
        "write a whole instance as one Markdown document",
        "chatflow export @latest > instance.md\nchatflow export 3f2a -o instance.md",
        _export,
    ),
}
