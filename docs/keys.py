"""Write the table of keys in the README from the bindings.

Run it as ``python docs/keys.py``; with ``--check`` it writes nothing and exits with 1 when the table is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

from chatflow_tui.keys.actions import known_bindings
from chatflow_tui.keys.key_table import key_table, with_table

README = Path(__file__).resolve().parents[1] / "README.md"


def main() -> int:
    """Write the table, or tell whether it is stale."""
    now = README.read_text(encoding="utf-8")
    wanted = with_table(now, key_table(known_bindings()))
    if "--check" in sys.argv[1:]:
        return int(now != wanted)
    README.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
