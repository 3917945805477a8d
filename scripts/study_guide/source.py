"""A question's Markdown as its author wrote it, line by line.

This is no second Markdown parser: it finds the few things that carry rules
(headings, formulas, fences, links, …) with their line numbers, so that a
mistake can be reported where it stands. What readers see comes from MkDocs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from study_guide import data_files, explorables
from study_guide.languages import Language


@dataclass(frozen=True)
class Heading:
    line: int
    level: int
    text: str
    id: str


@dataclass(frozen=True)
class Formula:
    """TeX without its dollars; `line` is where it begins."""

    line: int
    tex: str
    display: bool


@dataclass(frozen=True)
class Fence:
    """A fenced block: `info` is what follows the opening backticks."""

    line: int
    info: str
    text: str

    @property
    def language(self) -> str:
        return self.info.split(maxsplit=1)[0] if self.info else ""


@dataclass(frozen=True)
class Include:
    """A snippet: `path` below docs/, `section` empty for the whole file."""

    line: int
    path: str
    section: str


@dataclass(frozen=True)
class Link:
    line: int
    text: str
    target: str


@dataclass(frozen=True)
class Explorable:
    """What a figure says about the explorable in its place: `start` as in a
    link to it; `name` is empty where it cannot be read."""

    line: int
    name: str
    start: str


@dataclass(frozen=True)
class Citation:
    line: int
    key: str


@dataclass(frozen=True)
class Block:
    """A `/// kind | title` block."""

    line: int
    kind: str
    title: str


@dataclass
class Source:
    """One Markdown file, taken apart."""

    path: Path
    language: Language
    meta: dict[str, Any] = field(default_factory=dict)
    meta_error: tuple[int, str] | None = None
    lines: list[str] = field(default_factory=list)
    body_start: int = 0
    headings: list[Heading] = field(default_factory=list)
    formulas: list[Formula] = field(default_factory=list)
    fences: list[Fence] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    images: list[Link] = field(default_factory=list)
    explorables: list[Explorable] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    # (line, text) outside fences and display formulas, inline code and
    # inline formulas replaced by U+FFFC.
    prose: list[tuple[int, str]] = field(default_factory=list)
    unclosed: list[tuple[int, str]] = field(default_factory=list)

    def part(self, heading_id: str) -> tuple[int, int]:
        """First and last line (exclusive) of the part under an h2."""
        starts = [h for h in self.headings if h.level == 2]
        for number, heading in enumerate(starts):
            if heading.id == heading_id:
                rest = starts[number + 1 :]
                end = rest[0].line if rest else len(self.lines) + 1
                return heading.line + 1, end
        return 0, 0


OBJECT = "\ufffc"
REFERENCES = "<!-- references -->"
_HEADING = re.compile(
    r"(#{1,6}) +(.*?)(?: +\{ *#([A-Za-z0-9_-]+) *\})? *#* *$"
)
_FENCE = re.compile(r"(`{3,})(.*)$")
_INCLUDE = re.compile(r'--8<-- "([^":]+)(?::([^"]+))?"')
_BLOCK = re.compile(r"/{3,} *([a-z-]+)(?: *\| *(.*?))? *$")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_INLINE = re.compile(
    r"(?<![\\$])\$(?!\$)(?=\S)((?:\\.|[^\\$])+?)(?<=\S)\$(?!\$)"
)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
_EXPLORABLE = re.compile(r"(?<=\.svg\))\{[^}]*\}")
CITATION = re.compile(r"\[((?:@[\w:-]+)(?:; *@[\w:-]+)*)\]")


def read(path: Path, language: Language) -> Source:
    """Take `path` apart. Raises OSError where it cannot be read."""
    source = Source(path, language)
    source.lines = path.read_text(encoding="utf-8").splitlines()
    _front_matter(source)
    lines = iter(enumerate(source.lines, start=1))
    for number, line in lines:
        if number <= source.body_start:
            continue
        stripped = line.strip()
        if fence := _FENCE.match(stripped):
            _fence(source, number, fence[1], fence[2].strip(), lines)
        elif line == "$$":  # indented, it opens nothing and stays raw
            _display(source, number, lines)
        elif heading := _HEADING.match(line):
            source.headings.append(
                Heading(number, len(heading[1]), heading[2], heading[3] or "")
            )
            _inline(source, number, heading[2])
        elif block := _BLOCK.match(stripped):
            source.blocks.append(Block(number, block[1], block[2] or ""))
            _inline(source, number, block[2] or "")
        elif stripped and stripped != "///":
            _inline(source, number, line)
    return source


def _front_matter(source: Source) -> None:
    if not source.lines or source.lines[0] != "---":
        return
    try:
        end = source.lines.index("---", 1)
    except ValueError:
        source.meta_error = (1, "the front matter is not closed with ---")
        return
    source.body_start = end + 1
    try:
        meta = data_files.parsed("\n".join(source.lines[1:end]))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        source.meta_error = (line, str(getattr(error, "problem", error)))
        return
    if isinstance(meta, dict):
        source.meta = meta
    else:
        source.meta_error = (1, "the front matter is no mapping")


def _fence(
    source: Source,
    start: int,
    ticks: str,
    info: str,
    lines: Iterator[tuple[int, str]],
) -> None:
    content: list[str] = []
    for number, line in lines:
        if line.strip() == ticks:
            break
        if include := _INCLUDE.search(line):
            source.includes.append(
                Include(number, include[1], include[2] or "")
            )
        content.append(line)
    else:
        source.unclosed.append((start, "a code fence"))
    source.fences.append(Fence(start, info, "\n".join(content)))


def _display(
    source: Source, start: int, lines: Iterator[tuple[int, str]]
) -> None:
    content: list[str] = []
    for _, line in lines:
        if line.strip() == "$$":
            break
        content.append(line)
    else:
        source.unclosed.append((start, "a display formula"))
    source.formulas.append(Formula(start, "\n".join(content), True))


def _inline(source: Source, number: int, line: str) -> None:
    text = _CODE.sub(OBJECT, line)
    for formula in _INLINE.finditer(text):
        source.formulas.append(Formula(number, formula[1], False))
    text = _INLINE.sub(OBJECT, text)
    for link in _LINK.finditer(text):
        one = Link(number, link[2], link[3])
        (source.images if link[1] else source.links).append(one)
    for found in _EXPLORABLE.finditer(text):
        name, start = explorables.written(found[0]) or ("", "")
        source.explorables.append(Explorable(number, name, start))
    text = _EXPLORABLE.sub("", text)
    for citation in CITATION.finditer(text):
        for key in citation[1].split(";"):
            source.citations.append(
                Citation(number, key.strip().removeprefix("@"))
            )
    source.prose.append((number, text))
