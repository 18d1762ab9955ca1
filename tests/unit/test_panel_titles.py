"""What the borders of the panels say."""

from __future__ import annotations

import msgspec
import pytest

from chatflow_core import CatalogChange, InstanceSummary
from chatflow_core.chatcoder_v1_1 import READ_ONLY
from chatflow_tui.lists.instance_filter import InstanceFilter
from chatflow_tui.lists.panel_titles import instances_title, no_instances_words, timeline_subtitle, timeline_title

ROW = InstanceSummary("wfi_1", "login", "default", "running", "design", 1, 3, 1.0, 2.0)


def title(row: InstanceSummary | None, *, is_gone: bool = False, is_lost: bool = False) -> str:
    return timeline_title("3 Timeline", "wfi_1", row, is_gone=is_gone, is_lost=is_lost)


def test_a_title_tells_whose_timeline_it_is_and_what_is_special_about_it() -> None:
    assert title(ROW) == "3 Timeline · wfi_1 · default"
    assert title(None) == "3 Timeline · wfi_1"
    foreign = msgspec.structs.replace(ROW, read_only=READ_ONLY)
    assert title(foreign) == "3 Timeline · read only: ChatCoder v1.1 · wfi_1 · default"
    odd = msgspec.structs.replace(ROW, read_only="its JSON is out of the standard")
    assert title(odd) == "3 Timeline · read only · wfi_1 · default"
    assert title(ROW, is_lost=True) == "3 Timeline · last good state · wfi_1 · default"
    assert title(ROW, is_lost=True, is_gone=True) == "3 Timeline · gone · wfi_1 · default"


def test_a_subtitle_says_first_what_keeps_the_instance_from_being_read() -> None:
    assert timeline_subtitle(None, "", None) == ""
    assert timeline_subtitle(ROW, "↑ slow", None) == "↑ slow"
    failed = msgspec.structs.replace(ROW, last_error="no [network]\nat all")
    assert timeline_subtitle(failed, "↑ slow", None).startswith("↑ slow · no [network]")
    torn = msgspec.structs.replace(ROW, problem="line 3: torn")
    assert timeline_subtitle(torn, "↑ slow", "/a/long/path: line 3: torn") == "line 3: torn · ↑ slow"
    assert timeline_subtitle(ROW, "", "This instance is gone") == "This instance is gone"
    odd = msgspec.structs.replace(ROW, read_only="its JSON is out of the standard")
    assert timeline_subtitle(odd, "", None) == "read only: its JSON is out of the standard"
    foreign = msgspec.structs.replace(ROW, read_only=READ_ONLY)
    assert timeline_subtitle(foreign, "", None) == "", "the title says it"
    huge = msgspec.structs.replace(ROW, problem="x" * 1_000_000)
    assert len(timeline_subtitle(huge, "", None)) <= 300


@pytest.mark.parametrize(
    ("known", "store", "words"),
    [
        (3, CatalogChange(mode="live"), "No instance matches the filter."),
        (0, CatalogChange(is_loading=True), "Loading…"),
        (0, CatalogChange(mode="live"), "No instance yet."),
        (0, CatalogChange(mode="waiting"), "The store is away, or has never had an instance."),
        (0, CatalogChange(mode="live", problem="Permission denied"), "The store cannot be read."),
        (0, CatalogChange(is_loading=True, problem="Permission denied"), "The store cannot be read."),
    ],
)
def test_an_empty_list_says_why_it_is_empty(known: int, store: CatalogChange, words: str) -> None:
    assert no_instances_words(known, store, read_only=False)[0] == words


def test_words_that_cannot_be_read_are_shown_as_not_in_force() -> None:
    wanted = InstanceFilter().of_feature("login").with_words("design")
    assert instances_title("2 Instances", wanted, "design", 1200) == "2 Instances · login · /design · 1,200 shown"
    typed = wanted.with_words("design agee:x")
    told = instances_title("2 Instances", typed, "design agee:x", 3)
    assert told == "2 Instances · login · /design agee:x not in force, still /design · 3 shown"
    first = InstanceFilter().with_words("agee:x")
    assert instances_title("2 Instances", first, " agee:x", 3) == "2 Instances · /agee:x not in force"
