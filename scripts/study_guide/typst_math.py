"""Formulas in Typst's mathematics, walked from KaTeX's MathML.

The MathML is what the site carries for screen readers, so page and book set
the same formula, and TeX is parsed by one program only.
"""

import re
from hashlib import blake2b
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from study_guide import formulas
from study_guide.book_material import MarkupError
from study_guide.content_cache import ContentCache

# What the cache holds was made by this very module.
_MADE_BY = blake2b(Path(__file__).read_bytes(), digest_size=10).hexdigest()

_NOTHING = '""'


def mathml(tex: str, *, display: bool, cache: ContentCache) -> Element:
    """The row under `<semantics>` in KaTeX's MathML of a formula.

    Raises formulas.TexError where KaTeX refuses it.
    """
    html = formulas.render(tex, display=display, cache=cache)
    start = html.index("<semantics>") + len("<semantics>")
    source = html[start : html.index("<annotation")]
    return ElementTree.fromstring(source.replace("&nbsp;", "\u00a0"))


def markup(tex: str, *, display: bool, cache: ContentCache) -> str:
    """What stands between the dollar signs in Typst.

    Raises formulas.TexError and MarkupError.
    """

    def make() -> str:
        row = mathml(tex, display=display, cache=cache)
        return _lines(row) if display else _of(row) or _NOTHING

    mode = "display" if display else "inline"
    return cache.get((_MADE_BY, formulas.KATEX_VERSION, mode, tex), make)


# ── characters ─────────────────────────────────────────────────────────────

_APPLICATION = "\u2061"
_ESCAPED = re.compile(r"([\\#$*_`<>@=\-+/\[\](){}~'\"&^.,;:|!?⟨⟩⌊⌋⌈⌉⟦⟧])")
_PLAIN = frozenset("=+<>")

# KaTeX's space of a given width comes as one or two of these (Mathy spaces:
# hair, thin, medium, thick); a negative one carries an invisible separator.
_SPACES = {
    "\u200a": 0.0556,
    "\u2009": 0.1667,
    "\u2005": 0.2222,
    "\u2004": 0.2778,
    "\u00a0": 0.25,
    " ": 0.25,
}

_OPENING = "([{⟨⌊⌈⟦"
_CLOSING = ")]}⟩⌋⌉⟧"
_BARS = "∣|∥‖"


