"""What `guide.py check --fix` mends: mistakes with one right answer.

It changes text alone: code, formulas, addresses of links, ids, front matter
and fences stay as they are.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from study_guide import source
from study_guide.catalogue import Question
from study_guide.languages import LANGUAGES, Language
from study_guide.source import Source

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
# Each piece that is no text, put aside while the text around it is mended:
# inline code, formulas, targets of links, citations, attributes, comments, and
# what opens a heading, an item or a block.
_KEPT = re.compile(
    r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)"
    r"|(?<![\\$])\$(?!\$)(?=\S)(?:\\.|[^\\$])+?(?<=\S)\$(?!\$)"
    r"|\]\([^()\s]*\)| *\[@[^\]]*\]| *\{ *[#.:][^{}]*\}|<!--.*?-->"
    r"|^\s*(?:#{1,6}|[-*>]|\d+\.|///+)\s+"
)
# Stands for such a piece; code and formulas count as Latin letters.
_LATIN, _OTHER = "\ue000", "\ue001"
_FULL = "，。；：、！？（）「」『』《》"
_WIDE = str.maketrans(",;:!?", "，；：！？")


def spacing(line: str) -> str:
    """A line of Chinese text with the spaces and the punctuation that it
    should have."""
    kept: list[str] = []

    def aside(found: re.Match[str]) -> str:
        kept.append(found[0])
        return _LATIN if found[0][0] in "`$" else _OTHER

    text = _mended(_KEPT.sub(aside, line))
    pieces = iter(kept)
    return re.sub(f"[{_LATIN}{_OTHER}]", lambda _: next(pieces), text)


def _mended(text: str) -> str:
    # Brackets of links and bold marks stand between letters, not for them.
    mark = r"(\*{0,2}[\[\]]?\*{0,2})"
    latin = rf"[A-Za-z0-9{_LATIN}]"
    for before, after in ((f"[{_HAN}]", latin), (latin, f"[{_HAN}]")):
        text = re.sub(rf"({before}){mark}(?={after})", _with_space, text)
    text = re.sub(
        rf"(?<=[{_HAN}])(\*{{0,2}})[,;:!?](?=\s|$|[{_HAN}])", _widened, text
    )
    text = re.sub(rf"([{_FULL}]) +(?=[^\s|])", r"\1", text)
    return re.sub(rf"(?<=[^\s|]) +(?=[{_FULL}])", "", text)


def _with_space(found: re.Match[str]) -> str:
    """The space goes outside of what a mark opens or closes."""
    letter, marks = found[1], found[2]
    if not marks:
        return f"{letter} "
    opens = "[" in marks or (
        "]" not in marks
        and found.string.count("**", 0, found.start(2)) % 2 == 0
    )
    return f"{letter} {marks}" if opens else f"{letter}{marks} "


def _widened(found: re.Match[str]) -> str:
    return found[0].translate(_WIDE)


def _text_lines(page: Source) -> Iterator[int]:
    """Numbers of the lines that hold text, with those of tables and titles
    of blocks, but not inside fences and displayed formulas."""
    yield from sorted({number for number, _ in page.prose})


def mended_pages(
    pages: dict[Language, Source],
) -> dict[Language, list[str]]:
    """The lines of a question's pages, or of another page, mended."""
    lines = {one: list(page.lines) for one, page in pages.items()}
    if "zh" in pages:
        for number in _text_lines(pages["zh"]):
            lines["zh"][number - 1] = spacing(lines["zh"][number - 1])
    for language, page in pages.items():
        for place, heading in enumerate(page.headings):
            if heading.level in (2, 3) and not heading.id:
                name = _identifier(pages, place)
                if name:
                    line = lines[language][heading.line - 1].rstrip()
                    lines[language][heading.line - 1] = f"{line} {{ #{name} }}"
    return lines


def _identifier(pages: dict[Language, Source], place: int) -> str:
    """The id of the heading at `place` in either language, or a new one from
    its English text; empty where that gives none."""
    for page in pages.values():
        if place < len(page.headings) and page.headings[place].id:
            return page.headings[place].id
    english = pages.get("en")
    if english is None or place >= len(english.headings):
        return ""
    words = re.findall(r"[a-z0-9]+", english.headings[place].text.lower())
    name = "-".join(words[:5])
    taken = {one.id for one in english.headings}
    return name if name not in taken else ""


def mend(questions: list[Question], report: Callable[[Path], None]) -> None:
    """Mend the pages of `questions` in place; `report` is told each file
    that was changed."""
    for question in questions:
        pages = {
            language: source.read(question.source(language), language)
            for language in LANGUAGES
            if question.source(language).is_file()
        }
        for language, lines in mended_pages(pages).items():
            if lines != pages[language].lines:
                path = question.source(language)
                path.write_text("\n".join(lines) + "\n", encoding="utf-8")
                report(path)
