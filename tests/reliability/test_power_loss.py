"""The power goes: every state the file system may leave opens with the last step that was acknowledged."""

from __future__ import annotations

import random
from pathlib import Path

from tests.reliability.figures import Figures
from tests.reliability.power_loss import PowerBench

SEED = 20_251_122


def test_a_power_cut_loses_nothing_acknowledged(quick_path: Path, hasty_readers: None) -> None:
    figures = Figures()
    PowerBench(quick_path, figures, random.Random(SEED)).one_program(most=14)
    assert figures["disk states built"] > 60


def test_a_power_cut_after_a_kill_loses_nothing_a_later_program_acknowledged(
    quick_path: Path, hasty_readers: None
) -> None:
    figures = Figures()
    PowerBench(quick_path, figures, random.Random(SEED)).after_a_kill(most=14)
    assert figures["disk states built"] > 15
