"""The system sets a limit: a clear error that names the file, nothing lost, and all is well when it is lifted."""

from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

import pytest

from tests.reliability.faults import FaultBench
from tests.reliability.figures import Figures
from tests.reliability.limits import (
    almost_full,
    can_mount,
    few_descriptors,
    few_files,
    forbidden,
    limited,
    read_only_disk,
    small_disk,
)
from tests.reliability.steps import STEPS, check_readable, open_engine

PAGE = 4096
needs_mount = pytest.mark.skipif(not can_mount(), reason="file systems cannot be mounted here")
pytestmark = pytest.mark.usefixtures("hasty_readers")


@needs_mount
@pytest.mark.parametrize("step", STEPS)
def test_a_full_disk(quick_path: Path, step: str) -> None:
    with small_disk(quick_path / "disk", "size=1m") as disk:
        bench = FaultBench(disk, step, Figures())
        errors = [bench.run_under(f"{n} pages free", almost_full(disk, n * PAGE)) for n in range(10)]
    assert os.strerror(errno.ENOSPC) in errors[0]
    assert "" in errors, "it never went through, so the disk was too small to tell"


@needs_mount
@pytest.mark.parametrize("step", STEPS)
def test_a_disk_without_room_for_more_files(quick_path: Path, step: str) -> None:
    with small_disk(quick_path / "disk", "size=4m,nr_inodes=200") as disk:
        bench = FaultBench(disk, step, Figures())
        errors = [bench.run_under(f"room for {n} files", few_files(disk, n)) for n in range(8)]
    assert os.strerror(errno.ENOSPC) in errors[0]
    assert errors[-1] == ""


@needs_mount
@pytest.mark.parametrize("step", STEPS)
def test_a_read_only_disk(quick_path: Path, step: str) -> None:
    with small_disk(quick_path / "disk", "size=1m") as disk:
        bench = FaultBench(disk, step, Figures())
        assert os.strerror(errno.EROFS) in bench.run_under("read-only", read_only_disk(disk))
        with read_only_disk(disk):
            assert check_readable(bench.base)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("name", "mode"),
    [("instances", 0o555), ("instances", 0o000), (".locks", 0o555), (".", 0o555), (".", 0o000), ("features", 0o000)],
)
def test_no_permission(quick_path: Path, step: str, name: str, mode: int) -> None:
    bench = FaultBench(quick_path, step, Figures())
    error = bench.run_under(f"{name} has mode {mode:o}", forbidden(bench, name, mode))
    needs_it = name in ("instances", ".") and (name, mode) != (".", 0o555) and step != "record"
    assert os.strerror(errno.EACCES) in error or not needs_it


@pytest.mark.parametrize("step", STEPS)
def test_too_many_open_files(quick_path: Path, step: str) -> None:
    bench = FaultBench(quick_path, step, Figures())
    errors = [bench.run_under(f"{n} descriptors free", few_descriptors(n)) for n in range(6)]
    assert os.strerror(errno.EMFILE) in errors[0]
    assert errors[-1] == ""


@pytest.mark.parametrize("step", STEPS)
def test_a_limit_on_the_size_of_files(quick_path: Path, step: str) -> None:
    bench = FaultBench(quick_path, step, Figures())
    sizes = (0, 1, 10, 100, 1 << 20)
    errors = [bench.run_under(f"{n} bytes", limited(resource.RLIMIT_FSIZE, n)) for n in sizes]
    assert os.strerror(errno.EFBIG) in errors[0]
    assert errors[-1] == ""


def test_an_unreadable_directory_is_told_and_not_taken_for_an_empty_one(quick_path: Path) -> None:
    bench = FaultBench(quick_path, "advance", Figures())
    assert "instances" in bench.run_under("unreadable", forbidden(bench, "instances", 0))
    assert len(open_engine(bench.base).list_instances()) > 1
