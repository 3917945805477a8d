"""Formulas: TeX to KaTeX's HTML with MathML, in process, errors kept."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from json import loads
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import quickjs

from study_guide.content_cache import ContentCache
from study_guide.flat_formulas import flattened

KATEX_VERSION = "0.19.1"

# `strict: error` also refuses what KaTeX would render with a warning, bare
# Chinese among it; `trust: false` keeps \href and \html… out.
_RENDER = """
function render(tex, displayMode) {
  try {
    return JSON.stringify({html: katex.renderToString(tex, {
      displayMode, output: "htmlAndMathml", strict: "error", trust: false,
      throwOnError: true})});
  } catch (error) {
    return JSON.stringify({error: error.rawMessage || error.message,
      position: error.position === undefined ? null : error.position});
  }
}
"""


class TexError(ValueError):
    """KaTeX refuses a formula. `position` counts its characters from 0."""

    def __init__(self, message: str, position: int | None) -> None:
        super().__init__(message)
        self.position = position


@cache
def _katex() -> quickjs.Function:
    source = files("study_guide").joinpath("vendor/katex.min.js").read_text()
    context = quickjs.Context()
    # KaTeX warns when there is no document in standards mode.
    context.eval("var console = {warn() {}, error() {}, log() {}};")
    context.eval(source + _RENDER)
    return context.get("render")


def render(tex: str, *, display: bool, cache: ContentCache) -> str:
    """The HTML of one formula (`<span class="katex…">` with MathML inside).

    Raises TexError where KaTeX does not accept `tex`.
    """
    mode = "display" if display else "inline"
    made_from = ("katex", KATEX_VERSION, "whole operands, flat", mode, tex)
    return cache.get(
        made_from,
        lambda: flattened(
            _with_whole_operands(by_katex(tex, display=display))
        ),
    )


def by_katex(tex: str, *, display: bool) -> str:
    """The HTML of one formula as KaTeX makes it. Raises TexError."""
    result = loads(_katex()(tex, display))
    if "error" in result:
        raise TexError(result["error"], result["position"])
    return str(result["html"])


_APPLIED = "\u2061"
_OPERANDS = {
    **dict.fromkeys(("msub", "msup", "munder", "mover", "mfrac", "mroot"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}


def _with_whole_operands(html: str) -> str:
    """KaTeX's HTML, its MathML valid: it gives T_{\\max} three operands, for
    the sign of application behind `max`; the two are made one again."""
    if _APPLIED not in html:
        return html
    start, end = _mathml(html)
    row = _parsed(html[start:end])
    wrong = [
        one
        for one in row.iter()
        if one.tag in _OPERANDS and len(one) != _OPERANDS[one.tag]
    ]
    for parent in wrong:
        for at in range(len(parent) - 1, 0, -1):
            if parent[at].text == _APPLIED:
                whole = Element("mrow")
                whole.extend(parent[at - 1 : at + 1])
                parent[at - 1 : at + 1] = [whole]
    if not wrong:
        return html
    tidy = ElementTree.tostring(row, encoding="unicode")
    return html[:start] + tidy + html[end:]


def _mathml(html: str) -> tuple[int, int]:
    """Where the MathML of a formula begins and ends."""
    start = html.index("<semantics>") + len("<semantics>")
    return start, html.index("<annotation")


def _parsed(mathml: str) -> Element:
    return ElementTree.fromstring(mathml.replace("&nbsp;", "\u00a0"))


ARITHMATEX = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">'
    r"(?:\\\((?P<inline>.*?)\\\)|\\\[(?P<display>.*?)\\\])</(?P=tag)>",
    re.DOTALL,
)


# The same formula stands in both languages, and in what is made of a text.
@lru_cache(maxsize=20_000)
def spoken(tex: str, cache: ContentCache) -> str:
    """A formula as plain text, θᵢ = b^(-2i/d_k): for descriptions, cards and
    search. Taken from KaTeX's MathML; TeX that KaTeX refuses stays as it is.
    """
    try:
        html = render(tex, display=False, cache=cache)
    except TexError:
        return tex
    start, end = _mathml(html)
    return plain(_parsed(html[start:end]))


def plain(row: Element) -> str:
    """A formula in KaTeX's MathML as plain text."""
    return re.sub(r"\s+", " ", _text(row)).strip()


_SUPERSCRIPTS = dict(zip("0123456789+-−n⊤′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿᵀ′", strict=True))
_SUBSCRIPTS = dict(
    zip("0123456789+-−ijkmn", "₀₁₂₃₄₅₆₇₈₉₊₋₋ᵢⱼₖₘₙ", strict=True)
)
# KaTeX's invisible function application and no-break marks.
_UNSEEN = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u200b"))


def _script(text: str, small: Mapping[str, str], mark: str) -> str:
    if text and all(one in small for one in text):
        return "".join(small[one] for one in text)
    # Small print is set tight: x_(<t), not x_( < t).
    return mark + _grouped(re.sub(r" ?([^\w\s]) ?", r"\1", text))


def _grouped(text: str) -> str:
    return text if len(text) == 1 or text.isalnum() else f"({text})"


def _text(node: Element) -> str:
    """The plain text of a MathML element."""
    parts = [_text(child) for child in node]
    match node.tag, parts:
        case ("mfrac", [above, below]):
            return f"{_grouped(above)}/{_grouped(below)}"
        case ("msqrt", _):
            return f"√{_grouped(''.join(parts))}"
        case ("msub" | "munder", [base, below]):
            return base + _script(below, _SUBSCRIPTS, "_")
        case ("msup" | "mover", [base, above]):
            return base + _script(above, _SUPERSCRIPTS, "^")
        case ("msubsup" | "munderover", [base, below, above]):
            return (
                base
                + _script(below, _SUBSCRIPTS, "_")
                + _script(above, _SUPERSCRIPTS, "^")
            )
        case ("mspace", _):
            return " "
        case ("mtr" | "mtd", _):
            return "".join(parts) + " "
    text = (node.text or "").translate(_UNSEEN)
    if node.tag == "mo" and text in _SPACED_OPERATORS:
        text = f" {text} "
    return text + "".join(parts)


_SPACED_OPERATORS = frozenset("=≠≈<>≤≥∈→⇒∼≡")
