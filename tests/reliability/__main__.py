"""The long part: every proof with new seeds, until the time is up.

python -m tests.reliability --minutes 15 --seed 1
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from chatflow_core import artifacts
from tests.reliability import catalog_check, crash, faults, hostile_mutations, limits, power_loss, races, strace_faults
from tests.reliability.figures import Figures

Proof = Callable[[Path, Figures, random.Random], None]

_MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of one's own is made in it


def main() -> int:
    """Run all proofs in turn; give 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0, help="how long to go on")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000, help="repeats a run")
    parser.add_argument("--only", help="the name of one proof")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    figures = Figures()
    deadline = time.monotonic() + given.minutes * 60
    turn = 0
    while time.monotonic() < deadline:
        for name, proof in _proofs().items():
            if given.only in (None, name) and time.monotonic() < deadline:
                seed = f"{given.seed} {turn} {name}"
                if not _run(proof, seed, figures):
                    print(f"failed: {seed!r} after {figures}", flush=True)
                    return 1
        turn += 1
        print(f"turn {turn}: {figures}", flush=True)
    print(f"seed {given.seed}: {figures}; no failure")
    return 0


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
