"""The style sheet: the guide's CSS files as one, named by its content."""

import posixpath
import re
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

_URL = re.compile(r"url\((['\"]?)(?!data:|#|/|[a-z]+:)([^)'\"]+)\1\)")
_COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)


def joined(docs: Path, names: Sequence[str]) -> tuple[str, str]:
    """(path below the site, text) of the files `names` below docs, in order.

    A page then makes one request for them, and what it fetched stays valid
    as long as nothing changes: the path carries a digest of the text.
    """
    text = "\n".join(_moved(docs, name) for name in names)
    digest = blake2b(text.encode(), digest_size=4).hexdigest()
    return f"{_FOLDER}/guide.{digest}.css", text


_FOLDER = "assets"


def _moved(docs: Path, name: str) -> str:
    """The file's text with its relative urls seen from where it ends up."""
    folder = posixpath.dirname(name)

    def move(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, found[2]))
        return f"url({posixpath.relpath(target, _FOLDER)})"

    text = (docs / name).read_text(encoding="utf-8")
    return _URL.sub(move, _COMMENT.sub("", text)).strip()
