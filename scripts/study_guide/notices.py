"""Notices of what the repository holds of others, for the page of licences."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from study_guide import data_files
from study_guide.languages import Language, site_path

MARKER = "<!-- vendored -->"
_ASSETS = "docs/assets/"


def markdown(docs: Path, language: Language, words: Mapping[str, str]) -> str:
    """A table of the entries of every `vendored.yml` below the assets."""
    root = "../" * site_path(language, "licences/").count("/")
    lists = sorted((docs / "assets" / "vendor").rglob("vendored.yml"))
    entries = [entry for path in lists for entry in data_files.content(path)]
    entries.sort(key=lambda one: str(one["name"]).lower())
    head = "| " + " | ".join(
        words[name]
        for name in (
            "notice_name",
            "notice_version",
            "notice_licence",
            "notice_source",
        )
    )
    rows = "\n".join(_rows(entries, root))
    return f"{head} |\n|---|---|---|---|\n{rows}"


def _rows(entries: Sequence[Mapping[str, Any]], root: str) -> Iterator[str]:
    for entry in entries:
        licence = str(entry["licence"])
        for file in entry["files"]:
            # Files of the engine are not published; their text is.
            if "LICENSE" in file and file.startswith(_ASSETS):
                target = root + file.removeprefix("docs/")
                licence = f"[{licence}]({target})"
                break
        yield (
            f"| {entry['name']} | {entry['version']} | {licence} "
            f"| {entry['source']} |"
        )
