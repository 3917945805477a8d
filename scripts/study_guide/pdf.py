"""The books as PDF: the whole guide and the quick review, set by Typst."""

import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import pikepdf

from study_guide import (
    book_fonts,
    book_index,
    book_pictures,
    figure_places,
    key_formulas,
    pdf_links,
    typst_markup,
)
from study_guide.articles import Article, parse
from study_guide.book_index import Term
from study_guide.book_material import BookError, Material
from study_guide.catalogue import Question
from study_guide.typesetting import Typeset, TypstMistake, told, typeset
from study_guide.typst_markup import Writer, string, text

_HERE = Path(__file__).parent


# ── compiling ──────────────────────────────────────────────────────────────


def _compiled(
    main: str,
    questions: Mapping[str, str],
    pictures: Mapping[str, str],
    material: Material,
) -> bytes:
    """The PDF of `main`, which includes the files of `questions` (slug ->
    source). Raises BookError, naming the question that is at fault."""
    everything = "".join([main, *questions.values(), *pictures.values()])
    fonts = book_fonts.folders(everything, material.cache / "fonts")
    with tempfile.TemporaryDirectory(prefix="book-") as name:
        folder = Path(name)
        _lay_out(folder, main, questions, pictures)
        try:
            places = _figure_places(
                folder, fonts, questions, pictures, material
            )
            made = typeset(
                folder / "main.typ",
                fonts,
                {**_inputs(material), "floating": json.dumps(places)},
                material.edition.date(),
            )
        except TypstMistake as error:
            raise _named(error, folder, fonts, questions, material) from None
    try:
        return _packed(made, material)
    except pdf_links.MissingTarget as error:
        raise _unled(error.name, questions, material) from None


def _figure_places(
    folder: Path,
    fonts: Sequence[Path],
    questions: Mapping[str, str],
    pictures: Mapping[str, str],
    material: Material,
) -> Sequence[str]:
    """The names of the figures that go to the top of the next page."""
    inputs = {**_inputs(material), "alone": ""}

    def ask(sources: Mapping[str, str]) -> Sequence[str]:
        begin = _head((folder / "main.typ").read_text(encoding="utf-8"))
        (folder / "alone").mkdir(exist_ok=True)
        for slug, source in sources.items():
            path = folder / "alone" / f"{slug}.typ"
            path.write_text(source, encoding="utf-8")
        includes = [f'#include "alone/{slug}.typ"\n' for slug in sources]
        main = folder / "alone.typ"
        main.write_text(begin + "".join(includes), encoding="utf-8")
        return told(main, fonts, inputs)

    template = (folder / "book.typ").read_text(encoding="utf-8")
    setting = (template, json.dumps(inputs), *(one.name for one in fonts))
    return figure_places.floating(
        questions, pictures, setting, ask, material.contents
    )


def _head(main: str) -> str:
    """The lines that `_begin` has written."""
    return "".join(main.splitlines(keepends=True)[:2])


def _unled(
    name: str, questions: Mapping[str, str], material: Material
) -> BookError:
    """The error that no link can lead to `name`."""
    message = f"a link leads to {name!r}, which is not there, or twice"
    for slug, source in questions.items():
        if name in pdf_links.targets(source):
            question = material.catalogue.questions[slug]
            return BookError(material.file(question), message)
    return BookError("docs/questions", message)


def _lay_out(
    folder: Path,
    main: str,
    questions: Mapping[str, str],
    pictures: Mapping[str, str],
) -> None:
    for part in "questions", "figures":
        (folder / part).mkdir()
    for file in "book.typ", "review.typ", "code.tmTheme":
        shutil.copy(_HERE / file, folder)
    (folder / "main.typ").write_text(main, encoding="utf-8")
    for slug, source in questions.items():
        path = folder / "questions" / f"{slug}.typ"
        path.write_text(source, encoding="utf-8")
    for file, svg in pictures.items():
        (folder / "figures" / file).write_text(svg, encoding="utf-8")


def _inputs(material: Material) -> dict[str, str]:
    words = json.dumps(dict(material.words), ensure_ascii=False)
    return {
        "language": material.language,
        "words": words,
        "site": material.site,
    }


def _named(
    error: TypstMistake,
    folder: Path,
    fonts: Sequence[Path],
    questions: Mapping[str, str],
    material: Material,
) -> BookError:
    """The error with the question's file in the place of Typst's.

    Where Typst names none (it does not for what an export standard forbids),
    each question is set alone until one fails.
    """
    found = re.search(r"questions/([a-z0-9-]+)\.typ", error.diagnostic)
    if found is None:
        slugs = [s for s in questions if _fails(s, folder, fonts, material)]
    else:
        slugs = [found[1]]
    if not slugs:
        return BookError("docs/questions", error.message)
    question = material.catalogue.questions[slugs[0]]
    return BookError(material.file(question), error.message)


