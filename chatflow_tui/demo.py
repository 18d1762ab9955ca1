"""A scripted ChatCoder for ``chatflow-tui --demo``: a process of its own that works on a store for ever.

It uses the public API of `chatflow_core` and nothing else, as ChatCoder does, so
what the screen shows of it is what it shows of the real thing.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from chatflow_core import (
    FileStateStore,
    InstanceSummary,
    InvalidTransitionError,
    WorkflowEngine,
    WorkflowInstanceState,
)
from chatflow_tui.demo_past import write_past
from chatflow_tui.demo_texts import (
    FEATURES,
    RISKY_PHASES,
    WORKFLOWS,
    DemoFeature,
    failure_reason,
    prompt_for,
    response_for,
    schema_for,
    trigger_data_for,
)

#: Mean seconds between two things that happen: often enough to look alive, seldom enough to be read.
DEFAULT_PACE = 2.75

# No more instances are started beyond this many: a list that only grows teaches nothing.
_MOST_INSTANCES = 40

# When all others are finished, so many are kept going by failing and retrying, and everything takes
# longer, or a screen left open over night would end with records of thousands of entries.
_KEPT_GOING = 3
_SLOWER = 8.0

# Fewer unfinished instances than this look idle.
_LEAST_UNFINISHED = 4

# About as many are started as finish, which takes some ten steps each.
_START_CHANCE = 0.09
_FAIL_CHANCE = 0.15

# How likely an instance is the next one something happens to. Created and failed ones stay a while, to be seen.
_WEIGHTS = {"created": 1.0, "running": 6.0, "failed": 1.5}

_SECONDS_TO_END = 3.0


class DemoChatCoder:
    """Does one believable thing after the other."""

    def __init__(self, engine: WorkflowEngine, chance: random.Random) -> None:
        """Make one; nothing happens before `step`.

        Args:
            engine: The engine to work with.
            chance: Decides what happens.
        """
        self._engine = engine
        self._chance = chance

    def step(self) -> bool:
        """Let the next thing happen.

        Returns:
            Whether there is much to do; False when only those are left that are kept going.
        """
        summaries = [summary for summary in self._engine.list_instances() if summary.status in {*_WEIGHTS, "completed"}]
        unfinished = [summary for summary in summaries if summary.status != "completed"]
        is_growing = len(summaries) < _MOST_INSTANCES
        if is_growing and (len(unfinished) < _LEAST_UNFINISHED or self._chance.random() < _START_CHANCE):
            self._start()
        elif unfinished:
            weights = [_WEIGHTS[summary.status] for summary in unfinished]
            (chosen,) = self._chance.choices(unfinished, weights)
            # Somebody at the screen may have moved the instance meanwhile; then there is nothing to do but look again.
            with suppress(InvalidTransitionError):
                self._go_on(chosen, may_complete=is_growing or len(unfinished) > _KEPT_GOING)
        return is_growing or len(unfinished) > _KEPT_GOING

    def _start(self) -> None:
        feature = self._chance.choice(list(FEATURES.values()))
        workflow = self._chance.choice(WORKFLOWS)
        context = {"title": feature.title, "module": feature.module, "branch": f"{workflow}/{feature.table}"}
        meta = {"source": "demo", "model": "scripted"}
        self._engine.start_workflow_instance(schema_for(workflow, feature.language), context, feature.feature, meta)

    def _go_on(self, summary: InstanceSummary, *, may_complete: bool) -> None:
        state = self._engine.get_workflow_instance_status(summary.instance_id)
        feature = FEATURES.get(summary.feature_id)
        if state is None or feature is None or state.workflow_name not in WORKFLOWS:
            return  # not one of ours
        phase = state.current_phase
        if state.status == "failed":
            self._engine.retry_phase(state.instance_id, expected_phase=phase)
            return
        texts = self._engine.load_artifacts(state.instance_id, phase)
        began = state.history[-1].started_at if state.history else state.created_at
        is_asked = texts.record is not None and texts.record.started_at >= began and texts.prompt is not None
        failed_because = _last_error(state)
        if not is_asked:
            prompt = prompt_for(feature, state.workflow_name, phase, failed_because=failed_because)
            self._engine.record_task(state.instance_id, prompt=prompt, phase_name=phase)
        elif texts.ai_response is None:
            response = response_for(feature, state.workflow_name, phase, failed_because=failed_because)
            self._engine.record_task(state.instance_id, ai_response=response, phase_name=phase)
        else:
            self._end_phase(state, feature, may_complete=may_complete)

    def _end_phase(self, state: WorkflowInstanceState, feature: DemoFeature, *, may_complete: bool) -> None:
        phase = state.current_phase
        names = schema_for(state.workflow_name, feature.language).phase_names
        is_refused = phase == names[-1] and not may_complete
        # An attempt after a failure succeeds: otherwise a demonstration shows little else than failures.
        is_unlucky = phase in RISKY_PHASES and _last_error(state) is None and self._chance.random() < _FAIL_CHANCE
        if is_refused or is_unlucky:
            reason = failure_reason(feature, self._chance)
            self._engine.fail_current_phase(state.instance_id, reason, expected_phase=phase)
        else:
            data = trigger_data_for(feature, phase, self._chance)
            self._engine.trigger_next_step(state.instance_id, data, expected_phase=phase)


def _last_error(state: WorkflowInstanceState) -> str | None:
    errors = [entry.error for entry in state.history if entry.phase == state.current_phase and entry.error]
    return errors[-1] if errors else None


@dataclass(frozen=True)
class Demo:
    """A running demonstration.

    Attributes:
        directory: Its store.
        process: The scripted ChatCoder.
    """

    directory: Path
    process: subprocess.Popen[str]

    @property
    def problem(self) -> str | None:
        """What the scripted ChatCoder ended with, if it ended by an error."""
        if not self.process.poll() or self.process.stderr is None or self.process.stderr.closed:
            return None
        return self.process.stderr.read().strip() or f"it ended with status {self.process.returncode}"


@contextmanager
def start_demo(directory: Path | None = None, *, pace: float = DEFAULT_PACE, seed: int | None = None) -> Iterator[Demo]:
    """Run a scripted ChatCoder as long as the context lasts.

    Args:
        directory: The store to work on, which stays; None for a temporary one, which goes.
        pace: Mean seconds between two things that happen.
        seed: Makes what happens repeatable; None for something else every time.
    """
    store = Path(tempfile.mkdtemp(prefix="chatflow-demo-")) if directory is None else directory.absolute()
    command = [sys.executable, "-P", "-m", "chatflow_tui.demo", str(store), "--pace", str(pace)]
    command += [] if seed is None else ["--seed", str(seed)]
    # If this process is killed, nobody is left to remove the directory but the child.
    command += ["--remove"] if directory is None else []
    # The child finds its modules where this process does, but never in the current directory (hence -P, too):
    # that may be anybody's.
    modules = [*filter(None, sys.path), str(Path(__file__).resolve().parents[1])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(modules)}
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,  # a signal from the terminal is for the screen; the child ends with the pipe
        )
        try:
            yield Demo(store, process)
        finally:
            _end(process)
    finally:
        if directory is None:
            shutil.rmtree(store, ignore_errors=True)


def _end(process: subprocess.Popen[str]) -> None:
    for stop in (process.stdin.close if process.stdin else process.terminate, process.terminate, process.kill):
        with suppress(OSError):
            stop()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_SECONDS_TO_END)
            break
    if process.stderr:
        process.stderr.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the scripted ChatCoder until standard input is closed.

    Args:
        arguments: Those of the command line; None for `sys.argv`.
    """
    parser = argparse.ArgumentParser(prog="python -m chatflow_tui.demo", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="the store to work on; made if it is not there")
    parser.add_argument("--pace", type=float, default=DEFAULT_PACE, metavar="SECONDS", help="mean time between steps")
    parser.add_argument("--seed", type=int, help="makes what happens repeatable")
    parser.add_argument("--now", type=float, metavar="UNIX_TIME", help="the time the past is reckoned from")
    parser.add_argument("--once", action="store_true", help="write the past and end")
    parser.add_argument("--remove", action="store_true", help="remove DIR at the end")
    options = parser.parse_args(arguments)
    # A demonstration that survives a power cut is not worth the waiting.
    store = FileStateStore(options.directory, durable=False)
    chance = random.Random(options.seed)  # noqa: S311 - it is a play
    try:
        if not any(True for _ in store.scan()):
            _write_schemas(options.directory)
            write_past(store, chance, time.time() if options.now is None else options.now)
        if not options.once:
            _live(DemoChatCoder(WorkflowEngine(state_store=store), chance), chance, options.pace)
    finally:
        if options.remove:
            shutil.rmtree(options.directory, ignore_errors=True)
    return 0


