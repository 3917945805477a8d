"""Navigation: the order of the pages, from the catalogue."""

from typing import Any

from study_guide.catalogue import Catalogue
from study_guide.languages import Language


def tree(
    catalogue: Catalogue, language: Language, all_questions: str
) -> list[dict[str, Any]]:
    """MkDocs' `nav` for `language`: home, all questions, then each topic
    with its published questions. Files are named without their language."""
    entries: list[dict[str, Any]] = [
        {"LLM": "index.md"},
        {all_questions: "questions/index.md"},
    ]
    for topic in catalogue.topics:
        pages = [{topic.titles[language]: f"topics/{topic.slug}/index.md"}]
        pages += [
            {q.titles[language]: f"questions/{q.slug}/index.md"}
            for q in topic.published
        ]
        entries.append({topic.titles[language]: pages})
    return entries
