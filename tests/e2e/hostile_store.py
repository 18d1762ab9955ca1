"""A store in which every name and text is the same hostile one, or a harmless one of the same shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chatflow_core import FileStateStore, WorkflowEngine

#: What a terminal would obey, what would mislead a reader, and what a screen may take for more than text.
BATTERY = {
    "action": "[@click=app.quit]",
    "closing tag": "[/",
    "style": "[bold red on white]",
    "variable": "$primary {x} %s",
    "title": "\x1b]2;owned\x07",
    "title and icon": "\x1b]0;owned\x1b\\",
    "clipboard": "\x1b]52;c;b3duZWQ=\x07",
    "link": "\x1b]8;;file:///etc/passwd\x1b\\x\x1b]8;;\x1b\\",
    "file": "\x1b]1337;File=inline=1:AAAA\x07",
    "device string": "\x1bP+q544e\x1b\\",
    "application": "\x1b_Gi=1;AAAA\x1b\\",
    "privacy": "\x1b^x\x1b\\",
    "start of string": "\x1bXx\x1b\\",
    "report": "\x1b[6n\x1b[c\x1b[>0q",
    "colour": "\x1b[31m",
    "erase": "\x1b[2J\x1b[3J",
    "move": "\x1b[1;1H\x1b[99A",
    "modes": "\x1b[?1049l\x1b[?1003l",
    "reset": "\x1bc",
    "character set": "\x0e\x0f\x1b(0",
    "C1": "\x9b31m\x9d2;owned\x9c\x90x\x9c\x9fx\x9c",
    "bell and back": "\x07\x08\x7f\x00",
    "lines": "\r\n\x0b\x0c\x85\u2028\u2029\t",
    "bidi": "\u202eevil\u202c\u2066x\u2069\u200f\u061c",
    "invisible": "a\u200bb\u2060c\ufeffd\u00ade\u3164",
    "tags": "\U000e0041\U000e0042",
    "marks": "z" + "\u0301" * 60,
    "joiners": "👨‍👩‍👧\u200d\ufe0f",
    "wide": "用户登录",
}

_LINKS = (
    "[https://good.example](http://evil.example/hidden) [x](javascript:alert(1))\n\n"
    "[file](file:///etc/passwd) ![image](http://evil.example/x.png) <http://evil.example> [ref][1] "
    "<script>x</script> &#27;]2;owned&#7; &#x1b;[2J\n\n[1]: data:text/html,x '[/'\n\n"
)
_TABLE = (
    "| " + " | ".join("abcdefgh") + " |\n" + "|---" * 8 + "|\n" + ("| " + " | ".join(["{}", *"bcdefgh"]) + " |\n") * 9
)


def mixed(*first: str) -> str:
    """Everything in the battery as one text that begins with some parts of it."""
    return "".join(BATTERY[name] for name in dict.fromkeys([*first, *BATTERY]))


def make_store(base: Path, text: str, instance_id: str) -> None:
    """Make a store that has the text in every place.

    Args:
        base: The store's directory.
        text: The text. It begins every name, with a number behind where names must differ; one feature has a word
            before it, to be found by.
        instance_id: The id of the instance that was changed last; those of others begin with it.
    """
    store = FileStateStore(base, durable=False)
    engine = WorkflowEngine(state_store=store)
    phases = [
        {"name": f"{text} {number}", "title": f"{text} {number}", "description": text, "task": text, "template": text}
        for number in range(4)
    ]
    schema = {"name": text, "title": text, "description": text, "phases": phases}
    (base.parent / "settings.yaml").write_text(json.dumps({text: text, "theme": text, "keys": {text: text}}))
    (base / "schemas").mkdir()
    (base / "schemas" / "plain.yaml").write_text(json.dumps({**schema, "name": "plain"}))
    (base / "schemas" / "broken.yaml").write_text(f"{text}: [")
    _write(base, _record(f"{instance_id} status", text, status=text, workflow_name="w", feature_id=f"status {text}"))
    _write(base, _record(f"{instance_id} failed", text, status="failed"))
    (base / "instances" / f"{instance_id} broken.json").write_text('{"' + "a" * 9 + text)
    _write(base, {key: value for key, value in _record(f"{instance_id} wrong", text).items() if key != "workflow_name"})
    past = engine.start_workflow_instance(schema, {text: text}, text, {text: text})
    for _ in phases:
        engine.trigger_next_step(past, {text: [text]})
    _start(store, schema, text, f"{instance_id} second")
    engine.fail_current_phase(f"{instance_id} second", text)
    _start(store, schema, text, instance_id)
    engine.trigger_next_step(instance_id, {text: {text: text}}, {text: text})
    engine.record_task(instance_id, f"{text}\n", f"{text}\nneedle of another attempt\n")
    engine.fail_current_phase(instance_id, f"{text}\n{text}")
    engine.retry_phase(instance_id)
    response = f"# {text}\n\n{_LINKS}needle {text}\n\n```{text}\n{text}\n```\n\n{_TABLE.format(*[text] * 9)}\nneedle\n"
    engine.record_task(instance_id, f"{text}\nneedle {text}\n", response)
    engine.record_task(instance_id, text, None, f"{text} beyond the definition", status=text)


def _start(store: FileStateStore, schema: dict[str, Any], text: str, instance_id: str) -> None:
    first = schema["phases"][0]["name"]
    changes = {"status": "created", "history": [], "current_phase": first, "workflow_schema": schema}
    store.save_state(instance_id, {**_record(instance_id, text), **changes})


def _record(instance_id: str, text: str, **changes: object) -> dict[str, Any]:
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
        **changes,
    }


def _write(base: Path, document: dict[str, Any]) -> None:
    path = base / "instances" / f"{document['instance_id']}.json"
    path.write_text(json.dumps(document), encoding="ascii")
