"""Articles in Typst's markup, walked from their HTML.

What an element looks like is said in `book.typ`; here it becomes a call of
one of its functions.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import lxml.html

from study_guide import formulas, typst_math
from study_guide.book_index import Term
from study_guide.book_material import MarkupError
from study_guide.book_pictures import Picture
from study_guide.catalogue import Question
from study_guide.content_cache import ContentCache
from study_guide.languages import Language

# Formulas of up to so many characters are not broken at a line's end.
_SHORT_FORMULA = 14
# Code of up to so many characters is not broken within running text.
_SHORT_CODE = 12
# About what a line of text holds, in em.
_LINE_EMS = 42.0
# Tables of up to so many rows are kept on one page.
_WHOLE_TABLE = 9


@dataclass
class Writer:
    """What the markup of one question is made with.

    `others` are the questions in the book by their slugs, `site` is the
    site's address with a slash at its end. `whole` says that
    the book holds the question with all of its parts and sources, to which
    links can lead. `pictures` are the
    question's figures, by the number that stands in their places; `files`
    takes them up under their names. `terms` are those that the index names
    the question under; one that is met moves to `indexed`.
    """

    question: Question
    language: Language
    others: Mapping[str, Question]
    cache: ContentCache
    site: str
    whole: bool = True
    pictures: Sequence[Picture] = ()
    files: dict[str, str] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    indexed: list[Term] = field(default_factory=list)

    def label(self, identifier: str) -> str:
        """The label of the element `identifier` of this question's page."""
        return f"<q{self.question.id}-{identifier}>"


# ── text ───────────────────────────────────────────────────────────────────

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!~^$<>@=/'\"|&:;,])")
_BETWEEN_HAN = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])"
)


def text(plain: str) -> str:
    """Plain text as markup that gives the same text."""
    plain = _BETWEEN_HAN.sub("", plain)
    plain = re.sub(r"[ \t\r\n]+", " ", plain)
    return _SPECIAL.sub(r"\\\1", plain).replace("\u00a0", "~")


def string(plain: str) -> str:
    """Plain text as a string of Typst's code."""
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'


def formula(tex: str, writer: Writer, *, display: bool = False) -> str:
    """An inline formula, or the body of one on a line of its own."""
    body = typst_math.markup(tex, display=display, cache=writer.cache)
    spoken = formulas.spoken(tex, writer.cache)
    alternative = string(spoken)
    if display:
        return f"alt: {alternative}, $ {body} $"
    name = "ims" if len(spoken) <= _SHORT_FORMULA else "im"
    return f"#{name}({alternative}, ${body}$);"


# ── inline ─────────────────────────────────────────────────────────────────


def inline(element: Any, writer: Writer) -> str:
    """What is inside of an element of running text."""
    pieces = [text(element.text or "")]
    for child in element:
        if isinstance(child.tag, str):
            pieces.append(_inline_element(child, writer))
        pieces.append(text(child.tail or ""))
    return "".join(pieces)


def _inline_element(element: Any, writer: Writer) -> str:
    name = element.get("class") or ""
    match element.tag:
        case "span" if name == "arithmatex":
            return formula(_tex(element), writer)
        case "span" if name == "nb":
            return _held_together(element, writer)
        case "a":
            return _link(element, name, writer)
        case "strong" | "b":
            return f"#strong[{inline(element, writer)}];"
        case "em" | "i":
            return f"#emph[{inline(element, writer)}];"
        case "code":
            return _inline_code(element.text_content())
        case "br":
            return "#linebreak();"
        case "sup" | "sub":
            place = "super" if element.tag == "sup" else "sub"
            return f"#{place}[{inline(element, writer)}];"
        case "span" | "kbd" | "abbr" | "cite" | "mark":
            return inline(element, writer)
    raise MarkupError(f"no counterpart for <{element.tag}> in running text")


def _inline_code(source: str) -> str:
    """Short code stays on one line; long code may break where it is joined."""
    if len(source) <= _SHORT_CODE:
        return f"#code({string(source)});"
    pieces = re.split(r"(?<=[._(,/=])(?=\w)", source)
    return f"#long-code({', '.join(map(string, pieces))});"


_JOINER = "\u2060"
# What Unicode's line breaking lets start a line after a formula.
_LOOSE = frozenset("：；…—–·-/％%‰")


