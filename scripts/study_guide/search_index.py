"""The search index of each language, read by `docs/assets/scripts/search/`.

Four kinds of files below `assets/search/<language>/`, all scripts, because a
page opened from a folder may load no other data (`finished_pages` names the
folder by what is in it):

- `titles.js`: the questions' titles to show, the glossary's synonyms;
- `words/<n>.js`: where each word stands in titles of both languages, in
  aliases and in the pages' sections, in shards;
- `vocabulary.js`: the Latin words of titles and aliases, to mend typos with;
- `text/<number>.js`: the text of a question's sections, to quote from.

The first is fetched when the search box is first used, the others when a
query needs them, so that what a first result costs hardly grows with the
number of questions.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape, unescape
from importlib.resources import files
from itertools import pairwise, takewhile
from json import dumps, loads
from math import ceil
from pathlib import Path
from typing import Any

import lxml.html

from study_guide import catalogue, data_files, formulas, search_text
from study_guide import words as interface
from study_guide.articles import Article, Section
from study_guide.content_cache import ContentCache
from study_guide.languages import LANGUAGES, Language, site_path

# The scripts that read it, in the order in which they need one another.
SCRIPTS = (
    "assets/vendor/minisearch/minisearch.js",
    "assets/scripts/search/text.js",
    "assets/scripts/search/engine.js",
    "assets/scripts/search/passages.js",
    "assets/scripts/search/box.js",
)

# Bytes of JSON that a shard of words should have: some 2 kB with gzip.
_SHARD_BYTES = 5_000
# A word that stands in so many of the pages is a common one.
_COMMON_SHARE = 0.3
_COMMON_FROM = 12
# Longer formulas are left out of passages: a line of symbols says nothing.
_LONGEST_FORMULA = 48


@dataclass(frozen=True)
class Chunk:
    """A paragraph, item, caption or line of code of a section.

    `strong` where it says what its surroundings are about, as a title does.
    """

    text: str
    strong: bool = False
    code: bool = False


@dataclass(frozen=True)
class Words:
    """What the search knows about words in general."""

    term_keys: Sequence[Sequence[str]]
    stop_keys: Sequence[str]
    ordinary_keys: Sequence[str]
    simplified: Mapping[str, str]


def write(
    site: Path,
    docs: Path,
    articles: Mapping[Language, Mapping[str, Article]],
    cache: ContentCache,
) -> None:
    """Write the index files of all languages below `site`."""
    topics, _ = catalogue.load(docs)
    words = load_words(docs)
    said = interface.load(docs)
    for language in LANGUAGES:
        titles = {one.slug: one.titles[language] for one in topics.topics}
        pages = articles.get(language, {})
        others = [other for key, other in articles.items() if key != language]
        folder = site / "assets" / "search" / language
        ordered = [pages[slug] for slug in topics.questions if slug in pages]
        box = {
            "words": {
                name: said[language][f"search_{name}"] for name in _SAID
            },
            "places": [
                [one.titles[language], one.url(language)]
                for one in topics.topics
                if any(question.slug in pages for question in one.questions)
            ],
            "pages": [
                [said[language][name], site_path(language, f"{name}/")]
                for name in _PAGES
            ],
        }
        for name, content in index_files(
            ordered, others, titles, words, box, cache
        ).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")


# Pages that hold no question, by their titles alone.
_PAGES = ("practice", "glossary", "errata", "contributing", "licences")

# What the box says, of docs/interface.yml, once it has been opened.
_SAID = (
    "start",
    "none",
    "none_hint",
    "questions",
    "question",
    "places",
    "place",
    "language",
    "more",
    "more_one",
    "absent",
    "unreachable",
)


def load_words(docs: Path) -> Words:
    """The glossary's names, the stop words and the traditional characters."""
    terms = data_files.content(docs / "glossary.yml")
    other = data_files.content(docs / "search-words.yml")
    simplified = _simplified()
    groups = []
    for term in [*terms, *other["synonyms"]]:
        names = [term[language] for language in LANGUAGES]
        for language in LANGUAGES:
            names += term.get(f"{language}_aliases") or ()
        groups.append(_keys(map(str, names), simplified))
    stop, ordinary = (
        _keys(" ".join(other[name].values()).split(), simplified)
        for name in ("stop", "ordinary")
    )
    return Words(groups, stop, ordinary, simplified)


