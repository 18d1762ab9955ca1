"""What is read of one instance for the screen."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Event

from chatflow_core import FileStateStore, WorkflowEngine, WorkflowInstanceState
from chatflow_tui.instance.details import DetailLoader, Details, Selection, read_details
from tests.files import PHASES, SCHEMA
from tests.seed_store import SeedStore


def test_the_current_phase_with_its_texts(engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    engine.record_task(instance_id, prompt="a question")
    details = read_details(engine, Selection(instance_id))

    assert (details.phase, details.problem) == (PHASES[0], None)
    assert [row.phase for row in details.timeline] == PHASES
    assert details.artifacts is not None
    assert (details.artifacts.prompt, details.artifacts.ai_response) == ("a question", None)


def test_another_phase_and_a_former_attempt(engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    for number in (1, 2):
        engine.record_task(instance_id, prompt=f"p{number}", ai_response=f"r{number}")
    engine.trigger_next_step(instance_id)
    details = read_details(engine, Selection(instance_id, PHASES[0], 1))

    assert details.phase == PHASES[0]
    assert details.artifacts is not None
    assert (details.artifacts.attempts, details.artifacts.ai_response) == (2, "r1")


def test_texts_of_a_phase_that_is_not_in_the_schema_come_last(engine: WorkflowEngine, seed: SeedStore) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    seed.save_task(instance_id, "afterthought", "p", "r")
    details = read_details(engine, Selection(instance_id))

    assert [row.title for row in details.timeline] == [*PHASES, "afterthought (other text)"]


def test_a_seed_record_takes_the_phases_of_the_schema_of_its_name(engine: WorkflowEngine, seed: SeedStore) -> None:
    schemas = seed.base_dir / "schemas"
    schemas.mkdir()
    (schemas / "seed_flow.yaml").write_text("name: seed_flow\nphases: [{name: phase1}, {name: phase2}, {name: phase3}]")
    seed.start("wfi_seed")
    details = read_details(engine, Selection("wfi_seed"))

    assert [row.phase for row in details.timeline] == ["phase1", "phase2", "phase3"]


def test_what_is_gone_or_unreadable_is_said(engine: WorkflowEngine, seed: SeedStore) -> None:
    seed.start("wfi_torn")
    seed.record("wfi_torn").write_text('{"instance_id": ')

    for instance_id, words in (("wfi_gone", "gone"), ("wfi_torn", "not JSON"), ("../evil", "cannot be an instance id")):
        details = read_details(engine, Selection(instance_id))
        assert details.problem is not None
        assert words in details.problem
        assert (details.timeline, details.phase, details.artifacts) == ((), None, None)


class SlowStore(FileStateStore):
    """A store on a disk that takes its time."""

    def __init__(self, base: Path) -> None:
        super().__init__(base, durable=False)
        self.go_on = Event()
        self.asked: list[str] = []

    def read_state(self, instance_id: str) -> WorkflowInstanceState | None:
        self.asked.append(instance_id)
        self.go_on.wait(30)
        return super().read_state(instance_id)


async def test_of_what_is_asked_for_meanwhile_only_the_last_is_read(base: Path, seed: SeedStore) -> None:
    for number in range(5):
        seed.start(f"wfi_{number}")
    store, shown = SlowStore(base), list[Details]()
    loader = DetailLoader(WorkflowEngine(state_store=store), shown.append)

    assert loader.want(Selection("wfi_0"))
    reading = asyncio.create_task(loader.run())
    while not store.asked:
        await asyncio.sleep(0)
    for number in range(1, 5):
        assert not loader.want(Selection(f"wfi_{number}"))
    store.go_on.set()
    await reading

    assert [details.selection.instance_id for details in shown] == ["wfi_0", "wfi_4"]
    assert loader.want(Selection("wfi_1"))


def test_a_broken_definition_does_not_hide_the_history(engine: WorkflowEngine, base: Path, seed: SeedStore) -> None:
    state = seed.start("wfi_seed")
    (base / "schemas").mkdir(parents=True, exist_ok=True)
    (base / "schemas" / f"{state['workflow_name']}.yaml").write_text("phases: [")
    details = read_details(engine, Selection("wfi_seed"))

    assert details.problem is None
    assert [row.phase for row in details.timeline] == [state["current_phase"]]


async def test_a_later_read_is_never_overtaken_by_an_earlier_one(engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    loaded: list[Selection] = []
    loader = DetailLoader(engine, lambda details: loaded.append(details.selection))

    starts = [loader.want(Selection(instance_id, phase)) for phase in PHASES]
    assert starts == [True] + [False] * (len(PHASES) - 1)
    await loader.run()

    assert loaded == [Selection(instance_id, PHASES[-1])]
    assert loader.want(Selection(instance_id))


def test_a_text_that_no_record_names_is_no_other_phase(engine: WorkflowEngine, base: Path) -> None:
    instance_id = engine.start_workflow_instance({"name": "w", "phases": [{"name": "Code Review"}]}, {}, "f")
    tasks = base / "instances" / instance_id / "tasks"
    tasks.mkdir(parents=True)
    (tasks / "code_review.prompt.md").write_text("a question")
    (tasks / "notes.prompt.md").write_text("something else")

    assert [row.phase for row in read_details(engine, Selection(instance_id)).timeline] == ["Code Review", "notes"]
