"""Files that no program of good will would write, put beside good records and looked at.

The process that looks has little memory and little time. It tells what went wrong.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chatflow_core import ChatFlowError, WorkflowEngine
from chatflow_core.models import InstanceSummary
from tests.reliability.steps import FEATURE, SCHEMA, file_store, open_engine

#: The id of the hostile instance.
EVIL = "evil"

# Bytes of address space beyond what the process has, and seconds.
_MEMORY = 1 << 30
_SECONDS = 30


def good_record(**changes: Any) -> dict[str, Any]:
    """The document of a record that is all right but for the changes."""
    return {
        "instance_id": EVIL,
        "feature_id": FEATURE,
        "workflow_name": "flow",
        "current_phase": "analyse",
        "variables": {},
        "status": "created",
        "history": [],
        "created_at": 1_700_000_000.0,
        "updated_at": 1_700_000_000.0,
        "meta": {},
        "workflow_schema": SCHEMA,
    } | changes


def _text(**changes: Any) -> bytes:
    return json.dumps(good_record(**changes)).encode()


def _entry(**changes: Any) -> dict[str, Any]:
    return {"phase": "analyse", "task": "unknown", "started_at": 1.0, "ended_at": None, "status": "running"} | changes


_GOOD = _text()

#: Contents of a record, by what is wrong with them.
CONTENTS: dict[str, bytes] = {
    "empty": b"",
    "truncated": _GOOD[: len(_GOOD) // 2],
    "binary": bytes(range(256)) * 40,
    "NUL bytes": bytes(4096),
    "NUL in the middle": _GOOD[:40] + b"\0" + _GOOD[40:],
    "not UTF-8": _GOOD.replace(b"flow", b"fl\xff\xfew", 1),
    "UTF-16": _GOOD.decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + _GOOD,
    "null": b"null",
    "a list": b"[1, 2]",
    "a number of a million digits": b"9" * 1_000_000,
    "huge time": _GOOD.replace(b"1700000000.0", b"1e999"),
    "huge integer": _text(variables={"n": 1}).replace(b'"n": 1', b'"n": ' + b"9" * 5_000),
    "NaN time": _text(created_at=float("nan")),
    "infinite time": _text(updated_at=float("inf")),
    "negative infinite time": _text(created_at=float("-inf")),
    "year 1": _text(created_at=-62_135_596_800.0, updated_at=-62_135_596_800.0),
    "year 9999": _text(created_at=253_402_300_799.0, updated_at=253_402_300_799.0),
    "beyond any year": _text(created_at=1e300, updated_at=1e300),
    "deep list": b"[" * 100_000 + b"]" * 100_000,
    "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep variables": _GOOD.replace(
        b'"variables": {}', b'"variables": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    ),
    "deep, as deep as fits": _GOOD.replace(b'"variables": {}', b'"variables": {"a": ' + b"[" * 500 + b"]" * 500 + b"}"),
    "lone surrogates": _text(workflow_name="\ud800"),
    "lone surrogates in keys": _text(meta={"\udfff": 1}),
    "duplicate keys": _GOOD[:-1] + b', "status": "failed", "status": "completed"}',
    "another id": _text(instance_id="good"),
    "an id that leads out": _text(instance_id="../../outside/victim"),
    "a feature that leads out": _text(feature_id="../../outside/victim"),
    "an empty feature": _text(feature_id=""),
    "a feature with NUL": _text(feature_id="a\0b"),
    "a phase that leads out": _text(current_phase="../../../outside/victim"),
    "wrong types": _text(history="none", meta=[], variables=3),
    "history of numbers": _text(history=[1, 2, 3]),
    "history without ends": _text(status="running", history=[_entry() for _ in range(50)]),
    "a schema of numbers": _text(workflow_schema={"name": 1, "phases": 7}),
    "phases that share files": _text(workflow_schema={"name": "f", "phases": [{"name": "A b"}, {"name": "a_b"}]}),
    "ten thousand phases": _text(workflow_schema={"name": "f", "phases": [{"name": f"p{n}"} for n in range(10_000)]}),
    "ten thousand entries": _text(history=[_entry(ended_at=2.0, status="completed") for _ in range(10_000)]),
    "unknown status": _text(status="on fire"),
    "a status of a megabyte": _text(status="x" * 1_000_000),
    "many small objects": _GOOD.replace(b'"meta": {}', b'"meta": {"a": [' + b"{}," * 1_000_000 + b"{}]}"),
}


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))  # such a name must be short


def _cycle(path: Path) -> None:
    path.symlink_to(path.with_name("other.json"))
    path.with_name("other.json").symlink_to(path)


def _device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))  # /dev/zero, which never ends
    except PermissionError:
        path.symlink_to("/dev/zero")


#: What is put in the place of a record, by what it is.
THINGS: dict[str, Callable[[Path], object]] = {
    "a directory": lambda path: path.mkdir(),
    "a FIFO": os.mkfifo,
    "a socket": _socket,
    "a device": _device,
    "a gigabyte of nothing": _sparse,
    "a cycle of links": _cycle,
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a link out of the store": lambda path: path.symlink_to(path.parents[2] / "outside" / "victim.json"),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to a good record": lambda path: path.symlink_to("good.json"),
}


def in_bounds(work: Callable[[], str | None]) -> str:
    """Do something in a process of little memory and time; give what went wrong, empty if nothing did."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY, used + _MEMORY))
            signal.alarm(_SECONDS)
            told = work() or ""
        except BaseException as error:  # noqa: BLE001 - told to the parent
            line = error.__traceback__
            while line is not None and line.tb_next is not None:
                line = line.tb_next
            told = f"{error!r:.500} in line {line.tb_lineno if line else 0}"
        os.write(writing, told[:4000].encode(errors="replace"))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        told = answer.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return told or (f"ended by signal {-code}" if code else "")


