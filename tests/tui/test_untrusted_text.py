"""Whatever stands in a file is shown literally: nothing of it is obeyed by the screen or the terminal."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.widget import Widget
from textual.widgets import TextArea

from chatflow_core import WorkflowEngine
from chatflow_tui.texts.plain_text import plain_name
from tests.seed_store import SeedStore
from tests.tui.dashboard_host import SCHEMA, SIZES, View, running

HOSTILE = {
    "closing tag": "[/",
    "closing tag of a name": "[/b]x",
    "action link": "[@click=app.quit]x[/]",
    "style": "[bold red]x",
    "variable": "$primary {x} %s",
    "title": "\x1b]2;x\x07",
    "clipboard": "\x1b]52;c;eA==\x1b\\",
    "colour": "\x1b[31mred\x1b[2J",
    "C1": "\x9b31m\x9d2;x\x9c",
    "bidi": "\u202eevil\u2066",
    "NUL": "a\x00b\x7f\b",
    "lines": "a\nb\r\nc\td\u2028e",
    "surrogate": "x\udfff\ud800y",
    "marks": "z" + "\u0301" * 60,
    "joiners": "👨‍👩‍👧\u200d\ufe0f",
    "wide": "用户登录功能" * 20,
    "long": "x" * 5000,
}

JOINERS = dict.fromkeys((0x200D, 0xFE0F))

# What a terminal obeys, or what reorders what the reader sees.
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def assert_harmless(view: View) -> None:
    for line in view.lines:
        found = _OBEYED.search(line)
        assert found is None, line


def is_titled(widget: Widget, title: str) -> bool:
    return str(widget.border_title) == title


def head(text: str) -> str:
    """What is surely in sight of a name: its beginning, made harmless, without the joiners that lists leave out."""
    return plain_name(text).translate(JOINERS)[:3].rstrip()


def record(text: str, instance_id: str = "wfi_hostile", **changes: object) -> dict[str, Any]:
    """A record of the seed's kind with the text in every place."""
    entry = {"phase": text, "task": text, "started_at": 1.0, "ended_at": 2.0, "status": "failed", "error": text}
    return {
        "instance_id": instance_id,
        "feature_id": text,
        "workflow_name": text,
        "current_phase": text,
        "variables": {text: text},
        "status": "failed",
        "history": [{**entry, "trigger_data_snapshot": {text: text}}],
        "created_at": 1.0,
        "updated_at": 2.0,
        "meta": {text: text},
        "workflow_schema": {
            "name": text,
            "description": text,
            "phases": [{"name": text, "title": text, "description": text, "task": text}],
        },
        **changes,
    }


def write(seed: SeedStore, document: dict[str, Any]) -> None:
    """Write as any program may: surrogates and control characters escaped in the JSON."""
    seed.instances_dir.mkdir(parents=True, exist_ok=True)
    (seed.instances_dir / f"{document['instance_id']}.json").write_text(json.dumps(document), encoding="ascii")


async def test_names_errors_and_statuses_are_shown_literally(base: Path, seed: SeedStore) -> None:
    for number, text in enumerate(HOSTILE.values()):
        write(seed, record(text, f"wfi_{number}"))
        write(seed, record(text, f"status_{number}", status=text, feature_id="plain"))
    async with running(base, (159, 50), count=2 * len(HOSTILE)) as view:
        for number, (kind, text) in enumerate(HOSTILE.items()):
            await view.select(f"wfi_{number}")
            assert head(text) in view.row(f"wfi_{number}"), kind
            assert head(text) in "\n".join(view.panel("timeline")).translate(JOINERS), kind
            assert_harmless(view)
        await view.select("wfi_2")
        await view.press("a")
        await view.until(lambda: view.shows("Cannot advance"))
        assert_harmless(view)
        await view.press("z", "G")
        assert_harmless(view)
        assert any(head(HOSTILE["action link"]) in line for line in view.lines)
        await view.press("z", "1")
        for text in HOSTILE.values():
            assert any(head(text) in line for line in view.panel("features")), text
        for _ in range(3):  # the feature's name becomes part of a title
            await view.press("1", "j", "enter")
            assert_harmless(view)
        assert view.app.is_running
        assert view.app.title == "ChatFlow"


async def test_prompts_and_responses_are_shown_literally(base: Path, engine: WorkflowEngine) -> None:
    texts = [text for kind, text in HOSTILE.items() if kind != "surrogate"]
    names = [f"p{number}" for number in range(len(texts))]
    instance_id = engine.start_workflow_instance({"name": "w", "phases": [{"name": name} for name in names]}, {}, "f")
    for name, text in zip(names, texts, strict=True):
        response = f"# {text}\n\n```\n{text}\n```\n- [{text}]({text})\n"
        engine.record_task(instance_id, prompt=text, ai_response=response, phase_name=name)
    async with running(base, count=1) as view:
        await view.press("5")
        await view.pilot.click("#response", offset=(4, 6))
        for name, text in zip(names, texts, strict=True):
            title = f"4 Prompt · {name} · f"
            await view.until(partial(is_titled, view.dashboard.panels.texts.prompt, title))
            await view.until(lambda: view.response.text)
            shown = "\n".join(view.panel("prompt")).translate(JOINERS)
            assert head(text.split("\n")[0]) in shown, text
            assert_harmless(view)
            await view.press("w", "]")
            assert_harmless(view)
        assert view.app.is_running


