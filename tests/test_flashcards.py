"""The Anki deck, imported by Anki itself."""

import dataclasses
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from anki.collection import (
    Collection,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)
from study_guide import flashcards
from study_guide.book_material import Material
from study_guide.languages import LANGUAGES, Language


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


def take(collection: Collection, content: bytes, tmp_path: Path) -> object:
    """Import a deck as the desktop program does by default."""
    path = tmp_path / "deck.apkg"
    path.write_bytes(content)
    return collection.import_anki_package(
        ImportAnkiPackageRequest(
            package_path=str(path),
            options=ImportAnkiPackageOptions(merge_notetypes=True),
        )
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_for_each_question_in_a_subdeck_for_each_topic(
    materials: dict[Language, Material],
    language: Language,
    collection: Collection,
    tmp_path: Path,
) -> None:
    material = materials[language]
    take(collection, flashcards.deck(material), tmp_path)
    assert collection.card_count() == len(material.articles)
    name = material.words["site_name"]
    decks = [
        one.name
        for one in collection.decks.all_names_and_ids()
        if one.name.startswith(f"{name}::")
    ]
    topics = {question.topic for question, _ in material.published()}
    assert len(decks) == len(topics)
    for question, article in material.published():
        found = collection.find_notes(f"Number:{question.id}")
        assert len(found) == 1
        note = collection.get_note(found[0])
        assert unescape(note["Question"]) == article.title
        assert note["Points"].count("<li>") == len(article.points)
        assert question.url(language) in note["Link"]
        deck = collection.decks.name(note.cards()[0].did)
        topic = material.catalogue.topic(question.topic)
        assert deck.endswith(topic.titles[language])
        assert len(note.tags) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_anki_finds_the_formulas_and_nothing_of_the_site_is_left(
    materials: dict[Language, Material],
    language: Language,
    collection: Collection,
    tmp_path: Path,
) -> None:
    material = materials[language]
    take(collection, flashcards.deck(material), tmp_path)
    formulas = 0
    for number in collection.find_cards(""):
        card = collection.get_card(number)
        back = card.answer()
        assert "arithmatex" not in back
        # Outside of formulas and code no TeX is left, nor a name of a field.
        # (A double backslash ends a line of a formula.)
        text = re.sub(r"<code>.*?</code>|\\\\", "", back)
        text, found = re.subn(
            r"\\\(.*?\\\)|\\\[.*?\\\]", "", text, flags=re.DOTALL
        )
        assert not re.search(r"[\\$]|\{\{", text), text
        formulas += found
    assert formulas > 5 * len(material.articles)


def test_a_later_deck_changes_the_text_and_keeps_the_schedule(
    materials: dict[Language, Material],
    collection: Collection,
    tmp_path: Path,
) -> None:
    material = materials["en"]
    take(collection, flashcards.deck(material), tmp_path)
    card = collection.get_card(collection.find_cards("Number:84")[0])
    card.start_timer()
    collection.sched.answerCard(card, 4)
    before = collection.get_card(card.id)
    assert before.reps == 1

    slug = "rope-idea"
    article = material.articles[slug]
    changed = dataclasses.replace(
        material,
        articles={
            **material.articles,
            slug: dataclasses.replace(article, short_answer="<p>Other.</p>"),
        },
        edition=material.edition + timedelta(days=30),
    )
    take(collection, flashcards.deck(changed), tmp_path)
    assert collection.card_count() == len(material.articles)
    after = collection.get_card(card.id)
    assert after.note()["Answer"] == "<p>Other.</p>"
    assert (after.reps, after.due, after.ivl, after.queue) == (
        before.reps,
        before.due,
        before.ivl,
        before.queue,
    )


def test_both_languages_live_in_one_collection(
    materials: dict[Language, Material],
    collection: Collection,
    tmp_path: Path,
) -> None:
    for material in materials.values():
        take(collection, flashcards.deck(material), tmp_path)
    both = sum(len(one.articles) for one in materials.values())
    assert collection.card_count() == both


def test_the_same_cards_give_the_same_bytes(
    materials: dict[Language, Material],
) -> None:
    first, second = (flashcards.deck(materials["zh"]) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(BytesIO(first)) as archive:
        assert archive.namelist() == ["collection.anki2", "media"]
