"""Scripts in fewer bytes: without what only people read, with short names for
what a function keeps to itself. Terser does it, run in-process as KaTeX is."""

from functools import cache
from importlib.resources import files
from json import loads

import quickjs

from study_guide.content_cache import ContentCache

TERSER_VERSION = "5.51.4"

# Terser asks for a clock and for a turn of its own; a script needs neither.
_HOST = """
var self = globalThis, performance = { now: () => 0 };
var console = { log() {}, warn() {} };
function setTimeout() {}
"""

# Names at the top of a file stay: classic scripts share them. JSON, because
# the binding cannot read a string that QuickJS keeps in pieces.
_MINIFY = """
function minify(source) {
  try {
    const { code } = Terser.minify_sync(source, {
      ecma: 2020,
      format: { comments: "some" },
    });
    return JSON.stringify({ code });
  } catch ({ message, line, col }) {
    return JSON.stringify({ error: `${message} (line ${line}, ${col})` });
  }
}
"""


class ScriptError(ValueError):
    """A script that is no JavaScript; the message says where."""


@cache
def _terser() -> quickjs.Function:
    source = files("study_guide").joinpath("vendor/terser.min.js").read_text()
    context = quickjs.Context()
    context.eval(_HOST + source + _MINIFY)
    return context.get("minify")


def minified(source: str, cache: ContentCache) -> str:
    """The classic script `source` in fewer bytes; it does the same.

    Comments with a licence stay. Raises ScriptError.
    """

    def make() -> str:
        result = loads(_terser()(source))
        if "error" in result:
            raise ScriptError(result["error"])
        return str(result["code"])

    return cache.get(("terser", TERSER_VERSION, _MINIFY, source), make)