async def test_texts_that_are_not_unicode_or_not_text_are_shown(base: Path, engine: WorkflowEngine) -> None:
    instance_id = engine.start_workflow_instance(SCHEMA, {}, "user-auth")
    engine.record_task(instance_id, prompt="p", ai_response="r")
    async with running(base, count=1) as view:
        tasks = base / "instances" / instance_id / "tasks"
        (tasks / "analyse.ai_response.md").write_bytes(b"\xff\xfe\x1b]2;x\x07\x00ok" + bytes(range(256)))
        await view.until(lambda: view.shows("changed since recorded"))
        assert_harmless(view)


@pytest.mark.parametrize("name", ["\x1b]2;x\x07", "[@click=app.quit]x", "[b]", "\u202egnp", "a b ", "用户", "\udcff"])
async def test_file_names_are_shown_literally_and_the_screen_stays_live(base: Path, seed: SeedStore, name: str) -> None:
    seed.start("wfi_plain", "plain")
    (seed.instances_dir / f"{name}.json").write_text("{}")
    async with running(base, (200, 60), count=2) as view:
        await view.press("z", "G", "g")
        assert_harmless(view)
        for key in ("j", "a", "enter", "2", "k"):  # the cursor is on either for a while
            await view.press(key)
            assert_harmless(view)
        seed.trigger("wfi_plain", {})
        await view.until(lambda: "plain: phase1 → phase2" in view.status_line)
        assert view.status_line.startswith("● live")


async def advance_with_hostile_values(view: View, name: str) -> None:
    dialog = await view.open_dialog()
    assert view.shows(f"✓ ends    {plain_name(name)}")
    dialog.query_one("#data", TextArea).text = '"[/": "[@click=app.quit]\\e]2;x\\a"'
    await view.until(lambda: view.shows('read as {"[/": "[@click=app.quit]'))
    dialog.query_one("#meta", TextArea).text = "[/: *\x1b]2;x\x07"
    await view.until(lambda: dialog.query_one("#meta-reading").has_class("-wrong"))
    assert_harmless(view)
    await view.press("enter")
    await view.until(lambda: dialog.query_one("#notice").has_class("-shown"))
    assert_harmless(view)
    dialog.query_one("#meta", TextArea).text = ""
    await view.until(lambda: dialog.is_armed)
    await view.press("enter")
    await view.until(lambda: view.dialog is None)
    await view.until(lambda: view.shows(f"{plain_name(name)} ended"[:20]))
    assert_harmless(view)


@pytest.mark.parametrize("size", SIZES[:2])
async def test_the_dialog_shows_names_and_values_literally(
    base: Path, engine: WorkflowEngine, size: tuple[int, int]
) -> None:
    names = ["[@click=app.quit]x", "\x1b]2;x\x07"]
    schema = {"name": "[/x]", "phases": [{"name": name} for name in names]}
    instance_id = engine.start_workflow_instance(schema, {}, "[/\x1b[31m")
    async with running(base, size, count=1) as view:
        for name in names:
            await advance_with_hostile_values(view, name)
    state = engine.get_workflow_instance_status(instance_id)
    assert state is not None
    assert [entry.status for entry in state.history] == ["completed", "completed"]


async def test_a_change_by_another_program_is_told_literally(base: Path, engine: WorkflowEngine) -> None:
    schema = {"name": "w", "phases": [{"name": "[/a]"}, {"name": "[@click=app.quit]b"}, {"name": "c"}]}
    instance_id = engine.start_workflow_instance(schema, {}, "[bold]f")
    async with running(base, count=1) as view:
        await view.open_dialog()
        engine.trigger_next_step(instance_id)
        await view.until(lambda: view.shows("meanwhile: now [@click=app.quit]b"))
        engine.fail_current_phase(instance_id, "[/]")
        await view.until(lambda: view.shows("has failed"))
        await view.press("escape")
        await view.press("a")
        await view.until(lambda: view.shows("Cannot advance"))
        assert_harmless(view)


async def test_an_error_of_megabytes_does_not_stop_the_screen(base: Path, seed: SeedStore) -> None:
    write(seed, record("plain", history=[record("plain")["history"][0] | {"error": "[/b]\x1b[2J\n" * 200_000}]))
    async with running(base, count=1) as view:
        await view.select("wfi_hostile")
        assert any("[/b]␛[2J" in line for line in view.panel("timeline"))
        await view.press("j", "k", "z", "3")
        assert_harmless(view)


async def test_the_place_that_was_asked_for_is_shown_literally(tmp_path: Path) -> None:
    base = tmp_path / "[@click=app.quit]x\x1b]2;x\x07[/" / ".chatflow"
    SeedStore(base).start("wfi_1", "plain")
    async with running(base, (200, 60), count=1) as view:
        assert_harmless(view)
        assert any("[@click=app.quit]x" in line for line in view.lines)
