"""KaTeX's HTML with fewer than half of its elements and the same picture.

KaTeX gives each sign an element that says what kind of sign it is, and sets
each index in a table of a dozen elements. A page of formulas has thousands
of them, and styling them and laying them out is most of what a browser does
with it. Here elements by which nothing is set are taken out, and scripts,
fractions, limits and accents are moved to where they stand by an offset of
their own, those above one another in one cell of a grid. The rules for that
are in the style sheet `guide.css`, `.shifted` and `.stacked`.
"""

import re
from collections.abc import Iterable, Iterator, Set
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

# Kinds of sign. KaTeX has put its spaces between them already, and its style
# sheet sets nothing by them.
IDLE = frozenset(
    {
        "mbin",
        "mclose",
        "minner",
        "mop",
        "mopen",
        "mord",
        "mpunct",
        "mrel",
        "mtight",
        "text",
    }
)
# What KaTeX sets in a table of one column whose rows are moved by `top`.
_STACKS = frozenset({"katex-accent", "mfrac", "msupsub", "op-limits"})
# Its style sheet sets something by being inside of these, whatever it is.
_PARENTS = frozenset(
    {
        "clap",
        "delim-size1",
        "delim-size4",
        "katex-html",
        "katex-inner",
        "katex-thinbox",
        "katex-vbox",
        "llap",
        "rlap",
        "vlist",
        "vlist-r",
        "vlist-t",
    }
)
_FACES = frozenset(
    {
        "amsrm",
        "boldsymbol",
        "mathbb",
        "mathbf",
        "mathcal",
        "mathit",
        "mathnormal",
        "mathsf",
    }
)
# KaTeX's eleven sizes.
_SIZES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.44, 1.728, 2.074, 2.488)
_SIZE = re.compile(r"reset-size(\d+) size(\d+)")
_EMS = re.compile(r"(-?[\d.]+)em")
_SVG = ' xmlns="http://www.w3.org/2000/svg"'  # which HTML does without
_START = '<span class="katex-html"'


def flattened(html: str) -> str:
    """A formula as KaTeX renders it, with fewer elements."""
    start = html.index(_START)
    around = html[:start].count("<span") - html[:start].count("</span")
    end = len(html) - around * len("</span>")
    picture = html[start:end].replace("&nbsp;", "\u00a0").replace(_SVG, "")
    (flat,) = _flat(ElementTree.fromstring(picture), stays=True)
    assert isinstance(flat, Element)
    return (
        html[:start]
        + ElementTree.tostring(
            flat, encoding="unicode", short_empty_elements=False
        )
        + html[end:]
    )


Piece = str | Element


def _flat(one: Element, *, stays: bool, row: bool = False) -> list[Piece]:
    """What takes the place of an element: a shorter one, or its content
    where nothing is set by it and it need not stay. `row`: whether it is one
    of a table's, whose children are set by being that."""
    if one.tag != "span":
        return [_alone(one)]
    classes = _classes(one)
    if classes & _STACKS and (rows := _rows(one)) is not None:
        return _stacked(classes, rows)
    children_stay = row or bool(classes & _PARENTS)
    pieces = list(_inside(one, stays=children_stay, rows="vlist" in classes))
    kept = Element("span", one.attrib)
    kept.attrib.pop("class", None)
    if names := [name for name in _names(one) if name not in IDLE]:
        kept.attrib = {"class": " ".join(names), **kept.attrib}
    if not kept.attrib and not stays:
        return pieces
    if "katex-sizing" in classes and len(pieces) == 1:
        return [_with_face(kept, pieces[0])]
    _fill(kept, pieces)
    return [kept]


def _inside(one: Element, *, stays: bool, rows: bool) -> Iterator[Piece]:
    if one.text:
        yield one.text
    for child in one:
        yield from _flat(child, stays=stays, row=rows)
        if child.tail:
            yield child.tail


