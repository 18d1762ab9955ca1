"""The terminal screen of ChatFlow: watch workflow instances live, read their texts, advance them."""

__version__ = "0.1.0"
