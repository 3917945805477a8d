"""Pages as readers get them: what can only be known once all of them are
there.

The style sheet holds the rules and the faces the characters that some page
needs, and both are named by their content. Each page gets a policy that allows
its own inline scripts and nothing else that is not a file of the site.
"""

import base64
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from study_guide import diagrams, formula_faces, joined_assets, theme_style
from study_guide.content_cache import ContentCache
from study_guide.joined_assets import named, style_sheet
from study_guide.theme_style import Vocabulary

# What pages call the files whose names are not known yet. The faces stay with
# the pages that have formulas or say that their scripts will.
STYLE_SHEET = "assets/guide.css"
_FACES = "assets/faces"
_HAS_FORMULAS = ('class="katex"', "data-formulas")

_KATEX = "assets/vendor/katex/katex.css"
# Data, not program: most of it, and what is in it stands in pages as well.
_INDEX = "assets/search"


def finish(
    site: Path,
    docs: Path,
    theme_sheet: str,
    sheets: Sequence[str],
    cache: ContentCache,
) -> None:
    """Complete the pages in `site`, all of them written.

    `theme_sheet` is the text of the theme's style sheet, `sheets` are the
    site's own, below docs, in order; KaTeX's among them.
    """
    paths = sorted(site.rglob("*.html"))
    pages = {path: path.read_text(encoding="utf-8") for path in paths}
    texts = list(pages.values())
    scripts = [
        path.read_text(encoding="utf-8")
        for path in sorted(site.rglob("*.js"))
        if not path.relative_to(site).as_posix().startswith(_INDEX)
    ]
    known = Vocabulary(texts, scripts)
    own = [
        joined_assets.moved(docs, name) for name in sheets if name != _KATEX
    ]
    own.append(diagrams.style_sheet())
    outside = [*own, *scripts]
    theme = theme_style.needed(
        theme_style.rules(theme_sheet, cache), known, outside
    )
    katex = theme_style.rules(joined_assets.moved(docs, _KATEX), cache)
    faces = _faces(texts, katex, docs, cache)
    formulas = formula_faces.without_faces(
        theme_style.needed(katex, known, outside)
    )
    names = {}
    for general, asset in (
        (STYLE_SHEET, style_sheet("guide", [theme, formulas, *own])),
        (f"{_FACES}.js", named("faces", "js", formula_faces.script(faces))),
        (
            f"{_FACES}.css",
            named("faces", "css", formula_faces.style_sheet(faces)),
        ),
    ):
        path = site / asset.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(asset.text, encoding="utf-8")
        names[general] = asset.path
    for page, text in pages.items():
        page.write_text(
            with_policy(_with_names(text, names)), encoding="utf-8"
        )


_LOADED_FACES = re.compile(
    rf'\s*(?:<script src="[^"]*{_FACES}\.js"></script>'
    rf'|<noscript><link[^>]*{_FACES}\.css"></noscript>)'
)


def _with_names(page: str, names: Mapping[str, str]) -> str:
    if not any(mark in page for mark in _HAS_FORMULAS):
        page = _LOADED_FACES.sub("", page)
    for general, name in names.items():
        page = page.replace(f'{general}"', f'{name}"')
    return page


def _faces(
    pages: Iterable[str],
    sheet: Sequence[theme_style.Rule],
    docs: Path,
    cache: ContentCache,
) -> dict[str, bytes]:
    """Face -> its file with no more characters than are used."""
    folder = docs / posixpath.dirname(_KATEX) / "fonts"
    return {
        face: formula_faces.cut(folder / f"{face}.woff2", wanted, cache)
        for face, wanted in sorted(
            formula_faces.characters(pages, sheet).items()
        )
    }


# ── policy ─────────────────────────────────────────────────────────────────

# `data:` for KaTeX's faces and the masks of Material's signs; style
# attributes because KaTeX sets heights and widths by them.
_POLICY = (
    "default-src 'none'",
    "script-src 'self'{scripts}",
    "style-src 'self'{styles}",
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
)
_INLINE = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1>", re.DOTALL)
_CHARSET = re.compile(r'<meta charset="?utf-8"?\s*/?>', re.IGNORECASE)
# A script of another type is data, which no policy speaks of.
_TYPE = re.compile(r'\btype="?(?!module|text/javascript)')


def with_policy(page: str) -> str:
    """`page` with a Content-Security-Policy right behind its charset.

    Raises ValueError where a page has no charset to put it behind.
    """
    hashes: dict[str, dict[str, None]] = {"script": {}, "style": {}}
    for kind, attributes, text in _INLINE.findall(page):
        if "src=" in attributes or _TYPE.search(attributes):
            continue
        digest = base64.b64encode(sha256(text.encode()).digest()).decode()
        hashes[kind][f" 'sha256-{digest}'"] = None
    policy = "; ".join(_POLICY).format(
        scripts="".join(hashes["script"]), styles="".join(hashes["style"])
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    done, count = _CHARSET.subn(lambda found: found[0] + meta, page, count=1)
    if not count:
        raise ValueError('a page has no <meta charset="utf-8">')
    return done