def _keys(names: Iterable[str], simplified: Mapping[str, str]) -> list[str]:
    return list(
        dict.fromkeys(
            key
            for name in names
            for key in search_text.term_keys(name, simplified)
        )
    )


@cache
def _simplified() -> Mapping[str, str]:
    """Traditional character -> simplified, from OpenCC's dictionary."""
    table = files("study_guide").joinpath("vendor/opencc.TSCharacters.txt")
    found = {}
    for line in table.read_text(encoding="utf-8").splitlines():
        traditional, simplified = line.split("\t")
        first = simplified.split()[0]
        if traditional != first:
            found[traditional] = first
    return found


def index_files(
    articles: Sequence[Article],
    others: Sequence[Mapping[str, Article]],
    topics: Mapping[str, str],
    words: Words,
    box: Mapping[str, Any],
    cache: ContentCache,
) -> Mapping[str, str]:
    """File name -> content for the articles of one language.

    `others` are the same articles in the other languages, by slug; their
    titles and aliases are search terms here too. `topics` maps slugs to titles, `box`
    is what the search box says and where it leads who finds nothing.
    """
    basis = _basis(words)
    taken = [_taken(article, words, basis, cache) for article in articles]
    names = [
        _names(article, others, words, basis, cache) for article in articles
    ]
    texts = {
        f"text/{article.question.id}.js": _script(
            f"text/{article.question.id}",
            [
                [section.id, section.level, section.title, passages]
                for section, (passages, _) in zip(
                    _kept(article), sections, strict=True
                )
            ],
        )
        for article, sections in zip(articles, taken, strict=True)
    }
    text, common = _postings(taken)
    asking = _asking(words)
    for word in common:
        # It stands in so many sections that it chooses only between those
        # that are about it, and none is about an asking word. The lists of
        # all others would be the longest of the index.
        about = search_text.singular(word) not in asking
        text[word] = _strong(text[word]) if about else {}
    shards = _shards({"text": text, **_name_postings(names)})
    demanded = {
        **texts,
        **{
            f"words/{number}.js": _script(f"words/{number}", shard)
            for number, shard in enumerate(shards)
        },
        "vocabulary.js": _script("vocabulary", _vocabulary(names)),
    }
    places = {slug: place for place, slug in enumerate(topics)}
    titles: dict[str, Any] = {
        "shards": len(shards),
        "topics": list(topics.values()),
        "questions": [
            {
                "number": article.question.id,
                "url": article.question.url(article.language),
                "title": article.title,
                "topic": places[article.question.topic],
                "sections": len(sections),
                "names": [
                    len({word for name in found for word in name.found_by})
                    for found in (own.title, own.other, own.aliases)
                ],
            }
            for article, sections, own in zip(
                articles, taken, names, strict=True
            )
        ],
        "terms": words.term_keys,
        "stop": words.stop_keys,
        "ordinary": words.ordinary_keys,
        "common": [word for word in common if not word.startswith("§")],
        **box,
    }
    titles["traditional"] = _traditional(titles, demanded, words.simplified)
    return {"titles.js": _script("titles", titles), **demanded}


def _kept(article: Article) -> list[Section]:
    return [section for section in article.sections if section.level > 1]


def _other_titles(
    article: Article, others: Sequence[Mapping[str, Article]]
) -> Iterator[str]:
    """In the other languages: from the page, else from the taxonomy."""
    slug = article.question.slug
    for language in LANGUAGES:
        if language == article.language:
            continue
        pages = [by_slug[slug] for by_slug in others if slug in by_slug]
        written = [one.title for one in pages if one.language == language]
        yield from written or [article.question.titles[language]]


def _aliases(
    article: Article, others: Sequence[Mapping[str, Article]]
) -> list[str]:
    """The page's aliases, then those of the other languages; each once."""
    slug = article.question.slug
    pages = [article, *(one[slug] for one in others if slug in one)]
    found: dict[str, str] = {}
    for page in pages:
        for alias in page.aliases:
            found.setdefault(search_text.fold(alias).lower(), alias)
    return list(found.values())


