"""Articles: what MkDocs made of a question, completed and taken apart.

An article is HTML with its formulas still in TeX; the pages, the search
index and the offline editions are all made from it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from html import escape, unescape
from itertools import dropwhile
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import lxml.html
from lxml import etree

from study_guide import bibliography, diagrams, explorables, figures, formulas
from study_guide.bibliography import Reference
from study_guide.catalogue import Catalogue, Question
from study_guide.content_cache import ContentCache
from study_guide.languages import DEFAULT, Language

PARTS = (
    "short-answer",
    "worked-answer",
    "worked-example",
    "common-mistakes",
    "follow-ups",
    "references",
)


@dataclass(frozen=True)
class Section:
    """What stands under one h2 or h3, up to the next; formulas in TeX."""

    id: str
    level: int
    title: str
    html: str


@dataclass(frozen=True)
class Article:
    """A question in one language, its formulas in TeX.

    `short_answer`, `body` and `points` are HTML; `body` runs from the worked
    answer to the references. `related` are the questions that it links to,
    `minutes` the time that reading it takes, `explorables` the names of those
    that it has.
    """

    question: Question
    language: Language
    title: str
    short_answer: str
    body: str
    sections: tuple[Section, ...]
    points: tuple[str, ...]
    aliases: tuple[str, ...]
    related: tuple[Question, ...]
    minutes: int
    short_answer_text: str
    explorables: tuple[str, ...] = ()

    @property
    def follow_ups(self) -> int:
        """How many follow-up questions it answers."""
        return self.body.count('<details class="follow-up')


@dataclass(frozen=True)
class Workshop:
    """What articles are made with."""

    catalogue: Catalogue
    references: Mapping[str, Reference]
    words: Mapping[str, str]
    cache: ContentCache


def plain_text(html: str, cache: ContentCache) -> str:
    """The text of a piece of an article, formulas by their letters."""
    html = re.sub(r"<svg\b.*?</svg>", "", html, flags=re.DOTALL)
    text = formulas.ARITHMATEX.sub(
        lambda found: escape(
            formulas.spoken(
                unescape(found["inline"] or found["display"]).strip(), cache
            )
        ),
        html,
    )
    text = re.sub(r"<[^>]+>", "", text)
    return re.sub(r"\s+", " ", unescape(text)).strip()


def inline_formulas(text: str) -> str:
    """Plain text with `$…$` and `` `…` `` in it, as HTML of an article."""
    html = escape(text, quote=False)
    html = re.sub(
        r"\$([^$]+)\$", r'<span class="arithmatex">\\(\1\\)</span>', html
    )
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html)


def complete(html: str, page: Path, shop: Workshop) -> str:
    """A page that is no question: its figures, diagrams, tables, formulas."""
    root = parse(html)
    _figures(root, page, shop, "")
    _display_formulas(root, "")
    _bind_punctuation(root)
    _scroll_code(root)
    _scroll_tables(root)
    return with_formulas(diagrams.without_style(serialize(root)), shop.cache)


def make(
    html: str,
    question: Question,
    language: Language,
    meta: Mapping[str, Any],
    shop: Workshop,
) -> Article:
    """The article of `question` from MkDocs' HTML of its page."""
    root = parse(html)
    _citations(root, shop.references, language)
    _scroll_code(root)
    _listings(root, question, language, shop.words)
    _figures(root, question.source(language), shop, f"{question.id}.")
    _display_formulas(root, f"{question.id}")
    related = _question_links(root, question, shop.catalogue)
    _bind_punctuation(root)
    _bind_citations(root)
    _scroll_tables(root)
    blocks = [(one, serialize(one, inner=False)) for one in root]
    sections = tuple(_sections(blocks))
    title = sections[0].title if sections else ""
    short = next((s.html for s in sections if s.id == PARTS[0]), "")
    return Article(
        question,
        language,
        title,
        short,
        _body(blocks),
        sections,
        tuple(inline_formulas(str(one)) for one in meta.get("points") or ()),
        tuple(str(one) for one in meta.get("aliases") or ()),
        related,
        _minutes(root, shop.cache),
        plain_text(short, shop.cache),
        tuple(
            one.tag.removeprefix(explorables.tag(""))
            for one in root.xpath(".//*[@class='explorable']")
        ),
    )


