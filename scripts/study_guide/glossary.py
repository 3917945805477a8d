"""The glossary as a page: each term with its name in the other language, and
the questions that treat it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from study_guide import book_index
from study_guide.articles import Article
from study_guide.book_index import Passages, Term
from study_guide.catalogue import Question
from study_guide.content_cache import ContentCache
from study_guide.languages import Language

# After so many questions a term's entry ends; they come in reading order.
_MOST = 6
_MENTIONS = 3


@dataclass(frozen=True)
class Entry:
    """A term; `other` is its name in the other language where that differs."""

    id: str
    name: str
    other: str
    questions: tuple[Question, ...]


# First letter and its terms, in the order of the language.
Groups = Sequence[tuple[str, Sequence[Entry]]]


def groups(
    docs: Path,
    language: Language,
    articles: Mapping[str, Article],
    cache: ContentCache,
) -> Groups:
    """All terms of `docs/glossary.yml`, with questions among `articles`."""
    terms = book_index.load(docs, language)
    texts = {slug: book_index.passages(one) for slug, one in articles.items()}
    treated: dict[str, list[Question]] = {term.id: [] for term in terms}
    for slug, found in book_index.assigned(texts, terms).items():
        for term in found:
            treated[term.id].append(articles[slug].question)
    for term in terms:
        if term.questions:
            treated[term.id] = [
                articles[slug].question
                for slug in term.questions
                if slug in articles
            ]
        elif not treated[term.id] and term.id not in book_index.AMBIGUOUS:
            treated[term.id] = [
                articles[slug].question for slug in _mentions(term, texts)
            ]
    return [
        (
            letter,
            [
                Entry(
                    term.id,
                    term.name,
                    term.other if term.other != term.name else "",
                    tuple(treated[term.id][:_MOST]),
                )
                for term in group
            ],
        )
        for letter, group in book_index.sorted_groups(terms, language, cache)
    ]


def _mentions(term: Term, texts: Mapping[str, Passages]) -> list[str]:
    """The questions that name the term most often: for one that is no
    question's subject."""
    counts = {
        slug: len(term.pattern.findall(text.whole))
        for slug, text in texts.items()
        if term.may_stand_in(text.lowered)
    }
    named = [slug for slug, count in counts.items() if count]
    return sorted(named, key=lambda slug: -counts[slug])[:_MENTIONS]


def markdown(groups: Groups, language: Language, site: str) -> str:
    """The terms as Markdown lists; `site` is the site's address."""
    return "\n\n".join(
        f"## {letter}\n\n" + "\n".join(_lines(entries, language, site))
        for letter, entries in groups
    )


def _lines(
    entries: Sequence[Entry], language: Language, site: str
) -> Iterator[str]:
    for entry in entries:
        links = ", ".join(
            f"[{one.titles[language]}]({site}{one.url(language)}index.md)"
            for one in entry.questions
        )
        name = f"{entry.name} ({entry.other})" if entry.other else entry.name
        yield f"- **{name}**" + (f": {links}" if links else "")
