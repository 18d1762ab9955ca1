"""The settings: what is right is taken over, what is wrong is told in words and costs only itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from textual.binding import Binding
from textual.dom import DOMNode

from chatflow_tui.cli import _known
from chatflow_tui.keys.actions import known_actions
from chatflow_tui.settings.key_settings import Actions, read_keys
from chatflow_tui.settings.settings import MEANINGS, Known, Settings, print_settings, read_settings
from chatflow_tui.settings.settings_file import load_settings
from chatflow_tui.texts.plain_text import plain_name

ACTIONS = Actions(
    keys={
        "advance": "a",
        "filter": "slash",
        "find": "slash",
        "help": "question_mark",
        "down": "j,down",
        "drop": "escape",
    },
    places=[{"advance", "filter", "help", "down"}, {"advance", "filter", "find", "help"}, {"drop"}],
    typing={"drop"},
    taken={"ctrl+q": "Quit"},
)
KNOWN = Known(("nord", "textual-dark"), ACTIONS)


def read(text: str, tmp_path: Path) -> tuple[Settings, list[str]]:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    return load_settings(file, lambda: KNOWN)


def test_what_is_right_is_taken_over(tmp_path: Path) -> None:
    settings, mistakes = read(
        "theme: nord\nrendered: true\nbell: true\nanimation: false\n"
        "stalled_after_minutes: 2.5\ndormant_after_days: 1\nkeys:\n  advance: A, ctrl+a\n  help: h\n  down: 1\n",
        tmp_path,
    )

    assert mistakes == []
    assert settings == Settings(
        "nord",
        True,
        True,
        False,
        2.5,
        1.0,
        {"advance": "A,ctrl+a", "help": "h", "down": "1"},
    )
    assert (settings.patience.stalled_after, settings.patience.dormant_after) == (150, 86_400)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rendred: true", "rendred: there is no such setting; did you mean rendered?"),
        ("theme: nrod", "theme: there is no theme nrod; did you mean nord?; the default textual-dark is used"),
        ("theme: 7", "theme: there is no theme 7; the default textual-dark is used"),
        ("theme:", "theme: there is no theme nothing; the default textual-dark is used"),
        ("bell: 'yes'", "bell: expected true or false, got yes; the default false is used"),
        ("animation: 012", "animation: expected true or false, got 10; the default true is used"),
        ("rendered: [true]", "rendered: expected true or false, got [True]; the default false is used"),
        ("stalled_after_minutes: 0", "expected a number greater than 0, got 0; the default 30 is used"),
        ("stalled_after_minutes: .inf", "the defaults of all settings are used"),
        ("stalled_after_minutes: soon", "expected a number greater than 0, got soon; the default 30 is used"),
        ("stalled_after_minutes: 1e9", "got 1e9; the default 30 is used"),
        ("dormant_after_days: 0.01", "must be longer than stalled_after_minutes; the defaults of both are used"),
        ("keys: a", "keys: expected actions and their keys such as"),
        ("keys: {advnace: A}", "keys: there is no action advnace; did you mean advance?"),
        ("keys: {advance: no}", "keys: advance: expected a key such as A, f5 or ctrl+a, in quotes, got false"),
        ("keys: {advance: 012}", "without them this is the number 10; the default a is used"),
        ("keys: {advance: ~}", "got nothing; the default a is used"),
        ("keys: {advance: ','}", "expected a key"),
        ("keys: {advance: [A]}", "expected a key"),
        ("keys: {advance: ctl+a}", "keys: advance: there is no key ctl+a; did you mean ctrl+a?; the default a is used"),
        ("keys: {advance: ctrl+spce}", "there is no key ctrl+spce; did you mean ctrl+space?"),
        ("keys: {advance: shft+dwn}", "there is no key shft+dwn; did you mean shift+down?"),
        ("keys: {advance: escpae}", "there is no key escpae; did you mean escape?"),
        ("keys: {advance: A B}", "there is no key A B"),
        ("keys: {advance: ctrl+}", "there is no key ctrl+"),
        ("keys: {advance: '?'}", "keys: advance: question_mark is the key of help; the default a is used"),
        ("keys: {advance: down}", "down is the key of down"),
        ("keys: {find: a}", "keys: find: a is the key of advance; the default slash is used"),
        ("keys: {advance: x, help: x}", "keys: help: x is the key of advance; the default question_mark is used"),
        ("keys: {advance: ctrl+q}", "keys: advance: ctrl+q is always Quit; the default a is used"),
        ("keys: {drop: x}", "keys: drop: x is typed there and cannot be a key; the default escape is used"),
        ("bell: true\nbell: false", "bell: is set 2 times; the last one is used"),
        ("keys: {advance: A, advance: B}", "keys: advance: is set 2 times; the last one is used"),
        ("theme", "expected keys and values such as 'theme: nord', got theme"),
        ("theme: [", "not YAML at line 2"),
        ("a: &x 1\nb: *x", "uses an alias"),
        ("a: 2026-01-01", "the defaults of all settings are used"),
        ("\x00", "the defaults of all settings are used"),
    ],
)
def test_a_mistake_names_file_key_and_what_was_meant(tmp_path: Path, text: str, words: str) -> None:
    _, mistakes = read(text, tmp_path)

    assert len(mistakes) == 1
    assert mistakes[0].startswith(f"{tmp_path / 'config.yaml'}:")
    assert words in mistakes[0]


def test_a_mistake_costs_only_its_own_setting(tmp_path: Path) -> None:
    settings, mistakes = read("theme: nrod\nbell: true\nkeys: {advance: no, help: h}", tmp_path)

    assert len(mistakes) == 2
    assert settings == Settings(bell=True, keys={"help": "h"})


def test_keys_may_be_exchanged_and_shared_as_they_are_by_default() -> None:
    assert read_keys({"advance": "?", "help": "a"}, ACTIONS) == ({"advance": "question_mark", "help": "a"}, [])
    assert read_keys({"find": "/,f3"}, ACTIONS) == ({"find": "slash,f3"}, [])
    assert read_keys({"drop": "f3"}, ACTIONS) == ({"drop": "f3"}, [])


def test_no_file_is_no_mistake_and_one_that_cannot_be_read_is(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.yaml", lambda: KNOWN) == (Settings(), [])

    settings, mistakes = load_settings(tmp_path, lambda: KNOWN)
    assert (settings, mistakes) == (
        Settings(),
        [f"{tmp_path}: cannot be read: it is not a file; the defaults of all settings are used"],
    )
    (tmp_path / "a").write_bytes(b"theme: \xff")
    assert load_settings(tmp_path / "a", lambda: KNOWN)[1] == [
        f"{tmp_path / 'a'}: is not UTF-8 at byte 7; the defaults of all settings are used"
    ]
    (tmp_path / "b").write_bytes(b"#" * 3_000_000)
    assert "larger than" in load_settings(tmp_path / "b", lambda: KNOWN)[1][0]
    (tmp_path / "c").write_bytes("\ufefftheme: nord".encode())
    assert load_settings(tmp_path / "c", lambda: KNOWN) == (Settings(theme="nord"), [])


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@given(
    _VALUES
    | st.dictionaries(st.sampled_from([*MEANINGS, "x"]), _VALUES)
    | st.fixed_dictionaries({"keys": st.dictionaries(st.sampled_from([*ACTIONS.keys, "x"]), _VALUES)})
)
def test_no_document_is_too_strange(document: Any) -> None:
    settings, mistakes = read_settings(document, KNOWN)

    assert settings.theme in KNOWN.themes
    assert settings.patience.stalled_after < settings.patience.dormant_after
    assert all(line == plain_name(line) and len(line) < 500 for line in mistakes)


def test_what_is_printed_is_a_file_without_mistakes_that_changes_nothing() -> None:
    known = _known()
    printed = print_settings(known, "/home/me/config.yaml")
    uncommented = "\n".join(line.removeprefix("# ") for line in printed.splitlines() if ": " in line or "keys:" in line)
    values = "\n".join(
        line for line in uncommented.splitlines() if line.split(":")[0].strip() in {*MEANINGS, *known.actions.keys}
    )

    assert yaml.safe_load(printed) is None
    settings, mistakes = read_settings(yaml.safe_load(values), known)
    assert mistakes == []
    assert settings.keys == {action: keys for action, keys in settings.keys.items() if keys}
    assert dict(settings.keys).keys() == known.actions.keys.keys()
    assert settings == Settings(keys=settings.keys)
    assert "/home/me/config.yaml" in printed


def test_what_is_printed_says_of_every_key_what_it_does_and_of_no_two_of_a_place_the_same() -> None:
    words = known_actions().words
    told = [(action.partition(".")[0], said) for action, said in words.items()]

    assert all(words.values())
    assert len(set(told)) == len(told)


def test_every_key_of_ours_can_be_set_and_an_id_means_the_same_keys_everywhere() -> None:
    known_actions()  # all screens are imported
    keys: dict[str, set[str]] = {}
    classes = [DOMNode]
    for cls in classes:
        classes += cls.__subclasses__()
        if cls.__module__.startswith("chatflow_tui."):
            for binding in cls.__dict__.get("BINDINGS", ()):
                assert isinstance(binding, Binding)
                assert binding.id, (cls, binding)
                assert "_" not in binding.id
                keys.setdefault(binding.id, set()).add(binding.key)

    assert {name: all_of_it for name, all_of_it in keys.items() if len(all_of_it) > 1} == {}
