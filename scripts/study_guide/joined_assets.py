"""The guide's own styles and scripts, each kind in one file that is named by
its content: a page makes one request for it, and what a browser has fetched
stays valid as long as nothing changes."""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

_URL = re.compile(r"url\((['\"]?)(?!data:|#|/|[a-z]+:)([^)'\"]+)\1\)")
_COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)


_FOLDER = "assets"


@dataclass(frozen=True)
class JoinedAsset:
    """`path` is relative to the site's root."""

    path: str
    text: str


def style_sheet(docs: Path, names: Sequence[str]) -> JoinedAsset:
    """The CSS files `names` below docs, in order."""
    text = "\n".join(_moved(docs, name) for name in names)
    return _named("guide", "css", text)


def script(
    docs: Path, names: Sequence[str], name: str = "guide"
) -> JoinedAsset:
    """The JavaScript files `names` below docs, in order, as one that is
    called `name`; classic scripts, each closed in itself."""
    texts = ((docs / name).read_text(encoding="utf-8") for name in names)
    text = ";\n".join(text.strip() for text in texts) + "\n"
    return _named(name, "js", text)


def _named(name: str, kind: str, text: str) -> JoinedAsset:
    digest = blake2b(text.encode(), digest_size=4).hexdigest()
    return JoinedAsset(f"{_FOLDER}/{name}.{digest}.{kind}", text)


def _moved(docs: Path, name: str) -> str:
    """The file's text with its relative urls seen from where it ends up."""
    folder = posixpath.dirname(name)

    def move(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, found[2]))
        return f"url({posixpath.relpath(target, _FOLDER)})"

    text = (docs / name).read_text(encoding="utf-8")
    return _URL.sub(move, _COMMENT.sub("", text)).strip()
