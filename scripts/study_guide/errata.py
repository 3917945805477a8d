"""Errata: the mistakes that were found in published pages, by day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from study_guide import data_files
from study_guide.catalogue import Catalogue
from study_guide.languages import LANGUAGES, Language
from study_guide.problems import Problem

MARKER = "<!-- errata -->"


@dataclass(frozen=True)
class Erratum:
    """What was wrong in a question's page and since `date` is right.

    `texts` are Markdown; `id` is the anchor of the entry on its page.
    """

    date: date
    question: str
    texts: Mapping[Language, str]

    @property
    def id(self) -> str:
        return f"{self.question}-{self.date.isoformat()}"


def load(
    docs: Path, catalogue: Catalogue
) -> tuple[tuple[Erratum, ...], list[Problem]]:
    """The entries of `docs/errata.yml`, latest first, and what is wrong with
    them; malformed ones are left out."""
    path = docs / "errata.yml"
    data = data_files.content(path) or []
    found: list[Erratum] = []
    problems: list[Problem] = []
    for number, entry in enumerate(data, start=1):
        mistakes = list(_mistakes(entry, catalogue))
        problems += [
            Problem(
                f"{docs.name}/errata.yml",
                0,
                "errata",
                f"entry {number}: {message}",
                remedy,
            )
            for message, remedy in mistakes
        ]
        if not mistakes:
            texts = {one: str(entry[one]) for one in LANGUAGES}
            found.append(Erratum(entry["date"], entry["question"], texts))
    found.sort(key=lambda one: (one.date, one.question), reverse=True)
    return tuple(found), problems


def _mistakes(entry: Any, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    if not isinstance(entry, dict):
        yield (
            "it is no mapping",
            "Write `- date: …`, `question: …`, a text each language.",
        )
        return
    day, slug = entry.get("date"), entry.get("question")
    question = catalogue.questions.get(slug) if slug else None
    if not isinstance(day, date):
        yield f"date {day!r} is no date", "Write it as 2026-11-24."
    elif question and (question.changed_on or date.min) < day:
        yield (
            f"{slug} was changed on that day, its taxonomy entry is older",
            f"Write `changed: {day}` at the question in docs/taxonomy.yml.",
        )
    if question is None:
        yield f"no question {slug}", "Take a slug of docs/taxonomy.yml."
    for language in LANGUAGES:
        if not entry.get(language):
            yield f"no text in '{language}'", f"Write it under `{language}:`."


def markdown(
    entries: Sequence[Erratum],
    catalogue: Catalogue,
    language: Language,
    words: Mapping[str, str],
) -> str:
    """The entries for the page of errata, latest first."""
    if not entries:
        return words["errata_none"]
    pieces = []
    for entry in entries:
        question = catalogue.questions[entry.question]
        title = f"{question.id} {question.titles[language]}"
        pieces.append(
            f"## {entry.date.isoformat()} {{ #{entry.id} }}\n\n"
            f"[{title}](../questions/{entry.question}/index.md)\n\n"
            f"{entry.texts[language]}"
        )
    return "\n\n".join(pieces)
