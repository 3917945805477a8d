"""What the books of one language are made of, and what can be wrong with it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from study_guide import book_pictures
from study_guide.articles import Article
from study_guide.catalogue import Catalogue, Question
from study_guide.content_cache import ContentCache
from study_guide.formulas import TexError
from study_guide.languages import Language


class BookError(Exception):
    """A book cannot be made. `file` is what to mend, relative to the
    repository."""

    def __init__(self, file: str, message: str) -> None:
        super().__init__(f"{file}: {message}")
        self.file = file
        self.message = message


class MarkupError(ValueError):
    """An article holds what has no counterpart in a book."""


@dataclass(frozen=True)
class Material:
    """What the books of one language are made of.

    `articles` maps slugs to the articles of `language`, `words` are those of
    the interface, `site` is the site's address with a slash at its end,
    `edition` the time that the books bear, `cache` the folder for fonts.
    """

    language: Language
    catalogue: Catalogue
    articles: Mapping[str, Article]
    words: Mapping[str, str]
    docs: Path
    site: str
    edition: datetime
    contents: ContentCache
    cache: Path

    @cached_property
    def colours(self) -> Mapping[str, str]:
        """CSS variable -> value in the light scheme."""
        return book_pictures.light_colours(self.docs)

    def published(self) -> Iterator[tuple[Question, Article]]:
        """The questions that have an article, in reading order."""
        for slug, question in self.catalogue.questions.items():
            if slug in self.articles:
                yield question, self.articles[slug]

    def edition_text(self) -> str:
        return self.words["book_edition"].format(
            date=self.edition.date().isoformat(), n=len(self.articles)
        )

    def file(self, question: Question) -> str:
        """The question's page, relative to the repository."""
        path = question.source(self.language)
        return path.relative_to(self.docs.parent).as_posix()

    @contextmanager
    def blamed_on(self, question: Question) -> Iterator[None]:
        """What goes wrong inside is a mistake in this question."""
        try:
            yield
        except (MarkupError, TexError, ValueError) as error:
            raise BookError(self.file(question), str(error)) from error
