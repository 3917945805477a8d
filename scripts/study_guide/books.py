"""The offline editions of one language: two PDF files, an EPUB and a deck of
flashcards."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from study_guide import epub, flashcards, pdf
from study_guide.book_material import Material
from study_guide.catalogue import Catalogue


@dataclass(frozen=True)
class Book:
    """A finished book: the name of its file and what is in it."""

    name: str
    title: str
    content: bytes


def edition(catalogue: Catalogue) -> datetime:
    """The time that a book bears: SOURCE_DATE_EPOCH where it is set, else the
    last day on which a question was checked, else today."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        return datetime.fromtimestamp(int(epoch), UTC)
    days = [one.checked for one in catalogue.published if one.checked]
    day = max(days, default=date.today())
    return datetime.combine(day, time(), UTC)


def make(material: Material, report: Callable[[str], None]) -> Iterator[Book]:
    """All books of one language; `report` is told what is being made.

    Raises BookError.
    """
    code, words = material.language, material.words
    for name, title, content in (
        (f"llm-interview-guide.{code}.pdf", "download_pdf", pdf.whole),
        (f"llm-interview-review.{code}.pdf", "download_review", pdf.review),
        (f"llm-interview-guide.{code}.epub", "download_epub", epub.epub),
        (f"llm-interview.{code}.apkg", "download_cards", flashcards.deck),
    ):
        report(name)
        yield Book(name, words[title], content(material))
