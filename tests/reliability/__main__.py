"""The long part: every proof with new seeds, until the time is up. Beside them the program itself is open all the time.

python -m tests.reliability --minutes 20 --seed 1
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from chatflow_core import artifacts
from tests.reliability import (
    catalog_check,
    crash,
    faults,
    hostile_mutations,
    limits,
    power_loss,
    races,
    soak,
    strace_faults,
)
from tests.reliability.figures import Figures

Proof = Callable[[Path, Figures, random.Random], None]

#: The name of the proof that goes on beside the others.
SOAK = "soak"

_MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of one's own is made in it


def main() -> int:
    """Run all proofs in turn; give 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0, help="how long to go on")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000, help="repeats a run")
    parser.add_argument("--only", choices=[*_proofs(), SOAK], metavar="NAME", help="one proof: %(choices)s")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    if given.only == SOAK:
        return 0 if _run(partial(soak.run, minutes=given.minutes), f"{given.seed} {SOAK}", Figures()) else 1
    beside = None
    if given.only is None and soak.can_look():
        arguments = ["--only", SOAK, "--minutes", str(given.minutes), "--seed", str(given.seed)]
        beside = subprocess.Popen([sys.executable, "-m", "tests.reliability", *arguments])
    is_proven = _prove(given.minutes, given.seed, given.only)
    if beside is not None:
        if not is_proven:
            beside.terminate()
        is_proven = beside.wait() == 0 and is_proven
    return 0 if is_proven else 1


def _prove(minutes: float, given_seed: int, only: str | None) -> bool:
    figures = Figures()
    deadline = time.monotonic() + minutes * 60
    turn = 0
    while time.monotonic() < deadline:
        for name, proof in _proofs().items():
            if only in (None, name) and time.monotonic() < deadline:
                seed = f"{given_seed} {turn} {name}"
                if not _run(proof, seed, figures):
                    print(f"failed: {seed!r} after {figures}", flush=True)
                    return False
        turn += 1
        print(f"turn {turn}: {figures}", flush=True)
    print(f"seed {given_seed}: {figures}; no failure", flush=True)
    return True


def _proofs() -> dict[str, Proof]:
    # Readers that find texts apart wait for a writer; where nobody can be writing they need not.
    proofs: dict[str, Proof] = {
        "crash": crash.run,
        "races": races.run,
        "catalog": catalog_check.run,
        "faults": _hasty(faults.run),
        "power": _hasty(power_loss.run),
        "limits": _hasty(limits.run),
        "hostile": _hasty(hostile_mutations.run),
    }
    if strace_faults.can_trace():
        proofs["strace"] = _hasty(strace_faults.run)
    return proofs


def _hasty(proof: Proof) -> Proof:
    def run(directory: Path, figures: Figures, chance: random.Random) -> None:
        waiting = artifacts._SECONDS_BETWEEN_LOOKS
        artifacts._SECONDS_BETWEEN_LOOKS = 0.0
        try:
            proof(directory, figures, chance)
        finally:
            artifacts._SECONDS_BETWEEN_LOOKS = waiting

    return run


def _run(proof: Proof, seed: str, figures: Figures) -> bool:
    where = _MEMORY if _MEMORY.is_dir() else None
    directory = Path(tempfile.mkdtemp(prefix="chatflow-", dir=where))
    try:
        proof(directory, figures, random.Random(seed))
    except Exception:  # noqa: BLE001 - told, and the store is kept to be looked at
        traceback.print_exc()
        print(f"the store is kept in {directory}")
        return False
    shutil.rmtree(directory, ignore_errors=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