def look_at_everything(base: Path, good: list[str], evil: str = EVIL, *, may_change: bool = True) -> str | None:
    """Do all that can be done with a store that has one hostile instance; give what went wrong."""
    engine = open_engine(base, durable=False, lock_timeout=2.0)
    found = {summary.instance_id: summary for summary in engine.list_instances()}
    problem = _look_at_good(engine, good, found)
    if problem:
        return problem
    attempts: list[Callable[[], object]] = [
        lambda: engine.get_workflow_instance_status(evil),
        lambda: engine.load_artifacts(evil, "analyse"),
        lambda: file_store(engine).phases_with_texts(evil),
        lambda: engine.get_feature_status(FEATURE),
        engine.list_features,
        lambda: _listing_and_record_agree(engine, found.get(evil), evil),
    ]
    if may_change:
        attempts += [
            lambda: engine.record_task(evil, "prompt", "response"),
            lambda: engine.trigger_next_step(evil, {"a": 1}),
            lambda: engine.fail_current_phase(evil, "reason"),
            lambda: engine.retry_phase(evil),
            lambda: file_store(engine).save_task_artifacts(FEATURE, evil, "analyse", {}, "a", "b"),
        ]
    for attempt in attempts:
        try:
            attempt()
        except ChatFlowError:
            continue  # said in words: that is all that is asked
    engine.trigger_next_step(good[0], {"a": 1})
    engine.start_workflow_instance(SCHEMA, {}, FEATURE)
    return _look_at_good(engine, good, {summary.instance_id: summary for summary in engine.list_instances()})


def _look_at_good(engine: WorkflowEngine, good: list[str], found: dict[str, InstanceSummary]) -> str | None:
    order = [instance_id for instance_id in found if instance_id in good]
    if order != good:
        return f"the listing shows {order} of the good ones {good}"
    bad = [instance_id for instance_id in good if found[instance_id].problem]
    return f"the listing says that {bad} cannot be read" if bad else None


def _listing_and_record_agree(engine: WorkflowEngine, summary: InstanceSummary | None, evil: str) -> None:
    try:
        state = engine.get_workflow_instance_status(evil)
    except ChatFlowError:
        assert summary is None or summary.problem, f"listed as {summary} and cannot be read"
    else:
        assert (state is None) == (summary is None), f"{summary=} {state=}"
        assert summary is None or summary.problem is None, f"can be read and is listed with {summary.problem}"
