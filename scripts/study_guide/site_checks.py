"""The rules for the built site: what only the finished HTML can show."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlparse

import lxml.html

from study_guide.languages import DEFAULT, LANGUAGES, Language
from study_guide.problems import Problem

# Elements that make a browser fetch, and the attribute that names what.
_LOADS = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "object": ("data",),
    "embed": ("src",),
    "use": ("href", "{http://www.w3.org/1999/xlink}href"),
}
_FETCHED_RELATIONS = {
    "stylesheet",
    "icon",
    "preload",
    "modulepreload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "manifest",
}
_CSS_URL = re.compile(
    r"url\(\s*['\"]?(https?:)?//|@import\s+['\"]?(?:https?:)?//"
)
# A page has ten thousand elements, nearly all of them in formulas.
_MAY_LOAD = "|".join(
    [
        *(f"//{tag}" for tag in (*_LOADS, "link", "style")),
        "//*[contains(@style, 'url(') or contains(@style, '@import')]",
    ]
)
_RAW = (
    ("$$", "raw $$", "Put $$ on lines of their own with blank lines around."),
    ("[@", "a citation that was not resolved", "Write [@key] as plain text."),
    ('class="tex-error"', "a formula that KaTeX refuses", "Mend it."),
    ('class="arithmatex"', "a formula that was not rendered", "Mend it."),
    ("--8&lt;--", "an include that was not resolved", "Mend the include."),
)


@dataclass(frozen=True)
class _Page:
    """A page of the built site; `path` is relative to its root."""

    path: str
    tree: lxml.html.HtmlElement

    @property
    def source(self) -> str:
        """The file whose content the page shows."""
        parts = self.path.split("/")
        language: Language = DEFAULT
        if parts[0] in LANGUAGES:
            language = next(one for one in LANGUAGES if one == parts[0])
            parts = parts[1:]
        match parts:
            case ["questions", slug, "index.html"]:
                return f"docs/questions/{slug}/index.{language}.md"
            case ["topics" | "plans" | "questions", *_]:
                return "docs/taxonomy.yml"
            case ["404.html"]:
                return "overrides/404.html"
            case [*folders, "index.html"]:
                return "/".join(["docs", *folders, f"index.{language}.md"])
        return self.path


@dataclass(frozen=True)
class _Link:
    """A link of a page of `source` to the place `fragment` of a page."""

    source: str
    href: str
    path: str
    fragment: str


def check(folder: Path) -> Iterator[Problem]:
    """All problems of the site in `folder`."""
    # One page at a time: the trees of all would fill the memory.
    ids: dict[str, set[str]] = {}
    links: list[_Link] = []
    files = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    }
    for path in sorted(folder.rglob("*.html")):
        tree = lxml.html.document_fromstring(path.read_text(encoding="utf-8"))
        page = _Page(path.relative_to(folder).as_posix(), tree)
        ids[page.path] = set(map(str, tree.xpath("//@id | //a/@name")))
        yield from _raw_markup(page)
        yield from _outside_resources(page)
        for link in _links(page):
            if link.path not in files:
                yield Problem(
                    link.source,
                    0,
                    "dead-link",
                    f"{link.href} leads nowhere",
                    "Mend the link.",
                )
            elif link.fragment:
                links.append(link)
    for link in links:
        if link.fragment not in ids.get(link.path, {link.fragment}):
            yield Problem(
                link.source,
                0,
                "dead-anchor",
                f"{link.href}: nothing there has the id {link.fragment}",
                "Mend the anchor.",
            )
    for path in sorted(folder.rglob("*.css")):
        if _CSS_URL.search(path.read_text(encoding="utf-8")):
            yield Problem(
                path.relative_to(folder).as_posix(),
                0,
                "outside-resource",
                "the style sheet loads from another host",
                "Keep the file in docs/assets/.",
            )


def _raw_markup(page: _Page) -> Iterator[Problem]:
    main = page.tree.find(".//main")
    if main is None:
        return
    html = lxml.html.tostring(main, encoding="unicode")
    # Code shows markup on purpose; KaTeX keeps the TeX as an annotation.
    html = re.sub(
        r"<(pre|code|annotation|script)\b(?![^>]*tex-error).*?</\1>",
        "",
        html,
        flags=re.DOTALL,
    )
    for mark, message, remedy in _RAW:
        if mark in html:
            yield Problem(page.source, 0, "raw-markup", message, remedy)


def _outside(address: str) -> bool:
    return address.startswith(("http:", "https:", "//"))


def _outside_resources(page: _Page) -> Iterator[Problem]:
    for element in page.tree.xpath(_MAY_LOAD):
        addresses = [
            element.get(name, "") for name in _LOADS.get(element.tag, ())
        ]
        if element.tag == "link" and (
            set(element.get("rel", "").split()) & _FETCHED_RELATIONS
        ):
            addresses.append(element.get("href", ""))
        style = element.get("style", "")
        if element.tag == "style":
            style = element.text or ""
        if _CSS_URL.search(style):
            addresses.append("https:")
        for address in addresses:
            if _outside(address):
                yield Problem(
                    page.source,
                    0,
                    "outside-resource",
                    f"<{element.tag}> loads {address}",
                    "Keep the file in docs/assets/: readers may have no "
                    "network.",
                )


_LINKS = (
    "//a/@href|//link[not(@rel = 'canonical' or @rel = 'alternate')]/@href"
)


def _links(page: _Page) -> Iterator[_Link]:
    """Those that lead to other places of the site."""
    base = f"http://site.invalid/{page.path}"
    for href in map(str, dict.fromkeys(page.tree.xpath(_LINKS))):
        if re.match(r"[a-z]+:", href) or href.startswith("//"):
            continue
        address, _, fragment = href.partition("#")
        if address.endswith(".md"):
            continue  # MkDocs left it as it was: reported with its line
        if page.path == "404.html" and href.startswith("/"):
            continue  # absolute on purpose, below the site's own path
        path = page.path
        if address:
            path = unquote(urlparse(urljoin(base, address)).path).lstrip("/")
        if not path or path.endswith("/"):
            path += "index.html"
        fragment = unquote(fragment)
        yield _Link(
            page.source, href, path, "" if fragment == "__top" else fragment
        )
