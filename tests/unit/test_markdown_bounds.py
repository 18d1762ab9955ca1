"""Which texts may be rendered, and that nothing harmful comes out of the parser."""

from __future__ import annotations

import pytest

from chatflow_tui.texts.markdown_bounds import MOST_CHARACTERS, make_parser, refusal

SECTION = (
    "## Title\n\nA paragraph of some words with `code` and **more**, as long as one usually is, and a bit longer.\n\n"
)


def test_plain_structure_is_rendered_almost_up_to_the_cap() -> None:
    text = SECTION * (MOST_CHARACTERS // len(SECTION))
    assert refusal(text) is None
    assert refusal("") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a" * (MOST_CHARACTERS + 1), "too long"),
        ("|a|b|c|\n|-|-|-|\n" + "|x|y|z|\n" * 1500, "too much structure"),
        ("|a" * 3000 + "|\n" + "|-" * 3000 + "|\n", "too much structure"),
        ("- a\n" * 1000, "too much structure"),
        ("```\nx\n```\n\n" * 300, "too much structure"),
        (">" * 5000 + " a", "nested too deeply"),
        ("*a* " * 4000, "too many marks"),
    ],
)
def test_what_would_take_long_is_refused_in_words(text: str, words: str) -> None:
    reason = refusal(text)
    assert reason is not None
    assert words in reason


def test_entities_cannot_bring_back_what_was_made_harmless() -> None:
    source = "a &#x202e;b&shy;c [t&#x200b;](http://x/&#x202e;y 'z&rlm;') ![&#x2066;](u) `&#27;`\n\n```&#x202e;\n```\n"
    seen = []
    waiting = make_parser().parse(source)
    while waiting:
        token = waiting.pop()
        seen += [token.content, *map(str, token.attrs.values())]
        waiting += token.children or []
    text = "".join(seen)
    assert not set(text) & set("\u202e\u200b\u200f\u2066\xad\x1b")
    assert "a \ufffdb\ufffdc" in text


def test_html_stays_text() -> None:
    tokens = make_parser().parse("<script>x</script>\n\na <b onclick='x'>b</b>")
    assert not any("html" in child.type for token in tokens for child in [token, *(token.children or [])])
