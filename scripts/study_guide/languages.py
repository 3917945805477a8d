"""The languages of the guide."""

from typing import Literal, get_args

Language = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT: Language = "zh"


def other(language: Language) -> Language:
    """The language that a page of `language` links to."""
    return next(one for one in LANGUAGES if one != language)


def site_path(language: Language, path: str) -> str:
    """`path` below the root of `language`'s part of the site.

    The default language stands at the root, every other in its own folder.
    """
    return path if language == DEFAULT else f"{language}/{path}"
