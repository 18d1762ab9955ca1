"""Untrusted text made harmless, and visibly so. Pure.

Prompts, responses and names come from files that anything may have written. A
terminal obeys control characters; bidi controls reorder what the reader sees;
invisible characters hide what is there. Each of them is replaced by something
that can be seen; nothing is dropped in silence.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

#: What stands for a character that has no picture of its own.
REPLACEMENT = "\ufffd"

#: A base carries at most this many combining marks: no living script needs more, and a
#: taller stack is drawn over the lines above and below it.
MAX_MARKS = 4

_C0 = r"\x00-\x1f\x7f"
_C1 = r"\x80-\x9f"
_BIDI = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_LINE_SEPARATORS = r"\u2028\u2029"
_SURROGATES = r"\ud800-\udfff"
# Soft hyphen, fillers of Hangul (letters that show nothing), zero width space, word joiner
# and invisible operators, deprecated format characters, byte order mark, interlinear
# annotation, format characters of hieroglyphs, shorthand and music, the block of tags.
_INVISIBLE = (
    r"\xad\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
    r"\U000e01f0-\U000e0fff"
)
_HIDDEN = re.compile(f"[{_C0}{_C1}{_BIDI}{_LINE_SEPARATORS}{_INVISIBLE}{_SURROGATES}]")
_HIDDEN_BUT_NEWLINE = re.compile(_HIDDEN.pattern.replace(r"\x00-\x1f", r"\x00-\x09\x0b-\x1f"))

#: What must never reach the terminal, whatever else went wrong.
OBEYED = re.compile(f"[{_C0}{_C1}{_BIDI}{_LINE_SEPARATORS}{_SURROGATES}]")

_ASCII_CONTROLS = bytes([*range(0x0A), *range(0x0B, 0x20), 0x7F])

# Latin, Greek, Cyrillic, punctuation, symbols, Chinese, Japanese, Korean, emoji: none of them
# is hidden or a mark. Most texts hold nothing else and are returned as they came.
_HARMLESS = (
    r"\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u202f-\u205e"
    r"\u2070-\u20cf\u2100-\u2bff\u2e80-\u3029\u3030-\u3098\u309b-\u3163\u3165-\ua4cf\uac00-\ud7a3\ue000-\ufaff"
    r"\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uff9f\uffe0-\uffee\ufffc\ufffd\U0001f000-\U0001faff\U00020000-\U0003ffff"
)


# Sets of so many ranges take milliseconds to compile: these wait for the first text that is not ASCII.


@cache
def _suspect() -> re.Pattern[str]:
    return re.compile(f"[^\n{_HARMLESS}]")


@cache
def _suspect_in_name() -> re.Pattern[str]:
    return re.compile(f"[^{_HARMLESS}]")


@cache
def _idle_joiner() -> re.Pattern[str]:
    # A joiner joins emoji or letters of a joining script. Before anything else it joins nothing,
    # but screen libraries count the character after it as no cell: a row could outgrow its width.
    return re.compile(
        r"\u200d(?=[\x00-\u058f\u1e00-\u1fff\u2000-\u218f\u2500-\u257f\u2e80-\ua4cf\uac00-\ud7ff\ue000-\ufaff"
        r"\ufe30-\ufe6f\uff00-\uffff\U00020000-\U0003ffff]|\Z)"
    )


class _Pictures(dict[int, str]):
    """A table for `str.translate` that is filled as it is asked."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if code < 0x20:
            picture = chr(0x2400 + code)
        elif code == 0x7F:
            picture = "\u2421"
        else:
            picture = REPLACEMENT if _HIDDEN.match(character) else character
        self[code] = picture
        return picture


_pictures = _Pictures()


def _is_attached(character: str) -> bool:
    return character in "\u200c\u200d" or unicodedata.category(character) in ("Mn", "Me")


@cache
def _mark_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The patterns of what may be too many marks on one base, and marks without a base.

    Made at the first text that may hold a mark, since reading the categories takes 10 ms. Beyond
    the BMP they take in whole alphabets: a set of many ranges there is a hundred times slower.
    """
    marks = "".join(chr(code) for code in range(0x300, 0x10000) if _is_attached(chr(code)))
    attached = f"[{marks}\U000101fd-\U0001ebff\U000e0100-\U000e01ef]"
    # It must begin with a plain set to be searched fast: not `{5,}`.
    return re.compile(f"{attached}{attached}{{{MAX_MARKS},}}"), re.compile(f"\n(?={attached})")


def _cut_stacks(match: re.Match[str]) -> str:
    kept: list[str] = []
    height = 0
    for character in match[0]:
        height = height + 1 if _is_attached(character) else 0
        if height <= MAX_MARKS:
            kept.append(character)
        elif height == MAX_MARKS + 1:
            kept.append(REPLACEMENT)
    return "".join(kept)


def plain_lines(text: str) -> str:
    r"""Make a text of many lines harmless to show, but for its tabs.

    Newlines stay (``\r\n`` and ``\r`` become ``\n``), and so do tabs. Every other control character becomes
    its control picture; bidi controls, invisible format characters and lone surrogates become
    U+FFFD, as does what a stack of combining marks has beyond `MAX_MARKS`. A mark that has no
    base gets a dotted circle for one. Joiners and variation selectors stay.

    Args:
        text: Any text.

    Returns:
        The harmless text; the same object if the text was harmless already.
    """
    if text.isascii():
        raw = text.encode("ascii")
        if len(raw.translate(None, _ASCII_CONTROLS)) == len(raw):
            return text
    elif not _suspect().search(text):
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _HIDDEN_BUT_NEWLINE.sub(_picture_but_tab, text)
    return _limit_marks(text)


def plain_name(text: str) -> str:
    r"""Make a name, or the text of a table's cell, harmless to show in one line.

    As `plain_lines`, but newlines and tabs become pictures too: the result is one line.

    Args:
        text: Any text.

    Returns:
        The harmless text; the same object if the text was harmless already.
    """
    if text.isprintable() and (text.isascii() or not _suspect_in_name().search(text)):
        return text
    return _limit_marks(text.translate(_pictures))


def _picture_but_tab(match: re.Match[str]) -> str:
    character = match[0]
    return character if character == "\t" else _pictures[ord(character)]


def _limit_marks(text: str) -> str:
    if text.isascii():
        return text
    too_many, without_base = _mark_patterns()
    text = _idle_joiner().sub(REPLACEMENT, text)
    text = too_many.sub(_cut_stacks, text)
    # The newline in front stands for the start of the text, where a mark has no base either.
    return without_base.sub(_lend_base, "\n" + text)[1:]


def _lend_base(match: re.Match[str]) -> str:
    return "\n\u25cc" if _is_attached(match.string[match.end()]) else "\n"
