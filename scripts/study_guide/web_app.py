"""The guide as an app: what makes it installable, and its service worker.

Written last of all, since the worker and its list are named by the content of
every file of the site. `docs/assets/scripts/offline/` holds what runs in the
browser: `worker.js`, the page's side of it, and `keep.js`, which keeps the
whole guide when asked.

Sources: https://www.w3.org/TR/appmanifest/, https://w3c.github.io/ServiceWorker/
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from json import dumps
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from study_guide import joined_assets
from study_guide.content_cache import ContentCache
from study_guide.languages import LANGUAGES, Language, site_path

MANIFEST = "manifest.webmanifest"
WORKER = "sw.js"
# What can be kept, with the size of each file; read by keep.js.
EVERYTHING = "everything.json"

_SCRIPTS = "assets/scripts/offline"
BEGINS = f"{_SCRIPTS}/begin.js"
LEAVES = f"{_SCRIPTS}/leave.js"
KEEPS = f"{_SCRIPTS}/keep.js"
_WORKS = f"{_SCRIPTS}/worker.js"

_ICONS = "assets/icons"

# A file whose name, or whose folder's, changes with its content.
HASHED = re.compile(r"\.[0-9a-f]{8}(?:/|\.(?:css|js)$)")

# For readers without JavaScript, who have no service worker either.
_WITHOUT_SCRIPTS = re.compile(r"assets/faces\.\w+\.css")
# Files that the worker fetches by itself, besides the hashed ones of assets/.
_INDEX_TITLES = re.compile(r"assets/search/[^/]+/titles\.js")

# Read by other programs than browsers, or only asked for with the network.
_NOT_KEPT = re.compile(
    r"downloads/|assets/(?:cards|vendor)/|404\.html$|sw\.js$|robots\.txt$"
    r"|.*(?:\.xml|\.xml\.gz|\.md|llms(?:-full)?\.txt|catalogue\.json"
    r"|everything\.json)$"
)


@dataclass(frozen=True)
class Colours:
    """Of the light scheme, #rrggbb; pages name those of the dark one."""

    paper: str
    qing: str


# ── manifest and icons ─────────────────────────────────────────────────────


def write_manifest(
    site: Path,
    words: Mapping[Language, Mapping[str, str]],
    colours: Colours,
) -> None:
    """Write icons and, in each language, a manifest below `site`."""
    folder = site / _ICONS
    folder.mkdir(parents=True, exist_ok=True)
    for name, size, part in _SIZES:
        (folder / name).write_bytes(_icon(size, part, colours))
    for language in LANGUAGES:
        path = site / site_path(language, MANIFEST)
        content = _manifest(language, words[language], colours)
        path.write_text(
            dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n",
            encoding="utf-8",
        )


# File, side in pixels and the part of it that the square takes. Of a maskable
# icon a circle of four fifths is sure to be seen.
_SIZES = (
    ("180.png", 180, 0.62),
    ("192.png", 192, 0.62),
    ("512.png", 512, 0.62),
    ("maskable.png", 512, 0.5),
)


def _icon(size: int, part: float, colours: Colours) -> bytes:
    """The filled square on paper as PNG."""
    picture = Image.new("P", (size, size), 0)
    palette = [*bytes.fromhex(colours.paper[1:] + colours.qing[1:])]
    picture.putpalette(palette)
    edge = round(size * (1 - part) / 2)
    ImageDraw.Draw(picture).rectangle(
        (edge, edge, size - edge - 1, size - edge - 1), fill=1
    )
    file = BytesIO()
    picture.save(file, "PNG", optimize=True, bits=1)
    return file.getvalue()


def _manifest(
    language: Language, words: Mapping[str, str], colours: Colours
) -> Mapping[str, Any]:
    """Addresses are relative to the manifest, which lies beside the home page
    of its language; the app is the whole site, in both languages."""
    root = "../" * site_path(language, "").count("/") or "./"

    def icon(name: str, size: int, purpose: str) -> Mapping[str, str]:
        return {
            "src": f"{root}{_ICONS}/{name}".removeprefix("./"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }

    return {
        "name": words["site_name"],
        "short_name": words["app_name"],
        "description": words["site_description"],
        "lang": language,
        "start_url": "./",
        "scope": root,
        "display": "standalone",
        "theme_color": colours.paper,
        "background_color": colours.paper,
        "icons": [
            icon("192.png", 192, "any"),
            icon("512.png", 512, "any"),
            icon("maskable.png", 512, "maskable"),
        ],
        "shortcuts": [
            {"name": words[name], "url": f"./{name}/"}
            for name in ("practice", "questions")
        ],
    }


# ── service worker ─────────────────────────────────────────────────────────


def everything(site: Path) -> Sequence[tuple[str, int, str]]:
    """Path, bytes and digest of each file that can be kept, those first that
    pages need. The digest is empty where the name says it."""
    found = []
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if not path.is_file() or _NOT_KEPT.match(name):
            continue
        if _WITHOUT_SCRIPTS.fullmatch(name):
            continue
        content = path.read_bytes()
        hashed = HASHED.search(name)
        digest = "" if hashed else sha256(content).hexdigest()[:16]
        found.append((name, len(content), digest))
    return sorted(found, key=lambda one: bool(one[2]))


def write_worker(site: Path, docs: Path, cache: ContentCache) -> None:
    """Write the service worker and the list of all that can be kept below
    `site`, where everything else has been written."""
    files = everything(site)
    program = joined_assets.script(docs, [_WORKS], cache).text
    shell = list(_shell(site, [name for name, _, _ in files]))
    version = sha256(dumps([files, shell, program]).encode()).hexdigest()[:12]
    listed = {
        "version": version,
        "bytes": sum(size for _, size, _ in files),
        "files": files,
    }
    (site / EVERYTHING).write_text(
        dumps(listed, separators=(",", ":")) + "\n", encoding="utf-8"
    )
    facts = {
        "VERSION": version,
        "SHELL": shell,
        # The default language, which has no folder, fits every address.
        "OFFLINE": sorted(
            (site_path(language, "") for language in LANGUAGES), reverse=True
        ),
    }
    (site / WORKER).write_text(
        "".join(
            f"const {name}={dumps(value, separators=(',', ':'))};\n"
            for name, value in facts.items()
        )
        + program,
        encoding="utf-8",
    )


def _shell(site: Path, names: Sequence[str]) -> Iterator[str]:
    """What is fetched when the worker is installed: scripts, styles, the
    titles that the search needs first, and the pages that say that there is
    no network."""
    for name in names:
        hashed = HASHED.search(name)
        if (hashed and not name[hashed.start() :].count("/")) or (
            _INDEX_TITLES.fullmatch(name)
        ):
            yield name
    yield "assets/images/favicon.svg"
    for language in LANGUAGES:
        yield site_path(language, "offline/")
