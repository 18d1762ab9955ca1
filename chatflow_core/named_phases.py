"""The phases of the workflow definitions in ``schemas/``, for listing records that keep no definition."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import NamedTuple, TypeAlias

from chatflow_core.errors import InvalidNameError, SchemaError
from chatflow_core.file_stamps import FileStamp, stamp_at
from chatflow_core.layout import StoreLayout

#: Gives the names of the phases of the workflow of a name; None if there is no definition that can be read.
PhasesOf: TypeAlias = Callable[[str], tuple[str, ...] | None]


class _Known(NamedTuple):
    stamps: tuple[FileStamp | None, ...]
    phases: tuple[str, ...] | None


class NamedPhases:
    """Reads a definition once, and again when its file has changed."""

    def __init__(self, layout: StoreLayout) -> None:
        """Nothing is read until something is asked for."""
        self._layout = layout
        self._known: dict[str, _Known] = {}

    def looking(self) -> PhasesOf:
        """Give a function that looks at the file of each name once, for a listing of thousands."""
        return cache(self._phases)

    def _phases(self, name: str) -> tuple[str, ...] | None:
        try:
            paths = self._layout.schema_files(name)
        except InvalidNameError:
            return None
        stamps = tuple(map(stamp_at, paths))
        if not any(stamps):
            self._known.pop(name, None)
            return None
        known = self._known.get(name)
        if known is not None and known.stamps == stamps:
            return known.phases
        # Most records have their definition in them: a command that lists those starts faster without YAML and schemas.
        from chatflow_core.schema_files import SchemaFiles  # noqa: PLC0415

        now_ns = time.time_ns()
        try:
            schema = SchemaFiles(self._layout).load(name)
        except SchemaError:
            schema = None
        phases = None if schema is None else tuple(schema.phase_names)
        if all(stamp is None or stamp.is_settled(now_ns) for stamp in stamps):
            self._known[name] = _Known(stamps, phases)
        return phases
