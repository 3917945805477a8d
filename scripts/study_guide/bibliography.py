"""The bibliography: `docs/references.bib`, and how a page lists a source."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

from pybtex.database import BibliographyData, Entry, Person, parse_string
from pybtex.exceptions import PybtexError
from pybtex.richtext import Text
from pybtex.scanner import PybtexSyntaxError

from study_guide.languages import Language
from study_guide.problems import Problem


@dataclass(frozen=True)
class Reference:
    """A source as it is listed: `href` leads to arXiv, a DOI or a file."""

    key: str
    authors: tuple[str, ...]
    year: str
    title: str
    note: str
    href: str
    link_text: str


# Words in braces that keep their capitals, but no command, quote or dash.
_PLAIN = re.compile(r"(?:[\w\s,.:;()/?!+&{}]|-(?!-))*")


def _plain(value: str) -> str:
    """TeX of a bibliography field as plain text."""
    if _PLAIN.fullmatch(value):  # as most are, told a hundred times as fast
        return re.sub("[{}]", "", value).strip()
    return str(Text.from_latex(value)).replace("\u00a0", " ").strip()


def _family(person: Person) -> str:
    names = [*person.prelast_names, *person.last_names]
    return _plain(" ".join(names or person.first_names))


def _link(entry: Entry) -> tuple[str, str]:
    fields = entry.fields
    if "eprint" in fields:
        number = fields["eprint"]
        return f"https://arxiv.org/abs/{number}", f"arXiv:{number}"
    if "doi" in fields:
        doi = fields["doi"]
        return f"https://doi.org/{doi}", f"doi:{doi}"
    url = fields.get("url", "")
    return url, re.sub(r"^https?://(?:www\.)?([^/]+)/.*$", r"\1", url)


def _reference(key: str, entry: Entry) -> Reference:
    href, text = _link(entry)
    return Reference(
        key,
        tuple(_family(person) for person in entry.persons.get("author", ())),
        _plain(entry.fields.get("year", "")),
        _plain(entry.fields.get("title", "")),
        _plain(entry.fields.get("note", "")),
        href,
        text,
    )


def load(
    path: Path,
) -> tuple[Mapping[str, Reference], list[Problem]]:
    """Key -> reference, and what is wrong with the file."""
    file = f"{path.parent.name}/{path.name}"
    references, problems = _read(file, path.read_text(encoding="utf-8"))
    return references, list(problems)


# It takes half a second, and `serve` asks again after each change of a page.
@lru_cache(maxsize=1)
def _read(
    file: str, text: str
) -> tuple[Mapping[str, Reference], Sequence[Problem]]:
    lines = {
        found[1]: text.count("\n", 0, found.start()) + 1
        for found in re.finditer(r"^@\w+\{([^,\s]+),", text, re.MULTILINE)
    }
    try:
        data: BibliographyData = parse_string(text, "bibtex")
    except PybtexError as error:
        line = error.lineno if isinstance(error, PybtexSyntaxError) else 0
        problem = Problem(
            file, line, "bibliography", str(error), "Mend the BibTeX there."
        )
        return {}, [problem]
    references = {
        key: _reference(key, entry) for key, entry in data.entries.items()
    }
    problems = []
    if list(lines) != sorted(lines):
        late = next(
            key
            for key, before in zip(list(lines)[1:], lines, strict=False)
            if key < before
        )
        problems.append(
            Problem(
                file,
                lines[late],
                "bibliography",
                f"{late} is out of order",
                "Sort the entries by key.",
            )
        )
    for key, one in references.items():
        missing = [
            name
            for name, value in (
                ("author", one.authors),
                ("title", one.title),
                ("year", one.year),
                ("eprint, doi or url", one.href),
            )
            if not value
        ]
        if missing:
            problems.append(
                Problem(
                    file,
                    lines.get(key, 0),
                    "bibliography",
                    f"{key} has no {', no '.join(missing)}",
                    "Look the source up and complete the entry.",
                )
            )
    return references, problems


def listed(reference: Reference, language: Language) -> str:
    """The reference as HTML, as it stands in a page's list."""
    names = list(reference.authors)
    if names[-1:] == ["others"]:
        names = [*names[:-1], "", "", ""]
    et_al = " 等" if language == "zh" else " et al."
    if len(names) > 3:
        authors = names[0] + et_al
    elif language == "en" and len(names) > 1:
        authors = ", ".join(names[:-1]) + " and " + names[-1]
    else:
        authors = ", ".join(names)
    note = f" {escape(reference.note)}." if reference.note else ""
    link = f' <a href="{escape(reference.href)}">{escape(reference.link_text)}</a>'
    stop = "" if reference.title.endswith(("?", "!")) else "."
    return (
        f"{escape(authors)}, {escape(reference.year)}. "
        f"<i>{escape(reference.title)}</i>{stop}{note}{link}"
    )
