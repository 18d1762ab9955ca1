"""The past of the demonstration: what the scripted ChatCoder did in the hours before it was started.

The engine stamps the present, so the past goes the way the engine goes with a
time of its own: transitions are pure functions of time, and what they give is
saved through the store.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from chatflow_core import FileStateStore, WorkflowInstanceState, transitions
from chatflow_tui.demo_texts import (
    FEATURES,
    DemoFeature,
    failure_reason,
    long_response,
    prompt_for,
    response_for,
    schema_for,
    trigger_data_for,
)


@dataclass(frozen=True)
class PastInstance:
    """One instance of the past.

    Attributes:
        feature: Id of its feature.
        workflow: Name of its workflow.
        began: Minutes ago that it was started.
        changed: Minutes ago of its last step.
        runs: What became of its phases, a letter a run: ``c`` completed, ``x`` failed (what follows is the
            retry), ``p`` a prompt waits for its response, ``b`` both texts are there, ``l`` completed with a very
            long response.
    """

    feature: str
    workflow: str
    began: float
    changed: float
    runs: str


_PAST = (
    PastInstance("user-auth", "code_generation", 412, 287, "ccccc"),
    PastInstance("支付回调", "code_generation", 355, 190, "ccxccc"),
    PastInstance("search-index", "code_generation", 240, 48, "ccclb"),
    PastInstance("csv-export", "code_generation", 222, 131, "cccxcc"),
    PastInstance("user-auth", "bugfix", 174, 139, "ccc"),
    PastInstance("dark-mode", "code_generation", 118, 37, "cccx"),
    PastInstance("user-auth", "docs", 96, 71, "cc"),
    PastInstance("支付回调", "bugfix", 64, 22, "cx"),
    PastInstance("rate-limits", "code_generation", 58, 9, "ccp"),
    PastInstance("csv-export", "bugfix", 41, 6.5, "cxp"),
    PastInstance("支付回调", "code_generation", 33, 3.2, "ccb"),
    PastInstance("search-index", "bugfix", 19, 1.1, "cp"),
    PastInstance("dark-mode", "docs", 12, 12, "p"),
    PastInstance("rate-limits", "docs", 4.4, 4.4, ""),
    PastInstance("csv-export", "docs", 0.7, 0.7, ""),
)


@dataclass(frozen=True)
class _Texts:
    phase: str
    started_at: float
    ended_at: float | None
    prompt: str
    response: str


def write_past(store: FileStateStore, chance: random.Random, now: float) -> None:
    """Write everything that happened before now; the same chance and time give the same records.

    Args:
        store: An empty store.
        chance: Decides what is left open, such as durations and ids.
        now: The present, in Unix seconds.
    """
    made = [_live_through(instance, chance, now) for instance in _PAST]
    # The last changed is written last, so that the files' times have the order of the records' times.
    for state, texts in sorted(made, key=lambda item: item[0].updated_at):
        store.save_state(state.instance_id, asdict(state))
        for text in texts:
            record = {
                "status": "completed" if text.response else "running",
                "started_at": text.started_at,
                "ended_at": text.ended_at,
            }
            store.save_task_artifacts(
                state.feature_id, state.instance_id, text.phase, record, text.prompt, text.response
            )


def _live_through(past: PastInstance, chance: random.Random, now: float) -> tuple[WorkflowInstanceState, list[_Texts]]:
    feature = FEATURES[past.feature]
    schema = schema_for(past.workflow, feature.language)
    state = transitions.start(
        f"wfi_{chance.getrandbits(48):012x}",
        schema,
        {"title": feature.title, "module": feature.module, "branch": f"{past.workflow}/{feature.table}"},
        past.feature,
        {"source": "demo", "model": "scripted"},
        now - past.began * 60,
    )
    texts: list[_Texts] = []
    reason: str | None = None
    for run, began, ended in _spans(past, chance, now):
        if state.status == "failed":
            state = transitions.retry(state, schema, None, began)
        phase = state.current_phase
        text = _write_texts(feature, past.workflow, phase, run, (began, ended), chance, reason)
        texts.append(text)
        reason = None
        if run == "x":
            reason = failure_reason(feature, chance)
            state = transitions.fail(state, schema, reason, None, ended, phase)
        elif run in "cl":
            data = trigger_data_for(feature, phase, chance)
            state = transitions.advance(state, schema, data, None, ended, phase)
        else:
            state = transitions.record(state, schema, text.started_at)
    return state, texts


def _spans(past: PastInstance, chance: random.Random, now: float) -> Iterator[tuple[str, float, float]]:
    """Give each run with the times it began and ended; one that is still open took no time yet."""
    weights = [chance.uniform(0.5, 2.0) if run in "clx" else 0.0 for run in past.runs]
    moment = now - past.began * 60
    whole = (past.began - past.changed) * 60
    for run, weight in zip(past.runs, weights, strict=True):
        began = moment
        moment += whole * weight / (sum(weights) or 1.0)
        yield run, began, moment if weight else now


def _write_texts(
    feature: DemoFeature,
    workflow: str,
    phase: str,
    run: str,
    span: tuple[float, float],
    chance: random.Random,
    failed_because: str | None,
) -> _Texts:
    began, ended = span
    asked = began + (ended - began) * chance.uniform(0.02, 0.1)
    answered = None if run == "p" else asked + (ended - asked) * chance.uniform(0.3, 0.9)
    response = ""
    if run == "l":
        response = long_response(feature, chance)
    elif answered is not None:
        response = response_for(feature, workflow, phase, failed_because=failed_because)
    prompt = prompt_for(feature, workflow, phase, failed_because=failed_because)
    return _Texts(phase, asked, answered, prompt, response)
