"""Fonts of the books: static, cut down to what Chinese text needs.

The packages on PyPI hold variable fonts with all of CJK. Typst sets text in
figures from static fonts only, and starts the faster the smaller they are.
"""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import uharfbuzz as hb
from fontTools.ttLib import TTFont


@dataclass(frozen=True)
class Face:
    """One font file to be made: what from, at which axes, under what name.

    `weight` is the weight that the book asks for by number; a wordless
    `axes` says that the source is static already.
    """

    package: str
    source: str
    family: str
    weight: int
    italic: bool
    axes: Mapping[str, float]
    han: bool

    @property
    def name(self) -> str:
        slope = "Italic" if self.italic else ""
        return f"{self.family.replace(' ', '')}-{self.weight}{slope}"


_SERIF = "files/SourceSerif4[opsz,wght].ttf"
_SERIF_ITALIC = "files/SourceSerif4-Italic[opsz,wght].ttf"
_SANS = "files/SourceSans3[wght].ttf"
_SANS_ITALIC = "files/SourceSans3-Italic[wght].ttf"
_MONO = "files/JetBrainsMono[wght].ttf"
_HAN = "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"


def _latin(
    package: str,
    source: str,
    family: str,
    weight: int,
    italic: bool = False,
    **axes: float,
) -> Face:
    return Face(package, source, family, weight, italic, axes, False)


_FACES = (
    _latin(
        "fontpkg_source_serif_4",
        _SERIF,
        "Source Serif 4",
        400,
        opsz=11,
        wght=400,
    ),
    _latin(
        "fontpkg_source_serif_4",
        _SERIF,
        "Source Serif 4",
        700,
        opsz=11,
        wght=640,
    ),
    # Beside Han characters, whose strokes are finer.
    _latin(
        "fontpkg_source_serif_4",
        _SERIF,
        "Source Serif 4 Han",
        400,
        opsz=16,
        wght=360,
    ),
    _latin(
        "fontpkg_source_serif_4",
        _SERIF_ITALIC,
        "Source Serif 4",
        400,
        True,
        opsz=11,
        wght=400,
    ),
    _latin(
        "fontpkg_source_serif_4",
        _SERIF,
        "Source Serif 4 Display",
        400,
        opsz=36,
        wght=400,
    ),
    _latin(
        "fontpkg_source_serif_4",
        _SERIF,
        "Source Serif 4 Display",
        700,
        opsz=36,
        wght=600,
    ),
    _latin("fontpkg_source_sans_3", _SANS, "Source Sans 3", 400, wght=400),
    _latin("fontpkg_source_sans_3", _SANS, "Source Sans 3", 700, wght=620),
    _latin(
        "fontpkg_source_sans_3",
        _SANS_ITALIC,
        "Source Sans 3",
        400,
        True,
        wght=400,
    ),
    _latin("fontpkg_jetbrains_mono", _MONO, "JetBrains Mono", 400, wght=400),
    _latin("fontpkg_jetbrains_mono", _MONO, "JetBrains Mono", 700, wght=700),
    Face(
        "justmytype_intl_cjk",
        _HAN,
        "Noto Sans SC",
        400,
        False,
        {"wght": 400},
        True,
    ),
    Face(
        "justmytype_intl_cjk",
        _HAN,
        "Noto Sans SC",
        700,
        False,
        {"wght": 640},
        True,
    ),
    Face(
        "pylopdf_fonts_zh_cn",
        "NotoSerifSC-Regular.otf",
        "Noto Serif SC",
        400,
        False,
        {},
        True,
    ),
)

# Counted up when what is done to a font below changes.
_MADE_BY = "3"


