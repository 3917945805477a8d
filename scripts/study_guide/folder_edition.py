"""The site as a folder to open without a server, packed in a ZIP file.

Made from the finished pages: no server completes the name of a folder, so
links name the files, and what only a server or a search engine has use for is
left out. Scripts and styles are the same files; nothing inside a `<script>` is
touched, so each page's policy still fits.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from posixpath import dirname, join, normpath

from study_guide import practice_cards
from study_guide.languages import LANGUAGES

NAME = "llm-interview-guide.site.zip"
# What stands at the top of the ZIP file; index.html is in it.
FOLDER = "llm-interview-guide"

# The address that `mkdocs.yml` has where none is given.
_NOWHERE = "https://example.org/"

_LEFT_OUT = re.compile(
    r"downloads/|assets/(?:cards|icons)/|(?:\w+/)?offline/|404\.html$|sw\.js$"
    r"|.*(?:\.xml|\.xml\.gz|\.md|\.webmanifest|robots\.txt"
    r"|llms(?:-full)?\.txt|catalogue\.json|everything\.json)$"
)

# For search engines, link previews, feed readers and installed apps.
_FOR_OTHERS = re.compile(
    r"<link rel=\"(?:canonical|alternate|manifest|apple-touch-icon)\"[^>]*>\s*"
    r"|<meta (?:property=\"og:|name=\"twitter:)[^>]*>\s*"
    r"|<script type=\"application/ld\+json\">.*?</script>\s*",
    re.DOTALL,
)
_WORKER = re.compile(r' data-worker="[^"]*" data-keeper="[^"]*"')
# Marked in the templates: what there is with a server alone, and what leads
# to a file that is not in the folder.
_SERVED = re.compile(r"<(\w+)\b[^>]*\sdata-served\b.*?</\1>", re.DOTALL)
_ONLINE = re.compile(r"<(\w+)\b[^>]*\sdata-online\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r'<(?:a|link)\b(?:[^">]|"[^"]*")*>')
_ADDRESS = re.compile(r' href=(\\?")([^"\\]*)\1')


def content(site: Path, address: str, edition: datetime) -> bytes:
    """The ZIP file of the finished `site`, the same for the same files.

    `address` is where the site stands on the network, `edition` the date
    that the files bear.
    """
    files = {
        path.relative_to(site).as_posix(): path
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }
    kept = {name for name in files if not _LEFT_OUT.match(name)}
    online = "" if address == _NOWHERE else address
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(kept):
            data = files[name].read_bytes()
            if name.endswith(".html"):
                data = _page(data.decode(), name, kept, online).encode()
            elif card := _CARD.match(name):
                seen_from = _CARDS_SEEN_FROM[card[1]]
                text = _linked(data.decode(), seen_from, kept, online)
                data = text.encode()
            entry = zipfile.ZipInfo(
                f"{FOLDER}/{name}", edition.timetuple()[:6]
            )
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, data)
    return file.getvalue()


def _page(text: str, name: str, kept: set[str], online: str) -> str:
    """A page as it stands in the folder."""
    text = _FOR_OTHERS.sub("", _WORKER.sub("", _SERVED.sub("", text)))
    if not online:
        text = _ONLINE.sub("", text)
    return "".join(
        piece
        if scripted
        else _TAG.sub(
            lambda tag: _linked(tag[0], dirname(name), kept, online), piece
        )
        for scripted, piece in _pieces(text)
    )


_SCRIPT = re.compile(r"<script\b[^>]*>.*?</script>", re.DOTALL)


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Scripts, and what stands between them."""
    at = 0
    for found in _SCRIPT.finditer(text):
        yield False, text[at : found.start()]
        yield True, found[0]
        at = found.end()
    yield False, text[at:]


# A card of the practice page: HTML in a string, with links as seen from there.
_CARD = re.compile(r"assets/practice/(\w+)\.[0-9a-f]{8}/")
_CARDS_SEEN_FROM: Mapping[str, str] = {
    language: practice_cards.page_url(language).rstrip("/")
    for language in LANGUAGES
}


def _linked(markup: str, folder: str, kept: set[str], online: str) -> str:
    """`markup` with its links, seen from `folder`, as a folder needs them."""

    def link(found: re.Match[str]) -> str:
        address = _in_folder(found[2], folder, kept, online)
        return f" href={found[1]}{address}{found[1]}" if address else ""

    return _ADDRESS.sub(link, markup)


def _in_folder(link: str, folder: str, kept: set[str], online: str) -> str:
    """`link` with the file that a server would answer with; whole where it
    leads out of the folder, and empty where there is nothing to lead to."""
    if re.match(r"[a-z]+:|//|#|\?|$", link):
        return link
    path = re.split("[?#]", link, maxsplit=1)[0]
    rest = link[len(path) :]
    target = normpath(join(folder, path)).removeprefix(".")
    if target in kept:
        return link
    if join(target, "index.html") in kept:
        return normpath(join(path, "index.html")) + rest
    slash = "/" if target and path.endswith("/") else ""
    return f"{online}{target}{slash}{rest}" if online else ""
