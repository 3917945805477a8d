"""Links within a PDF.

Typst resolves a link to a label while it lays out the text around it, of
which most then is laid out, and kept in memory, a second time. So links are
set as addresses, `to:<name>`, and led on in the finished file.
"""

import re
from collections.abc import Mapping
from typing import Any

import pikepdf

_SCHEME = "to:"
# As Typst itself does: a little of what is above is seen, too.
_ABOVE = 10


class MissingTarget(Exception):
    """Nothing in the document, or more than one thing, has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def targets(source: str) -> set[str]:
    """The names that a Typst source links to."""
    return set(re.findall(r"#(?:here|cite|question)-link\(<([^<>]+)>", source))


def lead(
    document: pikepdf.Pdf, places: Mapping[str, Any], page_word: str
) -> None:
    """Lead the links of `document` to `places`: name -> page from 1, and `x`
    and `y` from its top left corner, such as "7.5pt". `page_word` says where
    a link leads, with {n} for the page. Raises MissingTarget."""
    pages = [page.obj for page in document.pages]
    heights = [float(page.mediabox[3]) for page in document.pages]
    for page in pages:
        for link in page.get("/Annots", ()):
            address = str(link.A.get("/URI", "")) if "/A" in link else ""
            if not address.startswith(_SCHEME):
                continue
            name = address.removeprefix(_SCHEME)
            place = places.get(name)
            if place is None:
                raise MissingTarget(name)
            number = place["page"]
            y = max(_points(place["y"]) - _ABOVE, 0)
            del link["/A"]
            link.Dest = pikepdf.Array(
                [
                    pages[number - 1],
                    pikepdf.Name.XYZ,
                    _points(place["x"]),
                    round(heights[number - 1] - y, 2),
                    0,
                ]
            )
            link.Contents = page_word.format(n=number)


def _points(length: str) -> float:
    return float(length.removesuffix("pt"))
