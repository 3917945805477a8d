"""The book as EPUB 3: a file a question, formulas in MathML, figures in SVG."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from html import escape, unescape
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from lxml import etree

from study_guide import book_pictures, formulas
from study_guide.articles import Article, parse
from study_guide.book_material import Material
from study_guide.catalogue import Topic
from study_guide.content_cache import ContentCache

_HERE = Path(__file__).parent
_MATH = "http://www.w3.org/1998/Math/MathML"
_TAGS = {"zh": "zh-CN", "en": "en"}


def epub(material: Material) -> bytes:
    """The EPUB file. Raises BookError, naming the question that is at
    fault."""
    pages: dict[str, str] = {
        "title.xhtml": _title_page(material),
        "nav.xhtml": _navigation(material),
    }
    order = ["title.xhtml", "nav.xhtml"]
    for number, topic in _topics(material):
        name = f"topic-{number}.xhtml"
        pages[name] = _topic_page(topic, material)
        order.append(name)
        for question in topic.questions:
            article = material.articles.get(question.slug)
            if article is None:
                continue
            name = f"{question.slug}.xhtml"
            with material.blamed_on(question):
                pages[name] = _question_page(article, material)
            order.append(name)
    files = {
        "META-INF/container.xml": _CONTAINER,
        "EPUB/package.opf": _package(pages, order, material),
        "EPUB/style.css": (_HERE / "epub.css").read_text(encoding="utf-8"),
        "EPUB/cover.svg": _cover(material),
        **{f"EPUB/{name}": page for name, page in pages.items()},
    }
    return _zipped(files)


_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0"
 xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="EPUB/package.opf"
 media-type="application/oebps-package+xml"/></rootfiles></container>
"""


