"""Characters: which cannot be printed, and how Chinese stands beside Latin."""

import re
import unicodedata
from collections.abc import Iterator

# Look-alikes of ordinary Han characters that fonts for text leave out.
_LOOK_ALIKES = (
    (0x2E80, 0x2EFF),  # CJK radicals supplement
    (0x2F00, 0x2FDF),  # Kangxi radicals
    (0xF900, 0xFAFF),  # CJK compatibility ideographs
    (0x2F800, 0x2FA1F),
)


def unprintable(text: str) -> set[str]:
    """Characters of `text` that no text font draws: invisible ones, private
    ones, control characters, emoji and Kangxi radicals among them."""
    return {one for one in set(text) if not one.isascii() and _bad(one)} | {
        one for one in set(text) if ord(one) < 32 or ord(one) == 127
    }


def _bad(character: str) -> bool:
    code = ord(character)
    if any(low <= code <= high for low, high in _LOOK_ALIKES):
        return True
    if 0x1F000 <= code <= 0x1FAFF or 0xFE00 <= code <= 0xFE0F:
        return True
    if character == "\ufffd":
        return True
    return unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Cn"}


def describe(character: str) -> str:
    """A character by its number and name, U+2F00 KANGXI RADICAL ONE."""
    name = unicodedata.name(character, "control character")
    return f"U+{ord(character):04X} {name}"


_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_LATIN = r"A-Za-z0-9\ufffc"
_FULL = "，。；：、！？（）「」『』《》…—"
_TOUCHING = re.compile(rf"[{_HAN}][*_]*[{_LATIN}]|[{_LATIN}][*_]*[{_HAN}]")
_SPACED = re.compile(rf"[{_FULL}] +\S|\S +[{_FULL[:-2]}]")
_HALF = re.compile(
    rf"[{_HAN}]\*{{0,2}}[,;:!?](?:\s|$|[{_HAN}])|[{_HAN}]\.(?:\s|$)"
)
_QUOTES = re.compile("[“”‘’]")
# What is no text: targets of links, citations, attributes, markers.
_NO_TEXT = re.compile(
    r"\]\([^)]*\)| *\[@[^\]]*\]|\{[^}]*\}|<!--.*?-->|^\s*(?:[-*]|\d+\.)\s+|!\[[^\]]*\]"
)


def chinese_spacing(line: str) -> Iterator[str]:
    """What is wrong in a line of Chinese prose, U+FFFC for each formula or
    piece of code."""
    # `[位置](…)` reads as 位置: brackets of links and bold marks are no text.
    text = _NO_TEXT.sub("", line)
    text = re.sub(r"[\[\]]|\*\*", "", text)
    text = re.sub(r"^\|.*\|$", lambda row: row[0].replace("|", "\n"), text)
    for cell in text.split("\n"):
        cell = cell.strip()
        if found := _TOUCHING.search(cell):
            yield f"no space in {_around(cell, found)}"
        if found := _SPACED.search(cell):
            yield f"a space beside full-width punctuation in {_around(cell, found)}"
        if found := _HALF.search(cell):
            yield f"half-width punctuation in {_around(cell, found)}"
        if found := _QUOTES.search(cell):
            yield f"Western quotation marks in {_around(cell, found)}; use 「」"


def _around(text: str, found: re.Match[str]) -> str:
    piece = text[max(0, found.start() - 6) : found.end() + 6]
    return "'" + piece.replace("\ufffc", "$…$") + "'"
