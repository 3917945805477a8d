"""Pages as readers get them: what can only be known once all of them are
there.

The style sheet holds the rules and the faces the characters that some page
needs, and both are named by their content, as are the folders of what scripts
fetch. So a page names nothing that another build could have under that name.
Each page gets a policy that allows its own inline scripts and nothing else
that is not a file of the site.
"""

import base64
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b, sha256
from pathlib import Path

from study_guide import diagrams, formula_faces, joined_assets, theme_style
from study_guide.content_cache import ContentCache
from study_guide.joined_assets import JoinedAsset, named, style_sheet
from study_guide.theme_style import PageNames, Vocabulary

# What pages call the files whose names are not known yet. The faces stay with
# the pages that have formulas or say that their scripts will.
STYLE_SHEET = "assets/guide.css"
_FACES = "assets/faces"
_HAS_FORMULAS = ('class="katex"', "data-formulas")

_PIECE_OF_PAGE = '<span class=\\"'

_KATEX = "assets/vendor/katex/katex.css"
# Texts of pages to search in: no markup, no classes.
_INDEX = "assets/search/"
# Parents of the folders that are named by their content: of each language, one.
_FETCHED = ("assets/practice", "assets/search")


def finish(
    site: Path,
    docs: Path,
    theme_sheet: str,
    sheets: Sequence[str],
    cache: ContentCache,
) -> "Finished":
    """Complete the pages in `site`, all of them written.

    `theme_sheet` is the text of the theme's style sheet, `sheets` are the
    site's own, below docs, in order. KaTeX's comes between the two. Returns
    what a page needs that is written again.
    """
    folders = _named_folders(site)
    pages = {
        path: path.read_text(encoding="utf-8")
        for path in sorted(site.rglob("*.html"))
    }
    scripts, pieces = _scripts(site)
    texts = [*pages.values(), *pieces]
    groups = _groups(pages)
    found = {path: PageNames(text) for path, text in pages.items()}
    further = [PageNames(piece) for piece in pieces]
    known = Vocabulary([*found.values(), *further], list(scripts.values()))
    common, special = _vocabularies(found, further, scripts, groups)
    own, extra = theme_style.shared_out(
        [
            rule
            for text in (
                *(joined_assets.moved(docs, one) for one in sheets),
                diagrams.style_sheet(),
            )
            for rule in theme_style.rules(text, cache)
        ],
        common,
        special,
    )
    extras = {
        name: theme_style.written(found) for name, found in extra.items()
    }
    outside = [theme_style.written(own), *extras.values(), *scripts.values()]
    katex = theme_style.rules(joined_assets.moved(docs, _KATEX), cache)
    used = formula_faces.characters(texts, katex)
    faces = _faces(used, docs, cache)
    sheet = [
        theme_style.needed(
            theme_style.rules(theme_sheet, cache), known, outside
        ),
        formula_faces.without_faces(theme_style.needed(katex, known, outside)),
        theme_style.written(own),
    ]
    names = folders | {
        general: _write(site, asset)
        for general, asset in (
            (STYLE_SHEET, style_sheet("guide", sheet)),
            (
                f"{_FACES}.js",
                named("faces", "js", formula_faces.script(faces)),
            ),
            (
                f"{_FACES}.css",
                named("faces", "css", formula_faces.style_sheet(faces)),
            ),
        )
    }
    added = {
        name: _write(site, style_sheet(name, [text]))
        for name, text in extras.items()
        if text
    }
    finished = Finished(names, added, known, katex, used)
    for page, text in pages.items():
        page.write_text(finished.completed(text), encoding="utf-8")
    return finished


@dataclass(frozen=True)
class Finished:
    """What the pages of a site share once it is finished: how their files are
    called, the groups' sheets, and what the sheet and the faces hold."""

    names: Mapping[str, str]
    sheets: Mapping[str, str]
    known: Vocabulary
    katex: Sequence[theme_style.Rule]
    characters: Mapping[str, set[str]]

    def completed(self, page: str) -> str:
        """A page as MkDocs wrote it, made one of this site."""
        groups = sorted(set(_NAMED_SCRIPT.findall(page)))
        own = [self.sheets[name] for name in groups if name in self.sheets]
        return with_policy(_with_names(_dense(page), self.names, own))

    def suffices(self, page: str) -> bool:
        """Whether the style sheet and the faces have all that `page` needs."""
        here = PageNames(page)
        characters = formula_faces.characters([page], self.katex)
        return (
            here.classes <= self.known.classes
            and here.elements <= self.known.elements
            and all(
                wanted <= self.characters.get(face, set())
                for face, wanted in characters.items()
            )
        )


def _write(site: Path, asset: JoinedAsset) -> str:
    path = site / asset.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(asset.text, encoding="utf-8")
    return asset.path