def _zipped(files: Mapping[str, str]) -> bytes:
    """The container: the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as container:
        kind = zipfile.ZipInfo("mimetype", (1980, 1, 1, 0, 0, 0))
        container.writestr(kind, "application/epub+zip")
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            container.writestr(entry, text, compresslevel=9)
    return buffer.getvalue()


def _topics(material: Material) -> Iterator[tuple[int, Topic]]:
    """The topics that have something to read, with their numbers."""
    for number, topic in enumerate(material.catalogue.topics, start=1):
        if any(one.slug in material.articles for one in topic.questions):
            yield number, topic


# ── pages ──────────────────────────────────────────────────────────────────


def _page(title: str, body: str, kind: str, material: Material) -> str:
    tag = _TAGS[material.language]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml"'
        ' xmlns:epub="http://www.idpf.org/2007/ops"'
        f' lang="{tag}" xml:lang="{tag}"><head><title>{escape(title)}</title>'
        '<link rel="stylesheet" type="text/css" href="style.css"/></head>'
        f'<body epub:type="{kind}">{body}</body></html>\n'
    )


def _title_page(material: Material) -> str:
    words = material.words
    rows = "<br/>".join(
        "".join(
            "■" if one.slug in material.articles else "□"
            for one in topic.questions
        )
        for topic in material.catalogue.topics
    )
    imprint = "".join(
        f"<p>{_imprint(line, material.site)}</p>"
        for line in words["book_imprint"].splitlines()
        if line
    )
    body = (
        f'<section class="title-page"><h1>{escape(words["site_name"])}</h1>'
        f"<p>{escape(words['book_subtitle'])}</p>"
        f'<p class="edition">{escape(material.edition_text())}</p>'
        f'<p class="map" aria-hidden="true">{rows}</p>'
        f'<div class="edition">{imprint}</div></section>'
    )
    return _page(words["site_name"], body, "frontmatter", material)


def _imprint(line: str, site: str) -> str:
    link = f'<a href="{escape(site)}">{escape(site)}</a>'
    return escape(line).replace("#site", link)


def _topic_page(topic: Topic, material: Material) -> str:
    language = material.language
    rows = "".join(
        f'<li><a href="{one.slug}.xhtml">{one.id} '
        f"{escape(one.titles[language])}</a></li>"
        for one in topic.questions
        if one.slug in material.articles
    )
    title = topic.titles[language]
    body = (
        f"<section><h1>{escape(title)}</h1>"
        f"<p>{escape(topic.descriptions[language])}</p><ul>{rows}</ul>"
        "</section>"
    )
    return _page(title, body, "bodymatter", material)


def _question_page(article: Article, material: Material) -> str:
    question, words = article.question, material.words
    meta = [
        words[question.level],
        words["minutes"].format(n=article.minutes),
    ]
    if question.checked:
        date = question.checked.isoformat()
        meta.append(words["checked"].format(date=date))
    points = "".join(
        f"<li>{_content(one, article, material)}</li>"
        for one in article.points
    )
    body = _content(article.body, article, material)
    before, mark, references = body.partition('<h2 id="references"')
    full = escape(words["full_answer"])
    html = (
        f'<section epub:type="chapter" role="doc-chapter"><h1>'
        f'<span class="number">{question.id}</span> '
        f"{escape(article.title)}</h1>"
        f'<p class="meta">{escape(" · ".join(meta))}</p>'
        f'<section class="short" id="short-answer">'
        f"<h2>{escape(words['short_answer'])}</h2>"
        f"{_content(article.short_answer, article, material)}</section>"
        f'{before}<h2>{full}</h2><ul class="points">{points}</ul>'
        f"{mark}{references}</section>"
    )
    return _page(article.title, html, "bodymatter", material)


def _content(html: str, article: Article, material: Material) -> str:
    """A piece of an article as XHTML."""
    html, pictures = book_pictures.take_out(
        html, material.colours, "sans-serif"
    )
    root = parse(html)
    _adapt(root, article, material)
    text = etree.tostring(root, encoding="unicode", method="xml")
    text = (
        text[text.index(">") + 1 : text.rindex("<")] if len(text) > 6 else ""
    )
    text = formulas.ARITHMATEX.sub(
        lambda found: _mathml(found, material.contents), text
    )
    return re.sub(
        r'<svg data-picture="(\d+)"/>',
        lambda found: _picture(pictures[int(found[1])]),
        text,
    )


def _picture(picture: book_pictures.Picture) -> str:
    """An SVG whose text alternative every reading system finds."""
    label = escape(picture.alternative)
    opening, _, rest = picture.svg.partition(">")
    opening = re.sub(r'\s(?:role|aria-[a-z]+|height)="[^"]*"', "", opening)
    return f'{opening} role="img" aria-label="{label}">{rest}'


# Output with longer lines is set smaller, lest the rows of its tables break.
_OUTPUT_COLUMNS = 48
# Longer formulas part from the mark behind them rather than overflow.
_HELD_TOGETHER = 30


def _adapt(root: Any, article: Article, material: Material) -> None:
    """From a page of the site to one of a book."""
    for explorable in root.xpath(".//figure/*[@class='explorable']"):
        figure = explorable.getparent()
        page = material.site + article.question.url(material.language)
        link = etree.Element("a", {"href": f"{page}#{figure.get('id')}"})
        link.text = material.words["explore"]
        caption = figure.find("figcaption")
        if len(caption):
            caption[-1].tail = f"{caption[-1].tail or ''} "
        else:
            caption.text = f"{caption.text or ''} "
        caption.append(link)
        explorable.drop_tag()
    for link in root.xpath(".//a[@class='headerlink']"):
        link.drop_tree()
    for held in root.xpath(".//span[@class='nb']"):
        if len(_shown(held, material.contents)) > _HELD_TOGETHER:
            held.drop_tag()
    for box in root.xpath(
        ".//span[@class='unpublished']"
        " | .//div[@class='figure-pair' or contains(@class, 'fig-w')]"
    ):
        box.drop_tag()
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for name in ("tabindex", "download", "markdown", "data-label"):
            if name == "data-label" and element.get(name):
                _labelled(element)
            element.attrib.pop(name, None)
    for details in root.xpath(".//details"):
        details.tag = "div"
        details.set("class", "follow-up")
        summary = details.find("summary")
        summary.tag = "p"
        summary.set("class", "title")
    for callout in root.xpath(".//div[contains(@class, 'admonition')]"):
        kind = "mistake" if "mistake" in callout.get("class") else "note"
        callout.set("class", kind)
        callout.find("p").set("class", "title")
    for number in root.xpath(".//ol[@class='refs']/li/span[1]"):
        number.set("class", "number")
    for output in root.xpath(".//pre[@class='out']"):
        lines = output.text_content().split("\n")
        if max(map(len, lines)) > _OUTPUT_COLUMNS:
            output.set("class", "out wide")
    for empty in root.xpath(".//pre/span[not(node())]"):
        empty.drop_tree()
    for link in root.xpath(".//a[@href]"):
        link.set("href", _address(link.get("href"), material))


def _shown(element: Any, cache: ContentCache) -> str:
    """About what a reader sees of a text with formulas."""
    return re.sub(
        r"\\\((.*?)\\\)",
        lambda found: formulas.spoken(found[1].strip(), cache),
        element.text_content(),
        flags=re.DOTALL,
    )


def _labelled(output: Any) -> None:
    label = etree.Element("p", {"class": "label"})
    label.text = output.get("data-label")
    output.addprevious(label)


_PAGE = re.compile(r"(?:^|/)([a-z0-9-]+)/(?:index\.md)?(#.*)?$")


def _address(href: str, material: Material) -> str:
    if href.startswith("#") or re.match(r"[a-z]+:", href):
        return href
    found = _PAGE.search(href)
    if found and found[1] in material.articles:
        return f"{found[1]}.xhtml{found[2] or ''}"
    return material.site + re.sub(r"^(?:\.\./)+", "", href)


# ── formulas ───────────────────────────────────────────────────────────────


def _tex(found: re.Match[str]) -> str:
    return unescape(found["display"] or found["inline"]).strip()


def _mathml(found: re.Match[str], cache: ContentCache) -> str:
    display = found["display"] is not None
    tex = _tex(found)
    html = formulas.render(tex, display=display, cache=cache)
    start = html.index("<semantics>") + len("<semantics>")
    source = html[start : html.index("<annotation")]
    row = ElementTree.fromstring(source.replace("&nbsp;", "\u00a0"))
    spoken = formulas.spoken(tex, cache)
    if display:
        return _math(row, spoken, ' display="block"')
    if len(spoken) <= _HELD_TOGETHER:
        return _math(row, spoken)
    return "".join(_math(one, formulas.plain(one)) for one in _parts(row))


def _math(row: Element, spoken: str, attributes: str = "") -> str:
    _tidy(row)
    _part_operators(row)
    return (
        f'<math xmlns="{_MATH}"{attributes} alttext="{escape(spoken)}">'
        f"{ElementTree.tostring(row, encoding='unicode')}</math>"
    )


_RELATIONS = frozenset("=≈≤≥≠≡<>∼∝→⇒⟺")


def _parts(row: Element) -> Iterator[Element]:
    """A formula parted before its relations: no reading system breaks one."""
    part = Element("mrow")
    for child in row:
        if child.tag == "mo" and child.text in _RELATIONS and len(part):
            yield part
            part = Element("mrow")
            # First in its row it would be taken for a prefix.
            child.set("form", "infix")
        part.append(child)
    yield part


_SCRIPTS = frozenset(
    {"msub", "msup", "munder", "mover", "msubsup", "munderover"}
)


# First letters of Unicode's mathematical alphabets: capital A, small a, digit
# 0. MathML Core, which reading systems have, knows no other way to ask for
# them than the characters themselves.
_ALPHABETS = {
    "bold": (0x1D400, 0x1D41A, 0x1D7CE),
    "bold-italic": (0x1D468, 0x1D482, None),
    "script": (0x1D49C, 0x1D4B6, None),
    "fraktur": (0x1D504, 0x1D51E, None),
    "double-struck": (0x1D538, 0x1D552, 0x1D7D8),
    "sans-serif": (0x1D5A0, 0x1D5BA, 0x1D7E2),
    "monospace": (0x1D670, 0x1D68A, 0x1D7F6),
}
# Those that Unicode had before, elsewhere.
_EARLIER = {
    0x1D49D: "ℬ", 0x1D4A0: "ℰ", 0x1D4A1: "ℱ", 0x1D4A3: "ℋ", 0x1D4A4: "ℐ",
    0x1D4A7: "ℒ", 0x1D4A8: "ℳ", 0x1D4AD: "ℛ", 0x1D4BA: "ℯ", 0x1D4BC: "ℊ",
    0x1D4C4: "ℴ", 0x1D506: "ℭ", 0x1D50B: "ℌ", 0x1D50C: "ℑ", 0x1D515: "ℜ",
    0x1D51D: "ℨ", 0x1D53A: "ℂ", 0x1D53F: "ℍ", 0x1D545: "ℕ", 0x1D547: "ℙ",
    0x1D548: "ℚ", 0x1D549: "ℝ", 0x1D551: "ℤ",
}  # fmt: skip
_BOLD_GREEK = (0x1D736, 0x03B1)  # bold italic alpha, alpha


def _in_alphabet(text: str, variant: str) -> str:
    capital, small, digit = _ALPHABETS[variant]

    def letter(one: str) -> str:
        if "A" <= one <= "Z":
            code = capital + ord(one) - ord("A")
        elif "a" <= one <= "z":
            code = small + ord(one) - ord("a")
        elif "0" <= one <= "9" and digit:
            code = digit + int(one)
        elif "α" <= one <= "ω" and variant == "bold-italic":
            code = _BOLD_GREEK[0] + ord(one) - _BOLD_GREEK[1]
        else:
            return one
        return _EARLIER.get(code, chr(code))

    return "".join(map(letter, text))


# As delimiters the ASCII bar and the double line, not the relations.
_BARS = {"∣": "|", "∥": "‖"}


def _tidy(node: Element) -> None:
    """Mend what KaTeX writes and MathML Core does not know."""
    if node.tag in ("mo", "mi", "mn", "mtext") and len(node):
        node.tag = "mrow"
        node.attrib.clear()
    variant = node.get("mathvariant")
    if variant in _ALPHABETS:
        node.text = _in_alphabet(node.text or "", variant)
        del node.attrib["mathvariant"]
    if node.text in _BARS and (
        node.tag == "mi" or node.get("fence") or node.get("stretchy")
    ):
        node.text = _BARS[node.text]
    if node.tag in _SCRIPTS:
        # `max` below a T is applied to nothing.
        for child in node:
            if len(child) == 2 and child[1].text == "\u2061":
                child.remove(child[1])
    if node.tag == "mtable":
        _aligned(node)
    for child in node:
        _tidy(child)


def _part_operators(row: Element) -> None:
    """A thin space between an operator's name and what it is applied to, cos
    mθ, as TeX sets it; none before a bracket."""
    leaves = [one for one in row.iter() if not len(one)]
    for applied, argument in pairwise(leaves):
        if applied.text == "\u2061" and argument.text not in _OPENING:
            applied.set("rspace", "0.17em")


_OPENING = frozenset("([{⟨⌊⌈|‖")


def _aligned(table: Element) -> None:
    """The columns' alignment on each cell, where MathML Core looks for it."""
    sides = table.attrib.pop("columnalign", "center").split()
    gaps = table.attrib.pop("columnspacing", "1em").split()
    table.attrib.pop("rowspacing", None)
    for row in table.iter("mtr"):
        for at, cell in enumerate(row):
            side = sides[min(at, len(sides) - 1)]
            gap = gaps[min(at, len(gaps)) - 1] if at else "0em"
            cell.set(
                "style",
                f"text-align: {side}; padding: 0.2em 0 0.2em {gap}",
            )


