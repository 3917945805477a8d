"""What a page says of itself to search engines, as JSON-LD.

Source: https://schema.org/QAPage, https://schema.org/BreadcrumbList
"""

import json
from collections.abc import Sequence
from typing import Any

from study_guide.articles import Article
from study_guide.catalogue import Topic
from study_guide.languages import Language, site_path

_LICENCE = "https://creativecommons.org/licenses/by-sa/4.0/"


def question_page(
    article: Article, topic: Topic, card: str, home: str, site: str
) -> str:
    """JSON-LD of a question's page, for a `script` element.

    `card` is the path of its picture, `home` the name of the site, `site`
    its address with a slash at its end.
    """
    question, language = article.question, article.language
    address = site + question.url(language)
    title = question.titles[language]
    asked: dict[str, Any] = {
        "@type": "Question",
        "name": title,
        "text": title,
        "answerCount": 1,
        "acceptedAnswer": {
            "@type": "Answer",
            "text": article.short_answer_text,
            "url": f"{address}#short-answer",
        },
    }
    page: dict[str, Any] = {
        "@type": "QAPage",
        "@id": address,
        "url": address,
        "name": title,
        "inLanguage": language,
        "license": _LICENCE,
        "isAccessibleForFree": True,
        "primaryImageOfPage": {"@type": "ImageObject", "url": site + card},
        "about": [{"@type": "Thing", "name": topic.titles[language]}],
        "mainEntity": asked,
    }
    if question.changed_on:
        page["dateModified"] = question.changed_on.isoformat()
    trail = [
        (home, site_path(language, "")),
        (topic.titles[language], topic.url(language)),
        (title, question.url(language)),
    ]
    return _script([page, _breadcrumbs(trail, site)])


def topic_page(topic: Topic, language: Language, home: str, site: str) -> str:
    """JSON-LD of a topic's page."""
    trail = [
        (home, site_path(language, "")),
        (topic.titles[language], topic.url(language)),
    ]
    return _script([_breadcrumbs(trail, site)])


def _breadcrumbs(trail: Sequence[tuple[str, str]], site: str) -> Any:
    """`trail` holds (name, path) from the home page on."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": name,
                "item": site + path,
            }
            for position, (name, path) in enumerate(trail, start=1)
        ],
    }


def _script(graph: Sequence[Any]) -> str:
    data = {"@context": "https://schema.org", "@graph": graph}
    # No text may end the element that holds it.
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
