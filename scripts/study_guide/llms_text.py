"""The guide for language models: `llms.txt` names every page's Markdown,
`llms-full.txt` holds all of it.

Source: https://llmstxt.org
"""

from collections.abc import Iterator, Mapping, Sequence

from study_guide.articles import Article
from study_guide.catalogue import Catalogue, Plan, Question, Topic
from study_guide.languages import Language


def index(
    language: Language,
    catalogue: Catalogue,
    articles: Mapping[str, Article],
    words: Mapping[str, str],
    site: str,
) -> str:
    """`llms.txt`: each question under its topic, with its short answer."""
    parts = [
        f"# {words['site_name']}",
        f"> {words['site_description']}",
        words["llms_note"],
    ]
    for topic in catalogue.topics:
        entries = "\n".join(
            _entries(topic.questions, language, articles, site)
        )
        if entries:
            parts.append(f"## {topic.titles[language]}\n\n{entries}")
    return "\n\n".join(parts) + "\n"


def _entries(
    questions: Sequence[Question],
    language: Language,
    articles: Mapping[str, Article],
    site: str,
) -> Iterator[str]:
    for question in questions:
        article = articles.get(question.slug)
        if article:
            address = f"{site}{question.url(language)}index.md"
            title = article.title.replace("[", "(").replace("]", ")")
            yield f"- [{title}]({address}): {article.short_answer_text}"


def topic_page(
    topic: Topic,
    language: Language,
    articles: Mapping[str, Article],
    site: str,
) -> str:
    """A topic's page as Markdown: what it is about, and its questions."""
    entries = "\n".join(_entries(topic.questions, language, articles, site))
    return (
        f"# {topic.titles[language]}\n\n{topic.descriptions[language]}\n\n"
        f"{entries}\n"
    )


def plan_page(
    plan: Plan,
    language: Language,
    articles: Mapping[str, Article],
    site: str,
) -> str:
    """A study plan as Markdown: its days, or topics, a list each."""
    parts = (
        "\n".join(_entries(part, language, articles, site))
        for part in plan.parts
    )
    return (
        f"# {plan.titles[language]}\n\n{plan.descriptions[language]}\n\n"
        + "\n\n---\n\n".join(parts)
        + "\n"
    )


def questions_page(
    language: Language,
    catalogue: Catalogue,
    articles: Mapping[str, Article],
    title: str,
    site: str,
) -> str:
    """The page of all questions as Markdown."""
    entries = [
        "\n".join(_entries(topic.questions, language, articles, site))
        for topic in catalogue.topics
    ]
    return f"# {title}\n\n" + "\n".join(filter(None, entries)) + "\n"


def full(
    language: Language,
    catalogue: Catalogue,
    pages: Mapping[str, str],
    words: Mapping[str, str],
) -> str:
    """`llms-full.txt`: `pages` maps slugs to the Markdown of the questions'
    pages, as `markdown_source` gives it."""
    parts = [f"# {words['site_name']}\n\n> {words['site_description']}\n"]
    parts += [pages[slug] for slug in catalogue.questions if slug in pages]
    return "\n---\n\n".join(parts)