def _held_together(element: Any, writer: Writer) -> str:
    """What must not be parted by the end of a line.

    The marks of either language keep to the formula before them by
    themselves; letters, hyphens and citations must be told.
    """
    pieces = [text(element.text or "")]
    for child in element:
        joined = pieces[-1] and child.get("class") == "cite"
        pieces.append(_JOINER if joined else "")
        pieces.append(_inline_element(child, writer))
        tail = child.tail or ""
        if tail[:1] in _LOOSE or (tail[:1].isascii() and tail[:1].isalnum()):
            pieces.append(_JOINER)
        pieces.append(text(tail))
    return "".join(pieces)


def _tex(element: Any) -> str:
    found = formulas.ARITHMATEX.search(
        lxml.html.tostring(element, encoding="unicode", with_tail=False)
    )
    if not found:
        raise MarkupError("a formula without delimiters")
    return unescape(found["inline"] or found["display"]).strip()


_PAGE = re.compile(r"(?:^|/)([a-z0-9-]+)/(?:index\.md)?(?:#(.*))?$")


def _link(element: Any, name: str, writer: Writer) -> str:
    href = element.get("href") or ""
    if name == "headerlink":
        return ""
    body = inline(element, writer)
    if name == "cite" and not writer.whole:
        return ""
    if href.startswith("#") and not writer.whole:
        return body
    if name == "cite":
        return f"#cite-link({writer.label(href[1:])})[{body}];"
    if href.startswith("#"):
        return f"#here-link({writer.label(href[1:])})[{body}];"
    if re.match(r"https?:", href):
        return f"#link({string(href)})[{body}];"
    found = _PAGE.search(href)
    other = writer.others.get(found[1]) if found else None
    if found and other is not None:
        part = f"-{found[2]}" if found[2] and writer.whole else ""
        return f"#question-link(<q{other.id}{part}>)[{body}];"
    address = re.sub(r"^(?:\.\./)+", "", href)
    return f"#link({string(writer.site + address)})[{body}];"


# ── blocks ─────────────────────────────────────────────────────────────────


def blocks(element: Any, writer: Writer) -> str:
    """What is inside of an element that holds blocks."""
    pieces: list[str] = []
    running: list[str] = [text(element.text or "")]

    def flush() -> None:
        joined = "".join(running).strip()
        if joined:
            pieces.append(f"{joined}\n\n")
        running.clear()

    for child in element:
        if not isinstance(child.tag, str):
            running.append(text(child.tail or ""))
            continue
        make = _block_maker(child)
        if make:
            flush()
            pieces.append(f"{make(child, writer)}\n")
        else:
            running.append(_inline_element(child, writer))
        running.append(text(child.tail or ""))
    flush()
    return "".join(pieces)


def _block_maker(element: Any) -> Callable[[Any, Writer], str] | None:
    name = element.get("class") or ""
    match element.tag:
        case "p":
            return _paragraph
        case "h3":
            return _heading
        case "ul" | "ol":
            return _references if name == "refs" else _listing_of_items
        case "div" if name == "eq":
            return _equation
        case "div" if "admonition" in name:
            return _mistake if "mistake" in name else _note
        case "div" if name.startswith("highlight"):
            return _code
        case "div" | "section" | "aside":
            return blocks
        case "details":
            return _follow_up
        case "figure":
            return _table_figure if name == "table" else _figure
        case "table":
            return _table
        case "blockquote":
            return _quote
        case "pre":
            return _code
        case "hr":
            return lambda _element, _writer: "#rule\n"
        case "svg":
            return _picture
    return None


def _paragraph(element: Any, writer: Writer) -> str:
    marks = _marks(element, writer)
    end = _end_mark(element, writer)
    name = "lead-in" if _leads_in(element, writer) else "par"
    return f"#{name}[{marks}{inline(element, writer).strip()}{end}]\n"


def _leads_in(paragraph: Any, writer: Writer) -> bool:
    """Whether this is a line under a heading with no text below it."""
    above, below = paragraph.getprevious(), paragraph.getnext()
    under = above is None or above.tag == "h3"
    followed = below is not None and below.tag not in ("p", "figure")
    if below is not None and below.get("class") == "table":
        followed = True
    if not (under and followed):
        return False
    shown = re.sub(
        r"\\\((.*?)\\\)",
        lambda found: formulas.spoken(found[1].strip(), writer.cache),
        paragraph.text_content(),
        flags=re.DOTALL,
    )
    return _ems(shown) <= _LINE_EMS


def _end_mark(element: Any, writer: Writer) -> str:
    """A mark at the end of the text before a figure: from it the figure
    knows how much room is left on the page."""
    following = element.getnext()
    if element.tag == "li" and following is None:
        following = element.getparent().getnext()
    if following is not None and following.tag == "h3":
        following = following.getnext()
    if following is None or following.tag != "figure":
        return ""
    name = following.get("id")
    if not name or following.get("class") == "table":
        return ""
    return f"#metadata(none){writer.label(f'{name}-before')}"