def parse(html: str) -> lxml.html.HtmlElement:
    """HTML of a page's content as a tree under one `div`."""
    return lxml.html.fragment_fromstring(html, create_parent="div")


# Finished markup (SVG) stands in the tree as a comment that holds its text:
# an HTML parser would lower-case names such as viewBox.
_RAW = re.compile(r"<!--raw (.*?) raw-->", re.DOTALL)


def _raw(markup: str) -> etree._Comment:
    return etree.Comment(f"raw {markup.replace('--', '&#45;&#45;')} raw")


def serialize(element: lxml.html.HtmlElement, *, inner: bool = True) -> str:
    """The element's HTML, or what is inside it."""
    text = lxml.html.tostring(element, encoding="unicode", with_tail=False)
    if inner:
        text = text[text.index(">") + 1 : text.rindex("<")]
    return _RAW.sub(lambda found: found[1].replace("&#45;&#45;", "--"), text)


def _element(tag: str, **attributes: str) -> lxml.html.HtmlElement:
    names = {key.rstrip("_"): value for key, value in attributes.items()}
    return lxml.html.Element(tag, names)


def _replace(old: Any, new: Any) -> None:
    """Put `new` where `old` stands, keeping the text behind it."""
    new.tail, old.tail = old.tail, None
    old.getparent().replace(old, new)


def _wrap(element: Any, wrapper: Any) -> None:
    _replace(element, wrapper)
    wrapper.append(element)


# ── citations ──────────────────────────────────────────────────────────────

_CITED = re.compile(r"[ \u00a0]*\[((?:@[\w:-]+)(?:; *@[\w:-]+)*)\]")


def _texts(root: Any, mark: str) -> Iterator[tuple[Any, str]]:
    """(element, 'text' or 'tail') of each text with `mark` outside code."""
    code = ("code", "pre")
    for element in list(root.iter()):
        text = element.text if isinstance(element.tag, str) else ""
        tail = element.tail if element is not root else ""
        if mark not in f"{text or ''}\0{tail or ''}" or any(
            parent.tag in code for parent in element.iterancestors()
        ):
            continue
        if mark in (text or "") and element.tag not in code:
            yield element, "text"
        if mark in (tail or ""):
            yield element, "tail"


def _citations(
    root: Any, references: Mapping[str, Reference], language: Language
) -> None:
    order: dict[str, int] = {}
    for element, place in list(_texts(root, "[@")):
        text = getattr(element, place)
        pieces = _CITED.split(text)
        if len(pieces) == 1:
            continue
        links: list[Any] = []
        lead = pieces[0]
        for keys, after in zip(pieces[1::2], pieces[2::2], strict=True):
            known = [
                key
                for key in (one.strip()[1:] for one in keys.split(";"))
                if key in references
            ]
            if known and language == "en":
                # The number never starts a line. Chinese takes no space here:
                # _bind_citations holds it to the character before it.
                if links:
                    links[-1].tail += "\u00a0"
                else:
                    lead += "\u00a0"
            for key in known:
                number = order.setdefault(key, len(order) + 1)
                link = _element("a", class_="cite", href=f"#ref-{number}")
                link.text = f"[{number}]"
                link.tail = ""
                links.append(link)
            if links:
                links[-1].tail += after
            else:
                lead += after
        if place == "text":
            element.text = lead
            for at, link in enumerate(links):
                element.insert(at, link)
        else:
            element.tail = lead
            for link in reversed(links):
                element.addnext(link)
    for comment in root.iter(etree.Comment):
        if (comment.text or "").strip() == "references":
            _replace(comment, _reference_list(order, references, language))
            break


def _bind_citations(root: Any) -> None:
    """Keep a citation on the line of what stands right before it."""
    for link in root.xpath(".//a[@class='cite']"):
        previous, parent = link.getprevious(), link.getparent()
        text = parent.text if previous is None else previous.tail
        if text:
            if not text[-1].isspace():
                kept, held = text[:-1], text[-1]
                box = _element("span", class_="nb")
                box.text = held
                if previous is None:
                    parent.text = kept
                else:
                    previous.tail = kept
                _wrap(link, box)
        elif previous is not None and previous.get("class") == "nb":
            previous.append(link)
            link.tail, previous.tail = None, link.tail
        elif previous is not None:
            box = _element("span", class_="nb")
            parent.insert(parent.index(previous), box)
            tail, link.tail = link.tail, None
            box.extend([previous, link])
            box.tail = tail


