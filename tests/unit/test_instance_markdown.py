"""An instance as one document: everything is in it, and nothing in it breaks out."""

from __future__ import annotations

from datetime import UTC

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chatflow_core import HistoryEntry, TaskArtifacts, WorkflowInstanceState
from chatflow_core.instance_markdown import fenced, instance_markdown

ANY = st.text(st.characters() | st.sampled_from("`~#|*_<\n\r"), max_size=60)


def artifacts(prompt: str | None, response: str | None, attempt: int = 1, attempts: int = 1) -> TaskArtifacts:
    return TaskArtifacts("wfi_1", "p", attempt, attempts, prompt, response, 0, 0, None, "intact")


def state(name: str = "p", error: str | None = None) -> WorkflowInstanceState:
    history = [HistoryEntry(name, "unknown", 0.0, 3661.0, "failed", {"k": "v"}, error)]
    return WorkflowInstanceState("wfi_1", name, name, name, {"k": name}, "failed", history, 0.0, 3661.0, {"m": name})


def test_everything_is_told() -> None:
    attempts = [artifacts("one", "two", 1, 2), artifacts("three", None, 2, 2)]
    document = instance_markdown(state("p", "too slow"), {"p": attempts, "notes": [artifacts("four", None)]}, UTC)
    expected = (
        "# Instance wfi_1",
        "1970-01-01 00:00:00+00:00",
        "1:01:01",
        "too slow",
        '"k": "v"',
        "one",
        "two",
        "three",
    )
    assert [words for words in expected if words not in document] == []
    assert "### Prompt (attempt 1 of 2)" in document
    assert "## notes (not a phase of the workflow)" in document


@given(ANY)
@example("```\n# out\n`````\n")
def test_a_fence_holds_any_text(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(fenced(text, "x"))
    assert [token.type for token in tokens] == ["fence"]
    written = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    assert tokens[0].content == (written if not written or written.endswith("\n") else f"{written}\n")


@given(ANY)
@example("\n```\n# out\n")
def test_no_name_text_or_data_changes_what_the_document_is_made_of(text: str) -> None:
    def shape(name: str, content: str) -> list[str]:
        document = instance_markdown(state(name, content), {name: [artifacts(content, content)]}, UTC)
        document.encode()
        tokens = MarkdownIt("commonmark").enable("table").parse(document)
        return [token.type for token in tokens]

    assert shape(f"a{text}", f"a{text}") == shape("a", "a")


def test_times_and_halves_of_characters_that_no_clock_and_no_file_has() -> None:
    odd = WorkflowInstanceState("i", "f", "w", "p", {"x": "\ud800"}, created_at=float("nan"), updated_at=1e300)
    odd.history = [HistoryEntry("p", "t", float("-inf"), float("inf"), "completed")]
    instance_markdown(odd, {}, UTC).encode()
