"""Cards: the picture that shows when a link to a page is shared.

Drawn with Pillow from the fonts of the books, with nothing from the network,
and kept by what they were made from.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFont

from study_guide.languages import Language

SIZE = (1200, 630)
_EDGE = 80
_WIDTH = SIZE[0] - 2 * _EDGE
_TITLE_SIZES = (76, 68, 60, 53, 44)
_NOTE_SIZE = 30

# Counted up when what is done below changes.
_MADE_BY = "1"


@dataclass(frozen=True)
class Card:
    """What a card says. `number` is empty where the page has none; `note` is
    one line, two at most, under the title."""

    language: Language
    site_name: str
    number: str
    title: str
    note: str


@dataclass(frozen=True)
class Ink:
    """The colours of a card as the style sheet has them, #rrggbb."""

    paper: str
    ink: str
    qing: str


def png(card: Card, ink: Ink, kept: Path) -> bytes:
    """The card as PNG; `kept` is the folder of those drawn before."""
    made_from = repr((_MADE_BY, *_versions(), astuple(card), astuple(ink)))
    digest = blake2b(made_from.encode(), digest_size=16).hexdigest()
    path = kept / f"{digest}.png"
    if path.is_file():
        return path.read_bytes()
    content = _drawn(card, ink)
    kept.mkdir(parents=True, exist_ok=True)
    # Another process may be drawing the same card.
    with NamedTemporaryFile(dir=kept, delete=False) as aside:
        aside.write(content)
    Path(aside.name).replace(path)
    return content


# ── fonts ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Font:
    """A font of a package; `axes` in the order in which its file has them,
    weight and optical size."""

    package: str
    file: str
    axes: tuple[float, ...] = ()


_SERIF_FILE = "files/SourceSerif4[opsz,wght].ttf"
_TITLE = _Font("fontpkg_source_serif_4", _SERIF_FILE, (560, 36))
_NUMBER = _Font("fontpkg_source_serif_4", _SERIF_FILE, (400, 36))
_NOTE = _Font("fontpkg_source_sans_3", "files/SourceSans3[wght].ttf", (400,))
_TITLE_HAN = _Font("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf")
_NOTE_HAN = _Font("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf")
_FONTS = (_TITLE, _NUMBER, _NOTE, _TITLE_HAN, _NOTE_HAN)

TITLE_FONTS: Mapping[Language, _Font] = {"zh": _TITLE_HAN, "en": _TITLE}
NOTE_FONTS: Mapping[Language, _Font] = {"zh": _NOTE_HAN, "en": _NOTE}


def font_file(font: _Font) -> Path:
    """Where the font lies on this machine."""
    return Path(str(files(font.package).joinpath(font.file)))


@cache
def _versions() -> Sequence[str]:
    """Of what a card is drawn with."""
    packages = sorted({one.package.replace("_", "-") for one in _FONTS})
    return [version(one) for one in ("pillow", *packages)]


@cache
def _face(font: _Font, size: int) -> ImageFont.FreeTypeFont:
    face = ImageFont.truetype(str(font_file(font)), size)
    if font.axes:
        face.set_variation_by_axes(list(font.axes))
    return face


# ── lines ──────────────────────────────────────────────────────────────────

_CLOSING = "，。；：、！？）」』》…”’,.;:!?)]"
_OPENING = "（「『《“‘(["
# What a line may not be broken inside: a Latin word, or a Han character with
# the marks that cling to it.
_PIECE = re.compile(
    rf"[{re.escape(_OPENING)}]*(?:[^\s\u2e80-\uffef]+|[^\s])"
    rf"[{re.escape(_CLOSING)}]*\s*"
)


def lines(
    text: str, face: ImageFont.FreeTypeFont, width: float
) -> Sequence[str]:
    """`text` in as few lines as `width` pixels allow, of about one length."""
    pieces = [
        (piece, face.getlength(piece), face.getlength(piece.rstrip()))
        for piece in _PIECE.findall(text)
    ]
    filled = _filled(pieces, width)
    low = 0.4 * width
    for _ in range(7):
        middle = (low + width) / 2
        tried = _filled(pieces, middle)
        if len(tried) > len(filled):
            low = middle
        else:
            width, filled = middle, tried
    return filled


