"""Names and places of the files in a store: the only module that knows them.

    <base>/
      instances/<id>.json                      the record of an instance
      instances/<id>/tasks/<phase>.json        the record of a phase's current attempt
      instances/<id>/tasks/<phase>.prompt.md, <phase>.ai_response.md
      instances/<id>/tasks/.attempts/<phase>/<n>.json, <n>.prompt.md, <n>.ai_response.md
      features/<feature>.link                  "wfi_a,wfi_b"
      schemas/<name>.yaml, .yml or .json       workflow definitions
      .locks/<id>.lock, features.lock

Names of features, phases and schemas come from anywhere, so they are encoded:
injectively, and never to a path outside the store. A name of letters, digits,
dots, dashes and underscores stands as it is, but for one that cannot be a
file's on Windows, there.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from chatflow_core.errors import InvalidNameError

#: Longest encoded name in bytes. File systems take 255; suffixes, temporary names and lock names need the rest.
MAX_NAME_BYTES = 200
_HASHED_PREFIX_BYTES = 120
_HASH_DIGITS = 40

RECORD_SUFFIX = ".json"
PROMPT_SUFFIX = ".prompt.md"
RESPONSE_SUFFIX = ".ai_response.md"
LINK_SUFFIX = ".link"
LOCK_SUFFIX = ".lock"
#: What ChatCoder v1.1 keeps in the directory of an instance: its state, and its events line by line.
CHATCODER_STATE = "full_state.json"
CHATCODER_HISTORY = "history.ndjson"
SCHEMA_SUFFIXES = (".yaml", ".yml", ".json")

# Windows takes these for devices, whatever suffix follows, and a colon for the end of a drive's name.
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(port + number for port in ("com", "lpt") for number in "123456789¹²³")]
)
_NOT_IN_WINDOWS_NAMES = frozenset('<>:"|?*')
_ON_WINDOWS = os.name == "nt"


def encode_name(name: str, kind: str) -> str:
    """Turn any name into a safe file stem, different names into different stems.

    Args:
        name: The true name.
        kind: What it names, for the error message.

    Returns:
        The name itself if it is safe, else ``~`` and its percent-encoding, which for
        long names is cut and ended by ``~`` and a hash.

    Raises:
        InvalidNameError: The name is empty or cannot be written as UTF-8.
    """
    if not isinstance(name, str) or not name.strip():
        raise InvalidNameError(f"A {kind} needs a name that is not empty, got {name!r}")
    try:
        size = len(name.encode())
    except UnicodeEncodeError as error:
        raise InvalidNameError(f"The {kind} name {name!r} cannot be written as UTF-8: position {error.start}") from None
    is_special = name in {".", ".."} or _cannot_stand_here(name)
    if size <= MAX_NAME_BYTES and not is_special and all(map(_is_safe, name)):
        return name
    # Few names come this far, and a command that lists instances starts noticeably faster without these two.
    import hashlib  # noqa: PLC0415
    from urllib.parse import quote  # noqa: PLC0415

    # `quote` leaves the tilde alone, but only the one at the start and the one before a hash may stand.
    encoded = "~" + "".join(char if _is_safe(char) else quote(char, safe="").replace("~", "%7E") for char in name)
    if is_special:
        bare = encoded.rstrip(".")
        encoded = bare + "%2E" * (len(encoded) - len(bare))
    if len(encoded.encode()) <= MAX_NAME_BYTES:
        return encoded
    prefix = encoded.encode()[:_HASHED_PREFIX_BYTES].decode(errors="ignore")
    return f"{prefix}~{hashlib.sha256(name.encode()).hexdigest()[:_HASH_DIGITS]}"


def _is_safe(char: str) -> bool:
    # Marks belong to the letters of many scripts; the tilde is what encoded names start with.
    return char.isalnum() or char in "._-" or unicodedata.category(char) in {"Mn", "Mc"}


def _cannot_stand_here(stem: str) -> bool:
    """Tell whether the system would take a stem for something else than a file's name, or let a part of it fall."""
    if not _ON_WINDOWS:
        return False
    # Of a directory's name, dots at the end fall.
    is_device = stem.partition(".")[0].rstrip().lower() in _DEVICES
    return is_device or stem.endswith(".") or not _NOT_IN_WINDOWS_NAMES.isdisjoint(stem)