def _traditional(
    titles: Mapping[str, Any],
    files: Mapping[str, str],
    simplified: Mapping[str, str],
) -> str:
    """Pairs of a traditional character and the simplified one that occurs."""
    used = set(dumps(titles, ensure_ascii=False)).union(*files.values())
    return "".join(
        old + new
        for old, new in simplified.items()
        if new in used and len((old + new).encode("utf-16-le")) == 4
    )


def _script(name: str, content: Any) -> str:
    data = dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f'guideSearch.receive("{name}",{data});\n'


# ── words ──────────────────────────────────────────────────────────────────


# Of a section: its passages, and its words, each 1 where it stands in a strong
# place, else 0.
Taken = tuple[list[str], dict[str, int]]


@dataclass(frozen=True)
class _Basis:
    """What the words of a text depend on besides the text."""

    table: search_text.TermTable
    longest: int
    digest: str


def _basis(words: Words) -> _Basis:
    table = search_text.term_table(words.term_keys)
    everything = dumps([words.term_keys, list(words.simplified.items())])
    program = files("study_guide").joinpath("search_text.py").read_bytes()
    return _Basis(
        table,
        max((key.count(" ") + 1 for key in table), default=0),
        sha256(everything.encode() + program).hexdigest(),
    )


# To be counted up when this module takes something else from a text.
_MADE_BY = "2"


def _taken(
    article: Article, words: Words, basis: _Basis, cache: ContentCache
) -> list[Taken]:
    """What the index takes from each section of an article. A term of the
    glossary is the word `§` and its number."""
    sections = _kept(article)

    def take() -> str:
        return dumps(
            [_of_section(one, words, basis, cache) for one in sections],
            ensure_ascii=False,
        )

    made_from = (
        "search",
        _MADE_BY,
        basis.digest,
        *(f"{one.id}\n{one.title}\n{one.html}" for one in sections),
    )
    return [
        (passages, found)
        for passages, found in loads(cache.get(made_from, take))
    ]


def _of_section(
    section: Section, words: Words, basis: _Basis, cache: ContentCache
) -> Taken:
    chunks = list(section_chunks(section, cache))
    short = section.id == "short-answer"
    found: dict[str, int] = {}
    for chunk in [Chunk(section.title, strong=True), *chunks]:
        strong = int(chunk.strong or short)
        text = search_text.fold(chunk.text, words.simplified)
        for word in _words(text, basis.table, basis.longest):
            found[word] = max(strong, found.get(word, 0))
    return [one.text for one in chunks], found


def _postings(
    pages: Sequence[Sequence[Taken]],
) -> tuple[dict[str, dict[int, int]], list[str]]:
    """Word -> section -> 1 where it stands in a strong place, else 0.

    Sections are numbered through all questions. Second come the common words.
    """
    postings: dict[str, dict[int, int]] = defaultdict(dict)
    spread: dict[str, int] = defaultdict(int)
    section_number = 0
    for sections in pages:
        for _, found in sections:
            for word, strong in found.items():
                postings[word][section_number] = strong
            section_number += 1
        for word in {word for _, found in sections for word in found}:
            spread[word] += 1
    common: list[str] = []
    if len(pages) >= _COMMON_FROM:
        least = len(pages) * _COMMON_SHARE
        common = sorted(
            word for word, number in spread.items() if number >= least
        )
    return postings, common


def _asking(words: Words) -> set[str]:
    """The stop words as words of the index, in the singular; Han by twos."""
    return {key.replace(" ", "") for key in words.stop_keys}


def _strong(row: Mapping[int, int]) -> dict[int, int]:
    return {section: 1 for section, strong in row.items() if strong}


_NUMBER = re.compile(r"\d{7,}|\d+\.\d+")


def _words(
    text: str, table: search_text.TermTable, longest: int
) -> Iterator[str]:
    for run in search_text.runs(text):
        for word in search_text.words(run):
            # Single letters and measured values find nothing of use.
            if len(word) > 1 and not _NUMBER.fullmatch(word):
                yield word
    for term in search_text.find_terms(text, table, longest):
        yield f"§{term}"


