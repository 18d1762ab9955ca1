"""What a file system may leave of a series of calls when the power goes.

Kept are: files whose content was flushed, and names whose directory was flushed. Of everything later any part may be
lost: each name that was made, moved or removed, in any order, and the content of a file from some point on. A rename
is one change; that is all that is taken for granted.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations
from pathlib import Path, PurePosixPath

from tests.reliability.os_shim import Call

# All subsets of that many unflushed changes are tried, of more only some.
_MOST_SUBSETS = 64


@dataclass(eq=False)
class File:
    """Content as programs see it, and how much of it is on disk for certain."""

    content: bytes = b""
    flushed: bytes = b""

    def versions(self) -> list[bytes]:
        """What may be found after the power was cut: the longest first."""
        if self.content == self.flushed:
            return [self.content]
        half = self.content[: len(self.content) // 2]
        return [self.content, self.flushed, half, bytes(len(self.content))]


@dataclass(eq=False)
class Directory:
    """Names on disk for certain."""

    names: dict[str, Node] = field(default_factory=dict)


Node = File | Directory

#: What is found by path: a number that names of the same file share, and the content, None for a directory.
State = dict[str, tuple[int, bytes | None]]


@dataclass(eq=False)
class Change:
    """Names that came, moved or went at once, in directories not flushed since."""

    parts: list[tuple[Directory, str, Node | None]]

    def concerns(self, directory: Directory) -> bool:
        """Whether flushing a directory settles it."""
        return any(where is directory for where, _, _ in self.parts)


class Disk:
    """Follows calls on one directory, and gives the states in which a power cut may leave it."""

    def __init__(self, base: Path) -> None:
        self._above = base.parent
        self._root = Directory()
        self._seen: dict[str, Node] = {".": self._root}
        self._unflushed: list[Change] = []

    def apply(self, calls: Iterable[Call]) -> None:
        """Follow calls that succeeded."""
        for call in calls:
            self._apply(call)

    def _apply(self, call: Call) -> None:
        path = self._name(call.path)
        match call.name:
            case "open" if call.flags & os.O_CREAT and path not in self._seen:
                self._change({path: File()})
            case "mkdir" if path not in self._seen:
                self._change({path: Directory()})
            case "write":
                file = self._file(path)
                file.content += call.data
            case "fsync":
                self._flush(path)
            case "replace" | "rename":
                self._change({self._name(call.target): self._seen[path], path: None})
            case "link":
                self._change({self._name(call.target): self._seen[path]})
            case "unlink":
                self._change({path: None})

    def _name(self, path: str) -> str:
        return str(PurePosixPath(path).relative_to(self._above))

    def _file(self, path: str) -> File:
        node = self._seen[path]
        assert isinstance(node, File)
        return node

    def _directory(self, path: str) -> Directory:
        node = self._seen[path]
        assert isinstance(node, Directory)
        return node

    def _change(self, names: dict[str, Node | None]) -> None:
        parts = []
        for path, node in names.items():
            pure = PurePosixPath(path)
            parts.append((self._directory(str(pure.parent)), pure.name, node))
            if node is None:
                self._seen.pop(path, None)
            else:
                self._seen[path] = node
        self._unflushed.append(Change(parts))

    def _flush(self, path: str) -> None:
        node = self._seen[path]
        if isinstance(node, File):
            node.flushed = node.content
            return
        for change in [change for change in self._unflushed if change.concerns(node)]:
            _settle(change)
            self._unflushed.remove(change)

    def states(self, chance: random.Random) -> Iterator[State]:
        """Every state the power may leave."""
        subsets = list(chain.from_iterable(combinations(self._unflushed, n) for n in range(len(self._unflushed) + 1)))
        for kept in subsets if len(subsets) <= _MOST_SUBSETS else chance.sample(subsets, _MOST_SUBSETS):
            names = {id(node): dict(node.names) for node in self._directories()}
            for change in kept:
                for directory, name, node in change.parts:
                    if node is None:
                        names[id(directory)].pop(name, None)
                    else:
                        names[id(directory)][name] = node
            found = dict(_walk(self._root, names, ""))
            unsure = [path for path, node in found.items() if isinstance(node, File) and len(node.versions()) > 1]
            for version in range(4 if unsure else 1):
                yield {path: (id(node), _content(node, version)) for path, node in found.items()}

    def _directories(self) -> list[Directory]:
        nodes = [node for change in self._unflushed for _, _, node in change.parts]
        nodes += [directory for change in self._unflushed for directory, _, _ in change.parts]
        todo, found = [self._root, *(node for node in nodes if isinstance(node, Directory))], list[Directory]()
        while todo:
            directory = todo.pop()
            if directory not in found:
                found.append(directory)
                todo += [node for node in directory.names.values() if isinstance(node, Directory)]
        return found


def _settle(change: Change) -> None:
    for directory, name, node in change.parts:
        if node is None:
            directory.names.pop(name, None)
        else:
            directory.names[name] = node


def _walk(directory: Directory, names: dict[int, dict[str, Node]], prefix: str) -> Iterator[tuple[str, Node]]:
    for name, node in names[id(directory)].items():
        yield f"{prefix}{name}", node
        if isinstance(node, Directory):
            yield from _walk(node, names, f"{prefix}{name}/")


def _content(node: Node, version: int) -> bytes | None:
    if isinstance(node, Directory):
        return None
    versions = node.versions()
    return versions[min(version, len(versions) - 1)]


def build(state: State, above: Path) -> None:
    """Make the files of a state."""
    above.mkdir(parents=True)
    first_names: dict[int, Path] = {}
    for path, (identity, content) in state.items():
        if content is None:
            (above / path).mkdir()
        elif identity in first_names:
            (above / path).hardlink_to(first_names[identity])
        else:
            (above / path).write_bytes(content)
            first_names[identity] = above / path
