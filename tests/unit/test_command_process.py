"""The command as a process: what it imports, how it ends, what it speaks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import IO

import pytest

import chatflow_core
from chatflow_core import WorkflowEngine
from tests.files import SCHEMA, run_python

_COMMAND = (sys.executable, "-m", "chatflow_core")
_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(chatflow_core.__file__).parents[1])}

_EVERY_COMMAND = """
import json, sys
from chatflow_core.commands.main import main
store, instance_id = sys.argv[1:]
for words in (
    ["ls"], ["show", instance_id], ["features"], ["log", instance_id], ["log", instance_id, "--code", "1"],
    ["next", instance_id], ["fail", instance_id, "x"], ["retry", instance_id], ["record", instance_id, "--prompt", "p"],
    ["start", "./w.json", "--feature", "f"], ["search", "x"], ["watch", "--initial", "--count", "1"], ["schemas"],
    ["check", "--repair"], ["export", instance_id], ["--version"], ["--help"],
):
    code = main(["-C", store, *words])
    assert code == 0, (words, code)
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not loaded & {"textual", "rich", "chatflow_tui"}, words
"""


@contextmanager
def started(base: Path, *words: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*_COMMAND, "-C", str(base), *words],
        env={**_ENVIRONMENT, **environment},
        # In the background a shell has its programs ignore ctrl+c.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads here
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def lines_of(stream: IO[str] | None) -> SimpleQueue[str]:
    """The lines of a process's output, to be waited for and no longer than that."""
    assert stream is not None
    lines: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        for line in stream:
            lines.put(line)

    threading.Thread(target=read, daemon=True).start()
    return lines


def test_no_command_imports_the_screen(base: Path, engine: WorkflowEngine, tmp_path: Path) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f")
    engine.record_task(instance_id, "p", "x\n```\ncode\n```\n")
    (tmp_path / "p").write_text("prompt")
    (tmp_path / "w.json").write_text(json.dumps(SCHEMA))
    run_python(_EVERY_COMMAND, tmp_path, str(base), instance_id)


def test_listing_imports_only_what_it_needs(base: Path, engine: WorkflowEngine, tmp_path: Path) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "f")
    code = "import sys; from chatflow_core.commands.main import main; main(sys.argv[1:]); print(*sys.modules)"
    loaded = set(run_python(code, tmp_path, "ls", "-C", str(base)).split())
    assert not loaded & {"yaml", "watchdog", "filelock", "asyncio", "logging", "shutil", "json", "importlib.metadata"}
    assert not loaded & {"chatflow_core.schema", "chatflow_core.records"}
    assert "argparse" not in run_python(code, tmp_path, "--version").split()


def test_a_reader_that_goes_ends_it_without_a_word(base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "f")
    # More than a pipe holds, of the hits of a search as well: else all of it may be written before the reader goes.
    engine.record_task(instance_id, f"{'x' * 299}\n" * 1_500)
    for words in (
        ("log", instance_id),
        ("log", instance_id, "--prompt"),
        ("search", "x", "--json"),
        ("export", "@latest"),
    ):
        with started(base, *words) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == "", words
            assert process.wait(30) in (0, 141)


def test_it_speaks_utf_8_whatever_the_locale(base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {"request": "用户注册"}, "用户登录")
    for locale in ({"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}):
        with started(base, "show", "@用户登录", **locale) as process:
            out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, "")
        assert instance_id in out
        assert "用户注册" in out


def test_watch_tells_each_change_as_it_happens_until_it_is_interrupted(base: Path, engine: WorkflowEngine) -> None:
    first = engine.start_workflow_instance(SCHEMA, {}, "f")
    with started(base, "watch", "--feature", "f", "--initial") as process:
        out, err = lines_of(process.stdout), lines_of(process.stderr)

        def told() -> tuple[str, str, str]:
            line = json.loads(out.get(timeout=30))
            assert line["feature_id"] == "f"
            assert line["time"] > 1e9
            return line["kind"], line["instance_id"], f"{line['status']} {line['current_phase']}"

        assert told() == ("initial", first, f"created {SCHEMA['phases'][0]['name']}")
        assert "Watching (instances: 1)" in err.get(timeout=30)
        engine.trigger_next_step(first)
        assert told() == ("changed", first, "running design")
        engine.start_workflow_instance(SCHEMA, {}, "another")
        second = engine.start_workflow_instance(SCHEMA, {}, "f")
        assert told()[:2] == ("added", second)
        (base / "instances" / f"{second}.json").unlink()
        assert told()[:2] == ("removed", second)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert err.empty()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_cannot_be_written_is_an_error_in_words(base: Path, engine: WorkflowEngine) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "f")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*_COMMAND, "-C", str(base), "ls"],
            env=_ENVIRONMENT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("chatflow: ")


def test_streams_that_are_closed_are_no_reason_to_crash(base: Path, engine: WorkflowEngine) -> None:
    engine.start_workflow_instance(SCHEMA, {}, "f")

    def run(shell: str) -> tuple[int, str]:
        command = ["sh", "-c", f'exec "$@" {shell}', "sh", *_COMMAND, "-C", str(base), "next", "@latest"]
        if "<&-" in shell:
            command += ["--data", "-"]
        done = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    assert run("<&-") == (1, "chatflow: standard input is closed\n")
    assert run(">&-")[0] == 0
    assert run("2>&-") == (0, "")
