"""The command palette: what can be done now, and instances and features by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from heapq import nlargest
from itertools import islice
from typing import TypeVar

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from chatflow_core import FeatureSummary, InstanceSummary
from chatflow_tui.keys.fuzzy import FuzzyQuery
from chatflow_tui.keys.key_choices import KeyChoice, key_choices, key_sections, panel_of
from chatflow_tui.lists.cells import fit, short_name
from chatflow_tui.screens.dashboard import Dashboard

#: As many instances and features as are shown: the best.
MOST_INSTANCES, MOST_FEATURES = 30, 10

# So many names are looked at before keys are heard again: some milliseconds.
_SLICE = 1_000

_LEFT_WIDTH, _MOST_OF_NAME, _MOST_OF_FACT = 10, 32, 20

# The rest of the name of a feature is not looked at beside the id of an instance.
_MOST_OF_FEATURE = 100

# What is done comes before a feature of that name, and this before its instances.
_ACTION, _FEATURE, _INSTANCE = 0.04, 0.02, 0.0

# Sentences have the letters of nearly every word, far apart.
_LEAST_SCORE = 0.1

_THEME = "choose another theme until the end"

Named = TypeVar("Named", FeatureSummary, InstanceSummary)


class Commands(Provider):
    """Finds what can be done on a screen, and names of the store that it shows.

    Names are data: what is shown is `Content`, which nobody parses as markup.
    """

    async def discover(self) -> Hits:
        """Offer what can be done now."""
        for label, meaning, command in self._commands():
            yield DiscoveryHit(_line(label, meaning), command, meaning)

    async def search(self, query: str) -> Hits:
        """Offer what has the words that were typed, or else their letters."""
        wanted = FuzzyQuery(query)
        for label, meaning, command in self._commands():
            match = wanted.match(meaning)
            if match is not None and match.score > _LEAST_SCORE:
                yield Hit(match.score + _ACTION, self._marked(label, meaning, match.places), command, meaning)
        if isinstance(self.screen, Dashboard):
            async for hit in self._names(self.screen, wanted):
                yield hit

    def _commands(self) -> list[tuple[str, str, Callable[[], object]]]:
        sections = key_sections(key_choices(self.screen), panel_of(self.screen))
        doable = [
            (choice.label, choice.meaning, partial(choice.run, self.app))
            for choices in sections.values()
            for choice in choices
            if _is_offered(choice)
        ]
        return [*doable, ("", _THEME, self.app.action_change_theme)]

    async def _names(self, dashboard: Dashboard, wanted: FuzzyQuery) -> AsyncIterator[Hit]:
        for score, feature in await _best(wanted, dashboard.features, _name_of_feature, MOST_FEATURES):
            count = feature.total_instances
            told = f"{count:,} instance{'' if count == 1 else 's'}"
            command = partial(dashboard.go_to_feature, feature.feature_id)
            yield self._named(
                wanted, "feature", short_name(feature.feature_id, _MOST_OF_NAME), told, score + _FEATURE, command
            )
        for score, row in await _best(wanted, dashboard.instances, _name_of_instance, MOST_INSTANCES):
            told = "unreadable" if row.problem is not None else f"{row.current_phase} {row.status}"
            go = partial(dashboard.go_to_instance, row.instance_id)
            name = " · ".join(short_name(part, _MOST_OF_NAME) for part in (row.feature_id, row.instance_id) if part)
            yield self._named(wanted, "instance", name, told, score + _INSTANCE, go)

    def _named(
        self, wanted: FuzzyQuery, left: str, name: str, told: str, score: float, command: Callable[[], None]
    ) -> Hit:
        match = wanted.match(name)  # what was typed may have been cut off
        content = self._marked(left, name, match.places if match is not None else ())
        fact = Content.styled(f"  {short_name(told, _MOST_OF_FACT)}", "$text-muted not bold")
        return Hit(score, content + fact, command, name)

    def _marked(self, left: str, name: str, places: Iterable[int]) -> Content:
        line = _line(left, name)
        start = len(line.plain) - len(name)
        for place in places:
            line = line.stylize(self.match_style or "underline", start + place, start + place + 1)
        return line


def _is_offered(choice: KeyChoice) -> bool:
    return choice.refusal is None and not choice.is_move and choice.name not in ("palette", "back", "list.choose")


def _line(left: str, name: str) -> Content:
    return Content.assemble((fit(left, _LEFT_WIDTH), "$text-muted not bold"), (" ", ""), (name, "not bold"))


def _name_of_feature(feature: FeatureSummary) -> str:
    return feature.feature_id


def _name_of_instance(row: InstanceSummary) -> str:
    return f"{row.feature_id[:_MOST_OF_FEATURE]} · {row.instance_id}" if row.feature_id else row.instance_id


async def _best(
    wanted: FuzzyQuery, named: Iterable[Named], name_of: Callable[[Named], str], count: int
) -> list[tuple[float, Named]]:
    """Find those whose names match best, the last changed first of equals; keys are heard meanwhile."""
    rest, best = iter(list(named)), list[tuple[float, Named]]()
    while some := list(islice(rest, _SLICE)):
        for each in some:
            match = wanted.match(name_of(each))
            if match is not None:
                best.append((match.score, each))
        best = nlargest(count, best, key=lambda entry: (entry[0], entry[1].updated_at))
        await asyncio.sleep(0)
    return best
