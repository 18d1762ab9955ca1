"""Run the command by ``python -m chatflow_tui``."""

from __future__ import annotations

import sys

from chatflow_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
