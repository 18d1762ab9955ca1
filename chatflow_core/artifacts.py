"""The texts of phases: prompts, AI responses, the records that vouch for them, and former attempts.

Writers hold the instance's lock. Order of writing: the former attempt gets a
second name under ``.attempts``, the two texts are replaced, and the record
comes last, so that it vouches for what lies beside it. Whatever a crash cuts
off, the former attempt is whole and the new one is at worst not vouched for.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import NamedTuple

import msgspec

from chatflow_core.atomic_files import (
    check_inside,
    flush_directory,
    inode_of,
    is_there,
    leftovers,
    link_file,
    make_directory,
    read_file,
    remove_leftover,
    replace_file,
)
from chatflow_core.errors import CorruptStateError, StorageError
from chatflow_core.layout import StoreLayout, TextFiles
from chatflow_core.models import TaskArtifacts, TaskExecutionRecord, Verdict
from chatflow_core.records import check_size, decode_task_record, encode_document

#: Largest text read, in bytes.
MAX_TEXT_BYTES = 256 * 1024 * 1024
_MAX_TASK_RECORD_BYTES = 1024 * 1024

# A reader takes no lock, so it may meet a writer between text and record; it looks again this often, so long apart.
_LOOKS = 5
_SECONDS_BETWEEN_LOOKS = 0.02

# Of two texts the worse verdict holds for both: the later one here.
_VERDICTS: tuple[Verdict, ...] = ("intact", "not recorded", "changed")


def checksum(text: bytes) -> str:
    """Give the SHA-256 of a text's UTF-8 bytes in hex; empty for an empty text, as in the original format."""
    return hashlib.sha256(text).hexdigest() if text else ""


class _Current(NamedTuple):
    """The current attempt at a phase.

    `archived` counts the former attempts; `is_archived` tells that the newest
    of them is (a part of) this very attempt, because a writer ended before it
    could replace it.
    """

    files: TextFiles
    archived: int
    is_archived: bool

    @property
    def number(self) -> int:
        """Number of the attempt, from 1; 0 if nothing is there."""
        return self.archived + (not self.is_archived and any(map(is_there, self.files)))


