"""docs/taxonomy.yml becomes a catalogue, or says where it is malformed."""

from pathlib import Path

import pytest
from conftest import ROOT, TAXONOMY, Project
from study_guide import catalogue, catalogue_file, navigation, words


def messages(docs: Path) -> list[tuple[int, str]]:
    _, problems = catalogue.load(docs)
    return [(problem.line, problem.message) for problem in problems]


def rewrite(project: Project, old: str, new: str) -> None:
    assert old in TAXONOMY
    (project.docs / "taxonomy.yml").write_text(
        TAXONOMY.replace(old, new), encoding="utf-8"
    )


def test_the_real_taxonomy_holds_all_questions() -> None:
    found, problems = catalogue.load(ROOT / "docs")
    assert problems == []
    # The first 104 are those of the source list; more may follow.
    ids = [question.id for question in found.questions.values()]
    assert set(range(1, 105)) <= set(ids)
    assert len(ids) == len(set(ids))
    assert all(topic.questions for topic in found.topics)


def test_a_question_is_published_by_its_folder(project: Project) -> None:
    found, _ = catalogue.load(project.docs)
    assert [q.slug for q in found.published] == ["rope-idea"]
    (project.docs / "questions" / "kv-cache").mkdir()
    found, _ = catalogue.load(project.docs)
    assert [q.slug for q in found.published] == ["rope-idea", "kv-cache"]
    rope, kv = found.published
    assert found.neighbours(rope) == (None, kv)
    assert found.neighbours(kv) == (rope, None)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("id: 21", "id: 84", 11, "id 84 stands on line 6 already"),
        ("slug: kv-cache", "slug: rope-idea", 11, "slug 'rope-idea' stands"),
        ("slug: kv-cache", "slug: KV_cache", 11, "no folder name"),
        ("level: intermediate", "level: hard", 6, "level 'hard'"),
        ("id: 84", "id: eighty", 6, "id 'eighty'"),
        ("zh: KV 缓存, ", "", 11, "no title in 'zh'"),
        ("id: 84", "id: 84\n    colour: red", 6, "'colour' means nothing"),
        ("id: 84", "id: 84\n    checked: soon", 6, "no date"),
        ("topics:", "themes:", 0, "no list `topics`"),
        ("level: intermediate", "level: a: b", 8, "no YAML"),
        ("  questions:", "  answers:", 2, "no list of questions"),
    ],
)
def test_malformed_entries_are_named(
    project: Project, old: str, new: str, line: int, message: str
) -> None:
    rewrite(project, old, new)
    found = messages(project.docs)
    assert any(at == line and message in text for at, text in found), found


def test_a_folder_outside_the_taxonomy_is_reported(project: Project) -> None:
    (project.docs / "questions" / "stray").mkdir()
    _, problems = catalogue.load(project.docs)
    assert [p.file for p in problems] == ["docs/questions/stray"]


def test_unpublished_questions_are_in_the_file_but_not_in_the_navigation(
    project: Project,
) -> None:
    found, _ = catalogue.load(project.docs)
    text = catalogue_file.text(found, {"zh": {}, "en": {}})
    assert '"slug": "kv-cache"' in text
    assert '"published": false' in text
    nav = str(navigation.tree(found, "en", words.load(project.docs)["en"]))
    assert "questions/rope-idea/index.md" in nav
    assert "kv-cache" not in nav
