"""Which instances a list shows: those of one feature, and those that every term typed is true of.

The terms, separated by blanks:

    design               the word is in the feature, workflow, phase, status or id
    "two words"          likewise; quotes also keep a colon from meaning anything
    feature:auth         the word is in that part: feature, workflow, phase, status or id
    age:<1h  age:>2d     last changed less, or more, than so long ago: s, m, h, d, w
    is:stalled           running and left alone for long; also is:readonly, is:unreadable
    !design  !is:stalled   the term is not true

Case does not matter. Chinese input methods give full-width ``！``, ``：`` and quotes for the same keys.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from chatflow_core import InstanceSummary
from chatflow_core.models import UNREADABLE
from chatflow_tui.lists.attention import Patience

Predicate = Callable[[InstanceSummary], bool]

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_AGE = re.compile(r"([<>])([0-9]{1,9}(?:\.[0-9]{1,3})?)([smhdw])")

# As much as can be read as a term, so that the rest begins with a blank or another term.
_TERM = re.compile(r'\s*([!！]*)(?:([A-Za-z]+)[:：])?(?:["“”]([^"“”]*)["“”]?|([^\s]*))')

_PARTS: dict[str, Callable[[InstanceSummary], str]] = {
    "status": lambda summary: summary.status,
    "feature": lambda summary: summary.feature_id,
    "workflow": lambda summary: summary.workflow_name,
    "phase": lambda summary: summary.current_phase,
    "id": lambda summary: summary.instance_id,
}

#: What a term may begin with.
KEYS = (*_PARTS, "age", "is")

# So much of what was typed is said again: the line with what is wrong has 78 cells.
_MOST_OF_KEY = 10

# With none of these a term is a word, and the longer it is, the fewer instances have it.
_NOT_A_WORD = frozenset('!！:："“”')

_KINDS = ("stalled", "readonly", "unreadable")


@dataclass(frozen=True, slots=True)
class InstanceFilter:
    """A filter over instances. To make one never raises.

    Attributes:
        feature_id: Only instances of this feature; None for all.
        words: The terms as they were typed. Terms that cannot be read let every instance pass.
        problem: What is wrong with the terms typed last, in words; None if nothing is.
        clock: Tells the time in Unix seconds, for ages.
        patience: When a running instance counts as stalled.
        is_timed: Whether what passes depends on the time, so that it must be asked again as time passes.
    """

    feature_id: str | None = None
    words: str = ""
    problem: str | None = None
    clock: Callable[[], float] = field(default=time.time, compare=False, repr=False)
    patience: Patience = field(default=Patience(), compare=False, repr=False)
    is_timed: bool = field(default=False, init=False, compare=False)
    _terms: tuple[Predicate, ...] = field(default=(), init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Read the terms."""
        try:
            terms = tuple(_terms(self.words, self.clock, self.patience))
        except _BadTermError as error:
            object.__setattr__(self, "problem", str(error))
            return
        object.__setattr__(self, "_terms", tuple(term for term, _ in terms))
        object.__setattr__(self, "is_timed", any(is_timed for _, is_timed in terms))

    @property
    def is_empty(self) -> bool:
        """Whether every instance passes."""
        return self.feature_id is None and not self._terms

    def __call__(self, summary: InstanceSummary) -> bool:
        """Tell whether an instance passes."""
        if self.feature_id is not None and summary.feature_id != self.feature_id:
            return False
        for term in self._terms:  # noqa: SIM110 - a generator takes longer than a term, for each of 100,000 instances
            if not term(summary):
                return False
        return True

    def narrows(self, former: InstanceFilter) -> bool:
        """Tell whether whatever passes surely passed another filter; for words that are being typed.

        Args:
            former: The other filter.
        """
        if former.feature_id not in (None, self.feature_id):
            return False
        return not former.words or (self.words.startswith(former.words) and _NOT_A_WORD.isdisjoint(self.words))

    def of_feature(self, feature_id: str | None) -> InstanceFilter:
        """Give the same terms over the instances of another feature, or of all."""
        return replace(self, feature_id=feature_id)

    def with_words(self, text: str) -> InstanceFilter:
        """Give other terms over the same feature; if they cannot be read, these ones with the problem."""
        wanted = replace(self, words=text, problem=None)
        return wanted if wanted.problem is None else replace(self, problem=wanted.problem)


