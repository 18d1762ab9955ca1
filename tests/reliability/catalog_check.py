"""A catalog beside a store that changes in every way files can: it must end up as a fresh look at the files."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from chatflow_core import Catalog, CatalogChange, ChatFlowError, FeatureSummary, FileStateStore, InstanceSummary
from chatflow_core.models import UNREADABLE
from chatflow_core.store import ChangeCallback, Subscription
from chatflow_core.summaries import summarize_features
from tests.reliability.figures import Figures
from tests.reliability.steps import SCHEMA, open_engine
from tests.waiting import wait_until_sync

#: Seconds within which the catalog must have caught up once all is quiet.
QUIET = 3.0

_FEATURES = ("feat", "other", "third")


class PollingStore(FileStateStore):
    """A store on a file system that tells of nothing."""

    def subscribe(self, callback: ChangeCallback, *, polling: bool = True) -> Subscription:
        """Look at the files from time to time."""
        return super().subscribe(callback, polling=True)


class Mirror:
    """What a screen knows that is only told of changes."""

    def __init__(self) -> None:
        self.summaries: dict[str, InstanceSummary] = {}
        self.features: dict[str, FeatureSummary] = {}
        self.counts: dict[str, int] = {}
        self.mode = "waiting"
        self.guard = threading.Lock()

    def follow(self, change: CatalogChange) -> None:
        """Apply a change."""
        with self.guard:
            self.summaries.update({summary.instance_id: summary for summary in change.changed})
            for instance_id in change.removed:
                del self.summaries[instance_id]
            self.features.update({feature.feature_id: feature for feature in change.features})
            for feature_id in change.removed_features:
                del self.features[feature_id]
            self.counts, self.mode = dict(change.counts), change.mode


class CatalogBench:
    """One catalog, and everything that may happen to its files."""

    def __init__(self, directory: Path, figures: Figures, chance: random.Random, *, polling: bool = False) -> None:
        self._directory = directory
        self._base = directory / ".chatflow"
        self._figures = figures
        self._chance = chance
        self._count = 0
        self.mirror = Mirror()
        kind = PollingStore if polling else FileStateStore
        self._catalog = Catalog(kind(self._base, durable=False), self.mirror.follow)
        self._happenings: list[Callable[[], None]] = [
            *[self._start, self._advance, self._fail, self._remove_one, self._break_one, self._mend_one] * 3,
            self._replace_one_in_place,
            self._remove_all,
            self._rename_away_and_back,
            self._replace_by_another,
            self._replace_by_link,
            self._remove_store,
        ]

    def __enter__(self) -> CatalogBench:
        self._start()
        self._catalog.start()
        wait_until_sync(lambda: self.mirror.mode != "waiting")
        return self

    def __exit__(self, *_: object) -> None:
        self._catalog.close()

    def happen(self, count: int) -> None:
        """Let that many things happen, one after the other without a rest."""
        for _ in range(count):
            self._let(self._chance.choice(self._happenings))

    def happen_once_each(self) -> Iterator[None]:
        """Let everything happen that may happen to the files, in any order, with a look after each."""
        happenings = list(dict.fromkeys(self._happenings))
        self._chance.shuffle(happenings)
        for happening in happenings:
            self._start()
            self._let(happening)
            yield

    def _let(self, happening: Callable[[], None]) -> None:
        with contextlib.suppress(ChatFlowError, OSError):
            happening()
        self._figures["things a catalog followed"] += 1

    def storm(self, replacements: int) -> None:
        """Replace records more often than events can be kept."""
        self._start()
        path = self._a_record()
        content = path.read_bytes()
        temporary = path.with_name("storm")
        for _ in range(replacements):
            temporary.write_bytes(content)
            temporary.replace(path)
        with contextlib.suppress(ChatFlowError):
            self._advance()
        self._figures["events of storms"] += replacements

    def check(self) -> None:
        """Within some seconds the catalog is what a fresh look gives, and so is what it told."""
        try:
            wait_until_sync(lambda: not self._differences(), QUIET)
        except AssertionError:
            raise AssertionError(f"after {QUIET} s of quiet these still differ: {self._differences()}") from None

    def _differences(self) -> list[str]:
        fresh = {one.instance_id: one for one in open_engine(self._base).list_instances()}
        with self.mirror.guard:
            told, counts, features = dict(self.mirror.summaries), self.mirror.counts, dict(self.mirror.features)
        kept = dict(self._catalog.summaries)
        different = [name for name, known in (("told", told), ("kept", kept)) if not _same(known, fresh)]
        statuses = [summary.status for summary in fresh.values()]
        if {status: statuses.count(status) for status in statuses} != counts:
            different.append("counts")
        if all(summary.problem is None for summary in fresh.values()):
            expected = {feature.feature_id: feature for feature in summarize_features(fresh.values())}
            different += ["features"] if features != expected or self._catalog.features != expected else []
        return different

    def _start(self) -> None:
        open_engine(self._base, durable=False).start_workflow_instance(SCHEMA, {}, self._chance.choice(_FEATURES))

    def _advance(self) -> None:
        open_engine(self._base, durable=False).trigger_next_step(self._a_record().stem)

    def _fail(self) -> None:
        open_engine(self._base, durable=False).fail_current_phase(self._a_record().stem, "reason")

    def _a_record(self) -> Path:
        records = sorted((self._base / "instances").glob("*.json"))
        if not records:
            raise FileNotFoundError
        return self._chance.choice(records)

    def _remove_one(self) -> None:
        self._a_record().unlink()

    def _break_one(self) -> None:
        self._a_record().write_text('{"torn')

    def _mend_one(self) -> None:
        path = self._a_record()
        names = {"instance_id": path.stem, "feature_id": self._chance.choice(_FEATURES), "workflow_name": "w"}
        rest = {"current_phase": "p", "variables": {}, "created_at": 1.0, "updated_at": 2.0}
        path.write_text(json.dumps(names | rest))

    def _replace_one_in_place(self) -> None:
        path = self._a_record()
        path.write_bytes(path.read_bytes().replace(b"reason", b"REASON"))

    def _remove_all(self) -> None:
        shutil.rmtree(self._base / "instances")
        (self._base / "instances").mkdir()
        self._start()

    def _remove_store(self) -> None:
        shutil.rmtree(self._base)
        self._start()

    def _rename_away_and_back(self) -> None:
        away = self._base / "away"
        (self._base / "instances").rename(away)
        for path in list(away.glob("*.json"))[:1]:
            path.unlink()
        away.rename(self._base / "instances")

    def _replace_by_another(self) -> None:
        self._count += 1
        shutil.copytree((self._base / "instances"), self._base / f"copy{self._count}", symlinks=True)
        (self._base / "instances").rename(self._base / f"old{self._count}")
        (self._base / f"copy{self._count}").rename(self._base / "instances")
        self._advance()

    def _replace_by_link(self) -> None:
        self._count += 1
        elsewhere = self._base / f"elsewhere{self._count}"
        (self._base / "instances").rename(elsewhere)
        (self._base / "instances").symlink_to(elsewhere.name)
        self._start()


def _same(known: dict[str, InstanceSummary], fresh: dict[str, InstanceSummary]) -> bool:
    if known.keys() != fresh.keys():
        return False
    # Of what cannot be read the catalog shows what was known before, with the reason.
    return all(
        one == fresh[instance_id]
        or (one.problem is not None and one.problem == fresh[instance_id].problem and one.status == UNREADABLE)
        for instance_id, one in known.items()
    )


def run(directory: Path, figures: Figures, chance: random.Random) -> None:
    """Let much happen, and a storm; the long part's."""
    with CatalogBench(directory, figures, chance, polling=chance.random() < 0.2) as bench:
        for _ in range(5):
            bench.happen(chance.randrange(1, 60))
            bench.check()
        bench.storm(60_000)
        bench.check()