def _marks(element: Any, writer: Writer) -> str:
    """Marks for the index: the terms that stand here for the first time."""
    if not writer.terms:
        return ""
    plain = re.sub(r"\s+", " ", element.text_content())
    lowered = plain.lower()
    met = [term for term in writer.terms if term.stands_in(plain, lowered)]
    for term in met:
        writer.terms.remove(term)
        writer.indexed.append(term)
    return "".join(f"#index-mark({string(term.id)});" for term in met)


def _heading(element: Any, writer: Writer) -> str:
    title = inline(element, writer).strip()
    label = writer.label(element.get("id", ""))
    return f"#heading(level: 4)[{title}]{label}\n"


def _listing_of_items(element: Any, writer: Writer) -> str:
    kind = "list" if element.tag == "ul" else "enum"
    items = [
        f"  {kind}.item[{_item(one, writer)}],"
        for one in element
        if one.tag == "li"
    ]
    loose = element.find("./li/p") is not None
    start = element.get("start")
    first = f"  start: {start},\n" if start else ""
    return (
        f"#{kind}(\n  tight: {'false' if loose else 'true'},\n{first}"
        + "\n".join(items)
        + "\n)\n"
    )


def _item(element: Any, writer: Writer) -> str:
    if element.find("p") is not None:
        return blocks(element, writer).strip()
    body = blocks(element, writer).strip()
    return f"{_marks(element, writer)}{body}{_end_mark(element, writer)}"


def _references(element: Any, writer: Writer) -> str:
    rows = []
    for item in element:
        number, body = item.findall("span")
        label = writer.label(item.get("id", ""))
        rows.append(
            f"  ({string(number.text_content())}, {label}, "
            f"[{inline(body, writer).strip()}]),"
        )
    return "#references((\n" + "\n".join(rows) + "\n))\n"


def _equation(element: Any, writer: Writer) -> str:
    label = writer.label(element.get("id", ""))
    end = _end_mark(element, writer)
    mark = f", mark: [{end}]" if end else ""
    return f"#eq({equation_arguments(element, writer)}{mark}){label}\n"


def equation_arguments(element: Any, writer: Writer) -> str:
    """Number, text alternative and body of a numbered formula."""
    block = element.find(".//div[@class='arithmatex']")
    number = element.find("a[@class='n']")
    body = formula(_tex(block), writer, display=True)
    shown = string(number.text_content()) if number is not None else "none"
    return f"{shown}, {body}"


def titled(element: Any, writer: Writer, tag: str) -> tuple[str, str]:
    """The first `tag` in a callout and the rest of it."""
    title = element.find(tag)
    shown = inline(title, writer).strip()
    tail, title.tail = title.tail, None
    element.remove(title)
    element.text = (element.text or "") + (tail or "")
    return shown, blocks(element, writer).strip()


def _mistake(element: Any, writer: Writer) -> str:
    claim, correction = titled(element, writer, "p")
    return f"#mistake[{claim}][{correction}]\n"


def _note(element: Any, writer: Writer) -> str:
    title, body = titled(element, writer, "p")
    return f"#note[{title}][{body}]\n"


def _follow_up(element: Any, writer: Writer) -> str:
    question, answer = titled(element, writer, "summary")
    return f"#follow-up[{question}][{answer}]\n"


def _quote(element: Any, writer: Writer) -> str:
    return f"#quote(block: true)[{blocks(element, writer)}]\n"


def _code(element: Any, writer: Writer) -> str:
    """A listing: its caption, its code and, below, its recorded output."""
    caption = element.find("div[@class='cap']/span")
    code = element if element.tag == "pre" else element.find("pre")
    source = code.text_content().rstrip("\n")
    output = element.find("pre[@class='out']")
    shown = output.text_content().strip("\n") if output is not None else ""
    label = output.get("data-label") if output is not None else ""
    title = inline(caption, writer).strip() if caption is not None else ""
    language = '"py"' if caption is not None else "none"
    anchor = writer.label(element.get("id")) if element.get("id") else ""
    end = _end_mark(element, writer)
    mark = f"mark: [{end}], " if end else ""
    return (
        f"#listing(lang: {language}, {mark}[{title}],"
        f" {string(source)}, {string(label)}, {string(shown)}){anchor}\n"
    )


