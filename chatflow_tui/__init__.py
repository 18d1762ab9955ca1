"""The terminal screen of ChatFlow: watch workflow instances live, read their texts, advance them."""

from chatflow_core import __version__

__all__ = ["__version__"]
