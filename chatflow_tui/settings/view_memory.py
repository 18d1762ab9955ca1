"""Keeps for each store how it was looked at, in files of the user's own; nothing is written into the store.

Losing it costs the reader two keys, so whatever goes wrong here is logged and never told:
what cannot be read is as if it had never been kept.
"""

from __future__ import annotations

import hashlib
import logging
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from chatflow_core import ChatFlowError
from chatflow_core.atomic_files import make_directory, read_file, replace_file
from chatflow_tui.settings.store_view import StoreView

_log = logging.getLogger(__name__)

_MOST_BYTES = 64 * 1024

#: For so many stores; the one that was not looked at for longest is forgotten first.
MOST_STORES = 200


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a file says. The store is named for whoever reads it."""

    store: str = ""
    view: StoreView = field(default_factory=StoreView)


class ViewMemory:
    """One file for each store in a directory, so that programs on different stores never meet.

    All methods block.
    """

    def __init__(self, directory: Path) -> None:
        """Keep the files in a directory; it is made when something is to be kept.

        Args:
            directory: As `platformdirs.user_state_dir` gives it.
        """
        self._directory = directory / "views"
        self._hint = directory / "first-hint-was-read"

    def recall(self, store: str) -> StoreView:
        """Tell how a store was looked at the last time.

        Args:
            store: The store's directory.
        """
        try:
            data, _ = read_file(self._file(store), _MOST_BYTES)
            return msgspec.json.decode(data, type=_Kept).view
        except FileNotFoundError:
            return StoreView()
        except (ChatFlowError, OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            _log.info("how %s was looked at is not known: %s", store, error)
            return StoreView()

    def keep(self, store: str, view: StoreView) -> None:
        """Keep how a store is looked at.

        Args:
            store: The store's directory.
            view: How.
        """
        file = self._file(store)
        kept = _Kept(str(_resolved(store)), view)
        try:
            make_directory(file.parent, durable=False, top=file.parent)
            replace_file(file, msgspec.json.format(msgspec.json.encode(kept)), durable=False)
            self._forget_oldest()
        except (ChatFlowError, OSError, UnicodeEncodeError) as error:
            _log.info("how %s is looked at is not kept: %s", store, error)

    def needs_hint(self) -> bool:
        """Tell whether the user has not been told the first keys yet, in whatever store."""
        try:
            return not self._hint.exists()
        except OSError as error:
            _log.info("whether the first hint was read is not known: %s", error)
            return False

    def keep_hint_read(self) -> None:
        """Keep that the user needs no hint any more."""
        try:
            make_directory(self._hint.parent, durable=False, top=self._hint.parent)
            replace_file(self._hint, b"", durable=False)
        except (ChatFlowError, OSError) as error:
            _log.info("that the first hint was read is not kept: %s", error)

    def _file(self, store: str) -> Path:
        # A path of any length, with any character, has a name of this form.
        digest = hashlib.sha256(os.fsencode(_resolved(store))).hexdigest()
        return self._directory / f"{digest[:32]}.json"

    def _forget_oldest(self) -> None:
        files = list(self._directory.glob("*.json"))
        if len(files) > MOST_STORES:
            files.sort(key=lambda file: file.stat().st_mtime_ns)
            for file in files[:-MOST_STORES]:
                with suppress(FileNotFoundError):  # another program has forgotten it
                    file.unlink()


def _resolved(store: str) -> Path:
    return Path(os.path.realpath(store))
