"""Diagrams: Mermaid source to inline SVG in the site's colours."""

import json
import re
from functools import cache

import merman

from study_guide.content_cache import ContentCache

MERMAN_VERSION = "0.9.2"

_PAPER = "#fdfdfc"
_THEME = {
    "theme": "base",
    "themeVariables": {
        "fontFamily": "sans-serif",
        "fontSize": "14px",
        "edgeLabelBackground": _PAPER,
    },
}

# In place of merman's own rules: the pen of the guide's figures. The colour
# after each variable is what a reader sees who has only the file.
_STYLE = """
#ID{font-family:var(--figure-font,sans-serif);font-size:14px}
#ID text{fill:var(--ink,#1d2226)}
#ID .node :is(rect,circle,ellipse,polygon,path){
fill:var(--paper,#fdfdfc);stroke:var(--ink-2,#4a5358);stroke-width:1.25px}
#ID .node.key :is(rect,circle,ellipse,polygon,path){
fill:var(--qing-tint,#e4eff2);stroke:var(--qing,#0d5c75)}
#ID .node.fault :is(rect,circle,ellipse,polygon,path){
fill:var(--zhu-tint,#faece8);stroke:var(--zhu,#b3331d)}
#ID .flowchart-link{stroke:var(--ink-2,#4a5358);stroke-width:1.25px;fill:none}
#ID .edge-pattern-dotted{stroke-dasharray:4 3!important}
#ID .marker{fill:var(--ink-2,#4a5358);stroke:none}
#ID .halo{fill:var(--paper,#fdfdfc)}
#ID .cluster rect{fill:none;stroke:var(--edge,#868d8a);stroke-dasharray:3 3}
"""


def style_sheet() -> str:
    """The pen of all diagrams of a page, which then need none of their own:
    see `without_style`."""
    return _STYLE.replace("#ID", "svg.flowchart").strip()


def without_style(html: str) -> str:
    """`html` with its diagrams left to the style sheet of the site. In a book
    each has to bring its pen along."""
    return _OWN_STYLE.sub("", html)


_OWN_STYLE = re.compile(
    r"(?<=>)<style>#[\w-]+-diagram-\d+\{.*?</style>", re.DOTALL
)

_UNSEEN = re.compile(
    r' (?:data-(?:points|merman-[a-z-]+|look|et|edge|id)|aria-roledescription)="[^"]*"'
    r'|(?<=")(?: style="opacity:1;display:inline[^"]*")'
)
_LABEL = re.compile(
    r'<defs><g id="([^"]+-label-\d+)"><svg[^>]*>(.*?)</svg></g></defs>',
    re.DOTALL,
)
_USE = re.compile(r'<use x="0" y="0" href="#([^"]+)"[^>]*/>')
_RECTANGLE = re.compile(r"<rect [^>]*/>")
_MARKER = re.compile(r'<marker id="([^"]+)".*?</marker>', re.DOTALL)


# To be counted up when what is done to merman's SVG changes.
_MADE_BY = f"merman {MERMAN_VERSION}, 3"


# What leads out of the page or loads something: `click`, pictures, url(…).
_LEADS_OUT = re.compile(
    r"<(?:a|image|img|script|foreignObject)\b|=\"[^\"<]*url\((?!#)"
)

_LEAST = 0.85


class DiagramError(ValueError):
    """Mermaid source that cannot be drawn."""


@cache
def _renderer() -> merman.Merman:
    return merman.Merman()


def _draw(source: str, identifier: str) -> str:
    for directive in "accTitle:", "accDescr:":
        if directive not in source:
            raise DiagramError(f"no {directive} line")
    try:
        svg = _renderer().render_svg(
            f"%%{{init: {json.dumps(_THEME)}}}%%\n{source}",
            json.dumps(
                {"svg": {"diagram_id": identifier, "pipeline": "resvg-safe"}}
            ),
        )
    except merman.MermanError as error:
        found = re.search(r"message='(.*?)'(?:,|$)", str(error))
        raise DiagramError(found[1] if found else str(error)) from None
    if _LEADS_OUT.search(svg):
        raise DiagramError("it leads or loads: no `click`, picture or url(…)")
    style = "".join(_STYLE.replace("ID", identifier).split("\n"))
    svg = re.sub(
        r"<style>.*?</style>",
        lambda _: f"<style>{style}</style>",
        svg,
        count=1,
        flags=re.DOTALL,
    )
    svg = _with_labels(_UNSEEN.sub("", svg))
    svg = _MARKER.sub(
        lambda found: found[0] if f"url(#{found[1]})" in svg else "", svg
    )
    svg = svg.replace("overflow:hidden", "overflow:visible")
    # As wide as it was drawn, or a little less to fit a phone; what is wider
    # scrolls, so that its labels stay legible.
    svg = re.sub(
        r'width="100%"(.*?) style="max-width:([\d.]+)px"',
        lambda found: (
            f'width="{float(found[2]):.0f}"{found[1]} '
            f'style="min-width:{float(found[2]) * _LEAST:.0f}px"'
        ),
        svg,
        count=1,
    )
    return svg.replace('role="graphics-document document"', 'role="img"')


def _with_labels(svg: str) -> str:
    """Labels in their places: merman keeps them apart and refers to them by
    `use`, where no style rule that names an ancestor reaches them."""
    labels = {name: _label(markup) for name, markup in _LABEL.findall(svg)}
    svg = _LABEL.sub("", svg)
    return _USE.sub(lambda found: labels.get(found[1], found[0]), svg)


def _label(markup: str) -> str:
    def halo(found: re.Match[str]) -> str:
        if _PAPER not in found[0]:
            return ""
        return re.sub(r' (?:style|fill)="[^"]*"', "", found[0]).replace(
            "<rect", '<rect class="halo"'
        )

    # Colour and size come from the rules above.
    return re.sub(
        r"<(text|tspan)\b[^>]*>",
        lambda tag: re.sub(
            r' (?:style|fill|class|xml:space)="[^"]*"', "", tag[0]
        ),
        _RECTANGLE.sub(halo, markup),
    )


def render(source: str, identifier: str, cache: ContentCache) -> str:
    """The SVG of a Mermaid diagram, its parts' ids beginning with `identifier`.

    `accTitle:` and `accDescr:` become its title and its text alternative.
    Raises DiagramError where one of them is missing or Mermaid refuses.
    """
    made_from = (_MADE_BY, _STYLE, identifier, source)
    return cache.get(made_from, lambda: _draw(source, identifier))
