"""`check`: whether all that is stored can be read and is what was recorded."""

from __future__ import annotations

from argparse import Namespace

from chatflow_core.commands.console import Console, one_line
from chatflow_core.commands.exit_codes import CORRUPT, ERROR, OK
from chatflow_core.commands.json_shapes import plain
from chatflow_core.commands.store_choice import store_directory
from chatflow_core.file_store import FileStateStore
from chatflow_core.store_check import check_store

_STYLES = {"corrupt": "red", "derived": "yellow", "note": "dim"}


def check(options: Namespace, console: Console) -> int:
    """Check a store, and with ``--repair`` make again what can be made from records."""
    report = check_store(FileStateStore(store_directory(options), create=False), repair=options.repair)
    if options.json:
        console.json(
            {
                "store": str(report.base_dir),
                "instances": report.instances,
                "texts": report.texts,
                "is_sound": report.is_sound,
                "findings": [plain(finding) for finding in report.findings],
            }
        )
    else:
        for finding in report.findings:
            word = "repaired" if finding.is_repaired else finding.severity
            style = "green" if finding.is_repaired else _STYLES[finding.severity]
            words = f"{one_line(finding.subject)}: {one_line(finding.message)}"
            console.line(f"{console.styled(f'{word:8}', style)}  {words}")
    corrupt, derived, notes = (len(report.of(severity)) for severity in ("corrupt", "derived", "note"))
    console.say(
        f"Instances: {report.instances:,}, attempts with texts: {report.texts:,}; "
        f"corrupt: {corrupt}, to repair: {derived}, notes: {notes}"
        + (f", repaired: {report.repaired}" if options.repair else "")
    )
    if derived and not options.repair:
        console.say("`chatflow check --repair` makes again what is derived; it never touches records and texts")
    if corrupt:
        return CORRUPT
    return OK if report.is_sound else ERROR
