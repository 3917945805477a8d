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


PLANS = """\
plans:
- slug: evening
  zh: {title: 一晚, description: 两题。}
  en: {title: An evening, description: Two questions.}
  days: [[kv-cache], [rope-idea]]
- slug: all
  zh: {title: 全部, description: 全部。}
  en: {title: All, description: All of them.}
  days: topics
"""


def with_plans(project: Project, plans: str) -> None:
    path = project.docs / "taxonomy.yml"
    path.write_text(TAXONOMY + plans, encoding="utf-8")


def test_a_plan_orders_questions_by_day_or_topic(project: Project) -> None:
    with_plans(project, PLANS)
    found, problems = catalogue.load(project.docs)
    assert problems == []
    evening, everything = found.plans
    days = [[one.slug for one in day] for day in evening.parts]
    assert days == [["kv-cache"], ["rope-idea"]]
    assert evening.url("en") == "en/plans/evening/"
    assert everything.by_topic
    assert everything.parts == (found.topics[0].questions,)
    assert '"days": [\n    [\n     21' in catalogue_file.text(found, {})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[kv-cache]", "[kv-cash]", "'kv-cash', which no topic has"),
        ("[kv-cache]", "[rope-idea]", "'rope-idea' twice"),
        ("days: topics", "days: kv-cache", "plan 'all' has no days"),
        ("slug: evening", "slug: One evening", "no folder name"),
        ("title: An evening, ", "", "no title in 'en'"),
        (PLANS, "plans: [evening]", "'evening' is no mapping"),
    ],
)
def test_malformed_plans_are_named(
    project: Project, old: str, new: str, message: str
) -> None:
    assert old in PLANS
    with_plans(project, PLANS.replace(old, new, 1))
    _, problems = catalogue.load(project.docs)
    assert len(problems) == 1
    assert message in problems[0].message


def test_the_real_plans_have_the_sizes_that_they_promise() -> None:
    found, _ = catalogue.load(ROOT / "docs")
    sizes = {one.slug: sum(map(len, one.parts)) for one in found.plans}
    assert sizes == {"afternoon": 12, "week": 40, "all": len(found.questions)}
    assert len(found.plan("week").parts) == 7
