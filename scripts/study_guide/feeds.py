"""The feed of a language: its new and changed questions, as RSS 2.0.

Source: https://www.rssboard.org/rss-specification
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from email.utils import format_datetime

from lxml import etree

from study_guide.articles import Article
from study_guide.catalogue import Catalogue
from study_guide.errata import Erratum
from study_guide.languages import Language, site_path

NAME = "feed.xml"
_ATOM = "http://www.w3.org/2005/Atom"
# The latest ones; a reader's program asks for the whole file each time.
_MOST = 60


def text(
    language: Language,
    catalogue: Catalogue,
    articles: Mapping[str, Article],
    errata: Sequence[Erratum],
    words: Mapping[str, str],
    site: str,
) -> str:
    """The feed's XML: a question under the day of its last change, and each
    erratum. `site` is the site's address with a slash at its end."""
    entries = []
    for place, (slug, question) in enumerate(catalogue.questions.items()):
        if slug in articles and question.changed_on:
            entries.append(
                (
                    question.changed_on,
                    -place,
                    question.titles[language],
                    question.url(language),
                    articles[slug].short_answer_text,
                    catalogue.topic(question.topic).titles[language],
                )
            )
    for place, erratum in enumerate(errata):
        question = catalogue.questions[erratum.question]
        entries.append(
            (
                erratum.date,
                place,
                f"{words['erratum']}{question.titles[language]}",
                site_path(language, f"errata/#{erratum.id}"),
                erratum.texts[language],
                words["errata"],
            )
        )
    entries.sort(key=lambda one: one[:2], reverse=True)

    root = etree.Element("rss", version="2.0", nsmap={"atom": _ATOM})
    channel = etree.SubElement(root, "channel")
    _add(channel, "title", words["site_name"])
    _add(channel, "link", site + site_path(language, ""))
    _add(channel, "description", words["site_description"])
    _add(channel, "language", language)
    if entries:
        _add(channel, "lastBuildDate", _rfc822(entries[0][0]))
    address = site + site_path(language, NAME)
    etree.SubElement(
        channel,
        f"{{{_ATOM}}}link",
        href=address,
        rel="self",
        type="application/rss+xml",
    )
    for day, _, title, url, description, category in entries[:_MOST]:
        item = etree.SubElement(channel, "item")
        _add(item, "title", title)
        _add(item, "link", site + url)
        _add(item, "description", description)
        _add(item, "category", category)
        # A changed question is news again, so its day is part of its name.
        guid = _add(item, "guid", f"{site}{url} {day.isoformat()}")
        guid.set("isPermaLink", "false")
        _add(item, "pubDate", _rfc822(day))
    content: bytes = etree.tostring(
        root, encoding="utf-8", xml_declaration=True, pretty_print=True
    )
    return content.decode()


def _add(parent: etree._Element, name: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, name)
    element.text = text
    return element


def _rfc822(day: date) -> str:
    return format_datetime(datetime.combine(day, time(), UTC), usegmt=True)