def _reference_list(
    order: Mapping[str, int],
    references: Mapping[str, Reference],
    language: Language,
) -> Any:
    listing = _element("ol", class_="refs")
    for key, number in order.items():
        item = lxml.html.fragment_fromstring(
            f'<li id="ref-{number}"><span>{number}</span>'
            f"<span>{bibliography.listed(references[key], language)}</span></li>"
        )
        listing.append(item)
    return listing


# ── listings ───────────────────────────────────────────────────────────────


def example_path(question: Question, language: Language) -> str:
    """Where the page of `question` finds example.py, which both share."""
    up = "../" * question.url(language).count("/")
    return f"{up}{question.url(DEFAULT)}example.py"


def _listings(
    root: Any,
    question: Question,
    language: Language,
    words: Mapping[str, str],
) -> None:
    """Number the listings and put recorded output under its code."""
    number = 0
    for block in root.xpath(".//div[@class='highlight']"):
        names = block.xpath("./span[@class='filename']")
        if not names:
            continue
        name = names[0].text_content()
        if name.endswith(".out"):
            _join_output(block, words["output"])
            continue
        number += 1
        block.set("class", "highlight listing")
        block.set("id", f"listing-{number}")
        caption = lxml.html.fragment_fromstring(
            f'<div class="cap"><span><b>{words["listing"]}\u00a0'
            f"{question.id}.{number}</b> "
            f'<a href="{example_path(question, language)}" download>'
            f"{escape(name)}</a></span></div>"
        )
        _replace(names[0], caption)


def _join_output(block: Any, label: str) -> None:
    """Put recorded output under the listing before it, or, where text stands
    between the two, in a frame of its own."""
    output = _element(
        "pre", class_="out", tabindex="0", **{"data-label": label}
    )
    output.text = block.find("pre").text_content()
    before = block.getprevious()
    if before is None or before.get("class") != "highlight listing":
        frame = _element("div", class_="highlight output")
        frame.append(output)
        _replace(block, frame)
        return
    before.append(output)
    before.tail = block.tail
    block.getparent().remove(block)


# ── figures, diagrams, tables ──────────────────────────────────────────────


def _figures(root: Any, page: Path, shop: Workshop, number: str) -> None:
    counts = {"figure": 0, "table": 0}
    for image in root.xpath(".//img"):
        path = _recorded_file(page, image.get("src", ""))
        if path is None:
            continue
        paragraph = image.getparent()
        place = paragraph if paragraph.tag == "p" else image
        drawn = _recorded(path, image.get("alt", ""), shop.cache)
        _replace(place, drawn)
        if name := image.get("explorable"):
            _wrap(drawn, _explorable(name, image.attrib))
    sources = root.xpath(".//div[@class='diagram-source']")
    for drawn, block in enumerate(sources, start=1):
        identifier = f"{page.parent.name}-diagram-{drawn}"
        wide = _element("div", class_="fig-w fig-any")
        try:
            svg = diagrams.render(block.text_content(), identifier, shop.cache)
            wide.append(_raw(svg))
        except diagrams.DiagramError as error:
            wide.text = str(error)
        _replace(block, wide)
        if wide.getparent().tag == "figure":
            wide.getparent().set("class", "hang diagram")
    for figure in root.xpath(".//figure"):
        kind = "table" if figure.find(".//table") is not None else "figure"
        caption = figure.find("figcaption")
        if kind == "table":
            figure.set("class", "table")
            if caption is not None:
                figure.insert(0, caption)
        elif not figure.get("class"):
            figure.set("class", "hang")
        if caption is None or not number:
            continue
        counts[kind] += 1
        figure.set("id", f"{kind}-{counts[kind]}")
        label = _element("b")
        label.text = f"{shop.words[kind]}\u00a0{number}{counts[kind]}"
        _unwrap_paragraph(caption)
        label.tail = f" {caption.text or ''}"
        caption.text = None
        caption.insert(0, label)


def _explorable(name: str, said: Mapping[str, str]) -> Any:
    """The element of an explorable; `said` are its image's attributes."""
    host = _element(explorables.tag(name), class_="explorable")
    start = {
        control: value
        for control, value in said.items()
        if control not in ("src", "alt", "title", "explorable")
    }
    if start:
        host.set("start", urlencode(start))
    return host


