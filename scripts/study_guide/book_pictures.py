"""Figures for the books: the site's inline SVG made to stand by itself.

On the site a figure takes its colours from the style sheet's variables. A
book has no style sheet to ask and one scheme, the light one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from study_guide.figures import painted

_PROPERTY = re.compile(r"(--[\w-]+):\s*([^;{}]+);")
_VARIABLE = re.compile(r"var\((--[\w-]+)(?:,\s*([^()]*))?\)")
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_NARROW = re.compile(r'<div class="fig-n"><svg\b.*?</svg></div>', re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """An SVG file: its markup, its width on the site in CSS pixels and its
    text for those who do not see it."""

    svg: str
    width: float
    alternative: str


def light_colours(docs: Path) -> Mapping[str, str]:
    """CSS variable -> value, as the site's style sheet first defines it,
    which is for the light scheme."""
    sheet = docs / "assets" / "styles" / "guide.css"
    found: dict[str, str] = {}
    for name, value in _PROPERTY.findall(sheet.read_text(encoding="utf-8")):
        found.setdefault(name, value.strip())
    return found


def _resolved(markup: str, colours: Mapping[str, str], font: str) -> str:
    def value(found: re.Match[str]) -> str:
        name, fallback = found[1], found[2] or ""
        if name == "--figure-font":
            return f"'{font}'"
        chosen = colours.get(name, fallback)
        return _VARIABLE.sub(value, chosen)

    return _VARIABLE.sub(value, markup)


_IS = re.compile(r"([^{},]*?):is\(([^)]*)\)([^{},]*)")


def _plain_selectors(markup: str) -> str:
    """Rules without `:is(…)`, which few SVG renderers know."""

    def rule(found: re.Match[str]) -> str:
        before, names, after = found.groups()
        return ",".join(
            f"{before}{name.strip()}{after}" for name in names.split(",")
        )

    def style(found: re.Match[str]) -> str:
        text = _IS.sub(rule, found[0])
        return text.replace("!important", "")

    return re.sub(r"<style>.*?</style>", style, markup, flags=re.DOTALL)


_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
_BELOW = dict(
    zip(_SUBSCRIPTS, "0123456789+−=()aehijklmnoprstuvx", strict=True)
)
_SUPERSCRIPTS = "⁰⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵏᴷⱽᵐᵗ"
_ABOVE = dict(zip(_SUPERSCRIPTS, "0456789+−=()niTkKVmt", strict=True))


def _real_scripts(svg: str) -> str:
    """Letters set lower or higher in the place of the characters that stand
    for them, of which every font has only some."""

    def lowered(found: re.Match[str]) -> str:
        text = "".join(_BELOW[one] for one in found[0])
        return f'<tspan baseline-shift="-24%" font-size="72%">{text}</tspan>'

    def raised(found: re.Match[str]) -> str:
        text = "".join(_ABOVE[one] for one in found[0])
        return f'<tspan baseline-shift="34%" font-size="72%">{text}</tspan>'

    def label(found: re.Match[str]) -> str:
        text = re.sub(f"[{_SUBSCRIPTS}]+", lowered, found[0])
        return re.sub(f"[{_SUPERSCRIPTS}]+", raised, text)

    return re.sub(r"<text\b.*?</text>", label, svg, flags=re.DOTALL)


def _painted_opacity(svg: str) -> str:
    """The opacity of a shape that is only filled, or only drawn round, as
    that of its paint: it looks the same, and a PDF needs no group for it."""

    def style(found: re.Match[str]) -> str:
        paint = painted(found[0].replace(": ", ":"))
        return re.sub(r"(?<=[\"; ])opacity:", f"{paint}opacity:", found[0])

    return re.sub(r'style="(?:[^"]*[; ])?opacity:[^"]*"', style, svg)


def take_out(
    html: str, colours: Mapping[str, str], font: str
) -> tuple[str, list[Picture]]:
    """`html` with `<svg data-picture="0"></svg>` and so on in the place of
    its figures, and the figures. Recordings for phones are left out.

    `font` is the family that labels are set in.
    """
    pictures: list[Picture] = []

    def keep(found: re.Match[str]) -> str:
        pictures.append(_picture(found[0], colours, font))
        return f'<svg data-picture="{len(pictures) - 1}"></svg>'

    return _SVG.sub(keep, _NARROW.sub("", html)), pictures


def _picture(markup: str, colours: Mapping[str, str], font: str) -> Picture:
    opening = markup[: markup.index(">") + 1]
    label = re.search(r'aria-label="([^"]*)"', opening)
    if label:
        alternative = unescape(label[1])
    else:
        title = re.search(r"<title[^>]*>(.*?)</title>", markup, re.DOTALL)
        detail = re.search(r"<desc[^>]*>(.*?)</desc>", markup, re.DOTALL)
        alternative = unescape(
            " ".join(one[1] for one in (title, detail) if one)
        )
    width = re.search(r' width="([\d.]+)(?:px)?"', opening)
    if not width:
        raise ValueError("a figure without a width")
    svg = _plain_selectors(_resolved(markup, colours, font))
    svg = _painted_opacity(_real_scripts(svg)).replace(
        opening, re.sub(r' style="min-width:[^"]*"', "", opening), 1
    )
    if "xmlns=" not in opening:
        svg = svg.replace(
            "<svg",
            '<svg xmlns="http://www.w3.org/2000/svg"'
            ' xmlns:xlink="http://www.w3.org/1999/xlink"',
            1,
        )
    return Picture(svg, float(width[1]), alternative)