# ── names ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Name:
    """A title or an alias as the search takes it.

    `key` is the whole of it. It is found by its `words`, and by what they
    make together: two Latin neighbours as one, a glossary term as `§` and its
    number, with `~` behind it where the term is only a part of the name of
    another.
    """

    key: str
    words: tuple[str, ...]
    together: tuple[str, ...]

    @property
    def found_by(self) -> list[str]:
        return list(dict.fromkeys([*self.words, *self.together]))


@dataclass(frozen=True)
class Names:
    """Those of a question: its title, that in the other language, aliases."""

    title: tuple[Name, ...]
    other: tuple[Name, ...]
    aliases: tuple[Name, ...]


def _names(
    article: Article,
    others: Sequence[Mapping[str, Article]],
    words: Words,
    basis: _Basis,
    cache: ContentCache,
) -> Names:
    texts = [
        [article.title],
        [" ".join(_other_titles(article, others))],
        _aliases(article, others),
    ]

    def take() -> str:
        return dumps(
            [[_name(text, words, basis) for text in one] for one in texts],
            ensure_ascii=False,
        )

    kept = cache.get(
        ("search-names", _MADE_BY, basis.digest, dumps(texts)), take
    )
    return Names(
        *(
            tuple(
                Name(key, tuple(own), tuple(together))
                for key, own, together in one
            )
            for one in loads(kept)
        )
    )


def _name(
    text: str, words: Words, basis: _Basis
) -> tuple[str, Sequence[str], Sequence[str]]:
    folded = search_text.fold(text, words.simplified)
    runs = search_text.runs(folded)
    found = [word for run in runs for word in search_text.words(run)]
    together = [
        search_text.whole(one.text) + search_text.whole(two.text)
        for one, two in pairwise(runs)
        if not one.han and not two.han and folded[one.end : two.start] == " "
    ]
    searched = (folded, basis.table, basis.longest)
    longest = set(search_text.longest_terms(*searched))
    together += [
        f"§{term}" + "~" * (term not in longest)
        for term in search_text.find_terms(*searched)
    ]
    key = " ".join(filter(None, search_text.elements(folded)))
    return key, found, together


def _name_postings(
    names: Sequence[Names],
) -> Mapping[str, Mapping[str, Mapping[int, int]]]:
    """Kind -> word -> question: whose title, whose title in the other
    language and whose aliases have it. `names` has them whole, 1 for a title,
    0 for an alias."""
    found: dict[str, dict[str, dict[int, int]]] = {
        kind: defaultdict(dict)
        for kind in ("title", "other", "aliases", "names")
    }
    for number, own in enumerate(names):
        for kind in ("title", "other", "aliases"):
            for name in getattr(own, kind):
                for word in name.found_by:
                    found[kind][word][number] = 0
                    for start in _starts(word, kind == "title"):
                        found[kind][start][number] = 0
                if not name.key:
                    continue
                at = found["names"][name.key]
                at[number] = max(at.get(number, 0), int(kind != "aliases"))
    return found


def _starts(word: str, title: bool) -> Iterator[str]:
    """The words under which all stand that begin with one Han character, two
    Latin letters or, in titles, one. Longer beginnings stand together in a
    shard anyway."""
    if word.startswith("§"):
        return
    for long in (1,) if _is_han(word) else (1, 2) if title else (2,):
        if len(word) > long:
            yield f"{word[:long]}~"


def _vocabulary(names: Sequence[Names]) -> str:
    """The Latin words of all names in order, each as the number of letters
    that it shares with the one before, in base 36, and the rest."""
    words = sorted(
        {
            word
            for own in names
            for name in (*own.title, *own.other, *own.aliases)
            for word in name.words
            if not _is_han(word)
        }
    )
    packed = []
    for before, word in pairwise(["", *words]):
        same = takewhile(
            lambda two: two[0] == two[1], zip(before, word, strict=False)
        )
        shared = min(sum(1 for _ in same), 35)
        packed.append("0123456789abcdefghijklmnopqrstuvwxyz"[shared])
        packed.append(word[shared:] + " ")
    return "".join(packed).rstrip()


# ── shards ─────────────────────────────────────────────────────────────────


def _is_han(word: str) -> bool:
    return ord(word[0]) > 0x3000


