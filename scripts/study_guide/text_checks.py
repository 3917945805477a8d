"""The rules for the text of pages that are no questions: home, and those about
the guide; and for the characters of every page.

Links, includes and Markdown left raw are checked in the built site.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from study_guide import characters, source
from study_guide.languages import LANGUAGES, Language
from study_guide.problems import Problem
from study_guide.source import Source


def pages(docs: Path) -> list[Path]:
    """The pages' paths without `.<language>.md`."""
    found = {
        path.with_name(path.name.removesuffix(f".{language}.md"))
        for language in LANGUAGES
        for path in docs.rglob(f"*.{language}.md")
        if path.relative_to(docs).parts[0] != "questions"
    }
    return sorted(found)


def check(root: Path, docs: Path) -> Iterator[Problem]:
    """What is wrong with the pages below `docs`."""
    for page in pages(docs):
        texts: dict[Language, Source] = {}
        for language in LANGUAGES:
            path = page.with_name(f"{page.name}.{language}.md")
            file = path.relative_to(root).as_posix()
            if not path.is_file():
                yield Problem(
                    file,
                    0,
                    "translation",
                    "the page is missing in this language",
                    "Write it: every page is there in each language.",
                )
                continue
            texts[language] = source.read(path, language)
            yield from check_characters(texts[language], file)
        if len(texts) == len(LANGUAGES):
            yield from _parity(texts, root)


# `<b>`, `</b>`, `<img src=x`; neither `<https://…>` nor `<!-- references -->`.
_ELEMENT = re.compile(r"</?[A-Za-z][\w-]*(?=[\s/>])[^>]*>?")


def check_characters(page: Source, file: str) -> Iterator[Problem]:
    """Characters of a page of any kind, and how Chinese stands in it."""
    for number, line in enumerate(page.lines, start=1):
        for character in sorted(characters.unprintable(line)):
            yield Problem(
                file,
                number,
                "character",
                f"{characters.describe(character)} has no shape in print",
                "Remove it or write the ordinary character.",
            )
    for number, text in page.prose:
        if found := _ELEMENT.search(text):
            yield Problem(
                file,
                number,
                "raw-markup",
                f"{found[0]} would become an element of the page",
                "Show it as code, between backticks; pages hold no HTML.",
            )
    if page.language == "zh":
        for number, text in page.prose:
            for message in characters.chinese_spacing(text):
                yield Problem(
                    file,
                    number,
                    "chinese-type",
                    message,
                    "A space between Han and Latin, digits or formulas; none "
                    "beside full-width punctuation; full-width punctuation "
                    "in Chinese sentences.",
                )


def _parity(texts: dict[Language, Source], root: Path) -> Iterator[Problem]:
    """Sections have the same ids in both languages: links name them."""
    zh, en = (
        [(one.level, one.id) for one in texts[language].headings]
        for language in LANGUAGES
    )
    if zh != en:
        other = next(
            (two for one, two in zip(zh, en, strict=False) if one != two),
            max(zh, en, key=len)[-1],
        )
        yield Problem(
            texts["en"].path.relative_to(root).as_posix(),
            0,
            "parity",
            f"headings differ from those of the Chinese page at #{other[1]}",
            "Give both the same headings with the same ids.",
        )
