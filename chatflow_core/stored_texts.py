"""All texts of an instance, one after the other, for a search: nothing is decoded and nothing checked but the place."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from chatflow_core.artifacts import MAX_TEXT_BYTES
from chatflow_core.atomic_files import check_inside, is_there, read_file
from chatflow_core.errors import CorruptStateError, StorageError
from chatflow_core.layout import PROMPT_SUFFIX, RECORD_SUFFIX, RESPONSE_SUFFIX, StoreLayout
from chatflow_core.models import StoredText, TextKind
from chatflow_core.records import decode_task_record

_MAX_TASK_RECORD_BYTES = 1024 * 1024

# Prompt before response, as they came to be.
_KINDS: tuple[tuple[str, TextKind], ...] = ((PROMPT_SUFFIX, "prompt"), (RESPONSE_SUFFIX, "response"))


class StoredTexts:
    """Reads the texts of one store."""

    def __init__(self, layout: StoreLayout, is_by_chatcoder: Callable[[str], bool]) -> None:
        """Nothing is read until something is asked for.

        Args:
            layout: The store's files.
            is_by_chatcoder: Tells whether ChatCoder v1.1 wrote an instance.
        """
        self._layout = layout
        self._is_by_chatcoder = is_by_chatcoder

    def iterate(self, instance_id: str, wanted: Callable[[bytes], bool], *, former: bool) -> Iterator[StoredText]:
        """Give the texts of an instance that are wanted.

        Args:
            instance_id: The instance.
            wanted: Asked with each text.
            former: Whether to give those of former attempts, too.

        Raises:
            InvalidNameError: The id cannot be one.
        """
        entries = self._names_in(str(self._layout.instance_dir(instance_id)))
        if "artifacts" in entries and self._is_by_chatcoder(instance_id):
            directory = str(self._layout.texts_dir(instance_id, by_chatcoder=True))
            for stem in sorted(self._names_in(directory)):
                yield from self._texts(f"{directory}/{stem}", instance_id, wanted)
        elif "tasks" in entries:
            yield from self._texts(str(self._layout.tasks_dir(instance_id)), instance_id, wanted)
            if former:
                yield from self._former(instance_id, wanted)

    def path(self, instance_id: str, phase_name: str, kind: TextKind, attempt: int | None) -> Path:
        """Give the path of a text; of the current attempt if none is given.

        Raises:
            InvalidNameError: The id or the phase's name cannot be used.
            StorageError: The system refused to tell what is there.
        """
        if attempt is not None:
            files = self._layout.attempt_files(instance_id, phase_name, attempt)
        elif self._is_by_chatcoder(instance_id):
            files = self._layout.chatcoder_texts(instance_id, phase_name)
        else:
            files = self._layout.task_files(instance_id, phase_name)
            plain = self._layout.plain_task_files(instance_id, phase_name)
            if plain is not None and not any(map(is_there, files)):
                files = plain
        return files.prompt if kind == "prompt" else files.ai_response

    def _former(self, instance_id: str, wanted: Callable[[bytes], bool]) -> Iterator[StoredText]:
        root = str(self._layout.former_texts_dir(instance_id))
        for stem in sorted(self._names_in(root)):
            for text in self._texts(f"{root}/{stem}", instance_id, wanted, stem):
                if text.attempt is not None:
                    yield text

    def _texts(
        self, directory: str, instance_id: str, wanted: Callable[[bytes], bool], phase_stem: str | None = None
    ) -> Iterator[StoredText]:
        names = self._names_in(directory)
        found = [
            (name[: -len(suffix)], kind, name)
            for suffix, kind in _KINDS
            for name in names
            if name.endswith(suffix) and not name.startswith(".")
        ]
        for stem, kind, name in sorted(found):
            attempt = None
            if phase_stem is not None and stem.isascii() and stem.isdecimal():
                attempt = int(stem)
            problem, data = None, b""
            try:
                data, _ = read_file(f"{directory}/{name}", MAX_TEXT_BYTES)
            except FileNotFoundError:
                continue  # replaced since the directory was read, or removed
            except (CorruptStateError, StorageError) as error:
                problem = str(error)
            if problem is not None or wanted(data):
                phase_name = self._true_name(instance_id, phase_stem or stem)
                yield StoredText(phase_name, kind, attempt, data, problem)

    def _names_in(self, directory: str) -> list[str]:
        try:
            # A real directory in a real one is where it seems to be; finding that out for a link takes long.
            if not stat.S_ISDIR(os.lstat(directory).st_mode) or os.path.islink(os.path.dirname(directory)):
                check_inside(Path(directory), self._layout.instances_dir)
            return os.listdir(directory)
        except (CorruptStateError, OSError):
            return []

    def _true_name(self, instance_id: str, stem: str) -> str:
        path = self._layout.tasks_dir(instance_id) / f"{stem}{RECORD_SUFFIX}"
        try:
            record = decode_task_record(read_file(path, _MAX_TASK_RECORD_BYTES)[0], str(path))
        except (CorruptStateError, StorageError, FileNotFoundError):
            return stem
        return record.phase_name if record.phase_name.strip() else stem
