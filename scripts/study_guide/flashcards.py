"""The Anki deck of one language: a subdeck a topic, a card a question.

Formulas stay TeX in the delimiters that Anki hands to its own MathJax.
Identifiers follow from slugs alone: who imports a later deck gets the changed
text and keeps his schedule.
"""

import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from hashlib import blake2b
from html import escape
from importlib.resources import files
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import genanki
import lxml.html

from study_guide import key_formulas
from study_guide.articles import Article, parse, serialize
from study_guide.book_material import Material
from study_guide.catalogue import Question
from study_guide.formulas import ARITHMATEX

FIELDS = (
    "Question",
    "Number",
    "Topic",
    "Level",
    "Answer",
    "Points",
    "Formulas",
    "Link",
)


def deck(material: Material) -> bytes:
    """The .apkg file with a card for each question. Raises BookError."""
    model = _model(material)
    decks = []
    for topic in material.catalogue.topics:
        present = [
            one for one in topic.questions if one.slug in material.articles
        ]
        if not present:
            continue
        # Anki sorts by name: the number keeps the reading order.
        place = material.catalogue.topics.index(topic) + 1
        title = topic.titles[material.language]
        name = f"{material.words['site_name']}::{place:02} {title}"
        # Two colons would open a subdeck.
        subdeck = genanki.Deck(
            _identifier("deck", material.language, topic.slug), name
        )
        for question in present:
            with material.blamed_on(question):
                subdeck.add_note(_note(question, material, model))
        decks.append(subdeck)
    return _package(decks, material)


def _identifier(*names: str) -> int:
    """A number for Anki, of 31 bits, the same whenever it is asked for."""
    digest = blake2b("/".join(names).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") >> 1 | 1 << 30


# ── notes ──────────────────────────────────────────────────────────────────


def _note(
    question: Question, material: Material, model: genanki.Model
) -> genanki.Note:
    article = material.articles[question.slug]
    words = material.words
    link = f"{material.site}{question.url(material.language)}"
    values = {
        "Question": escape(article.title, quote=False),
        "Number": str(question.id),
        "Topic": escape(
            material.catalogue.topic(question.topic).titles[material.language]
        ),
        "Level": words[question.level],
        "Answer": with_tex(article.short_answer),
        "Points": "".join(f"<li>{with_tex(p)}</li>" for p in article.points),
        "Formulas": "".join(_formulas(article)),
        "Link": f'<a href="{escape(link)}">{words["card_link"]}</a>',
    }
    return genanki.Note(
        model=model,
        fields=[values[name] for name in FIELDS],
        guid=genanki.guid_for(
            "llm-interview", material.language, question.slug
        ),
        tags=[
            f"{_tag(words['level'])}::{_tag(words[question.level])}",
            f"{_tag(words['topic'])}::{question.topic}",
        ],
        due=question.id,
    )


def _tag(word: str) -> str:
    return word.replace(" ", "-")


def _formulas(article: Article) -> Iterator[str]:
    for block in key_formulas.choose(article, parse(article.body)):
        for body in block.xpath("./div[@class='body']"):
            yield with_tex(serialize(body))


def with_tex(html: str) -> str:
    """A piece of an article for a field: formulas in `\\(…\\)` and `\\[…\\]`,
    without the boxes that only the site's style sheet fills with life."""

    def tex(found: re.Match[str]) -> str:
        if found["display"] is not None:
            return rf"\[{found['display']}\]"
        return rf"\({found['inline']}\)"

    root = parse(ARITHMATEX.sub(tex, html))
    for box in root.xpath(".//span|.//div"):
        box.drop_tag()
    lxml.html.etree.strip_attributes(root, "class", "id", "tabindex")
    return serialize(root).strip()


# ── the card ───────────────────────────────────────────────────────────────


def _model(material: Material) -> genanki.Model:
    words = material.words
    front = (
        '<header><span class="number">{{Number}}</span> {{Topic}} · {{Level}}'
        "</header>\n<h1>{{Question}}</h1>"
    )
    back = (
        "{{FrontSide}}\n<hr id=answer>\n"
        '<section class="answer">{{Answer}}</section>\n'
        "{{#Formulas}}<section class=formulas>{{Formulas}}</section>"
        "{{/Formulas}}\n"
        f"{{{{#Points}}}}<h2>{escape(words['full_answer'])}</h2>"
        "<ul>{{Points}}</ul>{{/Points}}\n"
        "<footer>{{Link}}</footer>"
    )
    return genanki.Model(
        _identifier("model", material.language),
        f"{words['site_name']} ({material.language})",
        fields=[{"name": name} for name in FIELDS],
        templates=[{"name": words["card"], "qfmt": front, "afmt": back}],
        css=files("study_guide")
        .joinpath("flashcards.css")
        .read_text(encoding="utf-8"),
    )


# ── the file ───────────────────────────────────────────────────────────────


def _package(decks: list[genanki.Deck], material: Material) -> bytes:
    """The decks as Anki's zip file; the same bytes for the same cards.

    Anki takes a changed note for newer by its time, which is the edition's.
    """
    time = material.edition.timestamp()
    identifiers = count(int(time * 1000))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection.anki2"
        with closing(sqlite3.connect(path)) as connection:
            cursor: Any = connection.cursor()
            genanki.Package(decks).write_to_db(cursor, time, identifiers)
            connection.commit()
        content = path.read_bytes()
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in ("collection.anki2", content), ("media", b"{}"):
            entry = zipfile.ZipInfo(name, material.edition.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return file.getvalue()