def phase_stem(phase_name: str) -> str:
    """Give the file stem of a phase: lower case, spaces as underscores, then encoded.

    Raises:
        InvalidNameError: The name is empty or cannot be written as UTF-8.
    """
    if not isinstance(phase_name, str) or not phase_name.strip():
        raise InvalidNameError(f"A phase needs a name that is not empty, got {phase_name!r}")
    return encode_name(_plain_phase_stem(phase_name), "phase")


def _plain_phase_stem(phase_name: str) -> str:
    return phase_name.replace(" ", "_").lower()


def check_instance_id(instance_id: str) -> str:
    """Return the id if it can be a file stem in a store.

    Raises:
        InvalidNameError: It is empty, too long, starts with a dot, has a blank around it, or a separator, comma
            or control character in it.
    """
    if not isinstance(instance_id, str) or not is_instance_id(instance_id):
        raise InvalidNameError(
            f"{instance_id!r} cannot be an instance id: it must be a plain file name of 1 to {MAX_NAME_BYTES} "
            "bytes that does not start with a dot, has no blank around it and no separator, comma or control character"
        )
    return instance_id


def is_instance_id(stem: str) -> bool:
    """Tell whether a file stem can be the id of an instance."""
    if stem.isascii() and stem.isidentifier() and not _ON_WINDOWS:
        return len(stem) <= MAX_NAME_BYTES  # nearly all are, and a listing asks for each
    if not stem or stem.startswith(".") or "/" in stem or "\\" in stem or not stem.isprintable():
        return False
    if "," in stem or stem != stem.strip():
        return False  # the feature index could not tell it from others
    if _cannot_stand_here(stem):
        return False
    return len(stem) <= MAX_NAME_BYTES // 4 or len(stem.encode(errors="replace")) <= MAX_NAME_BYTES


@dataclass(frozen=True, slots=True)
class TextFiles:
    """The three files of one attempt at a phase, in one directory."""

    record: Path
    prompt: Path
    ai_response: Path

    def __iter__(self) -> Iterator[Path]:
        """Give the texts first and the record last: the order in which they are written."""
        return iter((self.prompt, self.ai_response, self.record))


def _text_files(directory: Path, stem: str) -> TextFiles:
    return TextFiles(
        directory / f"{stem}{RECORD_SUFFIX}",
        directory / f"{stem}{PROMPT_SUFFIX}",
        directory / f"{stem}{RESPONSE_SUFFIX}",
    )