# ── package ────────────────────────────────────────────────────────────────


def _navigation(material: Material) -> str:
    language, words = material.language, material.words
    rows = []
    for number, topic in _topics(material):
        questions = "".join(
            f'<li><a href="{one.slug}.xhtml">{one.id} '
            f"{escape(one.titles[language])}</a></li>"
            for one in topic.questions
            if one.slug in material.articles
        )
        rows.append(
            f'<li><a href="topic-{number}.xhtml">'
            f"{escape(topic.titles[language])}</a><ol>{questions}</ol></li>"
        )
    first, _ = next(_topics(material))
    contents = escape(words["contents"])
    body = (
        f'<nav epub:type="toc" role="doc-toc" id="toc"><h1>{contents}</h1>'
        f"<ol>{''.join(rows)}</ol></nav>"
        '<nav epub:type="landmarks" hidden="hidden"><ol>'
        f'<li><a epub:type="toc" href="#toc">{contents}</a></li>'
        f'<li><a epub:type="bodymatter" href="topic-{first}.xhtml">'
        f"{escape(words['questions'])}</a></li></ol></nav>"
    )
    return _page(words["contents"], body, "frontmatter", material)


def _package(
    pages: Mapping[str, str], order: list[str], material: Material
) -> str:
    words = material.words
    tag = _TAGS[material.language]
    identifier = uuid5(NAMESPACE_URL, f"{material.site}{material.language}")
    items = []
    for name, page in pages.items():
        properties = ["nav"] if name == "nav.xhtml" else []
        properties += ["mathml"] if "<math" in page else []
        properties += ["svg"] if "<svg" in page else []
        shown = f' properties="{" ".join(properties)}"' if properties else ""
        key = name.removesuffix(".xhtml")
        items.append(
            f'<item id="p-{key}" href="{name}"'
            f' media-type="application/xhtml+xml"{shown}/>'
        )
    spine = "".join(
        f'<itemref idref="p-{name.removesuffix(".xhtml")}"/>' for name in order
    )
    features = (
        "alternativeText",
        "MathML",
        "tableOfContents",
        "structuralNavigation",
        "readingOrder",
        "displayTransformability",
    )
    access = "".join(
        f'<meta property="schema:{name}">{value}</meta>'
        for name, value in (
            ("accessMode", "textual"),
            ("accessMode", "visual"),
            ("accessModeSufficient", "textual"),
            *(("accessibilityFeature", one) for one in features),
            ("accessibilityHazard", "none"),
            ("accessibilitySummary", escape(words["book_accessibility"])),
        )
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"'
        f' unique-identifier="id" xml:lang="{tag}">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier>'
        f"<dc:title>{escape(words['site_name'])}</dc:title>"
        f"<dc:language>{tag}</dc:language>"
        f"<dc:description>{escape(words['site_description'])}"
        "</dc:description><dc:rights>CC BY-SA 4.0</dc:rights>"
        f"<dc:source>{escape(material.site)}</dc:source>"
        f"<dc:date>{material.edition.date().isoformat()}</dc:date>"
        '<meta property="dcterms:modified">'
        f"{material.edition:%Y-%m-%dT%H:%M:%SZ}</meta>{access}"
        '<meta name="cover" content="cover"/></metadata><manifest>'
        '<item id="style" href="style.css" media-type="text/css"/>'
        '<item id="cover" href="cover.svg" media-type="image/svg+xml"'
        f' properties="cover-image"/>{"".join(items)}</manifest>'
        f"<spine>{spine}</spine></package>\n"
    )


def _cover(material: Material) -> str:
    """The cover: the name and the map of the book, a square a question."""
    squares = []
    for row, topic in enumerate(material.catalogue.topics):
        for column, one in enumerate(topic.questions):
            there = one.slug in material.articles
            fill = "#0d5c75" if there else "none"
            squares.append(
                f'<rect x="{120 + column * 52}" y="{720 + row * 52}"'
                f' width="36" height="36" fill="{fill}"'
                f' stroke="{"#0d5c75" if there else "#868d8a"}"'
                ' stroke-width="3"/>'
            )
    name = material.words["site_name"]
    size = 110 if material.language == "zh" else 92
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 1600"'
        f' role="img" aria-label="{escape(name)}">'
        '<rect width="1200" height="1600" fill="#fdfdfc"/>'
        '<rect x="120" y="180" width="60" height="60" fill="#0d5c75"/>'
        f'<text x="114" y="420" font-family="serif" font-size="{size}"'
        f' fill="#1d2226">{escape(name)}</text>'
        f'<text x="120" y="520" font-family="sans-serif" font-size="40"'
        f' fill="#4a5358">{escape(material.edition_text())}</text>'
        f"{''.join(squares)}</svg>\n"
    )
