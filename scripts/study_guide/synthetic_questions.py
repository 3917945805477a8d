"""Questions that are made up from the real ones, to measure growth with.

A copy that is the same letter for letter would flatter: its words would be
known already, and packing would find it again. So a synthetic title or alias
keeps the shape of a real one, but each of its words is drawn from all titles
and aliases, by how often they stand there, and some are new; in the text of a
page half of the words are drawn so from all pages. The rates of new words are
chosen to let the vocabulary grow as it does from the 52nd to the 104th
question, or faster. Formulas, code, figures and citations stay as they are;
links lead to questions of the same turn.
"""

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import yaml

from study_guide.articles import Article, Section
from study_guide.languages import LANGUAGES, Language

_HAN = "\u3400-\u9fff"
_WORD = re.compile(rf"[{_HAN}]+|[A-Za-z]{{3,}}")
# What is no prose, in Markdown and in HTML.
_KEPT = re.compile(
    r"```.*?```|^///.*?$|^ *--8<--.*?$|\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`"
    r"|\\\(.*?\\\)|\\\[.*?\\\]|<[^<>]*>|&#?\w+;|\]\([^)\n]*\)|\[@[^\]]*\]"
    r"|\{[^{}\n]*\}|https?://\S+",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Pool:
    """Words to draw from, each as often as it stands somewhere.

    `share` of the words are drawn; of these, so many Latin ones and runs of
    Han get a new word.
    """

    latin: Sequence[str]
    han: str
    share: float
    new_latin: float
    new_han: float


def _pool(
    texts: Iterable[str], share: float, new_latin: float, new_han: float
) -> Pool:
    found = [
        word for text in texts for word in _WORD.findall(_KEPT.sub(" ", text))
    ]
    latin = [word for word in found if word.isascii()]
    han = "".join(word for word in found if not word.isascii())
    return Pool(latin, han, share, new_latin, new_han)


def names_pool(texts: Iterable[str]) -> Pool:
    """To make titles and aliases from those in `texts`."""
    return _pool(texts, 1.0, 0.05, 0.3)


def prose_pool(texts: Iterable[str]) -> Pool:
    """To make the text of pages from that in `texts`."""
    return _pool(texts, 0.5, 0.05, 0.2)


def varied(text: str, pool: Pool, random: Random) -> str:
    """`text`, Markdown or HTML, with other words in its prose."""

    def other(found: re.Match[str]) -> str:
        word = found[0]
        if random.random() >= pool.share:
            return word
        if word.isascii():
            return _latin(word, pool, random)
        return _han(word, pool, random)

    pieces = []
    at = 0
    for kept in _KEPT.finditer(text):
        pieces += [_WORD.sub(other, text[at : kept.start()]), kept[0]]
        at = kept.end()
    return "".join([*pieces, _WORD.sub(other, text[at:])])


def _latin(word: str, pool: Pool, random: Random) -> str:
    drawn = random.choice(pool.latin)
    if random.random() < pool.new_latin:
        # The beginning of one word and the end of another.
        end = random.choice(pool.latin)
        drawn = drawn[: (len(drawn) + 1) // 2 + 1] + end[len(end) // 2 :]
    return drawn.capitalize() if word.istitle() else drawn


def _han(run: str, pool: Pool, random: Random) -> str:
    start = random.randrange(max(1, len(pool.han) - len(run)))
    drawn = pool.han[start : start + len(run)]
    if len(run) > 1 and random.random() < pool.new_han:
        at = random.randrange(len(run) - 1)
        pair = random.choice(pool.han) + random.choice(pool.han)
        drawn = drawn[:at] + pair + drawn[at + 2 :]
    return drawn


# ── sources ────────────────────────────────────────────────────────────────


def grow(docs: Path, size: int) -> None:
    """Add questions to those below `docs` until there are `size`: the topics
    again and again, their questions under numbers and names of their own."""
    path = docs / "taxonomy.yml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    originals = data["topics"]
    asked = [one for topic in originals for one in topic["questions"]]
    pages = {
        question["slug"]: folder
        for question in asked
        if (folder := docs / "questions" / question["slug"]).is_dir()
    }
    pools = {
        language: _pools_of_sources(asked, pages, language)
        for language in LANGUAGES
    }
    topics = list(originals)
    count = len(asked)
    number = max(one["id"] for one in asked)
    turn = 0
    while count < size and pages:
        turn += 1
        names = {slug: f"{slug}-{turn}" for slug in pages}
        for topic in originals:
            again = dict(topic, slug=f"{topic['slug']}-{turn}", questions=[])
            for question in topic["questions"]:
                slug = question["slug"]
                if count == size or slug not in pages:
                    continue
                number, count = number + 1, count + 1
                random = Random(number)
                made = dict(question, id=number, slug=names[slug])
                folder = docs / "questions" / names[slug]
                shutil.copytree(pages[slug], folder)
                for language, pool in pools.items():
                    made[language] = varied(
                        question[language], pool.names, random
                    )
                    file = folder / f"index.{language}.md"
                    if file.is_file():
                        text = _source(
                            file.read_text(encoding="utf-8"),
                            made[language],
                            pool,
                            random,
                        )
                        file.write_text(_relinked(text, names), "utf-8")
                again["questions"].append(made)
            if again["questions"]:
                topics.append(again)
    data["topics"] = topics
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")


@dataclass(frozen=True)
class _Pools:
    names: Pool
    prose: Pool


def _pools_of_sources(
    asked: Sequence[Mapping[str, Any]],
    pages: Mapping[str, Path],
    language: Language,
) -> _Pools:
    names = [one[language] for one in asked]
    prose = []
    for folder in pages.values():
        file = folder / f"index.{language}.md"
        if file.is_file():
            head, body = _taken_apart(file.read_text(encoding="utf-8"))
            names += map(str, head.get("aliases", ()))
            prose.append(body)
    return _Pools(names_pool(names), prose_pool(prose))


def _taken_apart(text: str) -> tuple[dict[str, Any], str]:
    _, head, body = text.split("---\n", 2)
    return yaml.safe_load(head), body


def _source(text: str, title: str, pools: _Pools, random: Random) -> str:
    head, body = _taken_apart(text)
    head["aliases"] = [
        varied(str(one), pools.names, random)
        for one in head.get("aliases", ())
    ]
    heading = re.compile(r"^# .*$", re.MULTILINE)
    made = heading.sub(
        lambda _: f"# {title}", varied(body, pools.prose, random), count=1
    )
    packed = yaml.safe_dump(head, allow_unicode=True, width=10_000)
    return f"---\n{packed}---\n{made}"


def _relinked(text: str, names: Mapping[str, str]) -> str:
    return re.sub(
        r"(\]\(\.\./)([a-z0-9-]+)(/)",
        lambda one: one[1] + names.get(one[2], one[2]) + one[3],
        text,
    )


# ── articles ───────────────────────────────────────────────────────────────


def grown(
    articles: Mapping[Language, Sequence[Article]], size: int
) -> Mapping[Language, list[Article]]:
    """`articles`, each language's in the same order, and made up ones behind
    them until there are `size` in each."""
    made = {language: list(own) for language, own in articles.items()}
    pools = {
        language: _Pools(
            names_pool(
                text for one in own for text in (one.title, *one.aliases)
            ),
            prose_pool(part.html for one in own for part in one.sections),
        )
        for language, own in articles.items()
    }
    for language, own in articles.items():
        first = max(one.question.id for one in own) + 1
        for place in range(size - len(own)):
            number = first + place
            # No order that packing would find again.
            original = own[Random(number).randrange(len(own))]
            random = Random(f"{number}{language}")
            made[language].append(
                _article(original, number, pools[language], random)
            )
    return made


def _article(
    original: Article, number: int, pools: _Pools, random: Random
) -> Article:
    def prose(text: str) -> str:
        return varied(text, pools.prose, random)

    title = varied(original.title, pools.names, random)
    question = original.question
    return replace(
        original,
        question=replace(
            question,
            id=number,
            slug=f"{question.slug}-{number}",
            titles={**question.titles, original.language: title},
        ),
        title=title,
        aliases=tuple(
            varied(one, pools.names, random) for one in original.aliases
        ),
        sections=tuple(
            Section(one.id, one.level, prose(one.title), prose(one.html))
            for one in original.sections
        ),
    )