def _fails(
    slug: str, folder: Path, fonts: Sequence[Path], material: Material
) -> bool:
    """Whether Typst refuses this question set alone, without its links to
    the others, which are missing then."""
    main = folder / "alone.typ"
    begin = _head((folder / "main.typ").read_text(encoding="utf-8"))
    main.write_text(
        f'{begin}#heading[{slug}]\n#include "questions/{slug}.typ"\n',
        encoding="utf-8",
    )
    try:
        typeset(
            main,
            fonts,
            {**_inputs(material), "alone": ""},
            material.edition.date(),
        )
    except TypstMistake:
        return True
    return False


def _packed(made: Typeset, material: Material) -> bytes:
    """The document with its links led to their targets, in half the bytes:
    objects in compressed streams."""
    packed = io.BytesIO()
    pikepdf.settings.set_flate_compression_level(9)
    with pikepdf.open(io.BytesIO(made.pdf)) as document:
        (places,) = made.told or ({},)
        pdf_links.lead(document, places, material.words["book_page"])
        document.save(
            packed,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=True,
            deterministic_id=True,
        )
    return packed.getvalue()


# ── whole guide ────────────────────────────────────────────────────────────


def whole(material: Material) -> bytes:
    """The PDF/UA-1 file with all questions. Raises BookError."""
    terms = book_index.load(material.docs, material.language)
    questions: dict[str, str] = {}
    pictures: dict[str, str] = {}
    used: dict[str, Term] = {}
    indexed = book_index.assigned(
        {
            question.slug: book_index.passages(article)
            for question, article in material.published()
        },
        terms,
    )
    for question, article in material.published():
        writer = _writer(question, material)
        writer.terms = list(indexed[question.slug])
        with material.blamed_on(question):
            questions[question.slug] = _question(writer, article, material)
        pictures |= writer.files
        used |= {term.id: term for term in writer.indexed}
    targets = set[str]().union(*map(pdf_links.targets, questions.values()))
    main = _whole_main(material, list(used.values()), targets)
    return _compiled(main, questions, pictures, material)


def _writer(
    question: Question, material: Material, *, whole: bool = True
) -> Writer:
    return Writer(
        question,
        material.language,
        {q.slug: q for q, _ in material.published()},
        material.contents,
        material.site,
        whole,
    )


def _question(writer: Writer, article: Article, material: Material) -> str:
    """The source of one question, a file of its own."""
    font = "Noto Sans SC" if material.language == "zh" else "Source Sans 3"
    html, pictures = book_pictures.take_out(
        article.body, material.colours, font
    )
    writer.pictures = pictures
    root = parse(html)
    short = parse(article.short_answer)
    words, question = material.words, article.question
    checked = question.checked
    topic = material.catalogue.topic(question.topic)
    pieces = [
        '#import "/book.typ": *\n',
        f"#show: pages.with([{text(topic.titles[material.language])}], "
        f"[{question.id} {text(article.title)}], <q{question.id}>)\n",
        f"#question({question.id}, [{text(article.title)}], "
        f"{question.level_number}, {string(words[question.level])}, "
        f"{string(words['minutes'].format(n=article.minutes))}, ",
        string(
            words["checked"].format(date=checked.isoformat())
            if checked
            else ""
        ),
        f", [{typst_markup.blocks(short, writer).strip()}])\n\n",
        _parts(root, writer, article),
    ]
    return "".join(pieces)


def _parts(root: Any, writer: Writer, article: Article) -> str:
    pieces: list[str] = []
    section = parse("")
    for child in list(root):
        if child.tag == "h2":
            pieces.append(typst_markup.blocks(section, writer))
            section = parse("")
            if child.get("id") == "references":
                pieces.append(_points(article, writer))
            title = typst_markup.inline(child, writer).strip()
            label = writer.label(child.get("id") or "")
            pieces.append(f"#part([{title}], {label})\n")
        else:
            section.append(child)
    pieces.append(typst_markup.blocks(section, writer))
    return "".join(pieces)


def _points(article: Article, writer: Writer) -> str:
    items = "\n".join(
        f"#point[{typst_markup.inline(parse(one), writer).strip()}]"
        for one in article.points
    )
    return f"#points[\n{items}\n]\n" if items else ""


