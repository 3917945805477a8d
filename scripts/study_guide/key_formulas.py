"""The key formulas of an article: those that cards and the quick review show."""

import re
from html import unescape
from itertools import pairwise
from typing import Any

from study_guide.articles import Article
from study_guide.formulas import ARITHMATEX

_MOST = 2
_TOKEN = re.compile(r"\\[A-Za-z]+|[A-Za-z0-9]|[^\s{}\\]")


def choose(article: Article, root: Any) -> list[Any]:
    """The numbered formulas, in order, that have most in common with what a
    full answer says: its short answer and its points.

    `root` is the parsed body of the article; at most two of its blocks are
    returned.
    """
    said = _pairs("".join([article.short_answer, *article.points]))
    blocks = root.xpath(".//div[@class='eq']")
    ranked = sorted(
        blocks,
        key=lambda block: -_shared(block.text_content(), said),
    )
    chosen = ranked[:_MOST]
    return [block for block in blocks if block in chosen]


def _pairs(html: str) -> set[tuple[str, str]]:
    """Neighbouring symbols in the formulas of a piece of HTML."""
    found: set[tuple[str, str]] = set()
    for formula in ARITHMATEX.finditer(html):
        tokens = _TOKEN.findall(unescape(formula["inline"] or ""))
        found |= set(pairwise(tokens))
    return found


def _shared(tex: str, said: set[tuple[str, str]]) -> float:
    tokens = _TOKEN.findall(tex)
    pairs = set(pairwise(tokens))
    return len(pairs & said) / (8 + len(pairs))
