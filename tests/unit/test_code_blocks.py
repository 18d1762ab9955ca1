"""Code blocks are found where CommonMark finds them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chatflow_core.code_blocks import CodeBlock, code_blocks

_PIECES = (
    "```", "````", "~~~", "```py", "~~~ js x", " ```", "   ```", "    ```", "> ```", "> a", ">```", "- ```", "- a",
    "1. a", "  ```", "   x", "     y", "", "text", "- - -", "```  ", "\tq", "- ```py", "> > ```", "  ~~~",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", []),
        ("no `code` ``` here", []),
        ("```python\nx = 1\n```\n", [CodeBlock("python", "x = 1\n", 1)]),
        ("a\n\n~~~ js x\ny\n~~~~\n", [CodeBlock("js", "y\n", 3)]),
        ("````\n```\nx\n```\n````", [CodeBlock("", "```\nx\n```\n", 1)]),
        ("```\nnever closed\n\n", [CodeBlock("", "never closed\n\n", 1)]),
        ("1. a\n   ```sh\n   ls\n\n     -l\n   ```\n", [CodeBlock("sh", "ls\n\n  -l\n", 2)]),
        ("> ```\n> x\nout\n", [CodeBlock("", "x\n", 1)]),
        ("```make\nall:\n\techo\n```", [CodeBlock("make", "all:\n\techo\n", 1)]),
        ("  ```\n  x\n y\n   ```\n", [CodeBlock("", "x\ny\n", 1)]),
        ("```\r\nx\r\n```\r\n```\ry\r```", [CodeBlock("", "x\n", 1), CodeBlock("", "y\n", 4)]),
        ("```\n```\n~~~\n~~~", [CodeBlock("", "", 1), CodeBlock("", "", 3)]),
        ("    ```\n    indented code\n    ```\n", []),
        ("``` not`code\nx\n", []),
    ],
)
def test_blocks(text: str, blocks: list[CodeBlock]) -> None:
    assert code_blocks(text) == blocks


@given(st.lists(st.sampled_from(_PIECES), max_size=8))
def test_they_are_those_of_a_markdown_parser(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    expected = [
        ((token.info.split() or [""])[0], token.content)
        for token in MarkdownIt("commonmark").parse(text)
        if token.type == "fence"
    ]
    assert [(block.language, block.text) for block in code_blocks(text)] == expected
