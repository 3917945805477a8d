"""Recorded figures: an SVG file made fit to stand inside a page."""

import re
from html import escape
from pathlib import Path

_POINT = 4 / 3  # CSS pixels


def inline(path: Path, alternative: str) -> str:
    """The SVG of `path` with `alternative` as its text for screen readers.

    Its ids get the file's name as a prefix, since ids of two figures on one
    page must not meet; the rules that matplotlib writes for every element of
    the document become properties of this picture alone.
    """
    text = path.read_text(encoding="utf-8")
    text = text[text.index("<svg") :].strip()
    prefix = path.name.removesuffix(".svg").replace(".", "-")
    text = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", text)
    text = re.sub(r'(?:xlink:)?href="#([^"]+)"', rf'href="#{prefix}-\1"', text)
    text = re.sub(r"<(style|defs)\b[^>]*>\s*</\1>|<defs/>", "", text)
    text = re.sub(
        r"<defs>\s*<style type=\"text/css\">.*?</style>\s*</defs>",
        "",
        text,
        flags=re.DOTALL,
    )
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r">\s+<", "><", text)
    opening = text[: text.index(">") + 1]
    box = re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', opening)
    if not box:
        raise ValueError(f"{path.name} has no viewBox")
    width, height = (round(float(side) * _POINT) for side in box.groups())
    root = (
        f'<svg class="plot" role="img" aria-label="{escape(alternative)}"'
        f' viewBox="{box[0][9:-1]}" width="{width}" height="{height}"'
        ' style="stroke-linejoin:round;stroke-linecap:butt">'
    )
    return root + text[len(opening) :]


def narrow(path: Path) -> Path:
    """Where the same figure, recorded for phones, would stand."""
    return path.with_name(path.name.removesuffix(".svg") + ".narrow.svg")
