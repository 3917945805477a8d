"""Navigation: the order of the pages, from the catalogue."""

from collections.abc import Mapping
from typing import Any

from study_guide.catalogue import Catalogue
from study_guide.languages import Language

# The pages for those who write, in the order in which one needs them.
CONTRIBUTING = (
    "index",
    "answers",
    "syntax",
    "style",
    "publishing",
    "design",
    "measurements",
    "builders",
)


def tree(
    catalogue: Catalogue, language: Language, words: Mapping[str, str]
) -> list[dict[str, Any]]:
    """MkDocs' `nav` for `language`: home, all questions, practice, the study
    plans, each topic with its published questions, then the pages about the
    guide itself, whose titles are their own. `words` are those of the
    interface. Files are named without their language."""
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
    pages_of_writers = [f"contributing/{name}.md" for name in CONTRIBUTING]
    entries.append({words["contributing"]: pages_of_writers})
    entries += [
        {words[name]: f"{name}/index.md"}
        for name in ("glossary", "errata", "licences")
    ]
    return entries
