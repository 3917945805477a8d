"""The search index of each language."""

from collections.abc import Mapping
from pathlib import Path

from study_guide.articles import Article
from study_guide.languages import Language


def write(
    site: Path,
    docs: Path,
    articles: Mapping[Language, Mapping[str, Article]],
) -> None:
    """Write the index files below `site`."""
