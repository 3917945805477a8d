"""The pages of the built site by kind, whatever kinds there come to be."""

import gzip
from collections import defaultdict
from functools import cache
from pathlib import Path

_LANGUAGES = ("zh", "en")

# Most bytes and requests of a first visit, by kind of page; `*` is any other.
# What can be moved on a page weighs apart.
MOST_OF_EXPLORABLES = 18_500
MOST = {"*": (100_000, 12), "movable": (100_000 + MOST_OF_EXPLORABLES, 12)}


def pages(site: Path) -> list[str]:
    """Addresses of all pages below the site's root; files that only send the
    reader on are none."""
    return [
        path.relative_to(site).as_posix().removesuffix("index.html")
        for path in sorted(site.rglob("*.html"))
        if 'http-equiv="refresh"' not in path.read_text(encoding="utf-8")
    ]


def kind(address: str) -> tuple[str, str]:
    """(kind, language) of a page: questions/x/ is a `questions/*`."""
    parts = address.rstrip("/").split("/")
    language = "zh"
    if parts[0] in _LANGUAGES:
        language, parts = parts[0], parts[1:]
    name = parts[0] if parts and parts[0] else "home"
    return name + "/*" * (len(parts) - 1), language


@cache
def by_kind(site: Path) -> dict[tuple[str, str], list[str]]:
    """(kind, language) -> addresses, the heaviest first."""
    found = defaultdict(list)
    for address in pages(site):
        found[kind(address)].append(address)
    return {
        key: sorted(group, key=lambda one: -weight(file(site, one)))
        for key, group in found.items()
    }


def heaviest(site: Path) -> list[tuple[str, str, str]]:
    """(kind, language, address) of the heaviest page of each kind."""
    return [(*key, group[0]) for key, group in sorted(by_kind(site).items())]


def typical(site: Path) -> list[tuple[str, str, str]]:
    """(kind, language, address) of the page in the middle of each kind."""
    return [
        (*key, group[len(group) // 2])
        for key, group in sorted(by_kind(site).items())
    ]


def file(site: Path, address: str) -> Path:
    return (
        site / address
        if address.endswith(".html")
        else site / address / "index.html"
    )


def weight(path: Path) -> int:
    """Bytes as they are transferred: text packed, the rest as it is."""
    content = path.read_bytes()
    text = (".html", ".css", ".js", ".svg", ".json", ".xml", ".webmanifest")
    if path.suffix in text:
        return len(gzip.compress(content, mtime=0))
    return len(content)
