"""KaTeX's faces with no more characters than the site's formulas use.

Each face is cut down for the whole site, so that what a reader has fetched
with one page serves all others. All of them together weigh as much as one
did.
"""

import base64
import io
import re
import string
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from html import unescape
from pathlib import Path

from fontTools.ttLib import TTFont

from study_guide.content_cache import ContentCache
from study_guide.theme_style import Rule

# What a script may set by itself, whatever stands in the pages.
_ALWAYS = {
    "KaTeX_Main-Regular": set(string.ascii_letters + string.digits),
    "KaTeX_Math-Italic": set(string.ascii_letters),
}

_PIECE = re.compile(r'<(?:span\b(?: class="([^"]*)")?|(/)span)[^>]*>([^<]*)')
_FORMULA = re.compile(r'<span class="katex-html" aria-hidden="true">')


def characters(
    pages: Iterable[str], sheet: Iterable[Rule]
) -> dict[str, set[str]]:
    """Face -> the characters of the formulas in `pages` that are set in it.

    `sheet` are the rules of KaTeX's style sheet, which say what face a class
    is set in. A face is named as its file, KaTeX_Main-Bold.
    """
    pieces = {
        piece
        for page in pages
        for found in _FORMULA.finditer(page)
        for piece in _pieces(page, found.start())
    }
    faces = _faces_by_class(sheet)
    used: dict[str, set[str]] = defaultdict(set)
    if pieces:
        used |= {face: set(always) for face, always in _ALWAYS.items()}
    for around, text in pieces:
        used[_face(around, faces)].update(unescape(text))
    return dict(used)


def _pieces(page: str, start: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """(classes of the elements around a text, outermost first; the text) in
    the formula that begins at `start`."""
    around: list[str] = []
    for found in _PIECE.finditer(page, start):
        classes, end, text = found.groups()
        if not end:
            around.append(classes)
        else:
            around.pop()
        if not around:
            return
        if text:
            yield tuple(filter(None, around)), text


Face = tuple[str, str, str]  # family, style, weight; empty: inherited


def _faces_by_class(sheet: Iterable[Rule]) -> list[tuple[set[str], Face]]:
    """For the classes of an element, what KaTeX's sheet says of its face, in
    the order of the sheet."""
    found: list[tuple[set[str], Face]] = []
    for rule in sheet:
        said = {
            name: text.partition(":")[2].strip(" \"'")
            for name, text in rule.declarations
            if name.startswith("font-")
        }
        face = (
            said.get("font-family", ""),
            said.get("font-style", ""),
            said.get("font-weight", ""),
        )
        if not any(face):
            continue
        for selector in rule.selectors:
            last = re.split(r"[\s>]+", selector.removesuffix(">span"))[-1]
            found.append((set(re.findall(r"\.([\w-]+)", last)), face))
    return found


def _face(around: Sequence[str], faces: list[tuple[set[str], Face]]) -> str:
    face: Face = ("KaTeX_Main", "normal", "400")
    for classes in map(str.split, around):
        for needed, said in faces:
            if needed and needed.issubset(classes):
                family, style, weight = (
                    new or old for new, old in zip(said, face, strict=True)
                )
                face = family, style, weight
    return face_name(*face)


def face_name(family: str, style: str, weight: str) -> str:
    """The name of the file that holds a face."""
    bold = weight in ("700", "bold")
    italic = style == "italic"
    variant = "Bold" * bold + "Italic" * italic or "Regular"
    return f"{family}-{variant}"


def cut(path: Path, wanted: set[str], kept: ContentCache) -> bytes:
    """The face in `path` (woff2) with the characters `wanted` alone, as far
    as it has them. Without hints, which are a fifth of it and which no
    renderer with smooth edges in both directions follows.
    """
    there = sorted(wanted & _repertoire(path))
    made_from = ("face", "3", path.name, path.read_bytes().hex(), *there)

    def make() -> str:
        from fontTools import subset  # takes long to load

        options = subset.Options(
            flavor="woff2",
            hinting=False,
            layout_features=[],
            name_IDs=[],
            notdef_outline=True,
            bidi_closure=False,
        )
        options.drop_tables += ["FFTM"]
        font = TTFont(path, recalcTimestamp=False)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(one) for one in there])
        cutter.subset(font)
        font.flavor = "woff2"
        buffer = io.BytesIO()
        font.save(buffer)
        return base64.b64encode(buffer.getvalue()).decode()

    return base64.b64decode(kept.get(made_from, make))


@cache
def _repertoire(path: Path) -> frozenset[str]:
    with TTFont(path) as font:
        return frozenset(map(chr, font.getBestCmap()))


def script(faces: Mapping[str, bytes]) -> str:
    """A script that gives a page its faces before anything is drawn.

    Browsers read a face from memory at once; one that a style sheet names
    they set about when they meet its first character, and move the text
    when it is there.
    """
    rows = [
        f'["{family}","{style}","{weight}","{content}"]'
        for family, style, weight, content in _described(faces)
    ]
    return _SCRIPT % ",".join(rows)


_SCRIPT = """for (const [family, style, weight, text] of [%s]) {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  document.fonts.add(new FontFace(family, bytes.buffer, {style, weight}));
}
"""


def style_sheet(faces: Mapping[str, bytes]) -> str:
    """The same for readers without scripts."""
    return "".join(
        f"@font-face{{font-family:{family};font-style:{style};"
        f"font-weight:{weight};font-display:block;"
        f'src:url("data:font/woff2;base64,{content}") format("woff2")}}'
        for family, style, weight, content in _described(faces)
    )


def _described(
    faces: Mapping[str, bytes],
) -> Iterator[tuple[str, str, str, str]]:
    """(family, style, weight, content in base64) of each face."""
    for name, content in faces.items():
        family, _, variant = name.partition("-")
        yield (
            family,
            "italic" if "Italic" in variant else "normal",
            "700" if "Bold" in variant else "400",
            base64.b64encode(content).decode(),
        )


_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")


def without_faces(sheet: str) -> str:
    """KaTeX's style sheet without the faces that it names."""
    return _FONT_FACE.sub("", sheet)
