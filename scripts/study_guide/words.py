"""The words of the user interface, `docs/interface.yml`."""

from collections.abc import Mapping
from pathlib import Path

from study_guide import data_files
from study_guide.catalogue import Catalogue
from study_guide.languages import LANGUAGES, Language


def load(docs: Path) -> Mapping[Language, Mapping[str, str]]:
    """Language -> key -> words. Raises KeyError where a language lacks a key."""
    data = data_files.content(docs / "interface.yml")
    return {
        language: {key: entry[language] for key, entry in data.items()}
        for language in LANGUAGES
    }


def counted(text: str, catalogue: Catalogue) -> str:
    """`text` with the number of published questions for `{answers}`."""
    return text.replace("{answers}", str(len(list(catalogue.published))))