def _whole_main(
    material: Material, used: Sequence[Term], targets: Set[str]
) -> str:
    words = material.words
    rows = [
        "("
        + ", ".join(
            "true" if one.slug in material.articles else "false"
            for one in topic.questions
        )
        + ",)"
        for topic in material.catalogue.topics
    ]
    questions = {f"q{one.id}" for one, _ in material.published()}
    pieces = [
        f"#cover(({', '.join(rows)},), [{text(material.edition_text())}], "
        f"({_strings(targets | questions)}))\n",
        f"#imprint\n#contents(({''.join(_titles(material))}))\n",
    ]
    for number, topic in enumerate(material.catalogue.topics, start=1):
        present = [q for q in topic.questions if q.slug in material.articles]
        if not present:
            continue
        title = text(topic.titles[material.language])
        description = text(topic.descriptions[material.language])
        rest = [
            f"({one.id}, [{text(one.titles[material.language])}], "
            f"{'true' if one in present else 'false'})"
            for one in topic.questions
        ]
        pieces.append(
            f"#topic({number}, [{title}], [{description}],"
            f" ({', '.join(rest)},))\n"
        )
        pieces += [f'#include "questions/{one.slug}.typ"\n' for one in present]
    groups = [
        f"({string(letter)}, ({''.join(_entry(one) for one in group)}))"
        for letter, group in book_index.sorted_groups(
            used, material.language, material.contents
        )
    ]
    numbers = sorted(question.id for question, _ in material.published())
    pieces.append(f"#by-number(({', '.join(map(str, numbers))},))\n")
    if groups:
        pieces.append(f"#term-index(({', '.join(groups)},))\n")
    return _begin("book", words["site_name"], material) + "".join(pieces)


def _titles(material: Material) -> Iterator[str]:
    """The topics with their questions, elements of an array."""
    language = material.language
    for topic in material.catalogue.topics:
        rows = "".join(
            f"({one.id}, [{text(one.titles[language])}]), "
            for one in topic.questions
            if one.slug in material.articles
        )
        if rows:
            yield f"([{text(topic.titles[language])}], ({rows})), "


# ── quick review ───────────────────────────────────────────────────────────


def review(material: Material) -> bytes:
    """The PDF/UA-1 file with every question's short answer, key formulas
    and mistakes. Raises BookError."""
    cards: dict[str, str] = {}
    for question, article in material.published():
        with material.blamed_on(question):
            cards[question.slug] = _card(
                article, _writer(question, material, whole=False)
            )
    words = material.words
    title = words["review_title"]
    edition = string(material.edition_text())
    targets = set[str]().union(*map(pdf_links.targets, cards.values()))
    pieces = [
        _begin("review", title, material),
        f"#head({string(title)}, {edition}, ({_strings(targets)}))\n",
    ]
    for topic in material.catalogue.topics:
        present = [q for q in topic.questions if q.slug in cards]
        if present:
            name = text(topic.titles[material.language])
            pieces.append(f"#heading(level: 1)[{name}]\n")
            pieces += [
                f'#include "questions/{one.slug}.typ"\n' for one in present
            ]
    return _compiled("".join(pieces), cards, {}, material)


def _card(article: Article, writer: Writer) -> str:
    root = parse(article.body)
    short = typst_markup.blocks(parse(article.short_answer), writer).strip()
    mistakes = [
        typst_markup.titled(block, writer, "p")
        for block in root.xpath(".//div[contains(@class, 'mistake')]")
    ]
    equations = [
        typst_markup.equation_arguments(block, writer)
        for block in key_formulas.choose(article, root)
    ]
    ticks = "".join(
        f"tick[{typst_markup.inline(parse(one), writer).strip()}], "
        for one in article.points
    )
    formulas = "".join(f"key-formula({one}), " for one in equations)
    slips = "".join(f"slip[{one}][{why}], " for one, why in mistakes)
    return (
        '#import "/review.typ": *\n'
        f"#card({article.question.id}, [{text(article.title)}], [{short}],"
        f" ({ticks}), ({formulas}), ({slips}))\n"
    )


def _strings(names: Set[str]) -> str:
    """The elements of an array of Typst's code, sorted."""
    return "".join(f"{string(one)}, " for one in sorted(names))


def _entry(term: Term) -> str:
    return f"({string(term.id)}, {string(term.name)}, {string(term.other)}),"


def _begin(template: str, title: str, material: Material) -> str:
    day = material.edition
    return (
        f'#import "/{template}.typ": *\n'
        f"#show: book.with(title: {string(title)}, description: "
        f"{string(material.words['site_description'])}, "
        f"date: datetime(year: {day.year}, month: {day.month}, "
        f"day: {day.day}))\n"
    )
