"""Every question of the guide: no rule broken, every result as recorded."""

import pytest
from conftest import ROOT
from study_guide import bibliography, catalogue, question_checks, recording
from study_guide.catalogue import Question
from study_guide.content_cache import ContentCache

PUBLISHED = list(catalogue.load(ROOT / "docs")[0].published)


@pytest.mark.parametrize("question", PUBLISHED, ids=lambda one: one.slug)
def test_no_rule_is_broken(question: Question, cache: ContentCache) -> None:
    found, _ = catalogue.load(ROOT / "docs")
    references, problems = bibliography.load(ROOT / "docs" / "references.bib")
    library = question_checks.Library(
        ROOT, ROOT / "docs", found, references, cache
    )
    problems += question_checks.check(question, library)
    assert [str(one) for one in problems] == []


@pytest.mark.parametrize("question", PUBLISHED, ids=lambda one: one.slug)
def test_results_are_as_recorded(question: Question) -> None:
    kept = ContentCache(ROOT / ".cache" / "recordings.sqlite")
    recording.verify(question.folder, kept)