def _named_folders(site: Path) -> dict[str, str]:
    """General -> own name of the folders whose files scripts fetch one by
    one; the folders are renamed."""
    names = {}
    for parent in _FETCHED:
        for folder in sorted((site / parent).iterdir()):
            digest = blake2b(digest_size=4)
            for path in sorted(folder.rglob("*.js")):
                name = path.relative_to(folder).as_posix()
                digest.update(f"{name}\0".encode() + path.read_bytes())
            general = f"{parent}/{folder.name}"
            names[general] = f"{general}.{digest.hexdigest()}"
            folder.rename(site / names[general])
    return names


def _scripts(site: Path) -> tuple[dict[str, str], list[str]]:
    """Path -> text of the site's scripts, and the pieces of pages that some
    bring along, as strings in JSON, instead."""
    scripts: dict[str, str] = {}
    pieces = []
    for path in sorted(site.rglob("*.js")):
        name = path.relative_to(site).as_posix()
        if name.startswith(_INDEX):
            continue
        text = path.read_text(encoding="utf-8")
        if _PIECE_OF_PAGE in text:
            pieces.append(text.replace('\\"', '"'))
        else:
            scripts[name] = text
    return scripts, pieces


# ── groups of pages ────────────────────────────────────────────────────────

# practice.1a2b3c4d.js, explorables/frame.1a2b3c4d.js: the scripts that only
# some pages load name a group.
_NAMED_SCRIPT = re.compile(
    r'<script[^>]* src="[^"]*\bassets/((?!guide|faces)\w+)[^"]*'
    r'\.[0-9a-f]{8}\.js"'
)


def _groups(pages: Mapping[Path, str]) -> dict[str, set[Path]]:
    """Name -> the pages that load a script of that name."""
    groups: dict[str, set[Path]] = {}
    for path, text in pages.items():
        for name in _NAMED_SCRIPT.findall(text):
            groups.setdefault(name, set()).add(path)
    return dict(sorted(groups.items()))


def _vocabularies(
    pages: Mapping[Path, PageNames],
    pieces: Sequence[PageNames],
    scripts: Mapping[str, str],
    groups: Mapping[str, set[Path]],
) -> tuple[Vocabulary, dict[str, Vocabulary]]:
    """What there is outside the groups, and for each group what there is
    with it."""

    def belongs(script: str, group: str) -> bool:
        return script.startswith((f"assets/{group}.", f"assets/{group}/"))

    grouped = set[Path]().union(*groups.values())
    plain = [text for path, text in pages.items() if path not in grouped]
    general = [
        text
        for name, text in scripts.items()
        if not any(belongs(name, group) for group in groups)
    ]
    return Vocabulary(plain, general), {
        group: Vocabulary(
            [*plain, *pieces, *(pages[path] for path in sorted(members))],
            general
            + [text for name, text in scripts.items() if belongs(name, group)],
        )
        for group, members in groups.items()
    }


_AS_IT_IS = re.compile(
    r"(<(?:pre|script|style|textarea)\b.*?</(?:pre|script|style|textarea)>)",
    re.S,
)


def _dense(page: str) -> str:
    """`page` without the blank lines and margins of its templates."""
    pieces = _AS_IT_IS.split(page)
    pieces[::2] = map(_joined_lines, pieces[::2])
    return "".join(pieces)


def _joined_lines(text: str) -> str:
    first, *rest = text.split("\n")
    if not rest:
        return text
    inner = [line for one in rest[:-1] if (line := one.strip())]
    return "\n".join([first.rstrip(), *inner, rest[-1].lstrip()])


_LOADED_FACES = re.compile(
    rf'\s*(?:<script src="[^"]*{_FACES}\.js"></script>'
    rf'|<noscript><link[^>]*{_FACES}\.css"></noscript>)'
)


_SHEET_LINK = re.compile(
    rf'<link rel="stylesheet" href="([^"]*){STYLE_SHEET}">'
)


def _with_names(
    page: str, names: Mapping[str, str], own_sheets: Sequence[str]
) -> str:
    """`page` with the names that its files have, and its group's sheets
    behind that of all."""
    if not any(mark in page for mark in _HAS_FORMULAS):
        page = _LOADED_FACES.sub("", page)
    page = _SHEET_LINK.sub(
        lambda found: (
            found[0]
            + "".join(
                f'<link rel="stylesheet" href="{found[1]}{name}">'
                for name in own_sheets
            )
        ),
        page,
    )
    for general, name in names.items():
        page = page.replace(f'{general}"', f'{name}"')
    return page


def _faces(
    used: Mapping[str, set[str]], docs: Path, cache: ContentCache
) -> dict[str, bytes]:
    """Face -> its file with no more characters than are used."""
    folder = docs / posixpath.dirname(_KATEX) / "fonts"
    return {
        face: formula_faces.cut(folder / f"{face}.woff2", wanted, cache)
        for face, wanted in sorted(used.items())
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
