"""What docs/command.md shows is what the command does."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TextIO

import pytest

from chatflow_core.commands.main import main
from chatflow_core.commands.parser import build_parser

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "command.md").read_text(encoding="utf-8")

WORKFLOW = "name: code_generation\nphases:\n  - name: analyse\n  - name: implement\n  - name: test\n"
RESPONSE = "# Analysis\n\nCodes expire after ten minutes.\n\n```python\nEXPIRES = 600\n```\n"

# What differs from run to run: ids, times, ages, sizes that hold times.
_VARYING = (
    (re.compile(r"wfi_[0-9a-f]{12}"), "wfi_ID"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "TIME"),
    (re.compile(r"\b\d{10}\.\d+"), "SECONDS"),
    (re.compile(r"\b\d+[smhdwy]\b *"), "AGE "),
    (re.compile(r"\b[\d,]+ bytes"), "N bytes"),
    (re.compile(r"(?:/[\w.-]+)+/\.chatflow"), "STORE"),
)


def console_blocks(text: str) -> list[list[tuple[str, str]]]:
    """The ```console blocks of a text: commands, and what is shown below each."""
    blocks = []
    for _, block in re.findall(r"^(`{3,})console\n(.*?)^\1$", text, re.DOTALL | re.MULTILINE):
        parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
        blocks.append(list(zip(parts[1::2], parts[2::2], strict=True)))
    return blocks


class Transcript:
    """Runs the commands of a transcript in this process, words and data in one stream as a terminal shows them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._code = 0

    def run(self, command: str) -> str:
        words = shlex.split(command)
        if words == ["echo", "$?"]:
            return f"{self._code}\n"
        if words[0] == "rm":
            Path(words[1]).unlink()
            return ""
        assert words.pop(0) == "chatflow"
        stdin = b""
        shown = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)
        out: TextIO = shown
        for sign in ("<", ">"):
            if sign in words:
                at = words.index(sign)
                path = Path(words[at + 1])
                del words[at : at + 2]
                if sign == "<":
                    stdin = path.read_bytes()
                else:
                    out = io.TextIOWrapper(path.open("wb"), encoding="utf-8", newline="", write_through=True)
        with self._monkeypatch.context() as patched:
            patched.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            patched.setattr(sys, "stdout", out)
            patched.setattr(sys, "stderr", shown)
            self._code = main(words)
        out.flush()
        buffer = shown.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode()


@pytest.fixture
def transcript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Transcript:
    """A project as the page has it in mind."""
    monkeypatch.chdir(tmp_path)
    Path("workflow.yaml").write_text(WORKFLOW)
    Path("prompt.md").write_text("# Analyse\n\nSay what is asked for.\n")
    Path("response.md").write_text(RESPONSE)
    schemas = tmp_path / ".chatflow" / "schemas"
    schemas.mkdir(parents=True)
    shutil.copy("workflow.yaml", schemas / "code_generation.yaml")
    return Transcript(monkeypatch)


def alike(text: str) -> str:
    """The text without what differs from run to run."""
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


def test_every_example_gives_what_is_shown(transcript: Transcript) -> None:
    blocks = console_blocks(TEXT)
    assert len(blocks) > 10
    for command, shown in (one for block in blocks for one in block):
        assert alike(transcript.run(command)) == alike(shown), command


def test_every_command_has_an_example_and_every_example_can_be_parsed() -> None:
    pages = [TEXT, *(path.read_text(encoding="utf-8") for path in (DOCS / "examples").iterdir() if path.is_file())]
    examples = [command for block in console_blocks(TEXT) for command, _ in block if command.startswith("chatflow")]
    names = set(re.findall(r"^    (\w+)  ", build_parser([]).format_help(), re.MULTILINE))
    assert len(names) == 14
    for name in names:
        help_text = build_parser([name])._subparsers._group_actions[0].choices[name].format_help()  # type: ignore[union-attr,index]
        own = re.findall(r"\bchatflow (.*?)(?=\)$| \||$)", help_text.partition("examples:\n")[2], re.MULTILINE)
        assert own, name
        examples += [f"chatflow {example}" for example in own]
    for example in examples:
        words = shlex.split(example.partition(" < ")[0].partition(" > ")[0])[1:]
        assert build_parser(words).parse_args(words).command in names
    assert {example.split()[1] for example in examples} == names
    assert all(f"`{name} " in pages[0] or f"`{name}`" in pages[0] for name in names)