def _write_schemas(directory: Path) -> None:
    """Write the workflows where those of a project are, so that one can be chosen for a new instance."""
    schemas = directory / "schemas"
    schemas.mkdir(parents=True, exist_ok=True)
    for workflow in WORKFLOWS:
        text = yaml.safe_dump(schema_for(workflow, "en").to_dict(), sort_keys=False, allow_unicode=True)
        (schemas / f"{workflow}.yaml").write_text(text, encoding="utf-8")


def _live(chatcoder: DemoChatCoder, chance: random.Random, pace: float) -> None:
    parent_gone = threading.Event()
    threading.Thread(target=_await_end_of_input, args=(parent_gone,), daemon=True).start()
    slowness = 1.0
    # Between 1.5 and 4 seconds at the default pace: irregular, as work is.
    while not parent_gone.wait(pace * slowness * chance.uniform(0.55, 1.45)):
        slowness = 1.0 if chatcoder.step() else _SLOWER


def _await_end_of_input(gone: threading.Event) -> None:
    # The other end of the pipe is closed when the parent ends, however it ends.
    try:
        while os.read(sys.stdin.fileno(), 4096):
            pass
    except (OSError, ValueError, AttributeError):
        pass  # no standard input at all is one that has ended
    gone.set()


if __name__ == "__main__":
    sys.exit(main())