class StoreLayout:
    """Paths of one store.

    Attributes:
        base_dir: The store's directory, absolute and with links resolved.
        instances_dir: Where the records are.
        features_dir: Where the feature index is.
        locks_dir: Where the lock files are.
        schemas_dir: Where workflow definitions by name are.
    """

    def __init__(self, base_dir: Path) -> None:
        """Resolve the directory; nothing is read or made."""
        self.base_dir = base_dir.resolve()
        self.instances_dir = self.base_dir / "instances"
        self.features_dir = self.base_dir / "features"
        self.locks_dir = self.base_dir / ".locks"
        self.schemas_dir = self.base_dir / "schemas"

    def record(self, instance_id: str) -> Path:
        """Path of an instance's record."""
        return _file_of_instance(self.instances_dir, instance_id, RECORD_SUFFIX)

    def lock(self, instance_id: str) -> Path:
        """Path of an instance's lock file."""
        return _file_of_instance(self.locks_dir, instance_id, LOCK_SUFFIX)

    @property
    def features_lock(self) -> Path:
        """Path of the feature index's lock file."""
        return self.locks_dir / f"features{LOCK_SUFFIX}"

    def feature_link(self, feature_id: str) -> Path:
        """Path of a feature's index entry."""
        return self.features_dir / f"{encode_name(feature_id, 'feature')}{LINK_SUFFIX}"

    def instance_dir(self, instance_id: str) -> Path:
        """Directory of everything an instance has beside its record."""
        return self.instances_dir / check_instance_id(instance_id)

    def tasks_dir(self, instance_id: str) -> Path:
        """Directory of an instance's texts."""
        return self.instance_dir(instance_id) / "tasks"

    def task_files(self, instance_id: str, phase_name: str) -> TextFiles:
        """Files of the current attempt at a phase."""
        return _text_files(self.tasks_dir(instance_id), phase_stem(phase_name))

    def plain_task_files(self, instance_id: str, phase_name: str) -> TextFiles | None:
        """Files under the name that programs without encoding use, if that is another and a safe one."""
        stem = _plain_phase_stem(phase_name)
        if stem == phase_stem(phase_name) or "/" in stem or "\\" in stem or "\0" in stem:
            return None
        if len(stem.encode(errors="replace")) > MAX_NAME_BYTES or _cannot_stand_here(stem):
            return None
        return _text_files(self.tasks_dir(instance_id), stem)

    def attempts_dir(self, instance_id: str, phase_name: str) -> Path:
        """Directory of the former attempts at a phase."""
        return self.tasks_dir(instance_id) / ".attempts" / phase_stem(phase_name)

    def attempt_files(self, instance_id: str, phase_name: str, attempt: int) -> TextFiles:
        """Files of a former attempt at a phase."""
        return _text_files(self.attempts_dir(instance_id, phase_name), str(attempt))

    def schema_files(self, schema_name: str) -> list[Path]:
        """Files a workflow definition of that name may be in, first come first taken."""
        stem = encode_name(schema_name, "schema")
        return [self.schemas_dir / f"{stem}{suffix}" for suffix in SCHEMA_SUFFIXES]

    def texts_dir(self, instance_id: str, *, by_chatcoder: bool) -> Path:
        """Directory in which the texts of an instance's phases are found."""
        return self.instance_dir(instance_id) / ("artifacts" if by_chatcoder else "tasks")

    def former_texts_dir(self, instance_id: str) -> Path:
        """Directory of the former attempts at all phases, a directory for each phase's stem."""
        return self.tasks_dir(instance_id) / ".attempts"

    def stem_of_text(self, file_name: str) -> str | None:
        """Give the phase's stem if the file is a text of one; None for any other file."""
        for suffix in (PROMPT_SUFFIX, RESPONSE_SUFFIX):
            if file_name.endswith(suffix) and not file_name.startswith("."):
                return file_name[: -len(suffix)]
        return None

    def chatcoder_state(self, instance_id: str) -> Path:
        """Path of the full state ChatCoder v1.1 keeps beside its record."""
        return self.instance_dir(instance_id) / CHATCODER_STATE

    def chatcoder_history(self, instance_id: str) -> Path:
        """Path of the events ChatCoder v1.1 keeps beside its record, line by line."""
        return self.instance_dir(instance_id) / CHATCODER_HISTORY

    def chatcoder_texts(self, instance_id: str, phase_name: str) -> TextFiles:
        """Files of a phase written by ChatCoder v1.1: its texts lie in ``artifacts/<phase>/``."""
        stem = phase_stem(phase_name)
        texts = _text_files(self.instance_dir(instance_id) / "artifacts" / stem, stem)
        return TextFiles(self.tasks_dir(instance_id) / f"{stem}{RECORD_SUFFIX}", texts.prompt, texts.ai_response)


def _file_of_instance(directory: Path, instance_id: str, suffix: str) -> Path:
    if not isinstance(instance_id, str):
        check_instance_id(instance_id)
    return _safe_file_of_instance(directory, instance_id, suffix)


# A step asks for the same two paths again and again, and making one takes as long as a system call.
@lru_cache(maxsize=1024)
def _safe_file_of_instance(directory: Path, instance_id: str, suffix: str) -> Path:
    return directory / f"{check_instance_id(instance_id)}{suffix}"


def instance_id_of(file_name: str) -> str | None:
    """Give the id of the instance whose record has that file name; None for any other file."""
    if not file_name.endswith(RECORD_SUFFIX) or file_name.startswith("."):
        return None
    return file_name[: -len(RECORD_SUFFIX)] or None


def temporary_name(file_name: str, unique: str) -> str:
    """Name of the temporary file a writer fills before it replaces the file of that name."""
    return f".{file_name}.{unique}.tmp"


def temporary_owner(file_name: str) -> str | None:
    """Give the name of the file that a temporary file was to replace; None for any other file."""
    if not (file_name.startswith(".") and file_name.endswith(".tmp")):
        return None
    return file_name[1:-4].rpartition(".")[0] or None
