"""The guide's own styles and scripts, joined and without what only people
read, each in one file that is named by its content: a page makes one request
for it, and what a browser has fetched stays valid as long as nothing
changes."""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import rcssmin

from study_guide.content_cache import ContentCache
from study_guide.minified_scripts import ScriptError, minified

_URL = re.compile(r"url\((['\"]?)(?!data:|#|/|[a-z]+:)([^)'\"]+)\1\)")

_FOLDER = "assets"


@dataclass(frozen=True)
class JoinedAsset:
    """`path` is relative to the site's root."""

    path: str
    text: str


def style_sheet(name: str, texts: Sequence[str]) -> JoinedAsset:
    """Style sheets in order, their urls as seen from the folder of assets;
    `name` is what the file is called."""
    text = rcssmin.cssmin("\n".join(texts), keep_bang_comments=True)
    return named(name, "css", text)


def script(
    docs: Path,
    names: Sequence[str],
    cache: ContentCache,
    name: str = "guide",
) -> JoinedAsset:
    """The JavaScript files `names` below docs, in order; classic scripts,
    each closed in itself. `name` is what the file is called.

    Raises ScriptError, which names the file.
    """
    texts = []
    for one in names:
        try:
            texts.append(minified((docs / one).read_text("utf-8"), cache))
        except ScriptError as error:
            raise ScriptError(f"{one}: {error}") from None
    return named(name, "js", "\n".join(texts))


def named(name: str, kind: str, text: str) -> JoinedAsset:
    """A file of the kind css or js, named by what is in it."""
    text += "\n"
    digest = blake2b(text.encode(), digest_size=4).hexdigest()
    return JoinedAsset(f"{_FOLDER}/{name}.{digest}.{kind}", text)


def moved(docs: Path, name: str) -> str:
    """The text of a style sheet below docs with its relative urls as seen from
    the folder of assets."""
    folder = posixpath.dirname(name)

    def move(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, found[2]))
        return f"url({posixpath.relpath(target, _FOLDER)})"

    text = (docs / name).read_text(encoding="utf-8")
    return _URL.sub(move, text).strip()