def _character(text: str) -> str:
    if text in _PLAIN:
        return text
    return _ESCAPED.sub(r"\\\1", text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _space(em: float) -> str:
    return f"#h({em:.4g}em)"


_VARIANTS = {
    "bold": "upright(bold({}))",
    "bold-italic": "bold({})",
    "italic": "italic({})",
    "double-struck": "bb({})",
    "script": "cal({})",
    "fraktur": "frak({})",
    "sans-serif": "sans({})",
    "monospace": "mono({})",
}


def _styled(text: str, variant: str) -> str:
    plain = _character(text) if len(text) == 1 else _quoted(text)
    if variant == "normal":
        return f"upright({plain})" if len(text) == 1 else plain
    return _VARIANTS.get(variant, "{}").format(plain)


# ── elements ───────────────────────────────────────────────────────────────


def _join(pieces: list[str]) -> str:
    """Pieces side by side. A space next to a text in quotes would be set."""
    joined = ""
    for piece in filter(None, pieces):
        if joined and not (joined.endswith('"') or piece.startswith('"')):
            joined += " "
        joined += piece
    return joined


def _operator(node: Element) -> str | None:
    """The name where the node is an operator's, as \\operatorname gives it."""
    children = list(node)
    if (
        node.tag == "mrow"
        and children
        and all(one.tag in ("mi", "mo", "mrow", "mspace") for one in children)
        and (children[-1].text or "") == _APPLICATION
    ):
        return "".join(children[0].itertext())
    return None


def _row(children: list[Element]) -> str:
    pieces: list[str] = []
    upright = ""
    at = 0
    while at < len(children):
        node = children[at]
        following = children[at + 1] if at + 1 < len(children) else None
        text = node.text or ""
        applied = following is not None and following.text == _APPLICATION
        single = (
            node.tag == "mi"
            and node.get("mathvariant") == "normal"
            and text.isalpha()
            and text.isascii()
            and not applied
        )
        if single:
            upright += text
        else:
            if upright:
                pieces.append(_styled(upright, "normal"))
                upright = ""
            if applied and node.tag in ("mi", "mrow"):
                pieces.append(f"op({_quoted(''.join(node.itertext()))})")
                at += 1
            elif applied:
                pieces.append(f"class({_quoted('unary')}, {_of(node)})")
                at += 1
            else:
                pieces.append(_of(node))
        at += 1
    if upright:
        pieces.append(_styled(upright, "normal"))
    return _join(pieces)


def _fence(node: Element) -> bool:
    """Whether this sign grows with what stands beside it, as \\left( does."""
    return (
        node.tag == "mo"
        and node.get("fence") == "true"
        and node.get("minsize") is None
        and node.get("lspace") is None
    )


# As fences Typst knows the ASCII bar and the double line, not the relations.
_FENCES = {"∣": "|", "∥": "‖"}


def _fenced(children: list[Element]) -> str:
    """A row; where its first or last sign is a fence, these grow with it."""
    opening = children[:1] if children and _fence(children[0]) else []
    rest = children[len(opening) :]
    closing = rest[-1:] if rest and _fence(rest[-1]) else []
    inside = _row(rest[: len(rest) - len(closing)])
    if not opening and not closing:
        return inside
    left, right = (
        "".join((one.text or "").strip() for one in side)
        for side in (opening, closing)
    )
    parts = [_FENCES.get(left, left), inside, _FENCES.get(right, right)]
    parts[0], parts[2] = _character(parts[0]), _character(parts[2])
    if not parts[0] and not parts[2]:
        return inside
    return f"lr({_join(parts)})"


def _of(node: Element) -> str:
    children = list(node)
    text = node.text or ""
    match node.tag:
        case "mrow" | "mstyle" | "mpadded" | "math" | "semantics":
            return _group(node, children)
        case "mi":
            return _identifier(node, text)
        case "mn":
            return _number(node, text)
        case "mo":
            return _sign(node, text, children)
        case "mtext":
            return _text(node, text)
        case "mspace":
            return _space(_em(node.get("width", "0em")))
        case "mphantom":
            return f"hide({_row(children)})"
        case "mfrac":
            return _fraction(node, children)
        case "msqrt":
            return f"sqrt({_row(children)})"
        case "mroot":
            return f"root({_of(children[1])}, {_of(children[0])})"
        case "msub" | "msup" | "msubsup":
            return _scripts(node.tag, children)
        case "munder" | "mover" | "munderover":
            return _limits(node, children)
        case "mtable":
            return _matrix(node)
        case "menclose":
            return _enclosed(node, children)
    raise MarkupError(f"no counterpart for <{node.tag}>")


def _group(node: Element, children: list[Element]) -> str:
    name = _operator(node)
    if name is not None:
        return f"op({_quoted(name)})"
    if len(children) == 1 and (children[0].text or "") == ",":
        return 'class("normal", \\,)'  # 54{,}410
    inside = _fenced(children)
    if node.tag != "mstyle" or not inside:
        return inside
    match node.get("displaystyle"), node.get("scriptlevel"):
        case "true", _:
            return f"display({inside})"
        case "false", "0":
            return f"inline({inside})"
        case "false", "1":
            return f"script({inside})"
        case "false", "2":
            return f"sscript({inside})"
    return inside


def _identifier(node: Element, text: str) -> str:
    variant = node.get("mathvariant", "")
    if text in _BARS and text:
        return f'class("normal", {_character(text)})'
    if len(text) > 1 and not variant:
        return f"op({_quoted(text)})"
    if not text:
        return ""
    return _styled(text, variant)


def _number(node: Element, text: str) -> str:
    variant = node.get("mathvariant")
    if variant:
        return _VARIANTS.get(variant, "{}").format(_character(text))
    return _character(text) if re.fullmatch(r"[\d.]+", text) else _quoted(text)


def _sign(node: Element, text: str, children: list[Element]) -> str:
    if children:  # KaTeX nests elements in <mo>: \mathrel, \bmod
        inside = _row(children)
        if node.get("lspace") == "0.22em":
            return f"{_space(0.22)} {inside} {_space(0.22)}"
        return f'class("relation", {inside})'
    if text in (_APPLICATION, "\u2062", "\u2063", ""):
        return ""
    if len(text) > 1:
        return f"op({_quoted(text)})"
    sign = _character(text)
    kind = (
        "opening"
        if text in _OPENING
        else "closing"
        if text in _CLOSING
        else "normal"
        if text in _BARS
        else ""
    )
    size = node.get("minsize")
    if size and node.get("maxsize") == size:
        sized = f"lr(size: #{size}, {sign})"
        return f'class("{kind}", {sized})' if kind else sized
    if node.get("stretchy") == "false" and kind == "normal":
        return f'class("normal", {sign})'
    if node.get("fence") == "true" and kind == "normal":
        return f"mid({sign})"
    if node.get("lspace") == "0em" and node.get("rspace") == "0em":
        return f'class("normal", {sign})'
    return sign


def _text(node: Element, text: str) -> str:
    if text and all(one in _SPACES or one == "\u2063" for one in text):
        width = sum(_SPACES.get(one, 0) for one in text)
        return _space(-width if "\u2063" in text else width)
    # Spaces at its ends are meant, and Typst drops none inside quotes.
    styled = _quoted(text.replace("\u00a0", " "))
    variant = node.get("mathvariant", "")
    return _VARIANTS.get(variant, "{}").format(styled)


def _em(width: str) -> float:
    found = re.fullmatch(r"(-?[\d.]+)em", width)
    if not found:
        raise MarkupError(f"width {width} is not in em")
    return float(found[1])


def _fraction(node: Element, children: list[Element]) -> str:
    above, below = (_of(one) or _NOTHING for one in children)
    if node.get("linethickness") == "0px":
        return f"mat(delim: #none, row-gap: #0.2em, {above}; {below})"
    return f"frac({above}, {below})"


def _scripts(tag: str, children: list[Element]) -> str:
    # \\max leaves its invisible application behind as a child of its own.
    parts = [one for one in children if one.text != _APPLICATION]
    base, *marks = (_of(one) for one in parts)
    if base.startswith(("op(", "∑", "∏", "⨁", "⋃", "⋂", "⨀")):
        base = f"scripts({base})"
    places = {"msub": "b", "msup": "t", "msubsup": "bt"}[tag]
    return _attached(base, dict(zip(places, marks, strict=True)))


def _attached(base: str, marks: dict[str, str]) -> str:
    parts = [base or _NOTHING]
    for place, mark in marks.items():
        mark = {"′": "prime", "′ ′": "prime.double"}.get(mark, mark)
        parts.append(f"{place}: {mark or _NOTHING}")
    return f"attach({', '.join(parts)})"


_ACCENTS = {
    "^": "hat",
    "~": "tilde",
    "ˉ": "macron",
    "¯": "macron",
    "˙": "dot",
    "¨": "dot.double",
    "⃗": "arrow",
    "→": "arrow",
    "ˇ": "caron",
    "˘": "breve",
    "`": "grave",
    "´": "acute",
}
_OVER = {"‾": "overline", "⏞": "overbrace", "_": "underline"}
_UNDER = {"⏟": "underbrace", "‾": "underline", "_": "underline"}


def _limits(node: Element, children: list[Element]) -> str:
    children = [one for one in children if one.text != _APPLICATION]
    marks = [one.text or "" for one in children[1:]]
    base = _of(children[0])
    inner = children[0]
    if node.tag == "mover" and marks[0] in _OVER:
        return f"{_OVER[marks[0]]}({base})"
    if node.tag == "munder" and marks[0] in _UNDER:
        return f"{_UNDER[marks[0]]}({base})"
    if node.tag == "mover" and (
        node.get("accent") == "true" and marks[0] in _ACCENTS
    ):
        wide = len("".join(inner.itertext())) > 1
        size = ", size: #110%" if wide else ""
        return f"accent({base}, {_ACCENTS[marks[0]]}{size})"
    for brace in "underbrace", "overbrace":
        if base.startswith(f"{brace}("):
            return f"{base[:-1]}, {_of(children[1])})"
    arrow = (inner.text or "").strip()
    if inner.tag == "mo" and arrow in ("→", "←", "↦", "⇒"):
        base = f"stretch({base}, size: #(100% + 1em))"
    places = {"munder": "b", "mover": "t", "munderover": "bt"}[node.tag]
    labels = [_of(one) for one in children[1:]]
    return _attached(f"limits({base})", dict(zip(places, labels, strict=True)))


def _enclosed(node: Element, children: list[Element]) -> str:
    inside = _row(children)
    notation = node.get("notation", "")
    if "box" in notation:
        return f"#box(stroke: 0.5pt, inset: 4pt, $display({inside})$)"
    if "strike" in notation:
        return f"cancel({inside})"
    raise MarkupError(f"no counterpart for the enclosure {notation!r}")


# ── tables ─────────────────────────────────────────────────────────────────


def _cells(table: Element) -> list[list[str]]:
    return [
        [_row(list(cell)) for cell in row if cell.tag == "mtd"]
        for row in table
        if row.tag == "mtr"
    ]


def _matrix(table: Element) -> str:
    """A table inside a formula."""
    rows = "; ".join(
        ", ".join(cell or _NOTHING for cell in row) for row in _cells(table)
    )
    aligns = table.get("columnalign", "center").split()
    gap = table.get("columnspacing", "1em").split()[0]
    alignment = aligns[0] if len(set(aligns)) == 1 else "center"
    if aligns[:2] == ["right", "left"]:
        # aligned inside of fences: one column, its cells about the sign.
        lines = " \\ ".join(" & ".join(row) for row in _cells(table))
        return f"#box(baseline: 50% - 0.25em, $display({lines})$)"
    return (
        f"mat(delim: #none, align: #{alignment}, column-gap: #{gap}, {rows})"
    )


def _lines(row: Element) -> str:
    """A formula on lines of its own; `aligned` becomes Typst's lines."""
    children = [row] if row.tag == "mtable" else list(row)
    while len(children) == 1 and children[0].tag in ("mrow", "mstyle"):
        children = list(children[0])
    tables = [one for one in children if one.tag == "mtable"]
    if len(tables) != 1 or children[0] is not tables[0]:
        return _fenced(children)
    table = tables[0]
    aligns = table.get("columnalign", "center").split()
    gaps = [_em(one) for one in table.get("columnspacing", "0em").split()]
    lines = []
    for cells in _cells(table):
        line = "" if aligns[0] == "right" else "& "
        for at, cell in enumerate(cells):
            if at:
                gap = gaps[min(at, len(gaps)) - 1]
                line += f" & {_space(gap) if gap else ''} "
            line += _plain_display(cell)
        lines.append(line)
    after = _row(children[1:])
    return " \\\n".join(lines) + (f" {after}" if after else "")


def _plain_display(cell: str) -> str:
    """A cell without its `display(…)`, which the formula has already."""
    if cell.startswith("display(") and _closes(cell, len("display(")):
        return cell[len("display(") : -1]
    return cell


def _closes(text: str, start: int) -> bool:
    """Whether the parenthesis before `start` closes at the text's end."""
    depth, quoted, at = 1, False, start
    while at < len(text):
        sign = text[at]
        if sign == "\\":
            at += 1
        elif sign == '"':
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                return at == len(text) - 1
        at += 1
    return False
