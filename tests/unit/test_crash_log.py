"""What is kept of a crash helps to find it, and says nothing of any record."""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

import pytest
from textual.worker import WorkerFailed

from chatflow_core import ReadOnlyRecordError
from chatflow_tui.terminal.crash_log import describe_crash, write_crash_log

TOLD = "what a prompt says"


def caught(error: BaseException, cause: BaseException | None = None) -> BaseException:
    """The error as it is after it was raised."""
    with contextlib.suppress(type(error)):
        raise error from cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TypeError("no len()"), "TypeError: no len()"),
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (ReadOnlyRecordError("wfi_1", "old"), "ReadOnlyRecordError: Instance wfi_1 is read-only: old"),
        (RuntimeError("two\nlines\x1b[2J"), "RuntimeError: two␊lines␛[2J"),
        (AssertionError(), "AssertionError"),
        (KeyError(TOLD), "KeyError"),
        (ValueError(TOLD), "ValueError"),
        (UnicodeEncodeError("utf-8", TOLD, 0, 1, "surrogates"), "UnicodeEncodeError"),
        (WorkerFailed(TypeError("no len()")), "TypeError: no len()"),
    ],
)
def test_a_crash_is_one_line_without_what_it_was_about(error: BaseException, words: str) -> None:
    assert describe_crash(error) == words


def test_a_log_names_place_cause_and_versions_and_is_private(tmp_path: Path) -> None:
    cause = caught(ValueError(TOLD))
    log = write_crash_log(caught(RuntimeError("it broke"), cause), tmp_path / "state" / "log")

    text = log.read_text()
    assert "RuntimeError: it broke" in text
    assert text.count("in caught") == 2
    assert "\nValueError\n" in text
    assert "textual 8" in text
    assert TOLD not in text.replace(f'"{TOLD}"', "")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_only_the_newest_logs_are_kept(tmp_path: Path) -> None:
    logs = [write_crash_log(caught(RuntimeError(str(number))), tmp_path) for number in range(13)]

    assert sorted(tmp_path.iterdir()) == logs[3:]


def test_errors_that_refer_to_each_other_have_an_end(tmp_path: Path) -> None:
    one, other = caught(TypeError("one")), caught(TypeError("other"))
    one.__context__, other.__context__ = other, one

    assert write_crash_log(one, tmp_path).stat().st_size < 100_000
