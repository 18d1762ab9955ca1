"""`log` and `record`: the prompt and the AI response of a phase."""

from __future__ import annotations

from argparse import Namespace

from chatflow_core.commands.console import Console, one_line
from chatflow_core.commands.data_arguments import text_given
from chatflow_core.commands.exit_codes import NOT_FOUND, OK, USAGE, RefusedError
from chatflow_core.commands.instance_names import instance_named
from chatflow_core.commands.json_shapes import plain
from chatflow_core.commands.showing import text_facts
from chatflow_core.commands.store_choice import open_engine, store_directory
from chatflow_core.errors import InstanceNotFoundError
from chatflow_core.models import TaskArtifacts, TextKind
from chatflow_core.store import IWorkflowStateStore
from chatflow_core.timeline import build_timeline
from chatflow_core.whole_instance import names_with_texts


def log(options: Namespace, console: Console) -> int:
    """Write the texts of a phase, or one of them as it is stored."""
    directory = store_directory(options)
    store = open_engine(directory).state_store
    instance_id = instance_named(options.id, directory)
    phase = options.phase or _last_phase_with_texts(store, instance_id)
    artifacts = store.load_artifacts(instance_id, phase, options.attempt)
    if artifacts.prompt is None and artifacts.ai_response is None and artifacts.problem is None:
        _refuse_nothing(store, artifacts, options.attempt)
    if options.json and options.code is None:
        texts = {"prompt": artifacts.prompt, "ai_response": artifacts.ai_response}
        console.json({"instance_id": instance_id, **text_facts(artifacts), **texts})
        return OK
    if artifacts.problem is not None:
        console.say(artifacts.problem)
    if artifacts.verdict == "changed":
        console.say(f"The texts of phase {phase!r} are not those that were recorded")
    kind: TextKind = "prompt" if options.prompt else "response"
    if options.code is not None:
        _write_code(artifacts, kind, options, console)
    elif options.prompt or options.response:
        console.text(_stored(store, artifacts, kind))
    else:
        _write_both(store, artifacts, console)
    return OK


def _last_phase_with_texts(store: IWorkflowStateStore, instance_id: str) -> str:
    state = store.read_state(instance_id)
    if state is None:
        raise InstanceNotFoundError(instance_id, repr(store))
    with_texts = names_with_texts(store, state)
    names = [phase.phase for phase in build_timeline(state)]
    # The last one that was reached; texts of no phase of the workflow come after all others.
    reached = names[: names.index(state.current_phase) + 1]
    for phase in (*reversed(reached), *with_texts):
        if phase in with_texts:
            return phase
    raise RefusedError(f"Instance {instance_id} has no texts yet", NOT_FOUND)


def _refuse_nothing(store: IWorkflowStateStore, artifacts: TaskArtifacts, attempt: int | None) -> None:
    what = f"phase {artifacts.phase_name!r}" if attempt is None else f"attempt {attempt} at {artifacts.phase_name!r}"
    known = ", ".join(store.phases_with_texts(artifacts.instance_id)) or "none"
    raise RefusedError(
        f"Instance {artifacts.instance_id} has no texts of {what}; phases with texts: {known}"
        + (f"; attempts: {artifacts.attempts}" if attempt is not None and artifacts.attempts else ""),
        NOT_FOUND,
    )


def _stored(store: IWorkflowStateStore, artifacts: TaskArtifacts, kind: TextKind) -> bytes:
    text = artifacts.prompt if kind == "prompt" else artifacts.ai_response
    if text is None:
        raise RefusedError(
            f"Instance {artifacts.instance_id} has no {kind} of phase {artifacts.phase_name!r} yet", NOT_FOUND
        )
    if artifacts.problem is None:
        return text.encode()
    # It holds replacement characters for what is not UTF-8; the store knows the bytes.
    number = None if artifacts.attempt == artifacts.attempts else artifacts.attempt
    for stored in store.iterate_texts(artifacts.instance_id, lambda _: True, former=number is not None):
        if (stored.phase_name, stored.kind, stored.attempt) == (artifacts.phase_name, kind, number):
            return stored.data
    return text.encode()


def _write_both(store: IWorkflowStateStore, artifacts: TaskArtifacts, console: Console) -> None:
    number = f", attempt {artifacts.attempt} of {artifacts.attempts}" if artifacts.attempts > 1 else ""
    texts: tuple[tuple[TextKind, str | None], ...] = (
        ("prompt", artifacts.prompt),
        ("response", artifacts.ai_response),
    )
    for kind, text in texts:
        console.line(console.styled(f"--- {kind} of {one_line(artifacts.phase_name)}{number} ---", "bold"))
        if text is not None:
            console.text(_stored(store, artifacts, kind))
            if not console.is_terminal and not text.endswith("\n"):
                console.line()


def _write_code(artifacts: TaskArtifacts, kind: TextKind, options: Namespace, console: Console) -> None:
    from chatflow_core.code_blocks import code_blocks  # noqa: PLC0415 - only when it is asked for

    blocks = code_blocks((artifacts.prompt if kind == "prompt" else artifacts.ai_response) or "")
    if not 1 <= options.code <= len(blocks):
        raise RefusedError(
            f"The {kind} of phase {artifacts.phase_name!r} has no code block {options.code}; it has {len(blocks)}",
            NOT_FOUND,
        )
    block = blocks[options.code - 1]
    if options.json:
        console.json(plain(block))
    else:
        console.text(block.text.encode(errors="replace"))


def record(options: Namespace, console: Console) -> int:
    """Record the prompt of a phase, the AI's response, or both."""
    if options.prompt is None and options.response is None:
        raise RefusedError("record: give --prompt FILE, --response FILE, or both", USAGE)
    if options.prompt == options.response == "-":
        raise RefusedError("record: only one of the two texts can come from standard input", USAGE)
    directory = store_directory(options)
    instance_id = instance_named(options.id, directory)
    given = [None if name is None else text_given(name) for name in (options.prompt, options.response)]
    engine = open_engine(directory)
    done = engine.record_task(instance_id, given[0], given[1], options.phase, status=options.status)
    if options.json:
        console.json({"instance_id": instance_id, **plain(done)})
    else:
        console.line(f"{instance_id} {one_line(done.status)} {one_line(done.phase_name)}")
    return OK
