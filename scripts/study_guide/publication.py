"""What is published beside the pages: for feed readers, search engines, link
previews and language models."""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from study_guide import (
    book_pictures,
    cards,
    feeds,
    llms_text,
    markdown_source,
    sitemap,
)
from study_guide.articles import Article
from study_guide.bibliography import Reference
from study_guide.cards import Card
from study_guide.catalogue import Catalogue
from study_guide.errata import Erratum
from study_guide.languages import LANGUAGES, Language, site_path

_CARDS = "assets/cards"


@dataclass
class Publication:
    """What it is made from.

    `site` is the site's address with a slash at its end; `pages` maps the
    path of each page in the default language to the day of its last change;
    `sources` maps a language to the Markdown of its pages by path.
    """

    docs: Path
    site: str
    catalogue: Catalogue
    errata: Sequence[Erratum]
    references: Mapping[str, Reference]
    words: Mapping[Language, Mapping[str, str]]
    articles: Mapping[Language, Mapping[str, Article]]
    pages: dict[str, date | None] = field(default_factory=dict)
    sources: dict[Language, dict[str, str]] = field(
        default_factory=lambda: {language: {} for language in LANGUAGES}
    )


def card_path(language: Language, kind: str, slug: str) -> str:
    """Where the card of a page lies, relative to the site's root. Pages that
    are neither a question nor a topic share one."""
    if kind in ("question", "topic"):
        return f"{_CARDS}/{kind}s/{slug}.{language}.png"
    return f"{_CARDS}/guide.{language}.png"


def last_change(catalogue: Catalogue, topic: str = "") -> date | None:
    """The day on which a question, of `topic` if given, last changed."""
    days = (
        one.changed_on
        for one in catalogue.published
        if topic in ("", one.topic)
    )
    return max(filter(None, days), default=None)


def write(site: Path, publication: Publication, kept: Path) -> None:
    """Write all of it below `site`; `kept` is the folder of drawn cards."""
    for name, text in _texts(publication):
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    content = (site / "sitemap.xml").read_bytes()
    (site / "sitemap.xml.gz").write_bytes(gzip.compress(content, mtime=0))
    colours = book_pictures.light_colours(publication.docs)
    ink = cards.Ink(
        *(colours[name] for name in ("--paper", "--ink", "--qing"))
    )
    for name, card in _cards(publication):
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cards.png(card, ink, kept))


def _texts(publication: Publication) -> Iterator[tuple[str, str]]:
    """Path and content of each text file."""
    site, catalogue = publication.site, publication.catalogue
    yield "sitemap.xml", sitemap.text(site, publication.pages)
    yield "robots.txt", sitemap.robots(site)
    for language in LANGUAGES:
        words = publication.words[language]
        articles = publication.articles[language]
        pages = dict(_markdown(publication, language))
        for path, text in pages.items():
            yield f"{path}index.md", text
        by_slug = {
            slug: pages[article.question.url(language)]
            for slug, article in articles.items()
        }
        for name, text in (
            (
                feeds.NAME,
                feeds.text(
                    language,
                    catalogue,
                    articles,
                    publication.errata,
                    words,
                    site,
                ),
            ),
            (
                "llms.txt",
                llms_text.index(language, catalogue, articles, words, site),
            ),
            (
                "llms-full.txt",
                llms_text.full(language, catalogue, by_slug, words),
            ),
        ):
            yield site_path(language, name), text


def _markdown(
    publication: Publication, language: Language
) -> Iterator[tuple[str, str]]:
    """Path (with the slash at its end) and Markdown of each page."""
    site, catalogue = publication.site, publication.catalogue
    articles = publication.articles[language]
    questions = {one.question.url(language) for one in articles.values()}
    for path, text in publication.sources[language].items():
        yield (
            path,
            markdown_source.resolved(
                text,
                language,
                publication.references if path in questions else {},
                publication.docs,
                site + path,
            ),
        )
    for topic in catalogue.topics:
        yield (
            topic.url(language),
            llms_text.topic_page(topic, language, articles, site),
        )
    for plan in catalogue.plans:
        yield (
            plan.url(language),
            llms_text.plan_page(plan, language, articles, site),
        )
    yield (
        site_path(language, "questions/"),
        llms_text.questions_page(
            language,
            catalogue,
            articles,
            publication.words[language]["all_questions"],
            site,
        ),
    )


def _cards(publication: Publication) -> Iterator[tuple[str, Card]]:
    """Path and card of each page that has one of its own, and of the rest."""
    catalogue = publication.catalogue
    for language in LANGUAGES:
        words = publication.words[language]
        name = words["site_name"]
        yield (
            card_path(language, "", ""),
            Card(
                language,
                name,
                "",
                words["card_title"].replace(
                    "{n}", str(len(catalogue.questions))
                ),
                words["card_note"],
            ),
        )
        for number, topic in enumerate(catalogue.topics, start=1):
            title = topic.titles[language]
            yield (
                card_path(language, "topic", topic.slug),
                Card(
                    language,
                    name,
                    str(number),
                    title,
                    topic.descriptions[language],
                ),
            )
            for one in topic.questions:
                if one.slug in publication.articles[language]:
                    yield (
                        card_path(language, "question", one.slug),
                        Card(
                            language,
                            name,
                            str(one.id),
                            one.titles[language],
                            f"{title} · {words[one.level]}",
                        ),
                    )
