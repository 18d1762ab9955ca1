from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow_core import FileStateStore, IWorkflowStateStore, TaskArtifacts, WorkflowEngine
from chatflow_core.models import StoredText
from chatflow_core.search import MOST_HITS_PER_TEXT, Needle, SearchHit, SearchProgress, hits_in, search_texts
from tests.files import PHASES, SCHEMA

SAMPLE = Path(__file__).parents[1] / "data" / "chatcoder_v1_1"


@pytest.fixture
def engine(tmp_path: Path) -> WorkflowEngine:
    return WorkflowEngine(state_store=FileStateStore(tmp_path / ".chatflow", durable=False))


def started(engine: WorkflowEngine, feature: str = "f") -> str:
    return engine.start_workflow_instance(SCHEMA, {}, feature)


def search(store: IWorkflowStateStore, needle: str, **options: Any) -> tuple[list[SearchHit], SearchProgress]:
    found = list(search_texts(store, needle, **options))
    last = found[-1]
    assert isinstance(last, SearchProgress)
    return [hit for hit in found if isinstance(hit, SearchHit)], last


def hits(text: str | bytes, needle: str) -> list[SearchHit]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(hits_in(StoredText("design", "prompt", None, data), "wfi_a", Needle(needle)))


def test_a_hit_says_where_it_is(engine: WorkflowEngine) -> None:
    instance_id = started(engine)
    engine.record_task(instance_id, "one\ntwo needle\nthree", "nothing", PHASES[0])
    engine.record_task(instance_id, None, "a NEEDLE, a needle", "Code Review")

    found, last = search(engine.state_store, "needle")

    assert [(hit.phase_name, hit.kind, hit.line, hit.column, hit.text, hit.spans) for hit in found] == [
        ("Code Review", "response", 1, 2, "a NEEDLE, a needle", ((2, 8), (12, 18))),
        (PHASES[0], "prompt", 2, 4, "two needle", ((4, 10),)),
    ]
    assert found[1].before == ("one",)
    assert found[1].after == ("three",)
    assert {hit.instance_id for hit in found} == {instance_id}
    assert last == SearchProgress(1, 1)


def test_former_attempts_are_searched_on_demand_only(engine: WorkflowEngine) -> None:
    instance_id = started(engine)
    for text in ("first needle", "second needle", "third"):
        engine.record_task(instance_id, text, "answer", PHASES[0])

    assert search(engine.state_store, "needle")[0] == []
    found, _ = search(engine.state_store, "needle", former=True)
    assert [(hit.attempt, hit.text) for hit in found] == [(1, "first needle"), (2, "second needle")]
    assert {hit.phase_name for hit in found} == {PHASES[0]}


def test_the_last_changed_instance_is_searched_first_or_as_told(engine: WorkflowEngine) -> None:
    ids = [started(engine) for _ in range(3)]
    for instance_id in ids:
        engine.record_task(instance_id, "needle", None, PHASES[0])
    order = [summary.instance_id for batch in engine.state_store.scan() for summary in batch]
    assert [hit.instance_id for hit in search(engine.state_store, "needle")[0]] == order
    found, last = search(engine.state_store, "needle", instance_ids=[ids[2], ids[0], "wfi_gone"])
    assert [hit.instance_id for hit in found] == [ids[2], ids[0]]
    assert (last.done, last.total) == (3, 3)


@pytest.mark.parametrize(
    ("needle", "text", "is_found"),
    [
        ("needle", "NeeDle", True),
        ("Needle", "needle", False),
        ("Needle", "a Needle", True),
        ("été", "ÉTÉ", True),
        ("Été", "été", False),
        ("привет", "ПРИВЕТ", True),
        ("straße x", "STRASSE X", True),
        ("用户 login", "用户 LOGIN", True),
        ("a.c", "abc", False),
        (".*", "a .* b", True),
        ("é.", "Éx", False),
        ("\ud800", "?", True),
    ],
)
def test_case_matters_only_with_a_capital_letter_and_nothing_is_a_pattern(
    needle: str, text: str, is_found: bool
) -> None:
    assert bool(hits(text, needle)) is is_found
    assert Needle(needle).is_in(text.encode()) is is_found


def test_a_blank_needle_finds_nothing(engine: WorkflowEngine) -> None:
    engine.record_task(started(engine), "a b", None, PHASES[0])
    assert list(search_texts(engine.state_store, " ")) == [SearchProgress(0, 1)]


def test_lines_end_as_the_screen_ends_them() -> None:
    assert [hit.line for hit in hits("a\r\nx\rx\n\nx", "x")] == [2, 3, 5]


def test_long_lines_are_cut_around_the_needle_and_no_character_is_divided() -> None:
    (hit,) = hits("认" * 5000 + "needle" + "证" * 5000, "needle")
    assert hit.column == 5000
    assert len(hit.text) < 1000
    ((start, end),) = hit.spans
    assert hit.text[start:end] == "needle"
    assert set(hit.text) == set("认证needle")
    assert hits("x\n" + "证" * 5000, "x")[0].after[0] == "证" * len(hits("x\n" + "证" * 5000, "x")[0].after[0])