class _BadTermError(Exception):
    """A term cannot be read; the message says why."""


def _terms(text: str, clock: Callable[[], float], patience: Patience) -> Iterator[tuple[Predicate, bool]]:
    for negations, key, value in _split(text):
        term = _term(key, value, clock, patience)
        is_timed = key == "age" or (key == "is" and value.casefold() == "stalled")
        yield (_negated(term) if negations % 2 else term), is_timed


def _split(text: str) -> Iterator[tuple[int, str, str]]:
    end = len(text.rstrip())
    position = 0
    while position < end:
        match = _TERM.match(text, position)
        if match is None or match.end() == position:
            return  # never so: any character can begin a word
        position = match.end()
        negations, key, quoted, word = match.groups()
        value = quoted if quoted is not None else word
        if value.strip() or key:
            yield len(negations), (key or "").lower(), value
        elif negations:
            raise _BadTermError("! needs a term after it, such as !design")


def _term(key: str, value: str, clock: Callable[[], float], patience: Patience) -> Predicate:
    if not key:
        return _has_word(value.casefold())
    if key not in KEYS:
        near = get_close_matches(key, KEYS, n=1)
        hint = f"did you mean {near[0]}:? Else quote it" if near else f"quote it, or {' '.join(f'{k}:' for k in KEYS)}"
        raise _BadTermError(f"no key {_shortened(key)}: {hint}")
    if key == "age":
        return _age(value, clock)
    if key == "is":
        return _kind(value.casefold(), clock, patience)
    if not value.strip():
        raise _BadTermError(f"{key}: needs a word after it, such as {key}:{'failed' if key == 'status' else 'a'}")
    return _part_has(_PARTS[key], value.casefold())


def _has_word(word: str) -> Predicate:
    return lambda summary: (
        word in summary.feature_id.casefold()
        or word in summary.workflow_name.casefold()
        or word in summary.current_phase.casefold()
        or word in summary.status.casefold()
        or word in summary.instance_id.casefold()
    )


def _part_has(part: Callable[[InstanceSummary], str], word: str) -> Predicate:
    return lambda summary: word in part(summary).casefold()


def _age(value: str, clock: Callable[[], float]) -> Predicate:
    match = _AGE.fullmatch(value.lower())
    if match is None:
        raise _BadTermError("age: needs < or >, a number and s, m, h, d or w: age:<1h, age:>2d")
    sign, number, unit = match.groups()
    seconds = float(number) * _SECONDS[unit]
    if sign == "<":
        return lambda summary: clock() - summary.updated_at < seconds
    return lambda summary: clock() - summary.updated_at > seconds


def _kind(kind: str, clock: Callable[[], float], patience: Patience) -> Predicate:
    if kind == "stalled":
        return lambda summary: patience.need(summary, clock()) == "stalled"
    if kind == "readonly":
        return lambda summary: summary.read_only is not None
    if kind == "unreadable":
        return lambda summary: summary.problem is not None or summary.status == UNREADABLE
    near = get_close_matches(kind, _KINDS, n=1)
    hint = f"did you mean is:{near[0]}?" if near else f"there are {', '.join(f'is:{known}' for known in _KINDS)}"
    said = f"no is:{_shortened(kind)} here" if kind.strip() else "is: needs a word after it"
    raise _BadTermError(f"{said}; {hint}")


def _shortened(word: str) -> str:
    return word if len(word) <= _MOST_OF_KEY else word[: _MOST_OF_KEY - 1] + "…"


def _negated(term: Predicate) -> Predicate:
    return lambda summary: not term(summary)
