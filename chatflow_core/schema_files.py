"""Workflow definitions by name: ``schemas/<name>.yaml``, ``.yml`` or ``.json``."""

from __future__ import annotations

from chatflow_core.atomic_files import read_file
from chatflow_core.bounded_yaml import MAX_YAML_BYTES
from chatflow_core.errors import CorruptStateError, SchemaError, StorageError
from chatflow_core.layout import SCHEMA_SUFFIXES, StoreLayout
from chatflow_core.schema import WorkflowSchema


class SchemaFiles:
    """Reads the workflow definitions of one store."""

    def __init__(self, layout: StoreLayout) -> None:
        """Make the files of a store known; nothing is read."""
        self._layout = layout

    def load(self, name: str) -> WorkflowSchema | None:
        """Load the definition of that name; None if there is no such file.

        Raises:
            InvalidNameError: The name cannot be one.
            SchemaError: The file cannot be read, or is not a definition.
        """
        for path in self._layout.schema_files(name):
            try:
                data, _ = read_file(path, MAX_YAML_BYTES)
                text = data.decode("utf-8-sig")
            except FileNotFoundError:
                continue
            except (CorruptStateError, StorageError) as error:
                raise SchemaError(str(error)) from None
            except UnicodeDecodeError as error:
                raise SchemaError(f"{path}: not UTF-8 at byte {error.start}") from None
            return WorkflowSchema.from_text(text, str(path), default_name=name)
        return None

    def names(self) -> list[str]:
        """Give the names of all definitions, sorted; what is not readable is listed too, and refused on loading.

        Raises:
            StorageError: The directory cannot be read.
        """
        try:
            paths = list(self._layout.schemas_dir.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise StorageError(str(self._layout.schemas_dir), "Listing", error) from error
        return sorted({path.stem for path in paths if path.suffix in SCHEMA_SUFFIXES and path.stem[:1] not in "~."})
