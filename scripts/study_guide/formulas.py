"""Formulas: TeX to KaTeX's HTML with MathML, in process, errors kept."""

import re
from functools import cache
from importlib.resources import files
from json import loads

import quickjs

from study_guide.content_cache import ContentCache

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

    def make() -> str:
        result = loads(_katex()(tex, display))
        if "error" in result:
            raise TexError(result["error"], result["position"])
        return str(result["html"])

    mode = "display" if display else "inline"
    return cache.get(("katex", KATEX_VERSION, mode, tex), make)


ARITHMATEX = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">'
    r"(?:\\\((?P<inline>.*?)\\\)|\\\[(?P<display>.*?)\\\])</(?P=tag)>",
    re.DOTALL,
)


def spoken(tex: str) -> str:
    """What a plain-text reader sees of a formula: its letters, no markup."""
    text = re.sub(
        r"\\(?:mathrm|text|operatorname|mathcal|mathbf|mathbb)\b", "", tex
    )
    text = re.sub(r"\\(?:left|right|big|Big|bigg|Bigg)[lr]?\b", "", text)
    text = re.sub(r"\\[,;:! ]", " ", text)
    text = re.sub(r"\\([A-Za-z]+)", r" \1 ", text)
    text = re.sub(r"[{}$&\\]", "", text)
    return re.sub(r"\s+", " ", text).strip()
