"""The clipboard: OSC 52 always, a program where there is one, and words that say which of them took it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.app import App

from chatflow_tui.terminal import clipboard
from chatflow_tui.terminal.clipboard import ClipboardError, copy_text, read_clipboard


class Host(App[None]):
    """Takes down what would go to the terminal's clipboard."""

    sent: str | None = None

    def copy_to_clipboard(self, text: str) -> None:
        self.sent = text


@pytest.fixture
async def app() -> AsyncIterator[Host]:
    app = Host()
    async with app.run_test():
        yield app


class Desktop:
    """A directory of programs, and nothing else to run but the shell's own."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory = directory
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("PATH", str(directory))
        for variable in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX"):
            monkeypatch.delenv(variable, raising=False)

    def has(self, name: str, script: str, **environment: str) -> None:
        path = self.directory / name
        path.write_text(f'#!/bin/sh\necho "$@" >> "{self.directory}/arguments-of-{name}"\n{script}\n')
        path.chmod(0o700)
        for variable, value in environment.items():
            self._monkeypatch.setenv(variable, value)

    def arguments(self, name: str) -> list[str]:
        return (self.directory / f"arguments-of-{name}").read_text().splitlines()

    @property
    def taken(self) -> str:
        return (self.directory / "taken").read_text()


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    return Desktop(tmp_path, monkeypatch)


def taking(desktop: Desktop) -> str:
    """A script that keeps what it is given; only built-in commands are there."""
    return f'while IFS= read -r line || [ -n "$line" ]; do printf "%s\\n" "$line"; done > "{desktop.directory}/taken"'


async def test_without_a_program_it_goes_to_the_terminal_alone(app: Host, desktop: Desktop) -> None:
    assert await copy_text(app, "你好", "prompt") == "Copied the prompt (6 B) by OSC 52"
    assert app.sent == "你好"


async def test_it_goes_to_every_clipboard_there_is(app: Host, desktop: Desktop) -> None:
    desktop.has("xclip", taking(desktop), DISPLAY=":0")
    desktop.has("wl-copy", "exit 9")  # no Wayland: not asked
    desktop.has("tmux", 'case "$*" in *-w*) exit 1;; esac', TMUX="socket,1,0")

    said = await copy_text(app, "one\ntwo", "response")

    assert said == "Copied the response (7 B) by OSC 52, xclip and tmux"
    assert desktop.taken == "one\ntwo\n"
    assert desktop.arguments("tmux") == ["load-buffer -w -", "load-buffer -"]  # an older one does not know -w


@pytest.mark.parametrize(
    ("script", "words"),
    [("exit 4", "xclip failed (exit code 4)"), ("while :; do :; done", "xclip did not answer within 0.2 s")],
)
async def test_a_program_that_fails_is_told_of_and_does_not_hold_the_rest_up(
    app: Host, desktop: Desktop, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    monkeypatch.setattr(clipboard, "_SECONDS_TO_WRITE", 0.2)
    desktop.has("xclip", script, DISPLAY=":0")

    assert await copy_text(app, "text", "prompt") == f"Copied the prompt (4 B) by OSC 52; {words}"


async def test_a_program_that_stays_to_serve_the_text_is_not_waited_for(app: Host, desktop: Desktop) -> None:
    desktop.has("wl-copy", "/bin/sleep 20 &", WAYLAND_DISPLAY="wayland-0")

    assert await copy_text(app, "text", "prompt") == "Copied the prompt (4 B) by OSC 52 and wl-copy"


async def test_the_size_that_terminals_take_is_told(app: Host, desktop: Desktop) -> None:
    assert "drop" not in await copy_text(app, "x" * clipboard.TERMINAL_TAKES, "prompt")
    assert "many terminals drop more than 75 KB" in await copy_text(app, "x" * 75_000, "prompt")
    app.sent = None
    said = await copy_text(app, "x" * (clipboard.MOST_SENT + 1), "response")
    assert said == "Did not copy the response; too large for OSC 52 (over 8.0 MB)"
    assert app.sent is None


async def test_the_clipboard_is_read_through_the_program_of_the_desktop_and_else_from_tmux(desktop: Desktop) -> None:
    desktop.has("tmux", "printf from-tmux", TMUX="socket,1,0")
    assert await read_clipboard() == ("from-tmux", "tmux's buffer")

    desktop.has("xsel", r"printf 'one\r\n\344\275\240\033'", DISPLAY=":0")
    assert await read_clipboard() == ("one\n你\x1b", "the clipboard")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 1", r"wl-paste found no text \(exit code 1\)"),
        ("printf ' '", "wl-paste: it is empty"),
        (r"printf '\377'", "wl-paste: what is there is not text"),
        ("while :; do :; done", "wl-paste did not answer within 0.2 s"),
    ],
)
async def test_why_it_cannot_be_read_is_told(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    monkeypatch.setattr(clipboard, "_SECONDS_TO_READ", 0.2)
    desktop.has("wl-paste", script, WAYLAND_DISPLAY="wayland-0")

    with pytest.raises(ClipboardError, match=f"{words}.*[Pp]aste"):
        await read_clipboard()


async def test_without_a_program_that_reads_it_only_pasting_is_left(desktop: Desktop) -> None:
    with pytest.raises(ClipboardError, match=r"No program here reads the clipboard.*paste into this dialog"):
        await read_clipboard()
