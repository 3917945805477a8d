"""The index of terms, at a book's end and on the glossary's page: which
terms, where, in what order."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from study_guide import data_files
from study_guide.articles import Article, parse
from study_guide.content_cache import ContentCache
from study_guide.languages import Language, other

# A term that a question neither asks about nor answers with is indexed there
# if it stands this often in the text.
_OFTEN = 4


@dataclass(frozen=True)
class Term:
    """A term of the glossary in one language; `other` is its name in the
    other one, `pattern` finds it in running text, `forms` are its forms in
    lower case; `questions` are the slugs that the glossary names by itself."""

    id: str
    name: str
    other: str
    forms: tuple[str, ...]
    pattern: re.Pattern[str]
    questions: tuple[str, ...]

    def stands_in(self, text: str, lowered: str) -> bool:
        """Whether `text` has the term; `lowered` is the same in lower case,
        which a term that is absent, as most are, is told by at once."""
        return self.may_stand_in(lowered) and bool(self.pattern.search(text))

    def may_stand_in(self, lowered: str) -> bool:
        """False where a text in lower case, with single spaces, has not even
        the term's letters: told a hundred times as fast as by `pattern`."""
        return any(form in lowered for form in self.forms)


def load(docs: Path, language: Language) -> tuple[Term, ...]:
    """All terms of `docs/glossary.yml`."""
    entries = data_files.content(docs / "glossary.yml")
    return tuple(_term(entry, language) for entry in entries)


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
        tuple(_lowered(form) for form in forms),
        _pattern(forms),
        tuple(entry.get("questions", ())),
    )


def _lowered(text: str) -> str:
    return " ".join(text.lower().split())


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
class Passages:
    """A question's text as the index weighs it: its title and headings, what
    else stands out (short answer, bold), and all of it."""

    headings: str
    prominent: str
    whole: str

    @cached_property
    def lowered(self) -> str:
        """All of it in lower case, with single spaces."""
        return _lowered(f"{self.headings}\n{self.prominent}\n{self.whole}")


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
    return Passages(
        "\n".join([article.title, *headings]),
        "\n".join([short, *bold]),
        whole,
    )


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
                slug
                for slug in slugs
                if term.pattern.search(questions[slug].headings)
            ]
        for slug in slugs:
            found[slug].append(term)
    return found


# Words that mean something else more often than what the glossary says.
AMBIGUOUS = frozenset({"bias", "gpt"})


def _matters(term: Term, question: Passages) -> bool:
    if not term.may_stand_in(question.lowered):
        return False
    if term.pattern.search(question.headings):
        return True
    if term.pattern.search(question.prominent):
        return True
    if sum(map(question.lowered.count, term.forms)) < _OFTEN:
        return False
    found = islice(term.pattern.finditer(question.whole), _OFTEN)
    return sum(1 for _ in found) == _OFTEN


def sorted_groups(
    terms: Sequence[Term], language: Language, cache: ContentCache
) -> Iterator[tuple[str, list[Term]]]:
    """(first letter, its terms): Chinese terms by their pinyin."""
    keys = {term.id: _key(term.name, language, cache) for term in terms}
    groups: dict[str, list[Term]] = {}
    for term in sorted(terms, key=lambda one: keys[one.id]):
        initial = keys[term.id][0][:1].upper()
        letter = initial if "A" <= initial <= "Z" else "#"
        groups.setdefault(letter, []).append(term)
    yield from sorted(groups.items())


def _key(
    name: str, language: Language, cache: ContentCache
) -> tuple[str, str]:
    if language == "zh":
        made_from = ("pinyin", version("pypinyin"), name)
        return cache.get(made_from, lambda: _pinyin(name)), name
    return name.lower(), name


def _pinyin(name: str) -> str:
    # Its dictionaries take as long to load as a tenth of all pages to write.
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(
        name, style=Style.TONE3, neutral_tone_with_five=True
    )
    return "".join(syllables).lower().lstrip("(（")