def _filled(
    pieces: Sequence[tuple[str, float, float]], width: float
) -> list[str]:
    """Lines of pieces, each with its length and that without the space at
    its end."""
    found: list[str] = []
    line, length = "", 0.0
    for piece, whole, bare in pieces:
        if line and length + bare > width:
            found.append(line.rstrip())
            line, length = "", 0.0
        line, length = line + piece, length + whole
    return [*found, line.rstrip()]


# ── the picture ────────────────────────────────────────────────────────────


def _drawn(card: Card, ink: Ink) -> bytes:
    black, blue = Image.new("L", SIZE), Image.new("L", SIZE)
    on_black, on_blue = ImageDraw.Draw(black), ImageDraw.Draw(blue)
    note_face = _face(NOTE_FONTS[card.language], _NOTE_SIZE)

    on_blue.rectangle((_EDGE, 70, _EDGE + 29, 99), fill=255)
    on_black.text(
        (_EDGE + 50, 96), card.site_name, 255, note_face, anchor="ls"
    )

    number_face = _face(_NUMBER, 72)
    indent = number_face.getlength(card.number) + 34 if card.number else 0
    face, title = _title(card, _WIDTH - indent)
    step = face.size * (1.36 if card.language == "zh" else 1.2)
    first = 190 + face.size
    if card.number:
        on_blue.text(
            (_EDGE, first), card.number, 255, number_face, anchor="ls"
        )
    for count, line in enumerate(title):
        place = (_EDGE + indent, first + count * step)
        on_black.text(place, line, 255, face, anchor="ls")

    note = lines(card.note, note_face, _WIDTH)[:2]
    top = SIZE[1] - 64 - 42 * len(note)
    on_black.rectangle((_EDGE, top, SIZE[0] - _EDGE, top + 2), fill=255)
    for count, line in enumerate(note):
        place = (_EDGE, top + 46 + count * 42)
        on_black.text(place, line, 210, note_face, anchor="ls")
    return _packed(black, blue, ink)


def _title(
    card: Card, width: float
) -> tuple[ImageFont.FreeTypeFont, Sequence[str]]:
    """The largest face in which two lines hold the title, or else three, or
    else as many as it takes; and these lines."""
    found: Sequence[str] = ()
    for most, sizes in (2, _TITLE_SIZES[:3]), (3, _TITLE_SIZES[:4]):
        for size in sizes:
            face = _face(TITLE_FONTS[card.language], size)
            found = lines(card.title, face, width)
            if len(found) <= most:
                return face, found
    face = _face(TITLE_FONTS[card.language], _TITLE_SIZES[-1])
    return face, lines(card.title, face, width)


_SHADES = 8


def _packed(black: Image.Image, blue: Image.Image, ink: Ink) -> bytes:
    """Two masks of ink as a PNG with a palette of 16 colours: no larger than
    its letters need."""
    step = 255 / (_SHADES - 1)
    indices = ImageChops.lighter(
        black.point([round(v / step) for v in range(256)]),
        blue.point(
            [
                _SHADES + round(v / step) if v > step / 2 else 0
                for v in range(256)
            ]
        ),
    )
    palette = [
        *_shades(ink.paper, ink.ink),
        *_shades(ink.paper, ink.qing),
    ]
    picture = Image.frombytes("P", SIZE, indices.tobytes())
    picture.putpalette(palette)
    file = BytesIO()
    picture.save(file, "PNG", compress_level=6, bits=4)
    return file.getvalue()


def _shades(paper: str, ink: str) -> Iterator[int]:
    light, dark = ImageColor.getrgb(paper), ImageColor.getrgb(ink)
    for shade in range(_SHADES):
        part = shade / (_SHADES - 1)
        for a, b in zip(light, dark, strict=True):
            yield round(a + (b - a) * part)