# ── figures and tables ─────────────────────────────────────────────────────


def _figure(element: Any, writer: Writer) -> str:
    caption = element.find("figcaption")
    words = inline(caption, writer).strip() if caption is not None else ""
    name = element.get("id")
    if element.find("*[@class='explorable']") is not None:
        page = writer.site + writer.question.url(writer.language)
        words += f" #explore({string(f'{page}#{name}')});"
    drawn = element.find(".//div[@class='fig-w']")
    if drawn is None:
        drawn = element.find(".//div[@class='fig-w fig-any']")
    pictures = [] if drawn is None else drawn.findall("svg")
    if not pictures:
        raise MarkupError("a figure without a picture")
    body = _picture(pictures[0], writer).strip()
    anchor = writer.label(name) if name else ""
    marked = "true" if _marked(element) else "false"
    under = "true" if _under_heading(element) else "false"
    return (
        f"#fig({string(anchor.strip('<>'))}, [{body}], [{words}], "
        f"{marked}, {under}){anchor}\n"
    )


def _under_heading(figure: Any) -> bool:
    previous = figure.getprevious()
    return previous is not None and previous.tag == "h3"


def _marked(figure: Any) -> bool:
    """Whether `_end_mark` has set a mark before this figure."""
    previous = figure.getprevious()
    if _under_heading(figure):
        previous = previous.getprevious()
    if previous is None or not figure.get("id"):
        return False
    if previous.get("class") == "table":
        return bool(previous.tag == "figure")
    if previous.tag in ("ul", "ol"):
        last = previous[-1]
        return last.tag == "li" and last.find("p") is None
    name = str(previous.get("class") or "")
    return bool(
        previous.tag == "p" or name == "eq" or name.startswith("highlight")
    )


def _picture(element: Any, writer: Writer) -> str:
    number = int(element.get("data-picture"))
    picture = writer.pictures[number]
    name = f"{writer.question.slug}-{number + 1}.svg"
    writer.files[name] = picture.svg
    alternative = string(picture.alternative)
    return f"#picture({string(name)}, {picture.width:g}, {alternative})\n"


def _table_figure(element: Any, writer: Writer) -> str:
    caption = element.find("figcaption")
    words = inline(caption, writer).strip() if caption is not None else ""
    source = element.find(".//table")
    table = _table(source, writer).strip().removeprefix("#")
    few = len(source.findall(".//tr")) <= _WHOLE_TABLE
    end = _end_mark(element, writer)
    if end:
        table = f"{table.removesuffix(')')}, mark: [{end}])"
    whole = "true" if few else "false"
    anchor = writer.label(element.get("id")) if element.get("id") else ""
    return f"#table-figure({whole}, [{words}], {table}){anchor}\n"


_ALIGN = re.compile(r"text-align:\s*(left|right|center)")


def _table(element: Any, writer: Writer) -> str:
    rows = element.findall(".//tr")
    head = [row for row in rows if row.find("th") is not None]
    columns = max(len(row) for row in rows)
    aligns = ["left"] * columns
    widths = [0.0] * columns
    for row in rows:
        for at, cell in enumerate(row):
            found = _ALIGN.search(cell.get("style") or "")
            if found:
                aligns[at] = found[1]
            widths[at] = max(widths[at], _ems(cell.text_content()))
    cells = [
        f"[{inline(cell, writer).strip()}]"
        for row in rows
        if row not in head
        for cell in row
    ]
    header = [
        f"[{inline(cell, writer).strip()}]" for row in head for cell in row
    ]
    return (
        f"#data-table(({', '.join(_columns(widths))},), "
        f"({', '.join(aligns)},), ({', '.join(header)},),\n"
        f"  {'true' if len(rows) <= _WHOLE_TABLE else 'false'},\n"
        f"  {', '.join(cells)})\n"
    )


# A line of a table in the size of its text, less the gaps between columns.
_TABLE_EMS = 44.0


def _ems(plain: str) -> float:
    """About how wide a text is, in em."""
    return sum(1.0 if ord(one) > 0x2E7F else 0.5 for one in plain)


def _columns(widths: list[float]) -> list[str]:
    """Columns as wide as what they hold; where that is too much, the long
    ones share what is left by the amount of their text."""
    gaps = 1.4 * len(widths)
    if sum(widths) + gaps <= _TABLE_EMS:
        return ["auto"] * len(widths)
    fair = (_TABLE_EMS - gaps) / len(widths)
    return [
        "auto" if width <= min(fair, 9) else f"{width**0.6:.2f}fr"
        for width in widths
    ]
