"""Which texts may be shown as rendered Markdown, and how they are parsed.

A rendered text is a tree of widgets: it costs about two milliseconds a block, and far more for
tables and for blocks in blocks. So what is rendered is bounded by size, by number of blocks and
by depth; any other text is shown as it was written.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from chatflow_tui.texts.plain_text import plain_text

#: Characters, blocks (a cell of a table is one) and levels of blocks in blocks of a text that is rendered.
MOST_CHARACTERS, MOST_BLOCKS, MOST_LEVELS = 20_000, 600, 10

# A bullet and what holds it are widgets too; code is coloured as a whole.
_BLOCKS = {"list_item_open": 3, "fence": 3, "inline": 0}

#: Stretches in a style of their own that one paragraph may have.
MOST_INLINE = 2_000

_ADVICE = "It is shown as it was written."


def refusal(text: str) -> str | None:
    """Say why a text is not rendered; None if it may be. For a worker thread: it may take half a second.

    Args:
        text: Harmless text.
    """
    if len(text) > MOST_CHARACTERS:
        return (
            f"This text is too long to be rendered: {len(text):,} of at most {MOST_CHARACTERS:,} characters. {_ADVICE}"
        )
    tokens = make_parser().parse(text)
    blocks = sum(_BLOCKS.get(token.type, 1) for token in tokens if token.nesting >= 0)
    if blocks > MOST_BLOCKS:
        return (
            f"This text has too much structure to be rendered: {blocks:,} of at most {MOST_BLOCKS:,} blocks. {_ADVICE}"
        )
    if max((token.level for token in tokens), default=0) > MOST_LEVELS:
        return f"This text is nested too deeply to be rendered: over {MOST_LEVELS} levels. {_ADVICE}"
    if max((len(token.children or ()) for token in tokens), default=0) > MOST_INLINE:
        return f"A paragraph of this text has too many marks to be rendered. {_ADVICE}"
    return None


def make_parser() -> MarkdownIt:
    """Make a parser that shows HTML as written, and of which nothing harmful comes.

    Entities such as ``&#x202e;`` are decoded by the parser, after the text was made harmless: what
    it gives is made harmless once more.
    """
    parser = MarkdownIt("gfm-like", {"html": False})
    parser.core.ruler.push("harmless", _make_harmless)
    return parser


def _make_harmless(state: StateCore) -> None:
    waiting: list[Token] = list(state.tokens)
    while waiting:
        token = waiting.pop()
        token.content = plain_text(token.content)
        for name, value in token.attrs.items():
            if isinstance(value, str):
                token.attrs[name] = plain_text(value)
        waiting.extend(token.children or ())
