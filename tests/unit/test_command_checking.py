"""`check`: tells what is wrong, repairs what is derived, and touches nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatflow_core import FileStateStore, WorkflowEngine, check_store
from tests.command_runs import Command
from tests.files import PHASES, SCHEMA, held_by_another_process, tree
from tests.seed_store import SeedStore


@pytest.fixture
def ids(engine: WorkflowEngine) -> list[str]:
    """Two instances of one feature and one of another; the first has two attempts."""
    ids = [engine.start_workflow_instance(SCHEMA, {}, feature) for feature in ("f", "f", "用户/登录")]
    engine.record_task(ids[0], "p", "r")
    engine.record_task(ids[0], "p2", "r2")
    return ids


def subjects(command: Command, *words: str) -> tuple[int, list[tuple[str, str, bool]]]:
    run = command("check", "--json", *words)
    return run.code, [(one["severity"], one["subject"], one["is_repaired"]) for one in run.json["findings"]]


def test_a_sound_store_is_told_to_be_sound_and_not_written(
    chatflow: Command, base: Path, ids: list[str], seed: SeedStore
) -> None:
    seed.start("seeded")
    seed.save_task("seeded", "phase1", "p", "r", checksums=False)
    before = tree(base)
    run = chatflow("check")
    assert (run.code, run.out) == (0, "")
    assert "Instances: 4, attempts with texts: 3; corrupt: 0" in run.err
    assert chatflow("check", "--json").json["is_sound"] is True
    assert tree(base) == before


def test_every_kind_of_damage_is_found_and_records_and_texts_are_never_touched(
    chatflow: Command, base: Path, ids: list[str]
) -> None:
    tasks = base / "instances" / ids[0] / "tasks"
    (tasks / f"{PHASES[0]}.prompt.md").write_text("changed")
    (tasks / ".attempts" / PHASES[0] / "1.ai_response.md").write_text("changed, too")
    (base / "instances" / "torn.json").write_text("{")
    (base / "instances" / "orphan" / "tasks").mkdir(parents=True)
    (base / "instances" / "orphan" / "tasks" / "a.prompt.md").write_text("whose?")
    (base / "schemas").mkdir()
    (base / "schemas" / "bad.yaml").write_text("phases: 3")
    before = tree(base)
    found = [
        ("corrupt", "instances/torn.json", False),
        ("corrupt", f"{ids[0]}, phase {PHASES[0]}, attempt 1", False),
        ("corrupt", f"{ids[0]}, phase {PHASES[0]}, attempt 2", False),
        ("corrupt", "schemas/bad", False),
        ("note", "instances/orphan", False),
    ]
    code, told = subjects(chatflow)
    assert (code, sorted(told)) == (5, sorted(found))
    assert "corrupt" in chatflow("check").out
    code, told = subjects(chatflow, "--repair")
    assert (code, sorted(told)) == (5, sorted(found))
    assert tree(base) == before


@pytest.mark.parametrize(
    "content", [None, "", "wfi_", "nonsense/../x", "{other}", "{first}", "{first},{second},wfi_torn", "{first},wfi_ab"]
)
def test_an_index_that_is_wrong_is_made_again(
    chatflow: Command, base: Path, ids: list[str], content: str | None
) -> None:
    link = base / "features" / "f.link"
    right = link.read_bytes()
    records = tree(base / "instances")
    if content is None:
        link.unlink()
    else:
        link.write_text(content.format(first=ids[0], second=ids[1], other=ids[2]))
    assert subjects(chatflow) == (1, [("derived", "features/f.link", False)])
    assert "--repair" in chatflow("check").err
    assert subjects(chatflow, "--repair") == (0, [("derived", "features/f.link", True)])
    assert link.read_bytes() == right
    assert subjects(chatflow) == (0, [])
    assert tree(base / "instances") == records


def test_an_instance_that_is_just_being_made_stays_in_the_index(
    chatflow: Command, base: Path, store: FileStateStore, ids: list[str]
) -> None:
    link = base / "features" / "f.link"
    (base / "instances" / "torn.json").write_text("{")
    with store.lock("being_made"):
        link.write_text(f"being_made,{ids[0]},torn,wfi_gone")  # misses the second, and names one nobody has
        subjects(chatflow, "--repair")
    assert link.read_text().split(",") == sorted(["being_made", ids[0], ids[1], "torn"])


def test_an_entry_of_no_feature_goes(chatflow: Command, base: Path, ids: list[str]) -> None:
    link = base / "features" / "nobody.link"
    link.write_text("wfi_gone")
    assert subjects(chatflow, "--repair") == (0, [("derived", "features/nobody.link", True)])
    assert not link.exists()


def test_what_cannot_be_put_right_is_not_said_to_be_and_keeps_nothing_else_from_it(
    chatflow: Command, base: Path, ids: list[str]
) -> None:
    (base / "features" / "a.link").mkdir()
    (base / "features" / "f.link").unlink()
    code, told = subjects(chatflow, "--repair")
    assert (code, told) == (1, [("derived", "features/a.link", False), ("derived", "features/f.link", True)])
    assert (base / "features" / "f.link").read_text().split(",") == sorted(ids[:2])


def test_what_dead_writers_left_is_removed_under_their_locks(chatflow: Command, base: Path, ids: list[str]) -> None:
    instance = base / "instances" / ids[0]
    left = [
        base / "instances" / f".{ids[0]}.json.1-ab.tmp",
        instance / "tasks" / ".x.prompt.md.1-ab.tmp",
        instance / "tasks" / ".attempts" / PHASES[0] / ".1.json.1-ab.tmp",
        base / "features" / ".f.link.1-ab.tmp",
    ]
    for path in left:
        path.write_text("half")
    # A moment ago: a writer may be at work on them, and whoever holds no lock cannot say that it died.
    assert subjects(chatflow) == (0, [])
    with held_by_another_process(base / ".locks" / f"{ids[0]}.lock"):
        assert [subject for _, subject, _ in subjects(chatflow, "--repair")[1]] == ["features/.f.link.1-ab.tmp"]
    left[3].write_text("half")
    for path in left:
        os.utime(path, (0, 0))
    seeds = base / "instances" / f"{ids[0]}.json.tmp"
    seeds.write_text("another program's business")
    code, told = subjects(chatflow)
    assert code == 1
    assert sorted(subject for _, subject, _ in told) == sorted(str(path.relative_to(base)) for path in left)
    with held_by_another_process(base / ".locks" / f"{ids[0]}.lock"):
        assert subjects(chatflow, "--repair")[0] == 1
        assert [path.exists() for path in left] == [True, True, True, False]
    assert subjects(chatflow, "--repair")[0] == 0
    assert not any(path.exists() for path in left)
    assert seeds.exists()


def test_no_link_leads_the_repair_out_of_the_store(
    chatflow: Command, base: Path, ids: list[str], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "tasks" / ".attempts" / "a").mkdir(parents=True)
    (elsewhere / "tasks" / ".x.prompt.md.1-ab.tmp").write_text("not ours")
    (elsewhere / "tasks" / ".attempts" / "a" / ".1.json.1-ab.tmp").write_text("not ours")
    before = tree(elsewhere)
    (base / "instances" / ids[1]).symlink_to(elsewhere)
    (base / "instances" / ids[2]).mkdir()
    (base / "instances" / ids[2] / "tasks").symlink_to(elsewhere / "tasks")
    subjects(chatflow, "--repair")
    assert tree(elsewhere) == before


def test_a_lock_that_is_not_to_be_had_is_told(base: Path, store: FileStateStore, ids: list[str]) -> None:
    (base / "features" / "f.link").unlink()
    (base / ".locks" / "features.lock").unlink()
    (base / ".locks" / "features.lock").mkdir()
    (finding,) = check_store(store, repair=True).findings
    assert not finding.is_repaired
    assert "not repaired" in finding.message
