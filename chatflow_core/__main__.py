"""``python -m chatflow_core``: the `chatflow` command."""

from __future__ import annotations

import sys

from chatflow_core.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
