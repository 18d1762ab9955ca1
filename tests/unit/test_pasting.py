"""A paste is one text: nothing in it is a key, however it arrives."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.drivers import linux_driver
from textual.message import Message

from chatflow_tui.terminal.pasting import PasteParser, read_pastes_whole

START, END = "\x1b[200~", "\x1b[201~"


def read(*pieces: str) -> list[str | tuple[str]]:
    """What pieces of input mean: keys by name, pastes as a tuple."""
    parser = PasteParser()
    found: list[Message] = [event for piece in pieces for event in parser.feed(piece)]
    read: list[str | tuple[str]] = []
    for event in found:
        if isinstance(event, events.Paste):
            read.append((event.text,))
        elif isinstance(event, events.Key):
            read.append(event.key)
    return read


def test_keys_around_a_paste_stay_keys() -> None:
    assert read(f"a\x1b[A{START}pasted\r\x1b[31mq\ra{END}\x1b[Bb") == [
        "a",
        "up",
        ("pasted\r\x1b[31mq\ra",),
        "down",
        "b",
    ]
    assert read(f"{START}{END}x{START}1{END}{START}\x00two\x00{END}") == ["x", ("1",), ("two",)]


@given(
    st.text(st.sampled_from("a\x1b[2001~\r汉")).filter(lambda text: END not in text + END[:-1]),
    st.lists(st.integers(0, 40), max_size=4),
)
def test_a_paste_is_whole_wherever_it_is_cut(text: str, cuts: list[int]) -> None:
    sent = f"kk{START}{text}{END}j"
    places = sorted({cut for cut in cuts if 2 < cut < len(sent)} | {0, len(sent)})
    pieces = [sent[start:end] for start, end in pairwise(places)]

    assert read(*pieces) == ["k", "k", *([(text,)] if text else []), "j"]


@pytest.mark.parametrize("typed", ["\x1b", "jj\x1b"])
def test_the_escape_key_is_not_kept_waiting(typed: str) -> None:
    parser = PasteParser()
    assert len(list(parser.feed(typed))) == len(typed) - 1
    deadline = time.monotonic() + 10
    found: list[Message] = []
    while not found and time.monotonic() < deadline:
        found = list(parser.tick())
    assert [event.key for event in found if isinstance(event, events.Key)] == ["escape"]


def test_the_driver_reads_with_it() -> None:
    read_pastes_whole()
    assert vars(linux_driver)["XTermParser"] is PasteParser