def _recorded_file(page: Path, address: str) -> Path | None:
    """The SVG beside `page` that an image names. MkDocs has taken the
    language out of its address: curve.zh.svg is called curve.svg there."""
    language = page.name.split(".")[-2]
    name = address.rpartition("/")[2]
    for candidate in name, f"{name.removesuffix('.svg')}.{language}.svg":
        path = page.parent / candidate
        if path.suffix == ".svg" and path.is_file():
            return path
    return None


def _recorded(path: Path, alternative: str, cache: ContentCache) -> Any:
    """A recorded figure, and its version for phones where there is one."""
    narrow = figures.narrow(path)
    both = _element("div", class_="figure-pair")
    wide = _element("div", class_="fig-w")
    wide.append(_raw(figures.inline(path, alternative, cache)))
    both.append(wide)
    if narrow.is_file():
        phone = _element("div", class_="fig-n")
        phone.append(_raw(figures.inline(narrow, alternative, cache)))
        both.append(phone)
    else:
        wide.set("class", "fig-w fig-any")
    return both


def _unwrap_paragraph(caption: Any) -> None:
    paragraphs = caption.findall("p")
    if len(paragraphs) == 1:
        paragraphs[0].drop_tag()
    caption.text = (caption.text or "").lstrip()


def _scroll_code(root: Any) -> None:
    """Long lines scroll, by keyboard too."""
    for code in root.xpath(".//div[@class='highlight']/pre/code"):
        code.set("tabindex", "0")


def _scroll_tables(root: Any) -> None:
    for table in root.xpath(".//table"):
        for cell in table.iter("th"):
            if not cell.text_content().strip():
                cell.tag = "td"  # heads nothing: the corner of a table
        _wrap(table, _element("div", class_="scroll", tabindex="0"))


# ── formulas ───────────────────────────────────────────────────────────────

_AFTER = re.compile(
    r"[-‐–—]?[A-Za-z]*[，。；：、！？」』）》…,.;:!?)\]’”]+|[-‐–—][A-Za-z]+|[A-Za-z]+(?=\W|$)"
)
_BEFORE = re.compile(r"[（「『《(\[“‘]+$")


def _display_formulas(root: Any, number: str) -> None:
    blocks = root.xpath(".//div[@class='arithmatex']")
    for count, block in enumerate(blocks, start=1):
        equation = _element("div", class_="eq", id=f"eq-{count}")
        _replace(block, equation)
        body = _element("div", class_="body", tabindex="0")
        body.append(block)
        equation.append(body)
        if number:
            link = _element("a", class_="n", href=f"#eq-{count}")
            link.text = f"({number}.{count})"
            equation.append(link)


def _bind_punctuation(root: Any) -> None:
    """Keep a formula on one line with the marks that touch it."""
    for formula in root.xpath(".//span[@class='arithmatex']"):
        after = _AFTER.match(formula.tail or "")
        previous = formula.getprevious()
        parent = formula.getparent()
        text = previous.tail if previous is not None else parent.text
        before = _BEFORE.search(text or "")
        if not (after or before):
            continue
        tail = formula.tail or ""
        if before and text:
            kept = text[: before.start()]
            if previous is not None:
                previous.tail = kept
            else:
                parent.text = kept
        box = _element("span", class_="nb")
        parent.replace(formula, box)
        box.append(formula)
        box.text = before[0] if before else None
        end = after.end() if after else 0
        formula.tail, box.tail = tail[:end] or None, tail[end:]


_BOUND = re.compile(
    r'<span class="nb">(?P<before>[^<]*)'
    r'(?P<formula><span class="arithmatex">[^<]*</span>)'
    r"(?P<after>[^<]*)</span>",
    re.DOTALL,
)
_BOX = '<span class="nb">'
_LAST_BASE = re.compile(r'<span class="(?:katex-)?base">')
# A formula up to this many characters of TeX is not broken at all.
_SHORT_TEX = 24


def _held(formula: re.Match[str]) -> bool:
    """Whether a formula stands in a box that keeps it on one line."""
    html, end = formula.string, formula.start()
    start = html.rfind(_BOX, 0, end)
    opened = html.count("<span", start, end)
    return start >= 0 and opened > html.count("</span>", start, end)


