"""The program with a clock that stops: an error nobody expects, in the thread of the screen."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from chatflow_tui.app import ChatFlowApp
from chatflow_tui.terminal.ending import run_to_end

#: What a record might say, and no log may.
TOLD = "the text of a prompt"


def main() -> int:
    directory, stop = sys.argv[1:]

    def clock() -> float:
        if Path(stop).exists():
            raise ValueError(TOLD)
        return time.time()

    return run_to_end(ChatFlowApp(lambda: directory, directory, clock=clock))


if __name__ == "__main__":
    sys.exit(main())