def _gb2312() -> frozenset[int]:
    """The 6,763 characters of GB 2312 and its symbols."""
    found = set()
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                found.add(ord(bytes((high, low)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return frozenset(found)


_LATIN = frozenset(
    code
    for first, last in (
        (0x20, 0x24F),
        (0x2B0, 0x3FF),
        (0x1E00, 0x1EFF),
        (0x2000, 0x27FF),
    )
    for code in range(first, last + 1)
)
_COMMON = (
    _gb2312()
    | frozenset(range(0x20, 0x17F))
    | frozenset(range(0x2000, 0x27FF))
)


def folders(characters: str, cache: Path) -> list[Path]:
    """Folders that hold the fonts of the books, one each, made on first use.

    The Chinese faces hold GB 2312 and `characters`, the others all Latin and
    Greek of theirs; a character that a face lacks stays missing, for the
    compiler of the book to complain about.
    """
    more = _more(characters)
    return [_made(face, more, cache) for face in _FACES]


def _more(characters: str) -> frozenset[int]:
    more = frozenset(ord(one) for one in characters if one > "\u2e7f")
    return more - _COMMON


def _wanted(face: Face, more: frozenset[int]) -> frozenset[int]:
    return _COMMON | more if face.han else _LATIN | more


def _target(face: Face, more: frozenset[int], cache: Path) -> Path:
    made_from = repr(
        (
            _MADE_BY,
            face,
            version(face.package.replace("_", "-")),
            version("uharfbuzz"),
            version("fonttools"),
            sorted(_wanted(face, more)),
        )
    )
    digest = hashlib.blake2b(made_from.encode(), digest_size=10).hexdigest()
    return cache / f"{face.name}-{digest}"


def _made(face: Face, more: frozenset[int], cache: Path) -> Path:
    target = _target(face, more, cache)
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".font-", dir=cache))
    _make(face, _wanted(face, more), aside)
    try:
        aside.rename(target)
    except OSError:  # another build was quicker
        if not target.is_dir():
            raise
    return target


_KEPT_NAMES = {0, 13, 14}  # copyright, licence, its address

# Small capitals and swashes are not used.
_FEATURES = [
    "kern", "mark", "mkmk", "ccmp", "locl", "liga", "calt", "onum", "lnum",
    "tnum", "pnum", "case", "sups", "halt", "chws", "palt", "fwid",
]  # fmt: skip


def _make(face: Face, characters: frozenset[int], target: Path) -> None:
    source = files(face.package).joinpath(face.source).read_bytes()
    whole = hb.Face(hb.Blob(source))
    wanted = hb.SubsetInput()
    wanted.sets(hb.SubsetInputSets.UNICODE).update(characters)
    features = wanted.sets(hb.SubsetInputSets.LAYOUT_FEATURE_TAG)
    features.clear()
    features.update({int.from_bytes(one.encode()) for one in _FEATURES})
    wanted.sets(hb.SubsetInputSets.NAME_ID).update(_KEPT_NAMES)
    wanted.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NOTDEF_OUTLINE
    for axis, value in face.axes.items():
        wanted.pin_axis_location(whole, axis, value)
    cut = hb.subset(whole, wanted).blob.data
    font = TTFont(BytesIO(cut), recalcTimestamp=False, recalcBBoxes=False)
    _rename(font, face)
    suffix = ".otf" if "CFF " in font else ".ttf"
    font.save(target / f"{face.name}{suffix}")


def _rename(font: TTFont, face: Face) -> None:
    """Name the font so that Typst finds it by family, weight and style."""
    style = "Italic" if face.italic else "Regular"
    if face.weight == 700:
        style = "Bold"
    names = font["name"]
    names.names = [one for one in names.names if one.nameID in _KEPT_NAMES]
    for number, text in (
        (1, face.family),
        (2, style),
        (3, f"study guide: {face.name}"),
        (4, f"{face.family} {style}"),
        (6, face.name),
    ):
        names.setName(text, number, 3, 1, 0x409)
    os2 = font["OS/2"]
    os2.usWeightClass = face.weight
    bold, italic = face.weight == 700, face.italic
    os2.fsSelection = (
        (os2.fsSelection & ~0b1100001)
        | (0b1 if italic else 0)
        | (0b100000 if bold else 0)
        | (0 if bold or italic else 0b1000000)
    )
    font["head"].macStyle = (1 if bold else 0) | (2 if italic else 0)
    if "STAT" in font:
        del font["STAT"]