def with_formulas(html: str, cache: ContentCache) -> str:
    """`html` with each formula rendered; one that KaTeX refuses stays TeX."""

    def render(found: re.Match[str]) -> str:
        display = found["display"] is not None
        tex = unescape(found["display"] if display else found["inline"])
        try:
            return formulas.render(tex.strip(), display=display, cache=cache)
        except formulas.TexError:
            return f'<code class="tex-error">{escape(tex)}</code>'

    def bound(found: re.Match[str]) -> str:
        formula = formulas.ARITHMATEX.sub(render, found["formula"])
        bases = list(_LAST_BASE.finditer(formula))
        if len(found["formula"]) < _SHORT_TEX + 40 or len(bases) < 2:
            return (
                f'<span class="nb">{found["before"]}{formula}'
                f"{found['after']}</span>"
            )
        # A long one may break at its relations; its last piece and the mark
        # behind it stay together.
        cut = bases[-1].start()
        last = formula[cut:].removesuffix("</span></span>")
        return (
            f"{found['before']}{formula[:cut]}</span></span>"
            '<span class="nb"><span class="katex">'
            f'<span class="katex-html" aria-hidden="true">{last}'
            f"</span></span>{found['after']}</span>"
        )

    def alone(found: re.Match[str]) -> str:
        formula = render(found)
        if found["display"] is not None:
            return formula
        short = len(unescape(found["inline"]).strip()) <= _SHORT_TEX
        if not short or len(_LAST_BASE.findall(formula)) < 2 or _held(found):
            return formula
        return f"{_BOX}{formula}</span>"

    return formulas.ARITHMATEX.sub(alone, _BOUND.sub(bound, html))


# ── links, sections, time ──────────────────────────────────────────────────

_QUESTION_LINK = re.compile(
    r"(?:^|/)(?:questions/)?([a-z0-9-]+)/(?:index\.md)?(?:#|$)"
)


def _question_links(
    root: Any, question: Question, catalogue: Catalogue
) -> tuple[Question, ...]:
    """Questions linked to, once each; links to unpublished ones end here."""
    found: dict[str, Question] = {}
    for link in root.xpath(".//a[@href]"):
        match = _QUESTION_LINK.search(link.get("href"))
        other = catalogue.questions.get(match[1]) if match else None
        if other is None or other is question:
            continue
        if other.published:
            found[other.slug] = other
        else:
            link.tag = "span"
            link.attrib.clear()
            link.set("class", "unpublished")
    return tuple(found.values())


def _heading_text(heading: Any) -> str:
    copy = deepcopy(heading)
    for link in copy.xpath(".//a[@class='headerlink']"):
        link.drop_tree()
    return re.sub(r"\s+", " ", copy.text_content()).strip()


# The elements of an article in order, each with its HTML.
Blocks = Sequence[tuple[Any, str]]


def _sections(blocks: Blocks) -> Iterator[Section]:
    current: tuple[str, int, str] | None = None
    pieces: list[str] = []
    for child, html in blocks:
        if child.tag in ("h1", "h2", "h3"):
            if current:
                yield Section(*current, "".join(pieces).strip())
            current = (
                child.get("id", ""),
                int(child.tag[1]),
                _heading_text(child),
            )
            pieces = []
        else:
            pieces.append(html)
    if current:
        yield Section(*current, "".join(pieces).strip())


def _body(blocks: Blocks) -> str:
    """All from the worked answer on."""
    rest = dropwhile(lambda block: block[0].get("id") != PARTS[1], blocks)
    return "\n".join(html for _, html in rest)


def _minutes(root: Any, cache: ContentCache) -> int:
    """Reading time: 300 Han characters or 180 words a minute, 12 s a formula
    on a line of its own, 40 s a figure or listing."""
    copy = deepcopy(root)
    displays = len(copy.xpath(".//div[@class='eq']"))
    objects = len(copy.xpath(".//figure|.//div[@class='highlight listing']"))
    for block in copy.xpath(".//pre|.//div[@class='eq']|.//ol[@class='refs']"):
        block.drop_tree()
    text = plain_text(serialize(copy), cache)
    han = len(re.findall(r"[\u4e00-\u9fff]", text))
    words = len(re.findall(r"[A-Za-z][A-Za-z'-]+", text))
    seconds = han / 5 + words / 3 + displays * 12 + objects * 40
    return max(1, ceil(seconds / 60))
