"""Running the `chatflow` command in this process, as a script or a reader at a terminal would."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chatflow_core.commands.main import main


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass
class Run:
    """What one run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Command:
    """Runs the command on one store."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory = directory
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, stdin: bytes = b"", terminal: bool = False, columns: int = 200) -> Run:
        code, out, err = self.raw(*arguments, stdin=stdin, terminal=terminal, columns=columns)
        return Run(code, out.decode(), err.decode())

    def raw(
        self, *arguments: str, stdin: bytes = b"", terminal: bool = False, columns: int = 200
    ) -> tuple[int, bytes, bytes]:
        files = io.BytesIO(), io.BytesIO()
        with self._monkeypatch.context() as patched:
            shown = Terminal() if terminal else None
            patched.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            patched.setattr(sys, "stdout", shown or io.TextIOWrapper(files[0], newline=""))
            patched.setattr(sys, "stderr", io.TextIOWrapper(files[1], newline=""))
            patched.setenv("COLUMNS", str(columns))
            patched.setenv("TERM", "xterm")
            code = main(["-C", str(self.directory), *arguments])
            sys.stdout.flush()
            sys.stderr.flush()
            return code, (shown.getvalue().encode() if shown else files[0].getvalue()), files[1].getvalue()
