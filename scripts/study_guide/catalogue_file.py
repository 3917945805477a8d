"""`catalogue.json`: topics, questions and plans for other programs."""

import json
from collections.abc import Mapping
from typing import Any

from study_guide.articles import Article
from study_guide.catalogue import Catalogue, Question
from study_guide.languages import LANGUAGES, Language

Articles = Mapping[Language, Mapping[str, Article]]


def _question(question: Question, articles: Articles) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": question.id,
        "slug": question.slug,
        "topic": question.topic,
        "level": question.level,
        "published": question.published,
    }
    for language in LANGUAGES:
        article = articles.get(language, {}).get(question.slug)
        record[language] = {
            "title": question.titles[language],
            "url": question.url(language) if article else None,
            "short_answer": article.short_answer_text if article else None,
        }
    return record


def text(catalogue: Catalogue, articles: Articles) -> str:
    """The file's text; urls are relative to the site's root."""
    record = {
        "questions": [
            _question(one, articles) for one in catalogue.questions.values()
        ],
        "topics": [
            {
                "slug": topic.slug,
                **{
                    language: {
                        "title": topic.titles[language],
                        "description": topic.descriptions[language],
                        "url": topic.url(language),
                    }
                    for language in LANGUAGES
                },
                "questions": [one.id for one in topic.questions],
            }
            for topic in catalogue.topics
        ],
        "plans": [
            {
                "slug": plan.slug,
                **{
                    language: {
                        "title": plan.titles[language],
                        "description": plan.descriptions[language],
                        "url": plan.url(language),
                    }
                    for language in LANGUAGES
                },
                "days": [[one.id for one in part] for part in plan.parts],
            }
            for plan in catalogue.plans
        ],
    }
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"
