"""Hostile text in every place of a store, shown by every widget there is, in a real terminal without the backstop."""

from __future__ import annotations

import importlib
import pkgutil
import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import pytest
from textual.widget import Widget

import chatflow_tui
from tests.e2e.hostile_store import make_store, mixed
from tests.e2e.hostile_tour import TOUR, take
from tests.e2e.terminal import Terminal, terminal

#: The least that shows all panels: painting and reading takes time by the cell.
SMALL = (110, 30)

HOSTILE_ID = "[@click=app.quit]a"
HOSTILE_PLACE = "[@click=app.quit]\x1b]2;x\x07\u202e[b"

#: A text that ends the program where it is taken for markup, and sets the title where it reaches the terminal as it
#: is; and how its beginning looks when it is only text.
HOSTILE, LITERALLY = mixed("closing tag", "title", "action"), "[/␛]2;ow"
HARMLESS = ("plain name and more " * 50)[: len(HOSTILE)].strip()

# What takes no cell or turns the order round, and is therefore no part of a harmless picture.
_MISLEADING = re.compile("[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")


class Tour(NamedTuple):
    """What two tours sent to their terminals, and the names of the widgets they have shown."""

    hostile: Terminal
    harmless: Terminal
    painted: set[str]


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Tour:
    """The tour of a hostile store, and of a harmless one of the same shape."""
    hostile_place = tmp_path_factory.mktemp("hostile") / HOSTILE_PLACE
    harmless_place = tmp_path_factory.mktemp("harmless") / "project"
    make_store(hostile_place / ".chatflow", HOSTILE, HOSTILE_ID)
    make_store(harmless_place / ".chatflow", HARMLESS, "plain name a")
    with start(hostile_place) as hostile, start(harmless_place) as harmless:
        programs = {hostile: LITERALLY, harmless: "plain name"}
        for shown in programs:
            shown.wait_for("● live")
        take(TOUR, programs)
        for shown in programs:
            shown.send("q")
            assert shown.wait_for_end() == 0
    return Tour(hostile, harmless, set((hostile_place / "toured").read_text().split()))


def start(place: Path) -> AbstractContextManager[Terminal]:
    """Start the program without its backstop."""
    settings = place / "settings.yaml"
    arguments = ("--config", settings, place) if settings.exists() else (place,)
    return terminal(*arguments, size=SMALL, module="tests.e2e.toured", env={"TOURED": str(place / "toured")})


def assert_only_text(shown: Terminal, harmless: Terminal) -> None:
    """Nothing reached the terminal but what it is sent for a harmless store as well."""
    assert shown.kinds <= harmless.kinds, shown.kinds - harmless.kinds
    assert not _MISLEADING.search(shown.raw.decode())
    for obeyed in (b"\x1b]0;", b"\x1b]2;", b"\x1b]8;", b"\x1b]52;", b"\x1b[31m", b"\x1bc"):
        assert obeyed not in shown.untitled


def test_hostile_text_is_only_text_wherever_it_stands(tour: Tour) -> None:
    assert_only_text(tour.hostile, tour.harmless)


def test_a_directory_of_a_hostile_name_is_waited_for(tmp_path: Path, tour: Tour) -> None:
    place = tmp_path / HOSTILE_PLACE
    place.mkdir()
    with start(place) as shown:
        shown.wait_for("No ChatFlow store here yet")
        shown.wait_for("[@click=app.quit]␛]2;x␇")
        shown.send("q")
        assert shown.wait_for_end() == 0
    assert_only_text(shown, tour.harmless)


def test_the_tour_shows_every_widget_there_is(tour: Tour) -> None:
    for module in pkgutil.walk_packages(chatflow_tui.__path__, "chatflow_tui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    missed = {kind.__name__ for kind in _below(Widget)} - tour.painted - {"WaitingScreen"}
    assert not missed, f"these need a stop in tests/e2e/hostile_tour.py: {sorted(missed)}"


def _below(kind: type[Widget]) -> set[type[Widget]]:
    found = {sub for sub in kind.__subclasses__() if sub.__module__.startswith("chatflow_tui")}
    return found.union(*map(_below, kind.__subclasses__()))