def test_no_text_gives_more_hits_than_a_reader_can_use(engine: WorkflowEngine) -> None:
    engine.record_task(started(engine), "x\n" * (MOST_HITS_PER_TEXT + 1), "x\n" * MOST_HITS_PER_TEXT, PHASES[0])
    found, last = search(engine.state_store, "x")
    assert len(found) == 2 * MOST_HITS_PER_TEXT
    assert last.cut == 1


def test_what_cannot_be_read_is_counted_and_the_rest_is_found(engine: WorkflowEngine, tmp_path: Path) -> None:
    bad, good = started(engine), started(engine)
    for instance_id in (bad, good):
        engine.record_task(instance_id, "needle", "needle", PHASES[0])
    prompt = tmp_path / ".chatflow" / "instances" / bad / "tasks" / f"{PHASES[0]}.prompt.md"
    outside = tmp_path / "outside"
    outside.write_text("needle")
    prompt.unlink()
    prompt.symlink_to(outside)
    (prompt.parent / "torn.prompt.md").write_bytes(b"\xff needle \xfe")

    found, last = search(engine.state_store, "needle")

    assert len(found) == 4
    assert last.unreadable == 1
    assert "� needle �" in {hit.text for hit in found}


@pytest.mark.parametrize("place", ["", "tasks"])
def test_a_link_out_of_the_store_is_not_followed(engine: WorkflowEngine, tmp_path: Path, place: str) -> None:
    instance_id = started(engine)
    engine.record_task(instance_id, "needle", None, PHASES[0])
    engine.record_task(instance_id, "other", None, PHASES[0])
    directory = tmp_path / ".chatflow" / "instances" / instance_id / place
    directory.rename(tmp_path / "outside")
    directory.symlink_to(tmp_path / "outside")
    assert search(engine.state_store, "needle", former=True)[0] == []


def test_a_search_can_be_cancelled_at_any_text(engine: WorkflowEngine) -> None:
    for _ in range(3):
        engine.record_task(started(engine), "needle", "needle", PHASES[0])
    given: list[SearchHit] = []
    for found in search_texts(engine.state_store, "needle", is_cancelled=lambda: len(given) == 2):
        assert not (isinstance(found, SearchProgress) and found.done == found.total)
        if isinstance(found, SearchHit):
            given.append(found)
    assert len(given) == 2


def test_texts_of_chatcoder_are_found_too() -> None:
    store = FileStateStore(SAMPLE, create=False)
    phases = {
        (s.instance_id, p) for batch in store.scan() for s in batch for p in store.phases_with_texts(s.instance_id)
    }
    found, last = search(store, "e")
    assert {(hit.instance_id, hit.phase_name) for hit in found} == phases
    assert phases
    assert last.unreadable == 0


class OtherStore(IWorkflowStateStore):
    """A store that keeps no files: it has what reading texts needs, and nothing for searching."""

    def save_state(self, instance_id: str, state_data: dict[str, Any]) -> None: ...

    def load_state(self, instance_id: str) -> dict[str, Any] | None:
        return None

    def list_instances_by_feature(self, feature_id: str) -> list[str]:
        return []

    def save_task_artifacts(self, *_: Any) -> None: ...

    def phases_with_texts(self, instance_id: str) -> list[str]:
        return ["design", "torn"]

    def load_artifacts(self, instance_id: str, phase_name: str, attempt: int | None = None) -> TaskArtifacts:
        problem = "gone" if phase_name == "torn" else None
        text = None if problem else f"needle {attempt or 3}"
        return TaskArtifacts(instance_id, phase_name, attempt or 3, 3, text, None, 0, 0, None, "intact", problem)


def test_any_store_that_can_be_read_can_be_searched() -> None:
    found, last = search(OtherStore(), "needle", instance_ids=["wfi_a"], former=True)
    assert [(hit.attempt, hit.text) for hit in found] == [(None, "needle 3"), (2, "needle 2"), (1, "needle 1")]
    assert last.unreadable == 6


@given(
    st.text(st.sampled_from("aAéÉ认\r\n x"), max_size=40), st.text(st.sampled_from("aAé认 x"), min_size=1, max_size=3)
)
def test_every_line_with_the_needle_is_a_hit(text: str, needle: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    is_exact = needle != needle.lower()
    wanted = [n for n, line in enumerate(lines, 1) if needle in (line if is_exact else line.lower())]
    found = hits(text, needle)
    assert [hit.line for hit in found] == wanted
    for hit in found:
        line = lines[hit.line - 1]
        assert hit.text == line
        start, end = hit.spans[0]
        assert start == hit.column
        assert line[start:end].lower() == needle.lower()
        assert hit.before == tuple(lines[max(0, hit.line - 4) : hit.line - 1])


@given(st.binary(), st.text(max_size=4))
def test_no_bytes_break_a_search(data: bytes, needle: str) -> None:
    for hit in hits(data, needle or "x"):
        assert all(0 <= start < end <= len(hit.text) for start, end in hit.spans)
