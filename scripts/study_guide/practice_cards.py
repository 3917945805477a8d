"""What the practice page asks, read by `docs/assets/scripts/practice/`.

A script a question below `assets/practice/<language>/`, fetched when the
question is about to be asked. Scripts, because a page opened from a folder may
load no other data. Each hands over a card: the short answer, the points of a
full answer, the key formulas and the follow-up questions with their answers,
as finished HTML whose links are relative to the practice page.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from json import dumps
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from study_guide import key_formulas
from study_guide.articles import Article, parse, serialize, with_formulas
from study_guide.content_cache import ContentCache
from study_guide.languages import Language, site_path

# The scripts of the page, in the order in which they need one another.
SCRIPTS = (
    "assets/vendor/ts-fsrs/ts-fsrs.js",
    "assets/scripts/practice/cards.js",
    "assets/scripts/practice/schedule.js",
    "assets/scripts/practice/selection.js",
    "assets/scripts/practice/session.js",
    "assets/scripts/practice/transfer.js",
    "assets/scripts/practice/start.js",
)

Card = Mapping[str, Any]


def page_url(language: Language) -> str:
    """The practice page, relative to the site's root."""
    return site_path(language, "practice/")


def files(
    articles: Sequence[Article], cache: ContentCache
) -> Mapping[str, str]:
    """File name -> content for the articles of one language."""
    return {
        f"{article.question.slug}.js": _script(
            article.question.slug, card(article, cache)
        )
        for article in articles
    }


def write(site: Path, language: Language, contents: Mapping[str, str]) -> None:
    """Write the files of one language below `site`."""
    folder = site / "assets" / "practice" / language
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_text(content, encoding="utf-8")


def card(article: Article, cache: ContentCache) -> Card:
    """What is asked about one question, formulas rendered."""
    body = parse(article.body)

    def finished(element: Any, *, inner: bool = True) -> str:
        html = serialize(_at_home(element, article), inner=inner)
        return with_formulas(html, cache).strip()

    return {
        "short": finished(parse(article.short_answer)),
        "points": [finished(parse(point)) for point in article.points],
        "formulas": [
            finished(block, inner=False)
            for block in key_formulas.choose(article, body)
        ],
        "followUps": [
            {
                "question": finished(block.find("summary")),
                "answer": finished(_without_summary(block)),
            }
            for block in body.xpath(".//details[contains(@class,'follow-up')]")
        ],
    }


def _without_summary(block: Any) -> Any:
    copy = deepcopy(block)
    copy.find("summary").drop_tree()
    return copy


def _at_home(element: Any, article: Article) -> Any:
    """A copy for the practice page: links seen from there, and no ids, since
    parts of several questions stand on it."""
    copy = deepcopy(element)
    copy.tail = None
    root = "../" * page_url(article.language).count("/")
    here = f"/{article.question.url(article.language)}"
    for link in copy.iter("a"):
        target = urljoin(here, link.get("href", ""))
        if target.startswith("/"):
            link.set("href", root + target[1:])
    for one in copy.iter():
        one.attrib.pop("id", None)
    return copy


def _script(name: str, content: Card) -> str:
    data = dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f'guidePractice.receive("{name}",{data});\n'
