"""The index of terms, at a book's end and on the glossary's page: which
terms, where, in what order."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pypinyin import Style, lazy_pinyin

from study_guide.articles import Article, parse
from study_guide.languages import Language, other

# A term that a question neither asks about nor answers with is indexed there
# if it stands this often in the text.
_OFTEN = 4


@dataclass(frozen=True)
class Term:
    """A term of the glossary in one language; `other` is its name in the
    other one, `pattern` finds it in running text,
    `forms` are beginnings of its forms in lower case."""

    id: str
    name: str
    other: str
    forms: tuple[str, ...]
    pattern: re.Pattern[str]

    def stands_in(self, text: str, lowered: str) -> bool:
        """Whether `text` has the term; `lowered` is the same in lower case,
        which a term that is absent, as most are, is told by at once."""
        return any(form in lowered for form in self.forms) and bool(
            self.pattern.search(text)
        )


def load(docs: Path, language: Language) -> tuple[Term, ...]:
    """All terms of `docs/glossary.yml`."""
    text = (docs / "glossary.yml").read_text(encoding="utf-8")
    return tuple(_term(entry, language) for entry in yaml.safe_load(text))


def _term(entry: Mapping[str, Any], language: Language) -> Term:
    forms = [entry[language]]
    english = entry["en"]
    if language == "zh" and (" " in english or english != english.lower()):
        forms.append(english)
    # Of the aliases only abbreviations mean the term and nothing else.
    forms += [
        alias
        for alias in entry.get(f"{language}_aliases", ())
        if re.fullmatch(r"[A-Z][A-Za-z]*[A-Z][A-Za-z]*", alias)
    ]
    return Term(
        entry["id"],
        entry[language],
        entry[other(language)],
        tuple(form.split()[0].lower() for form in forms),
        _pattern(forms),
    )


def _pattern(forms: Sequence[str]) -> re.Pattern[str]:
    pieces = []
    for form in sorted(set(forms), key=len, reverse=True):
        piece = re.escape(form).replace(r"\ ", r"\s+")
        if form[0].isascii():
            piece = rf"(?<![A-Za-z0-9]){piece}"
        if form[-1].isascii():
            piece += r"(?:s|es)?(?![A-Za-z0-9])"
        if not form.isupper():
            piece = f"(?i:{piece})"
        pieces.append(piece)
    return re.compile("|".join(pieces))


@dataclass(frozen=True)
class Passage:
    """A text, and the same in lower case."""

    text: str
    lowered: str

    def has(self, term: Term) -> bool:
        return term.stands_in(self.text, self.lowered)

    def has_often(self, term: Term) -> bool:
        if sum(map(self.lowered.count, term.forms)) < _OFTEN:
            return False
        return sum(1 for _ in term.pattern.finditer(self.text)) >= _OFTEN


@dataclass(frozen=True)
class Passages:
    """A question's text as the index weighs it: its title and headings, what
    else stands out (short answer, bold), and all of it."""

    headings: Passage
    prominent: Passage
    whole: Passage


_NO_PROSE = re.compile(
    r"<svg\b.*?</svg>|<pre\b.*?</pre>|<ol class=\"refs\".*", re.DOTALL
)


def passages(article: Article) -> Passages:
    """What the article's text is to the index."""
    root = parse(_NO_PROSE.sub("", article.body))
    headings = [one.text_content() for one in root.xpath(".//h3")]
    bold = [one.text_content() for one in root.xpath(".//strong")]
    short = parse(article.short_answer).text_content()
    whole = " ".join([short, *root.text_content().split()])
    texts = ("\n".join([article.title, *headings]), "\n".join([short, *bold]))
    return Passages(*(Passage(one, one.lower()) for one in (*texts, whole)))


def assigned(
    questions: Mapping[str, Passages], terms: Sequence[Term]
) -> Mapping[str, list[Term]]:
    """Slug -> the terms that the index names the question under.

    A term that would lead to more than a fifth of all questions is kept
    where a heading has it: twenty page numbers in a row help nobody.
    """
    found: dict[str, list[Term]] = {slug: [] for slug in questions}
    many = max(6, len(questions) // 5)
    for term in terms:
        if term.id in AMBIGUOUS:
            continue
        slugs = [
            slug for slug, one in questions.items() if _matters(term, one)
        ]
        if len(slugs) > many:
            slugs = [
                slug for slug in slugs if questions[slug].headings.has(term)
            ]
        for slug in slugs:
            found[slug].append(term)
    return found


# Words that mean something else more often than what the glossary says.
AMBIGUOUS = frozenset({"bias", "gpt"})


def _matters(term: Term, question: Passages) -> bool:
    return (
        question.headings.has(term)
        or question.prominent.has(term)
        or question.whole.has_often(term)
    )


def sorted_groups(
    terms: Sequence[Term], language: Language
) -> Iterator[tuple[str, list[Term]]]:
    """(first letter, its terms): Chinese terms by their pinyin."""
    groups: dict[str, list[Term]] = {}
    for term in sorted(terms, key=lambda one: _key(one.name, language)):
        initial = _key(term.name, language)[0][:1].upper()
        letter = initial if "A" <= initial <= "Z" else "#"
        groups.setdefault(letter, []).append(term)
    yield from sorted(groups.items())


def _key(name: str, language: Language) -> tuple[str, str]:
    if language == "zh":
        syllables = lazy_pinyin(
            name, style=Style.TONE3, neutral_tone_with_five=True
        )
        return "".join(syllables).lower().lstrip("(（"), name
    return name.lower(), name