class ArtifactFiles:
    """Reads and writes the texts of one store."""

    def __init__(self, layout: StoreLayout, *, durable: bool) -> None:
        """Make the files of a store known; nothing is read.

        Args:
            layout: The store's files.
            durable: Whether texts are on disk when `save` returns.
        """
        self._layout = layout
        self._durable = durable

    def save(
        self,
        instance_id: str,
        phase_name: str,
        record: dict[str, object],
        texts: tuple[bytes, bytes],
        *,
        new_attempt: bool | None,
    ) -> None:
        """Write prompt and response and then their record, keeping a former attempt that they replace.

        Args:
            instance_id: The instance; the caller holds its lock.
            phase_name: The phase.
            record: What vouches for the texts.
            texts: Prompt and response as UTF-8; empty for a text that is not there yet.
            new_attempt: Whether this is another attempt; None: it is if a text is there and differs from the given.

        Raises:
            InvalidNameError: The phase has no usable name.
            InvalidValueError: A text or the record is larger than what is read back.
            CorruptStateError: A link leads out of the store.
            StorageError: The system refused.
        """
        for text in texts:
            check_size(text, "a text", MAX_TEXT_BYTES)
        encoded = encode_document(record, _MAX_TASK_RECORD_BYTES)
        files = self._layout.task_files(instance_id, phase_name)
        self._check_and_make(files.record.parent)
        for _, leftover in leftovers(files.record.parent):
            remove_leftover(leftover)
        current = self._current(instance_id, phase_name)
        present = (_read_text(current.files.prompt), _read_text(current.files.ai_response))
        if new_attempt is None:
            new_attempt = any(old and old != new for old, new in zip(present, texts, strict=True))
        if new_attempt:
            self._archive(instance_id, phase_name, current)
        else:
            record = _completed(_read_text(current.files.record, _MAX_TASK_RECORD_BYTES), record, present, texts)
            encoded = encode_document(record, _MAX_TASK_RECORD_BYTES)
        for path, old, new in zip((files.prompt, files.ai_response), present, texts, strict=True):
            if new_attempt or old != new or path not in current.files:
                replace_file(path, new, durable=self._durable, is_last=False)
        replace_file(files.record, encoded, durable=self._durable)

    def load(self, instance_id: str, phase_name: str, attempt: int | None, *, by_chatcoder: bool) -> TaskArtifacts:
        """Read the texts of an attempt with their record.

        Args:
            instance_id: The instance.
            phase_name: The phase.
            attempt: Which attempt, from 1; None for the current one.
            by_chatcoder: Whether ChatCoder v1.1 wrote them.

        Returns:
            The texts; both None if the attempt does not exist.

        Raises:
            InvalidNameError: The phase has no usable name.
            StorageError: The system refused to tell what is there.
        """
        for look in range(_LOOKS):
            if look:
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            artifacts, is_steady = self._look(instance_id, phase_name, attempt, by_chatcoder=by_chatcoder)
            if is_steady and artifacts.verdict != "changed":
                break
        return artifacts

    def phases_with_texts(self, instance_id: str, *, by_chatcoder: bool) -> list[str]:
        """Give the phases of an instance that have texts, by their true names where a record tells them, sorted."""
        directory = self._layout.texts_dir(instance_id, by_chatcoder=by_chatcoder)
        try:
            check_inside(directory, self._layout.instances_dir)
            names = [path.name for path in directory.iterdir()]
        except (CorruptStateError, OSError):
            return []
        if by_chatcoder:
            return sorted(names)
        stems = {stem for name in names if (stem := self._layout.stem_of_text(name)) is not None}
        return sorted(self._true_name(instance_id, stem) for stem in stems)

    def _true_name(self, instance_id: str, stem: str) -> str:
        path = self._layout.tasks_dir(instance_id) / f"{stem}.json"
        record = _decode(self._read(path, _MAX_TASK_RECORD_BYTES, []), path, [])
        return record.phase_name if record is not None and record.phase_name.strip() else stem

    def _check_and_make(self, directory: Path) -> None:
        check_inside(directory, self._layout.instances_dir)
        make_directory(directory, durable=self._durable, top=self._layout.base_dir)

    def _archive(self, instance_id: str, phase_name: str, current: _Current) -> None:
        present = [path for path in current.files if is_there(path)]
        if not present:
            return
        number = current.archived + (not current.is_archived)
        targets = self._layout.attempt_files(instance_id, phase_name, number)
        self._check_and_make(targets.record.parent)
        for source, target in zip(current.files, targets, strict=True):
            if source in present and not (current.is_archived and is_there(target)):
                link_file(source, target)
        if self._durable:
            flush_directory(targets.record.parent)

    def _current(self, instance_id: str, phase_name: str) -> _Current:
        files = self._layout.task_files(instance_id, phase_name)
        plain = self._layout.plain_task_files(instance_id, phase_name)
        if plain is not None and not any(map(is_there, files)):
            files = plain
        archived = self._count_archived(instance_id, phase_name)
        if not archived:
            return _Current(files, 0, is_archived=False)
        newest = self._layout.attempt_files(instance_id, phase_name, archived)
        # A writer that ended while it gave the second names has given some of them, and replaced nothing.
        pairs = [(inode_of(path), inode_of(former)) for path, former in zip(files, newest, strict=True)]
        is_same = any(former for _, former in pairs) and all(former in (None, inode) for inode, former in pairs)
        return _Current(files, archived, is_same)

    def _count_archived(self, instance_id: str, phase_name: str) -> int:
        directory = self._layout.attempts_dir(instance_id, phase_name)
        try:
            names = [path.name for path in directory.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return 0
        except OSError as error:
            # Not none: the next attempt would take the place of the first.
            raise StorageError(str(directory), "Listing", error) from error
        numbers = (name.partition(".")[0] for name in names)
        return max((int(n) for n in numbers if n.isascii() and n.isdecimal() and len(n) <= 6), default=0)

    def _look(
        self, instance_id: str, phase_name: str, attempt: int | None, *, by_chatcoder: bool
    ) -> tuple[TaskArtifacts, bool]:
        """Read an attempt, and tell whether it has kept its number meanwhile."""
        if by_chatcoder:
            current = _Current(self._layout.chatcoder_texts(instance_id, phase_name), 0, is_archived=False)
        else:
            current = self._current(instance_id, phase_name)
        files, attempts = current.files, current.number
        if attempt is not None and attempt != attempts:
            files = self._layout.attempt_files(instance_id, phase_name, attempt)
        problems: list[str] = []
        prompt = self._read(files.prompt, MAX_TEXT_BYTES, problems)
        response = self._read(files.ai_response, MAX_TEXT_BYTES, problems)
        record = _decode(self._read(files.record, _MAX_TASK_RECORD_BYTES, problems), files.record, problems)
        prompt_verdict = _verdict(prompt or b"", record.prompt_checksum if record else None)
        response_verdict = _verdict(response or b"", record.response_checksum if record else None)
        artifacts = TaskArtifacts(
            instance_id=instance_id,
            phase_name=phase_name,
            attempt=attempts if attempt is None else attempt,
            attempts=attempts,
            prompt=_text(prompt, "prompt", problems),
            ai_response=_text(response, "AI response", problems),
            prompt_size=len(prompt or b""),
            response_size=len(response or b""),
            record=record,
            verdict=max(prompt_verdict, response_verdict, key=_VERDICTS.index),
            problem="; ".join(problems) or None,
            prompt_verdict=prompt_verdict,
            response_verdict=response_verdict,
        )
        return artifacts, by_chatcoder or self._current(instance_id, phase_name).number == attempts

    def _read(self, path: Path, limit: int, problems: list[str]) -> bytes | None:
        try:
            check_inside(path.parent, self._layout.instances_dir)
            return _read_text(path, limit)
        except (CorruptStateError, StorageError) as error:
            problems.append(str(error))
            return None


def _read_text(path: Path, limit: int = MAX_TEXT_BYTES) -> bytes | None:
    try:
        return read_file(path, limit)[0]
    except FileNotFoundError:
        return None


def _completed(
    former: bytes | None,
    record: dict[str, object],
    present: tuple[bytes | None, bytes | None],
    texts: tuple[bytes, bytes],
) -> dict[str, object]:
    """Lay the record of a completed attempt over the former one: its other keys survive.

    So do the checksums of texts that stay: who completes an attempt does not vouch for what changed meanwhile.
    """
    try:
        known = msgspec.json.decode(former or b"{}", type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return record
    merged = {**known, **record}
    for key, old, new in zip(("prompt_checksum", "response_checksum"), present, texts, strict=True):
        if old == new and known.get(key):
            merged[key] = known[key]
    return merged


def _decode(data: bytes | None, path: Path, problems: list[str]) -> TaskExecutionRecord | None:
    if data is None:
        return None
    try:
        return decode_task_record(data, str(path))
    except CorruptStateError as error:
        problems.append(str(error))
        return None


def _text(data: bytes | None, kind: str, problems: list[str]) -> str | None:
    if not data:
        return None  # an empty text is one that is not there yet
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        problems.append(f"the {kind} is not UTF-8 at byte {error.start}; shown with replacement characters")
        return data.decode(errors="replace")


def _verdict(text: bytes, recorded: str | None) -> Verdict:
    """Judge a text by the checksum in its record; None if there is no record."""
    if recorded == checksum(text):
        return "intact"
    # Other programs leave checksums empty: then the record vouches for nothing.
    return "changed" if recorded else "not recorded"
