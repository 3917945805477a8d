"""The search of a guide five times as large: what it finds, what it fetches."""

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from conftest import ROOT, Rendered
from playwright.sync_api import Browser, Page, Route, expect
from study_guide import (
    catalogue,
    mkdocs_adapter,
    search_index,
    synthetic_questions,
)
from study_guide.content_cache import ContentCache

QUESTIONS = 500
NUMBERS = ".md-search-result__item .search-number"


@pytest.fixture(scope="module")
def files(rendered: Rendered) -> Mapping[str, str]:
    """An English index of 500 questions. Of a page it has the first sections:
    taking them apart is what costs time, and it is the same for all."""
    articles = {
        language: [
            replace(one, sections=one.sections[:3])
            for one in rendered.articles[language].values()
        ]
        for language in ("zh", "en")
    }
    made = synthetic_questions.grown(articles, QUESTIONS)
    known, _ = catalogue.load(ROOT / "docs")
    text = rendered.words["en"]
    return search_index.index_files(
        made["en"],
        [{one.question.slug: one for one in made["zh"]}],
        {topic.slug: topic.titles["en"] for topic in known.topics},
        search_index.load_words(ROOT / "docs"),
        {
            "words": {
                name.removeprefix("search_"): said
                for name, said in text.items()
                if name.startswith("search_")
            },
            "places": [],
            "pages": [],
        },
        ContentCache(mkdocs_adapter.CACHE),
    )


@pytest.fixture
def fetched() -> dict[str, int]:
    """File of the index -> bytes with gzip, as they are asked for."""
    return {}


@pytest.fixture
def page(
    browser: Browser,
    address: str,
    files: Mapping[str, str],
    fetched: dict[str, int],
) -> Iterator[Page]:
    def answer(route: Route) -> None:
        name = re.split(r"assets/search/en\.\w+/", route.request.url)[1]
        fetched[name] = len(gzip.compress(files[name].encode()))
        route.fulfill(body=files[name], content_type="text/javascript")

    context = browser.new_context()
    page = context.new_page()
    page.route(re.compile(r"/assets/search/en\.\w+/"), answer)
    page.goto(address + "en/")
    yield page
    context.close()


def search(page: Page, query: str) -> None:
    page.keyboard.press("/")
    page.keyboard.insert_text(query)


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("the idea of rotary position embedding", "84"),
        ("旋转位置编码的思路", "84"),
        ("past_key_values", "21"),
    ],
)
def test_a_question_is_found_among_500(page, fetched, query, number) -> None:
    search(page, query)
    expect(page.locator(NUMBERS).first).to_have_text(number)
    # All aliases and titles of the other language would be 90 kB by
    # themselves.
    assert "titles.js" in fetched
    first = [size for name, size in fetched.items() if "text/" not in name]
    assert sum(first) < 85_000
    assert "vocabulary.js" not in fetched


def test_a_typo_is_mended_with_words_that_come_for_it(page, fetched) -> None:
    search(page, "speculatve decodng")
    expect(page.locator(NUMBERS).first).to_have_text("27")
    mark = page.locator(".search-title mark").first
    expect(mark).to_contain_text("speculative")
    assert "vocabulary.js" in fetched
