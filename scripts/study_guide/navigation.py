"""Navigation: the order of the pages, from the catalogue."""

from collections.abc import Mapping
from typing import Any

from study_guide.catalogue import Catalogue
from study_guide.languages import Language


def tree(
    catalogue: Catalogue, language: Language, words: Mapping[str, str]
) -> list[dict[str, Any]]:
    """MkDocs' `nav` for `language`: home, all questions, practice, the study
    plans, then each topic with its published questions. `words` are those of
    the interface. Files are named without their language."""
    entries: list[dict[str, Any]] = [
        {"LLM": "index.md"},
        {words["all_questions"]: "questions/index.md"},
        {words["practice"]: "practice/index.md"},
    ]
    entries += [
        {plan.titles[language]: f"plans/{plan.slug}/index.md"}
        for plan in catalogue.plans
    ]
    for topic in catalogue.topics:
        pages = [{topic.titles[language]: f"topics/{topic.slug}/index.md"}]
        pages += [
            {q.titles[language]: f"questions/{q.slug}/index.md"}
            for q in topic.published
        ]
        entries.append({topic.titles[language]: pages})
    return entries