def _alone(one: Element) -> Element:
    """An element as it is, without the text behind it."""
    copy = Element(one.tag, one.attrib)
    copy.text = one.text
    copy.extend(one)
    return copy


def _span(names: Iterable[str], style: str) -> Element:
    said = {"class": " ".join(names), "style": style}
    return Element("span", {key: text for key, text in said.items() if text})


def _fill(one: Element, pieces: Iterable[Piece]) -> None:
    for piece in pieces:
        if isinstance(piece, Element):
            one.append(piece)
        elif len(one):
            one[-1].tail = (one[-1].tail or "") + piece
        else:
            one.text = (one.text or "") + piece


def _with_face(smaller: Element, piece: Piece) -> Element:
    """A change of size around one sign and the face of that sign, in one."""
    if (
        isinstance(piece, Element)
        and not len(piece)
        and _classes(piece)
        and _classes(piece) <= _FACES
        and "style" not in smaller.attrib
    ):
        joined = _span(
            [*_names(smaller), *_names(piece)], piece.get("style", "")
        )
        joined.text = piece.text
        return joined
    _fill(smaller, [piece])
    return smaller


def _names(one: Element) -> list[str]:
    return one.get("class", "").split()


def _classes(one: Element) -> set[str]:
    return set(_names(one))


# ── what stands above one another ──────────────────────────────────────────


def _rows(stack: Element) -> list[Element] | None:
    """The rows of a stack, each moved to its place; None where one holds
    more than an offset accounts for."""
    if len(stack) != 1 or "vlist-t" not in _classes(stack[0]):
        return None
    if stack.get("style") or "katex-sizing" in _classes(stack):
        return None
    rows = []
    for row in stack[0][0][0]:
        if (moved := _moved(row)) is None:
            return None
        rows.append(moved)
    return rows


def _moved(row: Element) -> Element | None:
    """The content of a row, with the offset by which KaTeX moves the row."""
    if len(row) != 2 or row.get("class") or row.find(".//svg") is not None:
        return None
    strut, content = row
    (flat,) = _flat(content, stays=True)
    assert isinstance(flat, Element)
    # A row is as high as its strut before it is moved.
    height = _lengths(strut, {"height"})
    offsets = _lengths(row, {"margin-left", "margin-right", "top"})
    own = _lengths(flat, _OWN)
    if not height or offsets is None or own is None:
        return None
    offsets["top"] = offsets.get("top", 0) + height["height"]
    size = _SIZE.search(flat.get("class", ""))
    scale = _SIZES[int(size[2]) - 1] / _SIZES[int(size[1]) - 1] if size else 1
    for name, length in offsets.items():
        own[name] = own.get(name, 0) + length / scale
    moved = _span(
        [*_names(flat), "shifted"],
        "".join(
            f"{name}:{length:.4f}".rstrip("0").rstrip(".") + "em;"
            for name, length in own.items()
            if abs(length) >= 0.00005
        ),
    )
    moved.text = flat.text
    moved.extend(flat)
    return moved


# What may stand in the style of a row's content; being moved goes without
# saying.
_OWN = frozenset(
    {"border-bottom-width", "left", "margin-left", "margin-right", "top"}
)
_RELATIVE = ("position", "relative")


def _lengths(one: Element, known: Set[str]) -> dict[str, float] | None:
    """The style of an element, in em; None where it says something that is
    not among the `known` or is not in em."""
    lengths = {}
    for part in filter(None, one.get("style", "").split(";")):
        name, _, value = part.partition(":")
        length = _EMS.fullmatch(value)
        if name in known and length:
            lengths[name] = float(length[1])
        elif (name, value) != _RELATIVE:
            return None
    return lengths


def _stacked(classes: Set[str], rows: list[Element]) -> list[Piece]:
    if "msupsub" in classes:
        if len(rows) == 1:
            return list(rows)
        classes = {"scripts"}
    stack = _span([*sorted(classes - IDLE), "stacked"], "")
    stack.extend(rows)
    return [stack]
