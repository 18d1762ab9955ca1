"""Good files with a few bytes changed, by chance: the long part's share of hostile files."""

from __future__ import annotations

import json
import random
from functools import partial
from pathlib import Path

from tests.files import tree
from tests.reliability.figures import Figures
from tests.reliability.hostile import CONTENTS, EVIL, in_bounds, look_at_everything
from tests.reliability.steps import FEATURE, SCHEMA, open_engine


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Change, remove or repeat some parts."""
    data = bytearray(content)
    for _ in range(chance.randrange(1, 6)):
        position = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[position : position + 1] = chance.randbytes(1)
            case 1:
                del data[position : position + chance.randrange(40)]
            case 2:
                data[position:position] = data[position : position + 30]
            case _:
                data[position:position] = chance.choice([b"[", b"}", b'"', b"\\u", b"1e999", b"NaN", b"\0", b","])
    return bytes(data)


def _torn(index: str, chance: random.Random) -> bytes:
    """What a program that writes in place leaves when it dies, or noise. A cut right behind an id cannot be noticed."""
    if chance.random() < 0.3:
        return chance.randbytes(30)
    ends = {len(index)} | {position for position, char in enumerate(index) if char == ","}
    cut = chance.choice([position for position in range(len(index)) if position not in ends])
    return index[:cut].encode()


def run(directory: Path, figures: Figures, chance: random.Random) -> None:
    """Look at some hundred such files, as a record, the record of texts, or an index entry."""
    base = directory / ".chatflow"
    engine = open_engine(base, durable=False)
    good = [engine.start_workflow_instance(SCHEMA, {}, FEATURE) for _ in range(3)][::-1]
    (directory / "outside").mkdir()
    before = tree(directory / "outside")
    sources = [content for content in CONTENTS.values() if 0 < len(content) < 10_000]
    tasks = base / "instances" / EVIL / "tasks"
    tasks.mkdir(parents=True)
    for _ in range(100):
        (base / "instances" / f"{EVIL}.json").write_bytes(mutated(chance.choice(sources), chance))
        record = {"phase_name": "analyse", "status": "completed", "started_at": 1.0, "prompt_checksum": ""}
        (tasks / "analyse.json").write_bytes(mutated(json.dumps(record).encode(), chance))
        (tasks / "analyse.prompt.md").write_bytes(chance.randbytes(20))
        (base / "features" / f"{FEATURE}.link").write_bytes(_torn(",".join(good), chance))
        told = in_bounds(partial(look_at_everything, base, good))
        assert not told, told
        assert set(good) <= set(open_engine(base).state_store.list_instances_by_feature(FEATURE))
        engine = open_engine(base, durable=False)
        good = [engine.start_workflow_instance(SCHEMA, {}, FEATURE), *good[:2]]
        figures["bad inputs"] += 1
    assert tree(directory / "outside") == before
