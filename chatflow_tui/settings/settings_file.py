"""Where the settings are kept, and reading them: every mistake is a line that names the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from chatflow_core import ChatFlowError
from chatflow_core.bounded_yaml import MAX_YAML_BYTES, load_yaml
from chatflow_tui.settings.settings import Known, Settings, read_settings
from chatflow_tui.texts.plain_text import plain_name

# What the whole document is called in messages, before the key.
_DOCUMENT = "$"


def default_path() -> Path:
    """Where the settings of this user are, whether there are any or not."""
    return platformdirs.user_config_path("chatflow") / "config.yaml"


def load_settings(path: Path, known: Callable[[], Known]) -> tuple[Settings, list[str]]:
    """Read the settings of a file. Blocks.

    Args:
        path: The file; if there is none, everything is as it comes.
        known: Gives what there is to choose from; asked only if there is a file.

    Returns:
        The settings, with the default for whatever was wrong, and a line for each mistake:
        the file, the key, what is wrong, and what was done about it.
    """
    try:
        text = _read(path)
        if text is None:
            return Settings(), []
        settings, problems = read_settings(load_yaml(text, _DOCUMENT), known())
        problems += _repeated(text)
    except OSError as error:
        return Settings(), [f"{path}: cannot be read: {error.strerror}; the defaults of all settings are used"]
    except UnicodeDecodeError as error:
        return Settings(), [f"{path}: is not UTF-8 at byte {error.start}; the defaults of all settings are used"]
    except ChatFlowError as error:
        where = str(error).removeprefix(_DOCUMENT).lstrip(":. ")
        return Settings(), [f"{path}: {plain_name(where)}; the defaults of all settings are used"]
    return settings, [f"{path}: {problem}" for problem in problems]


def _read(path: Path) -> str | None:
    if not path.exists():
        return None
    if not path.is_file():
        raise OSError(0, "it is not a file")
    with path.open("rb") as file:
        # One more than is read at most, for `load_yaml` to refuse.
        return file.read(MAX_YAML_BYTES + 1).decode("utf-8-sig")


def _repeated(text: str) -> Iterator[str]:
    """Name the keys that stand twice, of which YAML takes the last without a word."""
    import yaml  # noqa: PLC0415 - most users have no such file, and it takes a tenth of the start

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return  # JSON, which was read as such, and is not all YAML: tabs between values, very long keys
    if not isinstance(root, yaml.MappingNode):
        return
    inside = [(f"{key.value}: ", value) for key, value in root.value if isinstance(value, yaml.MappingNode)]
    for prefix, node in [("", root), *inside]:
        for name, count in Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)).items():
            if count > 1:
                yield f"{prefix}{name}: is set {count} times; the last one is used"
