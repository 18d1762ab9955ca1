"""A shell with job control and nothing of anybody's settings.

Run as ``python -m tests.e2e.shell``.
"""

import os

if __name__ == "__main__":
    os.environ["PS1"] = "shell> "
    os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])  # noqa: S606
