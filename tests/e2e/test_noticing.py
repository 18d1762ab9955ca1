"""What needs the reader is told where they are: in the status bar, in the terminal's title, by its bell."""

from __future__ import annotations

from pathlib import Path

from chatflow_core import FileStateStore, WorkflowEngine
from tests.e2e.terminal import terminal
from tests.files import SCHEMA

_TERMINAL_LEFT = "\x1b[O"


def test_a_failure_elsewhere_rings_counts_and_is_one_key_away(base: Path, tmp_path: Path) -> None:
    engine = WorkflowEngine(state_store=FileStateStore(base))
    ids = [engine.start_workflow_instance(SCHEMA, {}, f"feature-{number}") for number in range(4)]
    engine.trigger_next_step(ids[3])
    settings = tmp_path / "settings.yaml"
    settings.write_text("bell: true\n")
    with terminal("--config", settings, base) as shown:
        shown.wait_for("● live")
        shown.wait_for(f"3 Timeline · {ids[3]}")
        assert b"\x1b]2;ChatFlow\x07" in shown.raw
        former = len(shown.raw)

        shown.send(_TERMINAL_LEFT)
        engine.fail_current_phase(ids[1], "tests failed")
        shown.wait_for("▲ 1 needs you")
        assert b"\x1b]2;ChatFlow (1)\x07" in shown.raw
        assert shown.raw[former:].replace(b"\x1b]2;ChatFlow (1)\x07", b"").count(b"\x07") == 1

        shown.send("\x1b[Ije")  # back in the terminal; away from the top; to what needs the reader
        shown.wait_for(f"3 Timeline · {ids[1]}")
        shown.send("e")
        shown.wait_for("This is the only one that needs you")
        engine.retry_phase(ids[1])
        shown.wait_for("feature-1: ")
        shown.send("q")
        shown.wait_for_end()
        assert shown.raw.count(b"\x1b]2;ChatFlow\x07") == 2
        assert shown.raw.count(b"\x1b[23;2t") == 1
