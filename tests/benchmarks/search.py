"""How fast all texts are searched, beside grep."""

from __future__ import annotations

import random
import subprocess
from functools import partial
from pathlib import Path

from chatflow_core import FileStateStore
from chatflow_core.search import SearchHit, search_texts
from tests.benchmarks.measure import Comparison, Stopwatch, interleave
from tests.benchmarks.stores import PHASES, temporary_directory, write_store

_SIZES = (1_000, 10_000)
_QUICK_SIZES = (20, 60)
_PHASES_WITH_TEXTS = PHASES[:3]
_TEXT_BYTES = 4096
_NEEDLE = "one-in-five-hundred"
_TEXTS_WITH_IT = 1 / 500
_AIM = 2.0
_FIRST_HIT_AIM_SECONDS = 0.2


def run(*, quick: bool = False) -> list[Comparison]:
    """Measure.

    Args:
        quick: Whether to be done within a second or two: to see that it works, not how fast.
    """
    return [found for size in (_QUICK_SIZES if quick else _SIZES) for found in _compare(size, 1 if quick else 5)]


def _compare(size: int, runs: int) -> list[Comparison]:
    with temporary_directory() as directory:
        _write_texts(directory, write_store(directory, size))
        cases = {
            "ours": partial(_search, directory),
            "first": partial(_search, directory, first_only=True),
            "grep": partial(_grep, directory),
        }
        taken = interleave(cases, runs)
    aim = (_FIRST_HIT_AIM_SECONDS,) * runs
    return [
        Comparison("search of six texts of 4 KB each", "grep -rF", taken["ours"], taken["grep"], aim=_AIM, size=size),
        Comparison("its first hit", "200 ms", taken["first"], aim, aim=1.0, size=size),
    ]


def _write_texts(directory: Path, ids: list[str]) -> None:
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randrange(2, 11))) for _ in range(3_000)]
    texts = [_text(words, chance) for _ in range(200)]
    for number, instance_id in enumerate(ids):
        tasks = directory / "instances" / instance_id / "tasks"
        tasks.mkdir(parents=True)
        for phase in _PHASES_WITH_TEXTS:
            for kind in ("prompt", "ai_response"):
                # So that there is one in any store, however small.
                has_it = chance.random() < _TEXTS_WITH_IT or (number, phase, kind) == (9, "design", "prompt")
                text = chance.choice(texts) + (f"and {_NEEDLE}\n" if has_it else "")
                (tasks / f"{phase}.{kind}.md").write_text(text)


def _text(words: list[str], chance: random.Random) -> str:
    lines, size = [], 0
    while size < _TEXT_BYTES:
        lines.append(" ".join(chance.choices(words, k=10)) + "\n")
        size += len(lines[-1])
    return "".join(lines)


def _search(directory: Path, *, first_only: bool = False) -> float:
    """Search as `chatflow search` does, which knows nothing of the store before."""
    store = FileStateStore(directory, create=False)
    hits = 0
    watch = Stopwatch()
    with watch.running():
        for found in search_texts(store, _NEEDLE):
            hits += isinstance(found, SearchHit)
            if hits and first_only:
                break
    assert hits
    return watch.seconds


def _grep(directory: Path) -> float:
    watch = Stopwatch()
    with watch.running():
        subprocess.run(["grep", "-rF", _NEEDLE, str(directory)], stdout=subprocess.DEVNULL, check=True)
    return watch.seconds