def shard_of(word: str, count: int) -> int:
    """The number of the shard of `word`: FNV-1a of what its words share.

    A Latin word shares its first three letters with all that it is a prefix
    of; `~` ends a shorter one, and what is only the beginning of words.
    """
    whole = word.startswith("§") or _is_han(word)
    key = word.rstrip("~") if whole else f"{word}~~"[:3]
    value = 0x811C9DC5
    for character in key:
        value = ((value ^ ord(character)) * 0x01000193) & 0xFFFFFFFF
    return value % count


def shard_of_name(name: str, count: int) -> int:
    """That of its first word: one which a query by this name asks for."""
    first, _, rest = name.partition(" ")
    pair = _is_han(first) and rest and _is_han(rest)
    return shard_of(first + rest[0] if pair else first, count)


def _shards(
    postings: Mapping[str, Mapping[str, Mapping[int, int]]],
) -> list[Mapping[str, Mapping[str, list[int]]]]:
    """Kind -> word -> where it stands: numbers of questions, or of sections
    and names as 2 * number + flag; each as the difference from the last."""
    rows: dict[str, dict[str, list[int]]] = {}
    for kind, by_word in postings.items():
        flagged = kind in ("text", "names")
        rows[kind] = {}
        for word in sorted(by_word):
            values = [
                2 * at + flag if flagged else at
                for at, flag in by_word[word].items()
            ]
            values.sort()
            rows[kind][word] = [
                value - before
                for before, value in zip([0, *values], values, strict=False)
            ]
    size = len(dumps(rows, ensure_ascii=False, separators=(",", ":")))
    count = max(1, ceil(size / _SHARD_BYTES))
    shards: list[dict[str, dict[str, list[int]]]] = [{} for _ in range(count)]
    for kind, by_name in rows.items():
        place = shard_of_name if kind == "names" else shard_of
        for word, row in by_name.items():
            shards[place(word, count)].setdefault(kind, {})[word] = row
    return list(shards)


# ── text ───────────────────────────────────────────────────────────────────

_DROPPED = (
    ".//svg|.//*[@class='eq']|.//pre[@class='out']|.//a[@class='cite']"
    "|.//a[@class='headerlink']|.//*[@class='cap']|.//math|.//button"
    "|.//div[contains(@class, 'fig-')]|.//ol[@class='refs']/li/span[1]"
)
_OWN_CHUNK = {"p", "li", "tr", "figcaption", "summary", "pre", "dt", "dd"}


def section_chunks(section: Section, cache: ContentCache) -> Iterator[Chunk]:
    """The readable pieces of a section, in their order."""
    if not section.html.strip():
        return
    html = _formulas_as_text(section.html, cache)
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    for element in root.xpath(_DROPPED):
        element.drop_tree()
    for comment in root.xpath(".//comment()"):
        comment.drop_tree()
    for element in root.iter():
        if element.tag not in _OWN_CHUNK or _inside_chunk(element):
            continue
        if element.tag == "pre":
            lines = element.text_content().splitlines()
            yield from (
                Chunk(line.strip(), code=True)
                for line in lines
                if re.search(r"\w", line)
            )
            continue
        if element.tag == "tr":
            for cell in element:
                cell.tail = " "
        text = re.sub(r"\s+", " ", element.text_content()).strip()
        # What stood between was a citation.
        text = re.sub(r" (?=[.,;:，。；：、](?:\s|$))", "", text)
        if text:
            title = "admonition-title" in (element.get("class") or "")
            yield Chunk(text, strong=title or element.tag == "summary")


def _inside_chunk(element: Any) -> bool:
    return any(one.tag in _OWN_CHUNK for one in element.iterancestors())


def _formulas_as_text(html: str, cache: ContentCache) -> str:
    """Formulas in the line by their letters, those on lines of their own left
    out; what is too long for a line of a passage is an ellipsis."""

    def text(found: re.Match[str]) -> str:
        if found["display"] is not None:
            return ""
        spoken = formulas.spoken(unescape(found["inline"]).strip(), cache)
        return escape(spoken if len(spoken) <= _LONGEST_FORMULA else "…")

    return formulas.ARITHMATEX.sub(text, html)
